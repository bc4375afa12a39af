import MendflowCore
import MendflowHTTP
import Testing

@testable import MendflowN8N

@Suite("What is left of an API key's limits")
struct KeyLimitTests {
    private static func headers(_ limit: String, _ remaining: String, _ reset: String) -> [HTTPHeaders.Field] {
        [
            HTTPHeaders.Field("X-RateLimit-Limit", limit), HTTPHeaders.Field("X-RateLimit-Remaining", remaining),
            HTTPHeaders.Field("X-RateLimit-Reset", reset),
        ]
    }

    /// What a connection knows after a read and a write that were answered with some headers.
    private static func known(
        _ read: [HTTPHeaders.Field], _ write: [HTTPHeaders.Field] = [], clock: ManualClock = ManualClock()
    ) async throws -> KeyLimits {
        let transport = ScriptedTransport { request, _ in
            request.method == .get
                ? .json(200, #"{"data":[],"nextCursor":null}"#, headers: read) : .json(500, "{}", headers: write)
        }
        let connection = try connection()
        let reader = N8NReader(connection: connection, transport: transport, clock: clock) { $0 }
        let writer = N8NWriter(connection: connection, transport: transport, clock: clock)
        _ = try await reader.list(ListQuery(limit: 5))
        _ = await writer.send(.stop("7"))
        return reader.keyLimits
    }

    @Test("is told by each answer, for reads and for what changes something")
    func told() async throws {
        let found = try await Self.known(Self.headers("60", "59", "30"), Self.headers("10", "9", "20"))
        #expect(found.reads?.limit == 60 && found.reads?.remaining == 59)
        #expect(found.writes?.limit == 10 && found.writes?.remaining == 9)
        let ends = (try #require(found.reads?.ends), try #require(found.writes?.ends))
        #expect(ends.0 - ends.1 == .seconds(10))
    }

    @Test("is not known where no limit is told, or what is told is none")
    func untold() async throws {
        #expect(try await Self.known([]) == KeyLimits())
        for odd in [("0", "0", "1"), ("x", "1", "1"), ("5", "-1", "1"), ("5", "1", "soon")] {
            #expect(try await Self.known(Self.headers(odd.0, odd.1, odd.2)) == KeyLimits(), "\(odd)")
        }
    }

    @Test("goes on until a time, too, and for a quarter of an hour at most")
    func times() async throws {
        let clock = ManualClock()
        let now = clock.now().milliseconds / 1000
        for (reset, left) in [("\(now + 40)", Period.seconds(40)), ("7200", .minutes(15)), ("\(now - 5)", .zero)] {
            let found = try await Self.known(Self.headers("5", "1", reset), clock: clock)
            let ends = try #require(found.reads?.ends)
            // A date counts from the server's clock, to the second.
            #expect((ends - clock.monotonic() - left).magnitude < .seconds(1), "\(reset)")
        }
    }

    @Test("is taken from by what is about to be sent, so that no more leave in a window than it holds")
    func taken() async throws {
        let (clock, headers) = (ManualClock(), Self.headers("2", "2", "60"))
        let transport = ScriptedTransport { _, _ in .json(200, "{}", headers: headers) }
        let connection = try connection()
        let reader = N8NReader(connection: connection, transport: transport, clock: clock) { $0 }
        #expect(reader.takeWrite() == nil, "nobody has told of a limit")
        _ = await N8NWriter(connection: connection, transport: transport, clock: clock).send(.stop("7"))
        #expect(reader.takeWrite() == nil && reader.takeWrite() == nil)
        #expect(reader.takeWrite() == .seconds(60))
        // An answer to one of them does not know of the other.
        _ = await N8NWriter(connection: connection, transport: transport, clock: clock).send(.stop("7"))
        #expect(reader.takeWrite() == .seconds(60))
        let next = KeyLimit(limit: 2, remaining: 0, ends: .seconds(9)).taken(at: .seconds(9), window: .seconds(60))
        #expect(next == KeyLimit(limit: 2, remaining: 1, ends: .seconds(69)))
    }

    @Test("leaves room for what can wait but for a quarter, and leaves nothing waiting beyond its end")
    func room() {
        let limit = KeyLimit(limit: 40, remaining: 12, ends: .seconds(100))
        #expect(limit.room(at: .seconds(1)) == 2 && limit.wait(at: .seconds(1)) == nil)
        let short = KeyLimit(limit: 40, remaining: 10, ends: .seconds(100))
        #expect(short.room(at: .seconds(1)) == 0 && short.wait(at: .seconds(40)) == .seconds(60))
        #expect(short.emptyFor(at: .seconds(40)) == nil)
        #expect(short.room(at: .seconds(100)) == 30 && short.wait(at: .seconds(100)) == nil)
        #expect(KeyLimit(limit: 9, remaining: 0, ends: .seconds(9)).emptyFor(at: .seconds(4)) == .seconds(5))
        let words = KeyLimits(reads: limit, writes: nil).words(at: .seconds(70))
        #expect(words == "n8n limits this key: left are 12 of 40 reads for 30s")
        #expect(KeyLimits().words(at: .zero) == nil)
    }
}
