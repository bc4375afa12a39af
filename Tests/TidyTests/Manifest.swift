import FoundationEssentials

/// The targets that Package.swift declares, read from its text: asking the package manager takes seconds.
struct Manifest {
    /// One target.
    struct Target: Sendable {
        var name: String
        /// What makes it: `library`, `system`, `tests` or one of the package manager's own, such as `executableTarget`.
        var kind: String
        var dependencies: [String]

        /// Where its sources are.
        var folder: String { (kind == "tests" ? "Tests/" : "Sources/") + name }
    }

    /// Text that is no list of targets, and where it stopped being one.
    struct Fault: Error {
        var reason: String
    }

    var targets: [String: Target] = [:]

    /// Reads the list behind `targets:` of the package.
    init(_ text: String) throws(Fault) {
        var reader = Reader(words: Manifest.words(text))
        guard let package = reader.words.firstIndex(of: "Package"),
            let list = reader.words[package...].indices.first(where: { reader.isTargets(at: $0) })
        else { throw Fault(reason: "no `targets: [` in a Package") }
        reader.index = list + 3
        while reader.word != "]" {
            let target = try reader.target()
            guard targets.updateValue(target, forKey: target.name) == nil else {
                throw Fault(reason: "\(target.name) is declared twice")
            }
            if reader.word == "," { reader.index += 1 }
        }
    }

    /// Names, marks and texts (with their opening quote), without comments and blanks.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        for line in text.split(separator: "\n") {
            var rest = line[...]
            while let first = rest.first {
                if rest.hasPrefix("//") { break }
                var length = 1
                if first == "\"" {
                    length += rest.dropFirst().prefix { $0 != "\"" }.count
                } else if first.isLetter {
                    length = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }.count
                }
                if !first.isWhitespace { words.append(String(rest.prefix(length))) }
                rest = rest.dropFirst(first == "\"" ? length + 1 : length)
            }
        }
        return words
    }

    private struct Reader {
        var words: [String]
        var index = 0

        var word: String? { words.indices.contains(index) ? words[index] : nil }

        /// Whether the list of targets begins here, and not that of a product.
        func isTargets(at index: Int) -> Bool {
            words[index...].prefix(3) == ["targets", ":", "["] && words[index...].dropFirst(3).first?.first != "\""
        }

        /// `library("Name", ["Dependency", ...], ...)` or `.target(name: "Name", dependencies: [...], ...)`.
        mutating func target() throws(Fault) -> Target {
            if word == "." { index += 1 }
            guard let kind = word, kind.first?.isLetter == true, words[index...].dropFirst().first == "(" else {
                throw Fault(reason: "no target at `\(words[index...].prefix(6).joined(separator: " "))`")
            }
            index += 2
            var name: String?
            var dependencies: [String] = []
            var label = ""
            var depth = 1
            while let word, depth > 0 {
                if "([".contains(word) { depth += 1 }
                if ")]".contains(word) { depth -= 1 }
                if depth == 1, word == "," { label = "" }
                if depth == 1, words[index...].dropFirst().first == ":" { label = word }
                if word.first == "\"" {
                    let text = String(word.dropFirst())
                    if name == nil {
                        name = text
                    } else if depth == 2, label == "dependencies" || label.isEmpty, kind != "system" {
                        dependencies.append(text)
                    }
                }
                index += 1
            }
            guard let name else { throw Fault(reason: "a \(kind) without a name") }
            return Target(name: name, kind: kind, dependencies: dependencies)
        }
    }
}
