package import MendflowCore
import MendflowEnvironment
import MendflowWorkspace

extension Workspace {
    /// Who runs the command.
    package var user: String { environment.user }

    /// Waits, by the clock that everything goes by.
    package func pause(for time: Period) async throws { try await clock.sleep(for: time) }
}
