import MendflowCore
import MendflowLedger
import Testing

@Suite("A turn at the leases")
struct LeaseTurnTests {
    private let period = Period.seconds(6)

    private func wish(
        _ name: String, _ instances: Set<String>, holds: [String: Int64] = [:], returns: [String: Int64] = [:],
        blind: Set<String> = [], sees: Set<String> = [], leaves: Bool = false
    ) -> LeaseWish {
        LeaseWish(
            agent: AgentName(name), place: "\(name).example", instances: instances, holds: holds, returns: returns,
            period: period, blind: blind, sees: sees, isLeaving: leaves)
    }

    /// Agents that take turns on one board, each going on with what it was answered.
    private struct Fleet {
        var board = LeaseBoard(now: AgentTime(milliseconds: 0))
        var held: [String: [String: Int64]] = [:]
        let instances: Set<String>

        mutating func turn(_ name: String, _ wish: (_ holds: [String: Int64], _ returns: [String: Int64]) -> LeaseWish)
        {
            var (holds, returns) = (held[name] ?? [:], [String: Int64]())
            while true {
                let turn = LeaseTurn(wish(holds, returns), on: board)
                board = turn.board
                holds = turn.held.mapValues(\.epoch)
                returns = [:]
                guard let surplus = turn.surplus else { break }
                returns[surplus] = holds.removeValue(forKey: surplus)
            }
            held[name] = holds
        }
    }

    private func turns(_ fleet: inout Fleet, _ names: [String], rounds: Int) {
        let instances = fleet.instances
        for _ in 0..<rounds {
            for name in names { fleet.turn(name) { wish(name, instances, holds: $0, returns: $1) } }
            fleet.board.now = fleet.board.now + .seconds(1)
        }
    }

    @Test("A lone agent takes everything in its first turn")
    func alone() {
        let turn = LeaseTurn(wish("a", ["one", "two"]), on: LeaseBoard(now: AgentTime(milliseconds: 5)))
        #expect(turn.held.keys.sorted() == ["one", "two"])
        #expect(turn.held["one"]?.epoch == 1)
        #expect(turn.held["one"]?.ends == AgentTime(milliseconds: 6005))
        #expect(turn.surplus == nil)
    }

    @Test("Nobody takes what another holds, and its end by the board's clock frees it with a later epoch")
    func ends() throws {
        var board = LeaseTurn(wish("a", ["one"]), on: LeaseBoard(now: AgentTime(milliseconds: 0))).board
        board.now = AgentTime(milliseconds: 5999)
        var turn = LeaseTurn(wish("b", ["one"]), on: board)
        #expect(turn.held.isEmpty)
        board = turn.board
        board.now = AgentTime(milliseconds: 6000)
        turn = LeaseTurn(wish("b", ["one"]), on: board)
        #expect(turn.held["one"]?.epoch == 2)
        #expect(turn.held["one"]?.holder == AgentName("b"))
    }

    @Test("A lease that has ended is not prolonged, though nobody took it: it is taken anew, under a later epoch")
    func expired() {
        var board = LeaseTurn(wish("a", ["one"]), on: LeaseBoard(now: AgentTime(milliseconds: 0))).board
        board.now = AgentTime(milliseconds: 6000)
        let turn = LeaseTurn(wish("a", ["one"], holds: ["one": 1]), on: board)
        #expect(turn.held["one"]?.epoch == 2)
    }

    @Test("What was written under an older epoch is refused, and so is what ends before it could be sent")
    func fenced() throws {
        var board = LeaseTurn(wish("a", ["one"]), on: LeaseBoard(now: AgentTime(milliseconds: 0))).board
        let token = FenceToken(instance: "one", epoch: 1, margin: .seconds(2))
        board.now = AgentTime(milliseconds: 3999)
        try board.admit(token)
        board.now = AgentTime(milliseconds: 4000)
        #expect(throws: LedgerFailure.self) { try board.admit(token) }
        board.now = AgentTime(milliseconds: 7000)
        board = LeaseTurn(wish("b", ["one"]), on: board).board
        #expect(throws: LedgerFailure.fenced("the lease 1 of 'one' is over; b leads it now")) { try board.admit(token) }
        #expect(throws: LedgerFailure.self) { try board.admit(FenceToken(instance: "two", epoch: 1, margin: .zero)) }
    }

    @Test(
        "Instances are shared evenly among those that are there, whoever came first", arguments: 1...5,
        [1, 2, 3, 4, 7, 20])
    func even(agents: Int, instances: Int) {
        let names = (0..<agents).map { "agent\($0)" }
        var fleet = Fleet(instances: Set((0..<instances).map { "n\($0)" }))
        turns(&fleet, [names[0]], rounds: 2)
        turns(&fleet, names, rounds: 2 * instances + 4)
        let loads = names.map { fleet.held[$0]?.count ?? 0 }
        #expect(loads.reduce(0, +) == instances, "everything is led")
        #expect(loads.max()! - loads.min()! <= 1, "\(loads)")
        let before = fleet.held
        turns(&fleet, names, rounds: 3)
        #expect(fleet.held == before, "and stays where it is")
    }

    @Test("What a dead agent led is with the others as soon as its leases have ended")
    func takeover() {
        var fleet = Fleet(instances: ["one", "two", "three", "four"])
        turns(&fleet, ["a", "b", "c"], rounds: 20)
        fleet.held["a"] = nil
        turns(&fleet, ["b", "c"], rounds: 8)
        #expect(["b", "c"].map { fleet.held[$0]?.count } == [2, 2])
    }

