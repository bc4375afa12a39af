import MendflowCore
import MendflowLedger
import MendflowWorkspace
import Testing

@testable import MendflowHost

/// An agent's share, to be told of things.
private final class Agent {
    private var share = Share(Agent.seat, pollInterval: .seconds(30))
    static let seat = Seat(name: AgentName("one"), place: "here", period: .seconds(60), margin: .seconds(15))
    static let free = LeaseBoard(now: AgentTime(milliseconds: 0))

    /// A board on which the instance is led under a lease, by this agent where nobody else is named.
    static func board(_ epoch: Int64, by holder: AgentName = seat.name) -> LeaseBoard {
        let now = AgentTime(milliseconds: 0)
        let lease = Lease(instance: "main", epoch: epoch, holder: holder, since: now, ends: now + .hours(1))
        return LeaseBoard(now: now, leases: ["main": lease])
    }

    static func head(_ sequence: Int64) -> AuditHead { AuditHead(sequence: sequence, hash: AuditHead.start.hash) }

    /// One that leads the instance.
    static func leading() -> Agent {
        let agent = Agent()
        _ = agent.call("main", 0)
        _ = agent.turn(on: free)
        _ = agent.begin(0)
        return agent
    }

    var isAnyLed: Bool { share.isAnyLed }
    var failure: MendflowFailure? { share.failure }
    func isOver(isOpen: Bool) -> Bool { share.isOver(isOpen: isOpen) }
    func wish(_ now: Int64 = 0) -> LeaseWish { share.wish(seen: [], now: .seconds(now)) }
    func rest(_ looking: Period? = nil) -> Period { share.rest(looking: looking) }

    /// Calls the roll: this one is there, or nothing is.
    func call(_ name: String?, _ now: Int64) -> [ClusterEffect] {
        let roll: [String: Led] = name.map { [$0: Led(instance: nil)] } ?? [:]
        return share.call(roll, now: .seconds(now))
    }
    /// Takes a turn on a board, by what was wished before where that is said.
    func turn(on board: LeaseBoard, _ asked: LeaseWish? = nil, at now: Int64 = 0) -> [ClusterEffect] {
        let wish = asked ?? wish(now)
        return share.took(LeaseTurn(wish, on: board), as: wish, until: .seconds(now + 60))
    }
    /// The leases under which something is begun.
    func begin(_ now: Int64) -> [Int64] { share.begin(at: .seconds(now)).map(\.lease.epoch) }
    func ended(_ ending: Cluster.Ending?, _ now: Int64, name: String = "main", seen: Int64 = 0) -> [ClusterEffect] {
        share.ended(name, ending, seen: Agent.head(seen), now: .seconds(now))
    }
    func heard(_ fault: TableSeat.Fault?) -> [String] { Agent.said(share.heard(fault)) }
    func overdue(_ now: Int64) -> [String] { share.overdue(at: .seconds(now)) }
    func lapse() -> [ClusterEffect] { share.lapse("main") }
    func doubted(_ head: Int64) -> [ClusterEffect] { share.doubted(knowing: Agent.head(head)) }
    func takes(_ head: Int64, doubt: LedgerDoubt? = nil) {
        share.takes(LeaseBoard(now: AgentTime(milliseconds: 0), head: Agent.head(head), doubt: doubt))
    }
    func tryAgain() { share.tryAgain() }
    func giveAllBack() { share.giveAllBack() }

    /// The names of what people are told.
    static func said(_ effects: [ClusterEffect]) -> [String] {
        effects.compactMap { if case .say(_, let event, _, _) = $0 { event } else { nil } }
    }
}

@Suite("What an agent makes of what it hears about leases")
struct ShareTests {
    private func said(_ effects: [ClusterEffect]) -> [String] { Agent.said(effects) }

