private import Glibc
import MendflowCore
import MendflowEnvironment
import MendflowSimulator
import MendflowWorkspace

/// What the demo writes, so that every command of the program works with it afterwards: a configuration, policies and a
/// key, and at the end the simulated n8n.
struct DemoFolder: Sendable {
    let path: String
    private let files: any FileSystem

    init(_ path: String, _ files: any FileSystem) {
        self.path = path
        self.files = files
    }

    var configuration: String { FilePath.of("mendflow.yaml", inFolder: path) }
    var ledger: String { FilePath.of("mendflow.sqlite", inFolder: path) }
    var history: String { FilePath.of("n8n.jsonl", inFolder: path) }

    /// Writes what the agent needs.
    ///
    /// - Throws: where a demo was there before, or the folder cannot be written.
    func write(url: String) throws(MendflowFailure) {
        let key = FilePath.of("n8n.key", inFolder: path)
        let policies = FilePath.of("policies", inFolder: path)
        let texts = [
            (configuration, DemoFolder.configuration(url: url)), (key, "test-key\n"),
            (FilePath.of("demo.yaml", inFolder: policies), DemoPolicies.text + "\n"),
        ]
        do throws(FileFault) {
            try files.makeFolder(policies)
            for (path, text) in texts {
                guard try files.create(path, text) else {
                    throw FileFault("\(path) is there already; remove it or name another folder with --dir")
                }
            }
        } catch { throw MendflowFailure(.failed, error.description) }
        // What may read the key may do what it does, as with every key.
        _ = unsafe chmod(key, 0o600)
    }

    /// Writes down the simulated n8n; answers when its past ends.
    func keep(_ simulator: Simulator) throws(MendflowFailure) -> ServerTime? {
        let export = simulator.export
        do throws(FileFault) { _ = try files.create(history, String(decoding: export.lines, as: UTF8.self)) } catch {
            throw MendflowFailure(.failed, error.description)
        }
        return export.end.map { ServerTime(milliseconds: $0) }
    }

    static func configuration(url: String) -> String {
        """
        mode: enforce
        policies: [policies/]
        ledger: mendflow.sqlite
        # Nobody can tell in these hours whether the lost request is still on its way: it waits for a person. Without this
        # line it would be settled after 15 minutes, once it is proven that nothing ran.
        request_grace: 1d
        protect:
          - workflow: {tag: \(DemoWorld.protection)}
        instances:
          - name: demo
            url: "\(url)"
            api_key_file: n8n.key
            tags: {\(DemoWorld.tagName): \(DemoWorld.tagID)}

        """
    }
}
