import FoundationEssentials
import Testing

/// The code says why by citing pages of `docs/`; a citation that leads nowhere is worth nothing.
@Suite("Citations and links")
struct CitationTests {
    /// A way of citing: the words before the numbers, the page, and what the page's anchors begin with.
    struct Form: Sendable {
        var words: String
        var page: String
        var prefix: String
    }

    static let forms = [
        Form(words: "semantics", page: "docs/semantics.md", prefix: "semantics-"),
        Form(words: "n8n facts", page: "docs/n8n-behaviour.md", prefix: "n8n-"),
    ]

    /// The anchors that a text cites: `semantics 17 and 49`, `semantics 1 to 8`, `n8n facts 0.3, 17`, `semantics 29b`.
    static func cited(_ text: String, _ form: Form) -> [String] {
        var found: [String] = []
        var rest = text[...]
        while let range = rest.firstRange(of: form.words + " ") {
            rest = rest[range.upperBound...]
            var last: Int?
            while let number = takeNumber(&rest) {
                if let from = last, let to = Int(number), from < to {
                    found += (from + 1...to).map { form.prefix + "\($0)" }
                } else {
                    found.append(form.prefix + number.replacing(".", with: "-"))
                }
                last = nil
                if let joint = [", ", " and ", " or "].first(where: { rest.hasPrefix($0) }) {
                    rest = rest.dropFirst(joint.count)
                } else if rest.hasPrefix(" to ") {
                    rest = rest.dropFirst(4)
                    last = Int(number)
                } else {
                    break
                }
            }
        }
        return found
    }

    /// A number with a part behind a dot or a letter: `29`, `2.6`, `29b`.
    private static func takeNumber(_ rest: inout Substring) -> String? {
        let whole = rest.prefix { $0.isASCII && $0.isNumber }
        guard !whole.isEmpty else { return nil }
        rest = rest.dropFirst(whole.count)
        var number = String(whole)
        let part = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
        if rest.first == ".", !part.isEmpty {
            number += "." + part
            rest = rest.dropFirst(part.count + 1)
        } else if let letter = rest.first, "abc".contains(letter), rest.dropFirst().first.map({ !$0.isLetter }) ?? true
        {
            number.append(letter)
            rest = rest.dropFirst()
        }
        return number
    }

    /// A file as one line, so that a citation may be broken over two lines of a comment.
    static func flat(_ text: String) -> String {
        text.split(separator: "\n")
            .map { $0.drop { $0 == " " || $0 == "/" || $0 == "*" } }.joined(separator: " ")
    }

    /// Our own source files by path from the root, in the languages that carry comments.
    static let files: [String: String] = {
        var files: [String: String] = [:]
        for folder in ["Sources", "Tests"] {
            let top = RepositoryTests.root + "/" + folder
            let paths = (try? FileManager.default.subpathsOfDirectory(atPath: top)) ?? []
            for path in paths where [".swift", ".h", ".cpp", ".c"].contains(where: path.hasSuffix) {
                files[folder + "/" + path] = try? String(contentsOfFile: top + "/" + path, encoding: .utf8)
            }
        }
        return files
    }()

    @Test("read the ways in which the code cites, also over the end of a line")
    func reading() {
        let (rules, facts) = (CitationTests.forms[0], CitationTests.forms[1])
        let rule = "semantics-"
        #expect(CitationTests.cited("(semantics 17 and 49).", rules) == [rule + "17", rule + "49"])
        #expect(CitationTests.cited("by semantics 1 to 4", rules) == [rule + "1", rule + "2", rule + "3", rule + "4"])
        #expect(CitationTests.cited("semantics 29b: a refusal", rules) == [rule + "29b"])
        #expect(CitationTests.cited("semantics 44, 45", rules) == [rule + "44", rule + "45"])
        #expect(CitationTests.cited("semantics of retries", rules).isEmpty)
        #expect(CitationTests.cited("n8n facts 0.3, 17", facts) == ["n8n-0-3", "n8n-17"])
        let broken = CitationTests.flat("    /// in words (n8n\n    /// facts 8.2), and")
        #expect(CitationTests.cited(broken, facts) == ["n8n-8-2"])
    }