    @Test("what is free is taken and begun once, and its lease is prolonged")
    func taken() {
        let agent = Agent()
        #expect(agent.call("main", 0).isEmpty)
        #expect(agent.wish().instances == ["main"] && agent.wish().holds.isEmpty && !agent.isAnyLed)
        #expect(
            agent.turn(on: Agent.free)
                == [.say(.info, "lease.taken", "led from here from now on, lease 1", instance: "main")])
        #expect(agent.begin(1) == [1])
        #expect(agent.begin(1).isEmpty && agent.isAnyLed)
        #expect(agent.turn(on: Agent.board(1), at: 20) == [.prolong("main", until: .seconds(80))])
        #expect(agent.wish(20).holds == ["main": 1])
    }

    @Test("what another leads is cut, and begun again only once it is held and the old loop has come to its end")
    func lost() {
        let agent = Agent.leading()
        let effects = agent.turn(on: Agent.board(2, by: AgentName("other")))
        #expect(effects.first == .cut("main") && said(effects) == ["lease.lost"])
        #expect(agent.wish().holds.isEmpty && agent.begin(1).isEmpty)
        let again = agent.turn(on: Agent.free)
        #expect(said(again) == ["lease.taken"])
        #expect(agent.begin(2).isEmpty, "the loop of the older lease has not come to its end")
        // The first lease of a board that knows of none has the number of the old one.
        #expect(again.contains(.prolong("main", until: .seconds(60))))
    }

    @Test("a later lease than that of the loop ends the loop, and is begun when it has ended")
    func later() {
        let agent = Agent.leading()
        _ = agent.turn(on: Agent.board(2, by: AgentName("other")))
        var board = Agent.board(2, by: AgentName("other"))
        board.leases["main"]?.ends = board.now
        let effects = agent.turn(on: board)
        #expect(said(effects) == ["lease.taken"] && effects.last == .end("main") && agent.begin(1).isEmpty)
        #expect(agent.ended(nil, 2).isEmpty && agent.wish().returns.isEmpty, "the later lease goes on")
        #expect(agent.begin(3) == [3])
    }

    @Test("a loop that came to its end gives its lease back, until a turn has taken it")
    func givenBack() {
        let agent = Agent.leading()
        #expect(said(agent.ended(nil, 5, seen: 7)) == ["lease.returned"])
        let wish = agent.wish()
        #expect(wish.holds.isEmpty && wish.returns == ["main": 1] && wish.knows.sequence == 7)
        #expect(said(agent.turn(on: Agent.board(1))) == ["lease.taken"])
        #expect(agent.wish().returns.isEmpty && agent.wish().holds == ["main": 2])
    }

    @Test("a lease that was given back while the turn was on its way does not count as held")
    func givenBackMeanwhile() {
        let agent = Agent.leading()
        let asked = agent.wish()
        _ = agent.ended(nil, 5)
        #expect(agent.turn(on: Agent.board(1), asked).isEmpty)
        #expect(agent.wish().holds.isEmpty && agent.wish().returns == ["main": 1] && agent.begin(6).isEmpty)
    }

    @Test("what could not be led is left to others for a while, or until something changes")
    func leftAlone() {
        let agent = Agent.leading()
        #expect(agent.rest() == .seconds(15) && agent.rest(.seconds(5)) == .seconds(15))
        _ = agent.ended(.notNow, 5)
        #expect(agent.wish(64).instances.isEmpty && agent.wish(65).instances == ["main"])
        #expect(agent.rest(.seconds(5)) == .seconds(5), "nothing is led that looks at the files")
        agent.tryAgain()
        #expect(agent.wish(6).instances == ["main"])
    }

    @Test("what has ended by itself is not wanted as it is, and is again where it went and came; then all is over")
    func done() {
        let agent = Agent.leading()
        #expect(!agent.isOver(isOpen: false))
        _ = agent.ended(.done(MendflowFailure(.findings, "no")), 5)
        #expect(agent.isOver(isOpen: false) && !agent.isOver(isOpen: true) && agent.failure?.message == "no")
        #expect(agent.call("main", 6).isEmpty && agent.wish(6).instances.isEmpty)
        _ = agent.call(nil, 7)
        _ = agent.call("main", 8)
        #expect(agent.wish(8).instances == ["main"] && !agent.isOver(isOpen: false))
    }

    @Test("a ledger that is not where it was ends everything, whatever may come")
    func displaced() {
        let agent = Agent.leading()
        _ = agent.ended(.done(MendflowFailure(.displaced, "gone")), 5)
        #expect(agent.isOver(isOpen: true))
    }

    @Test("what is gone is brought to its end, or given back where it was not begun")
    func gone() {
        let agent = Agent.leading()
        #expect(agent.call(nil, 1) == [.end("main")])
        #expect(agent.wish().holds == ["main": 1] && agent.wish().instances.isEmpty)
        #expect(said(agent.ended(nil, 2)) == ["lease.returned"])
        let other = Agent()
        _ = other.call("main", 0)
        _ = other.turn(on: Agent.free)
        #expect(other.call(nil, 1).isEmpty && other.wish().holds.isEmpty && other.wish().returns == ["main": 1])
    }

    @Test("a lease counts as over when its time is, where the ledger does not answer, which is said once")
    func overdue() {
        let agent = Agent.leading()
        #expect(agent.heard(.noAnswer) == ["lease.failed"])
        #expect(agent.heard(.noAnswer).isEmpty)
        #expect(agent.overdue(59).isEmpty && agent.overdue(60) == ["main"])
        let effects = agent.lapse()
        #expect(effects.first == .cut("main") && said(effects) == ["lease.over"] && agent.wish().holds.isEmpty)
        #expect(agent.heard(nil) == ["lease.back"])
        #expect(agent.heard(nil).isEmpty)
    }

    @Test("a ledger that may have lost something cuts all loops; what was known of it stays until that was seen to")
    func doubt() {
        let agent = Agent.leading()
        agent.takes(9)
        #expect(agent.doubted(9) == [.cut("main")] && agent.wish().knows.sequence == 9)
        agent.takes(4, doubt: .lost(Agent.head(9)))
        #expect(agent.wish().knows.sequence == 4)
        agent.takes(3)
        #expect(agent.wish().knows.sequence == 4, "an older answer")
    }

    @Test("taking leave gives everything back")
    func leaves() {
        let agent = Agent.leading()
        agent.giveAllBack()
        #expect(agent.wish().holds.isEmpty && agent.wish().returns == ["main": 1])
    }
}
