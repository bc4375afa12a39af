public import MendflowCore
import MendflowPolicy
import MendflowText
public import MendflowYAML

/// What is wrong with a configuration and its policies, with the lines of the files that it is about.
public struct FindingsReport: Sendable {
    /// Findings of the files, in the order of their places.
    public var findings: [Finding]
    /// What a server cannot do for the policies, or knows by another name.
    package private(set) var ofServer: [Finding] = []
    /// The files whose lines may be shown.
    package let sources: [String: SourceText]

    /// Gathers findings; `sources` are the files whose lines may be shown.
    package init(_ findings: [Finding], sources: [String: SourceText] = [:]) {
        self.findings = findings
        self.sources = sources
    }

    /// The report of a file that cannot even be read, as the failure says.
    public init(unreadable path: String, _ failure: MendflowFailure) {
        self.init([Finding(.error, "unreadable-file", failure.message, file: path, range: nil)])
    }

    /// Takes in what a server cannot do for the policies.
    package mutating func tell(ofServer findings: [Finding]) {
        ofServer = Finding.inOrder(findings).map { finding in
            sources[finding.file].map(finding.hidingSecrets) ?? finding
        }
    }

    /// Adds what is worth knowing of policies together. Where there are errors some may be missing, and what can be told of
    /// all alone is withheld, with a word.
    public mutating func advise(on policies: [Policy]) {
        let notes = PolicyAdvice.notes(on: policies)
        guard hasErrors, let first = notes.first else {
            findings = Finding.inOrder(findings + notes)
            return
        }
        let withheld = Finding(
            .note, "not-judged", "whether a policy deletes what others tag is not judged while there are errors",
            file: first.file, range: nil, notes: [Finding.Note("the one that deletes may be among what cannot be read")]
        )
        findings = Finding.inOrder(findings + [withheld])
    }

    /// All findings: those of the files, then those of the server.
    public var all: [Finding] { findings + ofServer }
    /// Whether there is an error among them.
    public var hasErrors: Bool { all.contains { $0.severity == .error } }

    /// The findings with their source lines and carets, ready to print; empty where there are none.
    public func text(colours: Bool = false) -> String {
        let renderer = FindingRenderer(style: colours ? .ansi : .plain)
        return renderer.render(findings, sources: sources) + renderer.render(ofServer, sources: sources)
    }

    /// One line: `2 errors, 1 warning`.
    public var summary: String {
        guard !ofServer.isEmpty else { return FindingRenderer.summary(findings) }
        let server = FindingRenderer.summary(ofServer)
        return findings.isEmpty ? server : "\(FindingRenderer.summary(findings)); of the server \(server)"
    }
}