    @Test("resolve every citation of the code", arguments: forms)
    func resolve(form: Form) throws {
        let anchors = try #require(MarkdownPage.all[form.page]).anchors
        var count = 0
        for (path, text) in CitationTests.files {
            for anchor in CitationTests.cited(CitationTests.flat(text), form) {
                count += 1
                #expect(anchors.contains(anchor), "\(path) cites \(anchor), which \(form.page) does not have")
            }
        }
        #expect(count > 10)
    }

    @Test("name a decision by a number that only it has, and that its page bears")
    func decisions() throws {
        let paths = MarkdownPage.all.keys.filter { $0.hasPrefix("docs/decisions/") && !$0.hasSuffix("README.md") }
        var numbers: [Substring: String] = [:]
        for path in paths {
            let number = path.dropFirst("docs/decisions/".count).prefix(4)
            let text = try String(contentsOfFile: RepositoryTests.root + "/" + path, encoding: .utf8)
            #expect(text.hasPrefix("# \(number): "), "\(path) bears another number")
            #expect(numbers.updateValue(path, forKey: number) == nil, "\(number) is the number of two decisions")
        }
        #expect(numbers.count > 50)
        for (path, text) in CitationTests.files {
            let flat = CitationTests.flat(text)
            for range in flat.ranges(of: "deci" + "sion 00") {
                let number = "00" + flat[range.upperBound...].prefix(2)
                #expect(numbers[Substring(number)] != nil, "\(path) cites decision \(number), which is not here")
            }
        }
    }

    @Test("cite no document that is not here, and pages by their path")
    func documents() {
        let outside = ["DESI" + "GN ", "operators-" + "need", "style" + ".md"]
        for (path, text) in CitationTests.files {
            let flat = CitationTests.flat(text)
            for name in outside { #expect(!flat.contains(name), "\(path) cites '\(name)': cite a page of docs/") }
            for word in flat.split(whereSeparator: { " (),;:`\"".contains($0) }) where word.hasPrefix("docs/") {
                guard let end = word.firstRange(of: ".md") else { continue }
                let page = String(word[..<end.upperBound])
                let anchor = word[end.upperBound...].drop { $0 != "#" }.dropFirst().prefix { $0 != "." }
                let found = MarkdownPage.all[page]
                #expect(found != nil, "\(path) cites \(page), which is not here")
                if !anchor.isEmpty, let found {
                    #expect(found.anchors.contains(String(anchor)), "\(path) cites \(word)")
                }
            }
        }
    }

    @Test("finds a link to a page or an anchor that is not there")
    func planted() {
        let text =
            "# One thing\n## One thing\n[a](#one-thing-1) [b](two.md#x) [c](../x) `[d](no.md)`\n[e](https://e.org)"
        let page = MarkdownPage(path: "pages/one.md", text: text)
        let two = MarkdownPage(path: "pages/two.md", text: "<a id=\"y\"></a>")
        let pages = [page.path: page, two.path: two]
        let faults = page.links.compactMap { link in
            page.fault(of: link, pages: pages) { pages[$0] != nil }.map { _ in link.target }
        }
        #expect(page.links.count == 4)
        #expect(faults == ["two.md#x", "../x"])
    }

    @Test("have no dead relative links and no dead anchors in any Markdown page")
    func links() {
        #expect(MarkdownPage.all.count > 5)
        let manager = FileManager.default
        for page in MarkdownPage.all.values {
            for link in page.links {
                let fault = page.fault(of: link, pages: MarkdownPage.all) { path in
                    manager.fileExists(atPath: RepositoryTests.root + "/" + path)
                }
                #expect(fault == nil, "\(fault ?? "")")
            }
        }
    }
}
