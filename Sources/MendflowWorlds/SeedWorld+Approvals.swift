import MendflowCore
import MendflowOperations
import MendflowTestKit
import MendflowWorkspace

// Every sixth world has a policy that asks first, and people who say yes, or no, or nothing, or that too late.
extension SeedPlan {
    /// Whether the policy for the nightly runs acts, and asks first.
    var asksPeople: Bool { seed % 6 == 4 }

    /// What people say; drawn apart.
    mutating func addAnswers() {
        guard asksPeople else { return }
        var random = SplitMix64(seed: seed ^ 0xA5C)
        events += (0..<3 + random.below(7)).map { _ in
            let late = Period.seconds(Int64(random.below(3) == 0 ? random.below(2400) : random.below(120)))
            return Event(at: SeedPlan.moment(&random), what: .answer(isYes: random.below(4) > 0, late: late))
        }
    }
}

/// What a person said, as the world's own hand noted it before it was written down.
struct SeedAnswer: Sendable {
    var execution: ExecutionID, isYes: Bool
    /// When, by how long the world had lived, and until when the ask stood.
    var lived: Period, until: Period
}

extension SeedWorld {
    /// Somebody looks what is asked, thinks for a while, and answers.
    func answerAsk(isYes: Bool, after late: Period) async {
        for _ in 0..<60 {
            if let workspace = try? workspace(), let item = try? await Approving.open(workspace).first {
                await pass(late)
                return await answer(item.approval, isYes: isYes)
            }
            await pass(.minutes(1))
        }
    }

    private func answer(_ approval: Approval, isYes: Bool) async {
        guard let workspace = try? workspace() else { return }
        let (now, lived) = (clock.now(), clock.monotonic())
        // Written down first: from here on the agent may go by it.
        record.note(
            SeedAnswer(
                execution: approval.ask.draft.execution, isYes: isYes, lived: lived,
                until: lived + (approval.ask.expiresAt - now)))
        let outcome = try? await Approving.answer(workspace, [approval.id], isYes: isYes, note: "")
        let words = outcome.map { $0.answered.isEmpty ? "too late" : isYes ? "yes" : "no" } ?? "failed"
        record.count("asked", at: words)
    }
}
