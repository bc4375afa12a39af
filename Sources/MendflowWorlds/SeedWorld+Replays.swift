import MendflowCore
import MendflowOperations
import MendflowTestKit
import MendflowWorkspace

// Every fifth world has somebody who replays what failed, beside the policy that retries it too.
extension SeedPlan {
    /// Replays, and what becomes of them; drawn apart.
    mutating func addReplays() {
        guard seed % 5 == 2 else { return }
        var random = SplitMix64(seed: seed ^ 0x4EB1)
        events += (0..<1 + random.below(2)).map { _ in
            Event(
                at: SeedPlan.moment(&random),
                what: .replay(canary: random.below(3), inFlight: 1 + random.below(3)))
        }
        events += (0..<random.below(4)).map { _ in
            let back = random.below(3) > 0 ? Period.seconds(Int64(1 + random.below(1200))) : nil
            return Event(at: SeedPlan.moment(&random), what: .haltReplay(back: back))
        }
    }
}

/// A replay that somebody started, as the world's own hand noted it.
struct SeedReplay: Sendable {
    var name: String
    /// When it was written down.
    var from: Period
    /// What was chosen, and how many of it have to heal first.
    var executions: Set<ExecutionID>, canary: Int
    /// By which its record is told from another one of the same name.
    var reason: String
    /// When it was paused or ended, and let go on if it was.
    var halts: [(from: Period, to: Period?)] = []
}

extension SeedWorld {
    /// Somebody looks at what failed, and lets it be run again.
    func beginReplay(canary: Int, inFlight: Int) async {
        var request = ReplayRequest()
        request.workflows = [SeedCast.orders.name]
        request.repeats = .allow
        request.pace = ReplayPace(canary: canary, inFlightPerWorkflow: inFlight, stopAfterFailures: 3)
        request.reason = "the shop was down at \(clock.monotonic())"
        guard let workspace = try? workspace(),
            let preview = try? await ReplayPreview.look(workspace, request, instance: nil), !preview.items.isEmpty
        else { return }
        // Written down first: from here on the agent may go by it.
        let chosen = Set(preview.items.map(\.execution))
        record.note(
            SeedReplay(
                name: preview.name, from: clock.monotonic(), executions: chosen, canary: canary, reason: request.reason)
        )
        guard (try? await Replaying.begin(preview, workspace)) != nil else { return }
        record.count("replay", at: "begun")
    }

    /// Somebody pauses the newest replay and lets it go on after a while, or ends it.
    func haltReplay(back: Period?) async {
        guard let workspace = try? workspace(),
            let newest = try? await Replaying.all(workspace, instance: nil).last(where: \.isRunning),
            await move(newest.name, to: back == nil ? .aborted : .paused, workspace)
        else { return }
        record.noteHalted(newest.name, clock.monotonic())
        record.count("replay", at: back == nil ? "aborted" : "paused")
        guard let back else { return }
        await pass(back)
        // Whoever pauses it comes back, and tries until it works.
        for _ in 0..<60 {
            record.noteGoesOn(newest.name, clock.monotonic())
            if await move(newest.name, to: .running, workspace) { break }
            await pass(.minutes(1))
        }
    }

    private func move(_ name: String, to state: Replay.State, _ workspace: Workspace) async -> Bool {
        (try? await Replaying.move(workspace, instance: nil, name, to: state, why: "lunch")) != nil
    }
}
