import MendflowCore
import Testing

@testable import MendflowCommands

/// What people and programs read, word for word: a change here is a change of what they rely on.
@Suite("The output of a fixed world")
struct GoldenTests {
    @Test("of plan is, as text")
    func planText() { #expect(PlanText.render(FixedWorld.report, all: false) == "") }

    @Test("of plan --all lists what is not acted on one by one")
    func planAll() {
        let text = PlanText.render(FixedWorld.report, all: true)
        #expect(text.split(separator: "Not acted on").last.map(String.init) == "")
    }

    @Test("of plan is, as JSON")
    func planJSON() throws {
        let json = PlanJSON(FixedWorld.report, all: false, findings: [FixedWorld.warning])
        #expect(try Console.jsonText(json) == "")
    }

    @Test("of explain is, as text")
    func explainText() throws {
        #expect(ExplanationText.render(try #require(FixedWorld.explanation("101"))) == "")
    }

    @Test("of explain is, where nothing matches")
    func explainMiss() throws {
        #expect(ExplanationText.render(try #require(FixedWorld.explanation("105"))) == "")
    }

    @Test("of explain is, as JSON")
    func explainJSON() throws {
        #expect(try Console.jsonText(ExplanationJSON(try #require(FixedWorld.explanation("102")))) == "")
    }

    @Test("of inbox is, as text and as JSON")
    func inbox() throws {
        #expect(InboxText.render(FixedWorld.inbox) == "")
        #expect(try Console.jsonText(FixedWorld.inbox) == "")
    }

    @Test("of status is, as text and as JSON")
    func status() throws {
        #expect(StatusText.render(FixedWorld.status) == "")
        #expect(try Console.jsonText(StatusJSON(instances: [FixedWorld.status])) == "")
    }

    @Test("has keys in snake_case alone")
    func snakeCase() throws {
        let all = [
            try Console.jsonText(PlanJSON(FixedWorld.report, all: true, findings: [FixedWorld.warning])),
            try Console.jsonText(ExplanationJSON(try #require(FixedWorld.explanation("101")))),
            try Console.jsonText(FixedWorld.inbox), try Console.jsonText(StatusJSON(instances: [FixedWorld.status])),
        ]
        for line in all.joined(separator: "\n").split(separator: "\n") {
            guard let end = line.firstRange(of: "\" : ") else { continue }
            let key = line[..<end.lowerBound].drop { $0 == " " || $0 == "\"" }
            #expect(key.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }, "\(key)")
        }
        #expect(all.allSatisfy { $0.contains("\"version\" : 1") })
    }

    @Test("never hands a control character to a terminal")
    func clean() {
        #expect(Console.clean("a\u{1B}[2Jb\u{9B}c\td\n") == "a\u{FFFD}[2Jb\u{FFFD}c\td\n")
    }
}
