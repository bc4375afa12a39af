import MendflowCore
public import MendflowEnvironment
import MendflowN8N
public import MendflowReview
public import MendflowWorkspace

/// `classify`: judges the saved data of a failed execution; asks no server.
public enum ClassifySaved {
    /// Larger data is not read.
    private static let limit = 64 << 20

    /// How a file's execution is judged; `-` is standard input. Without a workspace the built-in rules judge.
    public static func run(
        _ path: String, _ workspace: Workspace?, environment: Environment
    ) throws(MendflowFailure) -> FailureReview {
        var bytes = try bytes(of: path == "-" ? "/dev/stdin" : path, environment)
        // Editors write it in front of a text.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if bytes.starts(with: mark) { bytes.removeFirst(mark.count) }
        guard let failure = SavedExecution.read(bytes) else {
            throw MendflowFailure(
                .file,
                "\(path == "-" ? "standard input" : path) is not an answer of n8n's GET /executions/ID?includeData=true: "
                    + what(bytes))
        }
        return FailureReview(failure, tables: try Backtesting.tables(workspace))
    }

    /// What it is instead, by how it begins.
    private static func what(_ bytes: [UInt8]) -> String {
        switch bytes.first(where: { $0 != 0x20 && !(0x09...0x0D).contains($0) }) {
        case nil: "it is empty"
        case UInt8(ascii: "<"): "it is a page of HTML, perhaps of a proxy or a login"
        case UInt8(ascii: "["): "it is a list, and one execution is wanted"
        case UInt8(ascii: "{"): "it is no whole JSON object, or has no `id`, `status` and `workflowId` of one execution"
        default: "it is no JSON object"
        }
    }

    /// All bytes of whatever can be read to its end: a file, a pipe, a terminal.
    private static func bytes(of path: String, _ environment: Environment) throws(MendflowFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        do throws(FileFault) {
            try environment.files.eachLine(of: path, limit: limit) { line in
                bytes += line + [0x0A]
                return bytes.count <= limit
            }
        } catch { throw NamedFile.failure(error.description, of: path, environment.files) }
        guard bytes.count <= limit else {
            throw MendflowFailure(.file, "\(path): larger than \(limit >> 20) MiB, which is the limit")
        }
        return bytes
    }
}
