import MendflowBacktest
import MendflowCore
import MendflowOperations
import MendflowText
import MendflowWorkspace

/// What `init` says for people.
enum SetupText {
    /// What an agent would do with the files as they stand.
    static func standing(_ mode: Mode, enforced: [String]) -> String {
        let names = enforced.joined(separator: ", ")
        switch (mode, enforced.isEmpty) {
        case (.enforce, false):
            return "CAREFUL: `mendflow run` would act at once, for both agent and policies enforce: \(names)."
        case (.enforce, true): return "The agent is in enforce, and no policy is: nothing is sent before one says so."
        case (let mode, true): return "The agent is in \(words(mode)), and so are all policies: nothing is sent."
        case (let mode, false):
            return
                "The agent is in \(words(mode)): nothing is sent. Once it is in enforce, these policies act: \(names)."
        }
    }

    /// What the server is like, as far as somebody wants to know it who begins: what does not work, what to look at, and in a few
    /// words the rest.
    static func found(_ checks: [Doctor.Check]) -> [ReportLine] {
        let first = checks.filter { $0.level == .ok && [.coverage, .workflows].contains($0.topic) }
        let bad = checks.filter { $0.level >= .warning }.sorted { $0.level > $1.level }
        return (first + bad).map { check in
            let tone: TextTone? = check.level == .wrong ? .wrong : check.level == .warning ? .held : nil
            let mark = check.level == .wrong ? "WRONG" : check.level == .warning ? "look" : "found"
            return .row(
                of: "found", indent: 0, always: true,
                [StyledText(mark, tone), "\(check.topic.rawValue)", StyledText(DoctorText.words(check))])
        }
    }

    /// The policies that the past speaks for, each with the first reason.
    static func suggested(_ policies: [Suggestion]) -> [String] {
        guard !policies.isEmpty else { return [] }
        let count = policies.count.words("policy", "policies")
        return ["The last week speaks for \(count), in dry-run:"]
            + policies.map { "  \($0.name): \($0.why.first ?? $0.workflow)" }
    }

    /// What to do where no ledger could be made: n8n did not answer as it should, or something else is not right.
    static func again(
        _ request: Initialise.Request, _ failure: MendflowFailure, keyPlace: String?
    ) -> String {
        let (url, path) = (request.url, request.path)
        if failure.isOfKey {
            let asked = request.keyVariable.map { "the variable \($0)" } ?? "the file \(request.keyFile ?? "")"
            let place = keyPlace ?? asked
            return
                "It is the key, and not the address: it comes from \(place). Run the command again when that is mended; with "
                + "another --key-env or --key-file it corrects \(request.path)."
        }
        guard failure.kind == .unreachable else { return "Run the command again when that is mended." }
        return
            "Is the address \(url) right? Run the command again when that is mended; with another --url it corrects \(path)."
    }

    /// What a check without a server leaves open.
    static func notAsked(filesAlone: Bool) -> String {
        let alone =
            filesAlone ? "names of instances, their `limits` and `look_back`, which stand in mendflow.yaml; and " : ""
        return
            "Not checked: \(alone)whether the server knows the workflows and tags, offers the actions and lets the key do them"
            + " (`mendflow validate --instance NAME` asks it)."
    }

    private static func words(_ mode: Mode) -> String { mode == .dryRun ? "dry-run" : mode.rawValue }
}
