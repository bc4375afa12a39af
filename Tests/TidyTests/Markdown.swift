import FoundationEssentials

/// A Markdown page of the repository: the anchors that it offers and the links that it holds.
struct MarkdownPage: Sendable {
    /// A link as it is written, with its line.
    struct Link: Sendable, Hashable {
        var target: String
        var line: Int
    }
    /// The page's path from the root of the repository.
    let path: String
    /// What a link may end in: `<a id="...">`, and every heading as GitHub spells it.
    private(set) var anchors: Set<String> = []
    /// Links outside code.
    private(set) var links: [Link] = []
    /// What stands between backticks outside fences.
    private(set) var codeSpans: [Link] = []

    /// Reads a page.
    init(path: String, text: String) {
        self.path = path
        var isFenced = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isFenced.toggle()
                continue
            }
            guard !isFenced else { continue }
            read(String(line), number: index + 1)
        }
    }

    private mutating func read(_ line: String, number: Int) {
        for (index, part) in line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
        where index % 2 == 1 {
            codeSpans.append(Link(target: String(part), line: number))
        }
        for part in MarkdownPage.between("<a id=\"", "\"", in: line) { anchors.insert(part) }
        let hashes = line.prefix { $0 == "#" }.count
        if (1...6).contains(hashes), line.dropFirst(hashes).first == " " {
            addHeading(MarkdownPage.slug(line.dropFirst(hashes + 1)))
        }
        let prose = line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .map { $0.offset % 2 == 0 ? String($0.element) : "" }.joined(separator: "`")
        for target in MarkdownPage.between("](", ")", in: prose) { links.append(Link(target: target, line: number)) }
    }

    /// GitHub numbers headings that would have the same anchor.
    private mutating func addHeading(_ slug: String) {
        var name = slug
        var count = 0
        while !anchors.insert(name).inserted {
            count += 1
            name = "\(slug)-\(count)"
        }
    }

    /// A heading's anchor on GitHub: lower case, blanks to hyphens, no other marks.
    static func slug(_ heading: some StringProtocol) -> String {
        String(
            heading.lowercased().compactMap { letter -> Character? in
                if letter == " " { return "-" }
                return letter.isLetter || letter.isNumber || letter == "-" || letter == "_" ? letter : nil
            })
    }

    /// Everything between two marks.
    private static func between(_ open: String, _ close: String, in line: String) -> [String] {
        var found: [String] = []
        var rest = line[...]
        while let start = rest.firstRange(of: open) {
            rest = rest[start.upperBound...]
            guard let end = rest.firstRange(of: close) else { break }
            found.append(String(rest[..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        return found
    }
}

extension MarkdownPage {
    /// All pages of the repository by path; folders of tools, which begin with a dot, are left out.
    static let all: [String: MarkdownPage] = {
        let (root, manager) = (RepositoryTests.root, FileManager.default)
        var paths: [String] = []
        for name in (try? manager.contentsOfDirectory(atPath: root)) ?? [] where !name.hasPrefix(".") {
            paths.append(name)
            paths += ((try? manager.subpathsOfDirectory(atPath: root + "/" + name)) ?? []).map { name + "/" + $0 }
        }
        var pages: [String: MarkdownPage] = [:]
        for path in paths where path.hasSuffix(".md") {
            guard let text = try? String(contentsOfFile: root + "/" + path, encoding: .utf8) else { continue }
            pages[path] = MarkdownPage(path: path, text: text)
        }
        return pages
    }()

    /// Why a relative link leads nowhere; nil where it leads somewhere, or out of the repository.
    func fault(of link: Link, pages: [String: MarkdownPage], exists: (String) -> Bool) -> String? {
        guard !link.target.contains("://"), !link.target.hasPrefix("mailto:") else { return nil }
        let parts = link.target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let file = parts[0].isEmpty ? path : resolved(parts[0])
        guard exists(file) else { return "\(path):\(link.line) links to \(link.target), and there is no \(file)" }
        guard parts.count == 2, let page = pages[file], !page.anchors.contains(parts[1]) else { return nil }
        return "\(path):\(link.line) links to \(link.target), and \(file) has no anchor of that name"
    }

    /// A path beside this page, as one from the root.
    private func resolved(_ relative: String) -> String {
        var folders = path.split(separator: "/").dropLast().map(String.init)
        for part in relative.split(separator: "/") {
            switch part {
            case ".": break
            case "..": folders = folders.dropLast()
            default: folders.append(String(part))
            }
        }
        return folders.joined(separator: "/")
    }
}
