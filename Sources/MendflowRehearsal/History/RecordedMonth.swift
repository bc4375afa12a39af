private import CDemoHistory
package import MendflowEnvironment
import MendflowGzip
package import MendflowWorkspace

/// The recorded month of one n8n that is part of the program: executions, errors and retries are real, their times were moved.
package enum RecordedMonth {
    /// List rows, executions with their data, and workflows, as n8n's API answered them.
    static func rows() throws(GzipError) -> [UInt8] {
        try unsafe Gzip.inflate(bytes(mendflow_demo_executions_start(), mendflow_demo_executions_count))
    }
    static func details() throws(GzipError) -> [UInt8] {
        try unsafe Gzip.inflate(bytes(mendflow_demo_details_start(), mendflow_demo_details_count))
    }
    static func workflows() throws(GzipError) -> [UInt8] {
        try unsafe Gzip.inflate(bytes(mendflow_demo_workflows_start(), mendflow_demo_workflows_count))
    }

    private static func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }

    /// More is no recorded month.
    private static let mostBytes = 1 << 30

    /// Writes the month into a folder as files of a history, and answers their names. Another history is never replaced.
    package static func write(to folder: String, _ files: any FileSystem) throws(MendflowFailure) -> [String] {
        do {
            try files.makeFolder(folder)
            var written: [String] = []
            let month = [
                ("executions.jsonl", try rows()), ("details.jsonl", try details()), ("workflows.json", try workflows()),
            ]
            for (name, bytes) in month {
                let path = FilePath.of(name, inFolder: folder)
                guard files.exists(path), try files.read(path, limit: mostBytes).get() != bytes else { continue }
                throw MendflowFailure(.usage, "\(path) is there and is another history: name another folder with --dir")
            }
            for (name, bytes) in month {
                let path = FilePath.of(name, inFolder: folder)
                try files.replace(path, String(decoding: bytes, as: UTF8.self))
                written.append(path)
            }
            return written
        } catch let failure as MendflowFailure {
            throw failure
        } catch { throw MendflowFailure(.failed, "the month cannot be written: \(error)") }
    }
}
