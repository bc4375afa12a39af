import MendflowCore
public import MendflowEnvironment
import MendflowText
public import MendflowWorkspace

/// Policies as a git revision has them, named as git names what a revision holds: `main:policies`, `HEAD~3:policies/crm.yaml`.
///
/// They are read by the machine's git, which knows packs, worktrees and configurations better than anybody else.
public struct PolicyRevision: Sendable, Hashable {
    /// What was named, and the two parts of it.
    public let text: String, revision: String, path: String

    /// Reads `REVISION:PATH`; nil where a text is none. A colon in braces belongs to a time (`main@{2026-05-01 10:00}`).
    public init?(_ text: String) {
        var depth = 0
        for index in text.indices {
            switch text[index] {
            case "{": depth += 1
            case "}": depth -= 1
            case ":" where depth == 0:
                // What begins with a dash would be an option of git's.
                guard index > text.startIndex, !text.hasPrefix("-") else { return nil }
                (self.text, revision) = (text, String(text[..<index]))
                path = String(text[text.index(after: index)...])
                return
            default: break
            }
        }
        return nil
    }

    /// The name of a file of a revision without the revision, as it is in a working tree.
    public static func inTree(_ name: String) -> String { PolicyRevision(name)?.path ?? name }

    /// Files in which what some paths name of revisions stands beside those of the machine. A path that is there is no revision.
    public static func files(
        _ paths: [String], _ environment: Environment
    ) async throws(MendflowFailure) -> any FileSystem {
        let revisions = paths.filter { !environment.files.exists($0) }.compactMap { PolicyRevision($0) }
        guard let first = revisions.first else { return environment.files }
        guard let program = environment.program(named: "git") else {
            throw MendflowFailure(
                .file,
                "there is no file '\(first.text)', and of the git revision '\(first.revision)' nothing can be read: "
                    + "there is no git in PATH")
        }
        let git = Git(program: program, programs: environment.programs)
        var files = ReadOnlyFiles(base: environment.files)
        for revision in revisions {
            for (name, bytes) in try await git.files(of: revision) { files = files.with(bytes, at: name) }
        }
        return files
    }
}

/// What git is asked; it changes nothing.
private struct Git {
    var program: String
    var programs: any ProgramRunner

    private static let limit = Period.minutes(1)
    private static let mostBytes = 64 << 20

    /// What a folder of a revision has of the name and content of its files, or the one file that is named.
    func files(of revision: PolicyRevision) async throws(MendflowFailure) -> [(name: String, bytes: [UInt8])] {
        let kind = try await ask(["cat-file", "-t", revision.text])
        switch String(decoding: kind.output, as: UTF8.self).trimmed {
        case "blob" where kind.status == 0:
            let file = try await text(["cat-file", "blob", revision.text], of: revision)
            return [(revision.text, file)]
        case "tree" where kind.status == 0:
            let entries = Entry.list(try await text(["ls-tree", "-z", revision.text], of: revision))
            let blobs = try await blobs(entries.filter(\.isFile), of: revision)
            return blobs.map { (FilePath.of($0.name, inFolder: revision.text), $0.bytes) }
        default: throw try await missing(revision, kind.complaint)
        }
    }

    /// The contents of some files, asked of one process.
    private func blobs(
        _ entries: [Entry], of revision: PolicyRevision
    ) async throws(MendflowFailure) -> [(name: String, bytes: [UInt8])] {
        let wanted = Array(entries.map { $0.object + "\n" }.joined().utf8)
        var rest = try await text(["cat-file", "--batch"], input: wanted, of: revision)[...]
        var found: [(String, [UInt8])] = []
        for entry in entries {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")),
                let last = rest[..<end].split(separator: UInt8(ascii: " ")).last,
                let size = Int(String(decoding: last, as: UTF8.self)), rest.endIndex - end > size + 1
            else {
                throw MendflowFailure(
                    .failed, "git does not have '\(entry.name)' of '\(revision.text)': fetch it first")
            }
            let start = end + 1
            found.append((entry.name, Array(rest[start..<(start + size)])))
            rest = rest[(start + size + 1)...]
        }
        return found
    }

    /// Why there is no such thing: no repository, no such revision, or no such path in it.
    private func missing(
        _ revision: PolicyRevision, _ complaint: String
    ) async throws(MendflowFailure) -> MendflowFailure {
        let known = try await ask(["rev-parse", "--verify", "--quiet", "--end-of-options", revision.revision])
        guard known.status == 0 else {
            let names = try await ask(["for-each-ref", "--format=%(refname:short)"])
            guard names.status == 0 else { return Git.failure(revision, names.complaint) }
            return MendflowFailure(
                .file,
                "there is no file '\(revision.text)', and no git revision '\(revision.revision)'"
                    + Git.nearest(revision.revision, names.output.split(separator: UInt8(ascii: "\n"))))
        }
        let paths = try await ask(["ls-tree", "-r", "-t", "-z", "--name-only", "--full-tree", revision.revision])
        guard paths.status == 0 else { return Git.failure(revision, complaint) }
        return MendflowFailure(
            .file,
            "the git revision '\(revision.revision)' has no '\(revision.path)'"
                + Git.nearest(revision.path, paths.output.split(separator: 0)))
    }

    private static func nearest(_ word: String, _ candidates: [ArraySlice<UInt8>]) -> String {
        let names = candidates.map { String(decoding: $0, as: UTF8.self) }
        return Spelling.nearest(to: word, among: names).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// What git answers, where it has to.
    private func text(
        _ words: [String], input: [UInt8] = [], of revision: PolicyRevision
    ) async throws(MendflowFailure) -> [UInt8] {
        let answer = try await ask(words, input: input)
        guard answer.status == 0 else { throw Git.failure(revision, answer.complaint) }
        return answer.output
    }

    private func ask(_ words: [String], input: [UInt8] = []) async throws(MendflowFailure) -> ProgramAnswer {
        do throws(DeliveryFault) {
            let answer = try await programs.ask(
                [program] + words, input: input, within: Git.limit, mostBytes: Git.mostBytes)
            guard answer.status != nil else { throw DeliveryFault("git did not end within \(Git.limit)") }
            return answer
        } catch { throw MendflowFailure(.failed, "git cannot be asked: \(error)") }
    }

    private static func failure(_ revision: PolicyRevision, _ complaint: String) -> MendflowFailure {
        let said = complaint.split(separator: "\n").first.map(String.init) ?? "nothing"
        return MendflowFailure(.file, "'\(revision.text)' cannot be read; git says: \(said)")
    }
}

/// What stands in a folder of a revision.
private struct Entry {
    var name: String, object: String
    /// Whether it is a file: no folder, no link, no other repository.
    var isFile: Bool

    /// Reads `MODE TYPE OBJECT<tab>NAME<nul>...`.
    static func list(_ bytes: [UInt8]) -> [Entry] {
        bytes.split(separator: 0).compactMap { entry in
            guard let tab = entry.firstIndex(of: UInt8(ascii: "\t")) else { return nil }
            let words = String(decoding: entry[..<tab], as: UTF8.self).split(separator: " ")
            guard words.count == 3 else { return nil }
            return Entry(
                name: String(decoding: entry[(tab + 1)...], as: UTF8.self), object: String(words[2]),
                isFile: words[0].hasPrefix("100"))
        }
    }
}

extension String {
    fileprivate var trimmed: String { String(split(whereSeparator: \.isNewline).first ?? "") }
}
