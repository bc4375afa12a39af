import MendflowCore
import MendflowReview
import MendflowText
import Testing

@testable import MendflowCommands
@testable import MendflowOperations

@Suite("What dry-run and people agreed on, in words")
struct AgreementTextTests {
    @Test("is one sentence that somebody reads who has to decide")
    func sentence() {
        var it = Agreement()
        (it.byPeople, it.healed, it.agreed, it.more) = (42, 40, 39, 5)
        it.earlier = .hours(3) + .seconds(7)
        #expect(
            AgreementText.sentence(it)
                == "42 chains were retried by hand (40 healed); dry-run would have retried 39 of them, 3h earlier (median), and 5 more"
        )
        (it.byPeople, it.agreed, it.later, it.earlier) = (1, 0, 1, nil)
        #expect(
            AgreementText.sentence(it)
                == "1 chain was retried by hand (40 healed); dry-run would have retried it, later than people, and 5 more"
        )
        it.both = 1
        #expect(
            AgreementText.sentence(it).hasSuffix(
                "1 later than people, and 5 more; the agent retried 1 of the 1 as well"))
        (it.byPeople, it.later, it.both) = (13, 0, 0)
        #expect(
            AgreementText.sentence(it)
                == "13 chains were retried by hand (40 healed); dry-run would have retried none of them, and 5 more"
        )
        it.byPeople = 0
        #expect(AgreementText.sentence(it) == "nobody retried by hand; dry-run would have retried 5 chains")
        it.before = 3
        let words = "since an agent looks here, nobody retried by hand; dry-run would have retried 5 chains"
        #expect(AgreementText.sentence(it) == words)
    }

    @Test("is not told where nothing was in dry-run: what is really retried, people need not")
    func enforced() {
        var report = ActivityReport(since: AgentTime(milliseconds: 0))
        report.agreement.byPeople = 2
        #expect(ActivityText.render(report).text().contains("\n  people retried 2 chains themselves"))
        report.agreement.before = 13
        let first = ActivityText.render(report).text()
        #expect(
            first.contains(
                "\n  13 chains were retried by hand before an agent first looked here, as far as it has read"),
            "\(first)")
        report.agreement.missed = [.mayRepeat: 2, .noPolicy: 1]
        let unmatched = ActivityText.render(report).text()
        #expect(unmatched.contains("\n  3 chains that people retried and no policy would have, and what was said"))
        #expect(unmatched.contains("\n    1  no_policy   no policy matches"))
        report.deeds = [
            ActivityReport.Deed(
                at: AgentTime(milliseconds: 0), instance: "main", intent: 1, action: .retry, execution: "1", root: "1",
                workflow: "w", workflowName: nil, policies: ["a"], tags: [], state: .shadow, errorClass: nil, link: "")
        ]
        let text = ActivityText.render(report).text()
        #expect(text.contains("\n  2 chains were retried by hand"))
        #expect(
            text.contains(
                "\n  3 chains that people retried and dry-run would not have, and what was said of them last:\n"))
        #expect(text.contains("\n    2  may_repeat  \(Reason.mayRepeat.words)\n    1  no_policy   no policy matches"))
    }
}
