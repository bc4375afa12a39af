import MendflowCore
import MendflowEnvironment
import MendflowTestKit
import Testing

@testable import MendflowNotify

@Suite("How the telling of a channel goes")
struct DeliveriesTests {
    private func notice(_ record: Int64, presses: Bool = false) -> Notice {
        Notice(
            .exhausted, .open, presses ? .critical : .warning, topic: "t", record: record, at: .noon, subject: "s",
            text: "t")
    }

    @Test("a message that fails is tried later and later, and no sooner")
    func later() {
        var deliveries = Deliveries()
        let notices = [notice(1)]
        var (now, waits) = (AgentTime.noon, [Int64]())
        for _ in 0..<9 {
            let next = deliveries.failed(DeliveryFault("503"), at: now) ?? now
            let (tooSoon, then) = (
                deliveries.mayTry(notices, at: next - .milliseconds(1)), deliveries.mayTry(notices, at: next)
            )
            #expect(!tooSoon && then)
            waits.append((next - now).milliseconds / 1000)
            now = next
        }
        #expect(waits == [10, 20, 40, 80, 160, 320, 640, 900, 900])
        deliveries.wentOut(notices, at: now)
        let next = deliveries.failed(DeliveryFault("503"), at: now)
        #expect(next == now + .seconds(10), "the next message begins anew")
    }

    @Test("a message that is refused for good is given up after five tries, however often it failed otherwise")
    func refused() {
        var deliveries = Deliveries()
        _ = deliveries.failed(DeliveryFault("503"), at: .noon)
        let goesOn = (0..<5).map { _ in deliveries.failed(DeliveryFault("400", isFinal: true), at: .noon) != nil }
        #expect(goesOn == [true, true, true, true, false])
        deliveries.gaveUp()
        let mayTry = deliveries.mayTry([notice(2)], at: .noon)
        #expect(mayTry)
    }

    @Test("ten messages in ten minutes are many; what presses has as many for itself")
    func crowded() {
        var deliveries = Deliveries()
        for record in 1...10 { deliveries.wentOut([notice(Int64(record))], at: .noon) }
        let may = [false, true].map { deliveries.mayTry([notice(11, presses: $0)], at: .noon) }
        #expect(may == [false, true])
        let later = [600, 601].map { deliveries.isCrowded(at: .noon + .seconds($0), pressing: false) }
        #expect(later == [true, false])
        deliveries.begin(sent: (1...10).map { _ in (.noon, true) })
        let crowded = [false, true].map { deliveries.isCrowded(at: .noon, pressing: $0) }
        #expect(crowded == [false, true])
    }

    @Test("what went out is known until it is written down")
    func unwritten() {
        var deliveries = Deliveries()
        deliveries.wentOut([notice(1), notice(2)], at: .noon)
        #expect(deliveries.unwritten == [1, 2])
        deliveries.wroteDown()
        #expect(deliveries.unwritten.isEmpty)
    }
}
