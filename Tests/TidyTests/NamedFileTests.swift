import FoundationEssentials
import Testing

/// Pages name files and targets; those that were renamed or moved since mislead more than none at all.
@Suite("Files and targets that pages name")
struct NamedFileTests {
    /// The folders of the repository that pages name files of by path.
    static let folders = ["Sources/", "Tests/", "docs/", "scripts/", "examples/"]

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: RepositoryTests.root + "/" + path)
    }

    /// Why a code span names nothing; nil where it names a file that is here, or is no path of ours.
    static func fault(of span: MarkdownPage.Link, on page: String, exists: (String) -> Bool) -> String? {
        guard folders.contains(where: span.target.hasPrefix), !span.target.contains(" ") else { return nil }
        let path = span.target.split(separator: "#")[0]
        // `x/*.json` names many: the folder has to be there.
        let folder = path.split(separator: "/").prefix { !$0.contains("*") }.joined(separator: "/")
        guard !exists(folder) else { return nil }
        return "\(page):\(span.line) names \(path), which is not here"
    }

    @Test("finds a path that is not there")
    func planted() {
        let page = MarkdownPage(path: "a.md", text: "`Sources/A.swift` `Sources/B.swift` `Tests/x/*.json` `make test`")
        let faults = page.codeSpans.compactMap { span in
            NamedFileTests.fault(of: span, on: "a.md") { ["Sources/A.swift", "Tests/x"].contains($0) }
        }
        #expect(faults == ["a.md:1 names Sources/B.swift, which is not here"])
    }

    @Test("are here, in every Markdown page")
    func files() {
        for page in MarkdownPage.all.values {
            for span in page.codeSpans {
                let fault = NamedFileTests.fault(of: span, on: page.path, exists: NamedFileTests.exists)
                #expect(fault == nil, "\(fault ?? "")")
            }
        }
    }

    @Test("are here also where only a Swift file's name is told, as in \"X.swift beside it\"")
    func names() {
        let files = Set(RepositoryTests.all.map(\.path).compactMap { $0.split(separator: "/").last.map(String.init) })
        let spans = MarkdownPage.all.values.flatMap(\.codeSpans).map(\.target)
        let names = Set(spans.filter { $0.hasSuffix(".swift") && !$0.contains("/") })
        #expect(names.count > 4 && names.subtracting(files).sorted() == ["Package.swift"])
    }

    @Test("are the targets that there are: the architecture page names each, and no other")
    func targets() throws {
        let page = try #require(MarkdownPage.all["docs/architecture.md"])
        let named = Set(page.codeSpans.map(\.target))
        let present = Set(RepositoryTests.sources.map(\.target))
        #expect(present.subtracting(named).sorted() == [])
        let ours = named.filter { $0.hasPrefix("Mendflow") && $0.allSatisfy { $0.isLetter || $0.isNumber } }
        #expect(ours.filter { !NamedFileTests.exists("Sources/" + $0) }.sorted() == [])
    }
}
