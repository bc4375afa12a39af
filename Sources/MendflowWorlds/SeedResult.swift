public import MendflowCore
import MendflowSimulator
import MendflowTestKit

/// What came of one world.
public struct SeedResult: Sendable {
    /// Its plan.
    public var plan: SeedPlan
    /// The promises that did not hold; none where all did.
    public var broken: [BrokenPromise]
    /// What befell whom, how often.
    public var counts: [SeedCount: Int]
    /// How much time passed in it.
    public var lived: Period
    /// How many requests reached n8n, and how many of them changed something there.
    public var requests: Int, deeds: Int

    /// Lives a plan to its end and judges it. A world that stands still, or a ledger that cannot be read, is a broken promise.
    ///
    /// With `scripted`, a script lives it in the agent's place, and is judged by what it did to n8n alone.
    public static func of(_ plan: SeedPlan, scripted isScripted: Bool = false) async -> SeedResult {
        let world = SeedWorld(plan, scripted: isScripted)
        var broken: [BrokenPromise] = []
        do { try world.run() } catch { broken.append(BrokenPromise(judge: "ends", what: "\(error)")) }
        do { broken += try await world.brokenPromises() } catch {
            broken.append(BrokenPromise(judge: "readable", what: "\(error)"))
        }
        let noted = world.record.contents
        let (faults, requests, deeds) = world.box.withSimulator { n8n in
            (n8n.faultCounts, n8n.requests.count, n8n.deeds.count { $0.by == .key("agent") })
        }
        var counts = noted.counts
        for (place, count) in faults {
            counts[SeedCount(event: place.fault, step: place.endpoint?.rawValue ?? "elsewhere"), default: 0] += count
        }
        return SeedResult(
            plan: plan, broken: broken, counts: counts, lived: world.clock.monotonic(), requests: requests,
            deeds: deeds)
    }
}

extension SeedPlan {
    /// The plan without one of the things that befall the world: as many as there are.
    var simpler: [SeedPlan] {
        faults.indices.map { index in
            var plan = self
            plan.faults.remove(at: index)
            return plan
        }
            + events.indices.map { index in
                var plan = self
                plan.events.remove(at: index)
                return plan
            }
    }

    /// What is left of the plan where all is taken away without which the same judge still objects.
    public func shrunk(to judge: String) async -> SeedPlan {
        var plan = self
        while true {
            var found: SeedPlan?
            for candidate in plan.simpler {
                let result = await SeedResult.of(candidate)
                if result.broken.contains(where: { $0.judge == judge }) {
                    found = candidate
                    break
                }
            }
            guard let found else { return plan }
            plan = found
        }
    }
}
