package import MendflowCore
import MendflowPolicy
package import MendflowWorkspace

/// All channels of a configuration.
package struct NoticeDesk: Sendable {
    private let desks: [ChannelDesk]

    /// Makes a desk for each channel.
    package init(_ workspace: Workspace, log: any EventSink) {
        desks = workspace.configuration.channels.map { ChannelDesk(workspace, $0, log: log) }
    }

    /// Begins channels that are new.
    package func begin() async { for desk in desks { await desk.begin() } }

    /// Tells for as long as some work goes on, which never waits for it.
    package func beside<Result: Sendable>(_ work: @escaping @Sendable () async -> Result) async -> Result {
        guard !desks.isEmpty else { return await work() }
        return await withTaskGroup(of: Result?.self) { group in
            for desk in desks {
                group.addTask {
                    await desk.run()
                    return nil
                }
            }
            group.addTask { await work() }
            while let next = await group.next() {
                guard let result = next else { continue }
                group.cancelAll()
                return result
            }
            return await work()
        }
    }

    /// Tells until the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for desk in desks { group.addTask { await desk.run() } }
        }
    }

    /// Tells what is due now, each channel beside the others, each message once.
    package func turn() async {
        await withTaskGroup(of: Void.self) { group in
            for desk in desks { group.addTask { await desk.turn() } }
        }
    }
}

extension Workspace {
    /// The addresses of n8n's by the names of instances.
    package var links: [String: String] {
        Dictionary(configuration.instances.map { ($0.name, $0.address) }) { first, _ in first }
    }
}
