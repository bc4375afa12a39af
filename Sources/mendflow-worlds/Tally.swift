import Foundation
import MendflowCore
import MendflowWorlds

/// What came of many worlds.
struct Tally {
    private var worlds = 0
    private(set) var failed = 0
    private var lived = Period.zero
    private var (requests, deeds) = (0, 0)
    private var counts: [SeedCount: Int] = [:]
    private var broken: [String: Int] = [:]
    private var times: [String: Int] = [:]
    private var isTerminal = isatty(1) == 1

    mutating func add(_ result: SeedResult) {
        worlds += 1
        if !result.broken.isEmpty { failed += 1 }
        for judge in Set(result.broken.map(\.judge)) { broken[judge, default: 0] += 1 }
        for promise in result.broken { times[promise.judge, default: 0] += 1 }
        lived = lived + result.lived
        requests += result.requests
        deeds += result.deeds
        counts.merge(result.counts, uniquingKeysWith: +)
    }

    /// Says how far it is: on a terminal in place, else every hundred worlds.
    func progress(of count: Int, since began: ContinuousClock.Instant) {
        guard isTerminal || worlds.isMultiple(of: 100) else { return }
        let seconds = Self.seconds(since: began)
        let rate = Double(worlds) / seconds
        let left = Int(Double(count - worlds) / rate)
        let words = "\(worlds) of \(count) worlds, \(failed) broken, \(Self.short(rate)) a second, \(left) s left"
        say(isTerminal ? "\r\(words)   " : words, isWhole: !isTerminal)
    }

    /// What is known in the end.
    func report(since began: ContinuousClock.Instant) {
        let seconds = Self.seconds(since: began)
        let simulated = Double(lived.milliseconds) / 1000
        say("\n\(worlds) worlds in \(Int(seconds)) s, \(Self.short(Double(worlds) / seconds)) a second")
        say(
            "\(Self.short(simulated / 86_400 / 365.25)) years lived, \(Int(simulated / seconds)) times as fast as real time, "
                + "\(requests) requests, \(deeds) deeds")
        say("\nWhat befell whom, how often:")
        let steps = Set(counts.keys.map(\.step)).sorted()
        let events = Set(counts.keys.map(\.event)).sorted()
        let width = events.map(\.count).max() ?? 0
        func line(_ name: String, _ cells: [String]) {
            let padded = cells.map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }.joined()
            say("  " + name + String(repeating: " ", count: width - name.count) + padded)
        }
        line("", steps)
        for event in events {
            line(event, steps.map { counts[SeedCount(event: event, step: $0)].map(String.init) ?? "-" })
        }
        say("")
        for (judge, count) in broken.sorted(by: { $0.key < $1.key }) {
            say("  \(judge): \(count) worlds, \(times[judge] ?? 0) times")
        }
        say(failed == 0 ? "every promise held in every world" : "promises broke in \(failed) worlds")
    }

    private static func seconds(since began: ContinuousClock.Instant) -> Double {
        let (whole, parts) = (ContinuousClock.now - began).components
        return max(0.001, Double(whole) + Double(parts) / 1e18)
    }

    private static func short(_ number: Double) -> String { String(format: "%.1f", number) }
}
