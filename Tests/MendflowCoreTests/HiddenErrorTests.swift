import MendflowCore
import Testing

@Suite("The class of an error that is hidden")
struct HiddenErrorTests {
    @Test("a recorded redacted error has no class: the text that was hidden might have said more than its code")
    func redacted() throws {
        let hidden = try RecordedFailure.all().filter(\.redacted)
        let classifier = ErrorClassifier(rules: try SwiftPattern.builtIn.get())
        #expect(!hidden.isEmpty)
        for failure in hidden {
            #expect(failure.detail.error?.httpCode == "503")
            #expect(classifier.classify(status: .error, detail: failure.detail) == .unknown)
        }
    }

    @Test("of a hidden error the class is known where no earlier rule could have matched what was hidden")
    func hidden() {
        let byCode = ErrorRule(id: "code", .transient, httpCodes: [.wildcard("503")])
        let byText = ErrorRule(id: "closed", .notRetryable, httpCodes: [.wildcard("503")], text: .contains("closed"))
        let byOtherText = ErrorRule(id: "other", .quota, httpCodes: [.wildcard("429")], text: .contains("quota"))
        let byCause = ErrorRule(id: "cause", .quota, cause: "quota-exhausted")
        let byNode = ErrorRule(id: "node", .deliberate, nodeTypes: [.wildcard("*.stopAndError")])
        func verdict(_ rules: ErrorRule..., error: ErrorEvidence = ErrorEvidence(name: "E", httpCode: "503"))
            -> Fact<Classification>
        {
            let node = NodeEvidence(name: "N", type: "x.httpRequest")
            return ErrorClassifier(rules: rules).classify(
                status: .error, detail: ExecutionDetail(readability: .redacted, error: error, lastNode: node))
        }
        let known = Fact.known(Classification(.transient, ruleID: "code"))
        #expect(verdict(byCode, byText, byCause) == known)
        #expect(verdict(byOtherText, byNode, byCode) == known)
        #expect(verdict(byText, byCode) == .unknown)
        #expect(verdict(byCause, byCode) == .unknown)
        #expect(verdict(byOtherText) == .unknown)
        #expect(verdict(byCode, error: ErrorEvidence(name: "E")) == .unknown)
        #expect(
            verdict(byText, error: ErrorEvidence(message: "is closed", httpCode: "503"))
                == .known(Classification(.notRetryable, ruleID: "closed")))
    }

}
