import MendflowCore
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("A time that lies ahead of everything that is known")
struct NewestKnownTests {
    @Test("is refused as what people typed wrongly, with the value and the newest moment that is known")
    func refused() {
        let now = NewestKnown.now(VirtualClock(.noon))
        let asked = ServerTime.noon + .hours(1)
        let failure = #expect(throws: MendflowFailure.self) { try now.check(asked, "--at") }
        #expect(failure?.kind == .usage)
        #expect(
            failure?.message
                == "--at \(asked.rfc3339) lies ahead of everything that is known: it is \(ServerTime.noon.rfc3339) now")
        let end = NewestKnown.end(of: .noon..<(.noon + .days(2)))
        #expect(throws: MendflowFailure.self) { try end.check(.noon + .days(3), "--since") }
    }

    @Test("is no time that n8n's clock may tell, which may be a little ahead, nor one that nobody asked for")
    func taken() throws {
        let now = NewestKnown.now(VirtualClock(.noon))
        try now.check(.noon + .minutes(4), "--at")
        try now.check(.noon - .days(4000), "--at")
        try now.check(nil, "--at")
    }
}