    @Test("Who takes its leave gives back at once what it led, and is not reckoned with any more")
    func leaving() {
        var fleet = Fleet(instances: ["one", "two"])
        turns(&fleet, ["a"], rounds: 1)
        let held = fleet.held["a"] ?? [:]
        let turn = LeaseTurn(wish("a", fleet.instances, returns: held, leaves: true), on: fleet.board)
        #expect(turn.hasReturned)
        #expect(turn.held.isEmpty)
        #expect(turn.board.agents.isEmpty)
        #expect(LeaseTurn(wish("b", fleet.instances), on: turn.board).held.count == 2)
    }

    @Test("An instance that only some know is led by one of those")
    func partial() {
        var board = LeaseBoard(now: AgentTime(milliseconds: 0))
        board = LeaseTurn(wish("a", ["one"]), on: board).board
        let turn = LeaseTurn(wish("b", ["one", "two"]), on: board)
        #expect(turn.held.keys.sorted() == ["two"])
    }

    @Test("What an agent holds without knowing it, as the answer by which it was taken was lost, is led again at once")
    func unknown() {
        let board = LeaseTurn(wish("a", ["one"]), on: LeaseBoard(now: AgentTime(milliseconds: 0))).board
        let turn = LeaseTurn(wish("a", ["one"]), on: board)
        #expect(turn.held["one"]?.epoch == 2)
        // Nobody takes from another what that one does not know of.
        #expect(LeaseTurn(wish("b", ["one"]), on: board).held.isEmpty)
    }

    @Test("Who leads too much gives back one after the other, and no more than others will take")
    func surplus() {
        var fleet = Fleet(instances: ["one", "two", "three", "four"])
        turns(&fleet, ["a"], rounds: 1)
        fleet.board = LeaseTurn(wish("b", fleet.instances), on: fleet.board).board
        turns(&fleet, ["a"], rounds: 1)
        #expect(fleet.held["a"]?.count == 2)
    }

    @Test("Who does not reach an n8n hands it on to one who does, once that says so, and is not given it again")
    func blind() {
        let all: Set<String> = ["one", "two"]
        var board = LeaseTurn(wish("a", all), on: LeaseBoard(now: AgentTime(milliseconds: 0))).board
        board = LeaseTurn(wish("b", all), on: board).board
        board = LeaseTurn(wish("c", all), on: board).board
        let held: [String: Int64] = ["one": 1, "two": 1]
        // Nobody says that it reaches it, and others may not reach it either: what is shared goes, and it stays.
        var turn = LeaseTurn(wish("a", all, holds: held, blind: ["two"]), on: board)
        #expect(turn.surplus == "two", "as ever: another leads nothing")
        board = LeaseTurn(wish("b", all, blind: ["two"]), on: turn.board).board
        board = LeaseTurn(wish("c", all, blind: ["two"]), on: board).board
        turn = LeaseTurn(wish("a", all, holds: held, blind: ["two"]), on: board)
        #expect(turn.surplus == "one")
        board = LeaseTurn(wish("c", all, sees: ["two"]), on: turn.board).board
        turn = LeaseTurn(wish("a", all, holds: held, blind: ["two"]), on: board)
        #expect(turn.surplus == "two")
        board = LeaseTurn(wish("a", all, holds: ["one": 1], returns: ["two": 1], blind: ["two"]), on: turn.board).board
        // b leads nothing and comes first by its name, and does not reach it; c does.
        #expect(LeaseTurn(wish("b", all, blind: ["two"]), on: board).held.isEmpty)
        turn = LeaseTurn(wish("c", all, sees: ["two"]), on: board)
        #expect(turn.held.mapValues(\.epoch) == ["two": 2])
    }

    @Test("What is shared goes to nobody who does not reach its n8n")
    func blindShare() {
        let all: Set<String> = ["one", "two"]
        var board = LeaseTurn(wish("a", all), on: LeaseBoard(now: AgentTime(milliseconds: 0))).board
        board = LeaseTurn(wish("b", all, blind: ["two"]), on: board).board
        #expect(LeaseTurn(wish("a", all, holds: ["one": 1, "two": 1]), on: board).surplus == "one")
        board = LeaseTurn(wish("b", all), on: board).board
        #expect(LeaseTurn(wish("a", all, holds: ["one": 1, "two": 1]), on: board).surplus == "two")
    }

    @Test("Where none of them reaches an n8n, one of them leads it all the same")
    func blindAll() {
        var board = LeaseTurn(wish("a", ["one"], blind: ["one"]), on: LeaseBoard(now: AgentTime(milliseconds: 0))).board
        #expect(board.held("one")?.holder == AgentName("a"))
        board = LeaseTurn(wish("b", ["one"], blind: ["one"]), on: board).board
        #expect(LeaseTurn(wish("a", ["one"], holds: ["one": 1], blind: ["one"]), on: board).surplus == nil)
    }

    @Test("Of two that took a lease under one epoch, since the store lost the first, only the second is let write")
    func sameEpoch() throws {
        let board = LeaseTurn(wish("b", ["one"]), on: LeaseBoard(now: AgentTime(milliseconds: 0))).board
        try board.admit(FenceToken(instance: "one", epoch: 1, margin: .zero, holder: AgentName("b")))
        #expect(throws: LedgerFailure.self) {
            try board.admit(FenceToken(instance: "one", epoch: 1, margin: .zero, holder: AgentName("a")))
        }
    }
}
