import MendflowCore
import MendflowEnvironment

/// How far down an export has read the list, as it keeps it: a line after each page, of which the last counts.
struct ListState: Sendable {
    /// The server whose list it is; nil where an earlier version did not note it.
    var server: String?
    /// Asks for what follows; nil where nothing does, or nothing was read.
    var cursor: String?
    /// Whether the list was read down to a time, and to which; nil for its end.
    private var isReached = false, bound: ServerTime?

    init() {}

    /// Reads what was kept; a line that was cut off is passed over.
    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 4, words[0] == "server", words[3] == "." { server = String(words[1]) }
            guard words.count == 3, words[2] == "." else { continue }
            cursor = words[0] == "-" ? nil : String(words[0])
            isReached = words[1] != "-"
            bound = ServerTime(rfc3339: String(words[1]))
        }
    }

    /// The list was read down to a time; nil for its end.
    mutating func reached(_ time: ServerTime?) { (isReached, bound) = (true, time) }

    /// Whether there is nothing left to read down to a time.
    func isComplete(_ since: ServerTime?) -> Bool {
        guard isReached else { return false }
        return bound.map { bound in since.map { $0 >= bound } ?? false } ?? true
    }

    /// What is kept of the server, once.
    static func line(server: String) -> String { "server \(server) - .\n" }

    /// What is kept.
    var line: String { "\(cursor ?? "-") \(isReached ? bound?.rfc3339 ?? "end" : "-") .\n" }
}

extension ListState {
    /// Reads a file of it; nil where there is none.
    init?(of path: String, _ files: any FileSystem) {
        guard case .success(let bytes) = files.read(path, limit: 64 << 20) else { return nil }
        self.init(String(decoding: bytes, as: UTF8.self))
    }

    /// Refuses folders of different servers as one history: their ids cannot be told apart.
    static func refuseMixture(of folders: [String], _ files: any FileSystem) throws(HistoryFault) {
        var first: (folder: String, server: String)?
        for folder in folders where files.isFolder(folder) {
            let path = FilePath.of(HistoryExport.File.progress.rawValue, inFolder: folder)
            guard let server = ListState(of: path, files)?.server else { continue }
            let known = first ?? (folder, server)
            guard known.server == server else {
                throw HistoryFault(
                    description:
                        "\(known.folder) holds executions of \(known.server), and \(folder) those of \(server): they "
                        + "are no one history, for an id of both is two runs; name one of them", kind: .otherServer)
            }
            first = known
        }
    }
}
