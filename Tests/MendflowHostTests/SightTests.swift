import MendflowCore
import MendflowLedger
import Testing

@testable import MendflowHost

@Suite("Which n8n's an agent reaches")
struct SightTests {
    private let a = AgentName("a"), b = AgentName("b")

    /// A board on which `a` leads one instance, blind to it or not.
    private func board(isBlind: Bool) -> LeaseBoard {
        let now = AgentTime(milliseconds: 0)
        let agent = AgentPresence(
            name: a, place: "", since: now, ends: now + .hours(1), instances: ["one"], blind: isBlind ? ["one"] : [])
        let lease = Lease(instance: "one", epoch: 1, holder: a, since: now, ends: now + .hours(1))
        return LeaseBoard(now: now, leases: ["one": lease], agents: [a: agent])
    }

    private func at(_ seconds: Int64) -> Period { .seconds(seconds) }

    @Test("a leader asks only what it has not read for long, and is blind to what does not answer then")
    func leader() {
        var sight = Sight(pollInterval: .seconds(30))
        func look(_ read: Int64, _ now: Int64) -> [String] {
            sight.look(at: board(isBlind: false), from: a, ["one"], read: ["one": at(read)], now: at(now))
        }
        #expect(look(0, 150).isEmpty && look(0, 151) == ["one"] && look(0, 160).isEmpty)
        #expect(sight.blind.isEmpty)
        sight.note("one", isReached: false, now: at(161))
        #expect(sight.blind == ["one"] && look(0, 181) == ["one"])
        sight.note("one", isReached: true, now: at(182))
        #expect(sight.blind.isEmpty && sight.sees.isEmpty)
        sight.note("one", isReached: false, now: at(190))
        #expect(look(195, 200).isEmpty && sight.blind.isEmpty, "it was read again")
    }

    @Test("others ask while the leader is blind, say what they reach twice in a row, and are asked nothing in peace")
    func other() {
        var sight = Sight(pollInterval: .seconds(30))
        func look(_ isBlind: Bool, _ now: Int64) -> [String] {
            sight.look(at: board(isBlind: isBlind), from: b, ["one"], read: [:], now: at(now))
        }
        #expect(look(false, 0).isEmpty && look(true, 10) == ["one"])
        sight.note("one", isReached: true, now: at(11))
        #expect(sight.sees.isEmpty && look(true, 20).isEmpty && look(true, 40) == ["one"])
        sight.note("one", isReached: true, now: at(41))
        #expect(sight.sees == ["one"] && sight.blind.isEmpty)
        #expect(look(true, 70) == ["one"])
        sight.note("one", isReached: false, now: at(71))
        #expect(sight.sees.isEmpty && sight.blind == ["one"])
        #expect(look(false, 80).isEmpty && sight.blind == ["one"], "who was cut off is not preferred for a while")
        #expect(look(false, 101) == ["one"])
        sight.note("one", isReached: true, now: at(102))
        #expect(look(false, 370) == ["one"] && sight.blind == ["one"])
        #expect(look(false, 371).isEmpty && sight.blind.isEmpty)
    }
}
