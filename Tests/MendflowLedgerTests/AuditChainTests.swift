import MendflowCore
import MendflowLedger
import MendflowText
import Testing

@Suite("The audit chain")
struct AuditChainTests {
    static let chain: [SealedRecord] = {
        var head = AuditHead.start
        return (1...5).map { number in
            let record = AuditRecord(
                .tick, instance: nil, at: AgentTime(milliseconds: Int64(number)), fields: ["n": .integer(Int64(number))]
            )
            let sealed = AuditChain.seal(record, after: head)
            head = AuditHead(sequence: sealed.sequence, hash: sealed.hash)
            return sealed
        }
    }()
    static var last: AuditHead { AuditHead(sequence: 5, hash: chain[4].hash) }

    func problem(_ records: [SealedRecord], expecting: AuditHead? = nil) -> AuditFault? {
        AuditChain.verify(records, expecting: expecting).fault
    }

    @Test("starts at 32 zero bytes, and hashes the previous hash with the bytes")
    func sealing() {
        #expect(Self.chain[0].previous == [UInt8](repeating: 0, count: 32))
        #expect(Self.chain[0].hash == SHA256.digest([UInt8](repeating: 0, count: 32) + Self.chain[0].bytes))
        #expect(Self.chain[1].previous == Self.chain[0].hash)
        #expect(Self.chain.map(\.sequence) == [1, 2, 3, 4, 5])
    }

    @Test("is intact as it was sealed, whole or from any record on")
    func intact() {
        let result = AuditChain.verify(Self.chain, expecting: Self.last)
        #expect(result.isIntact && result.count == 5 && result.head == Self.last)
        #expect(AuditChain.verify([]).isIntact)
        let second = AuditHead(sequence: 2, hash: Self.chain[1].hash)
        let rest = AuditChain.verify(Array(Self.chain[2...]), after: second, expecting: Self.last)
        #expect(rest.isIntact && rest.count == 3)
        // A head that was kept long ago is one of the chain's still.
        #expect(AuditChain.verify(Self.chain, expecting: second).isIntact)
    }

    @Test("shows any changed byte of a record, its hash or its previous hash")
    func changed() {
        for index in Self.chain.indices {
            for byte in Self.chain[index].bytes.indices {
                var records = Self.chain
                records[index].bytes[byte] ^= 1
                #expect(problem(records) == AuditFault(Int64(index) + 1, .changed))
            }
            var records = Self.chain
            records[index].hash[31] ^= 0x80
            #expect(problem(records) == AuditFault(Int64(index) + 1, .changed))
            records = Self.chain
            records[index].previous[0] ^= 1
            #expect(problem(records) == AuditFault(Int64(index) + 1, .changed))
        }
    }

    @Test("shows a removed record", arguments: 0..<4)
    func removed(index: Int) {
        var records = Self.chain
        records.remove(at: index)
        #expect(problem(records) == AuditFault(Int64(index) + 1, .removed))
    }

    @Test("shows records out of order, and ones that were given another's number")
    func reordered() {
        var records = Self.chain
        records.swapAt(1, 2)
        #expect(problem(records) == AuditFault(2, .reordered))
        records[1].sequence = 2
        records[2].sequence = 3
        #expect(problem(records) == AuditFault(2, .reordered))
        records = Self.chain
        records.insert(records[1], at: 2)
        #expect(problem(records) == AuditFault(2, .reordered))
    }

    @Test("shows a cut tail against a head that was kept")
    func cut() {
        #expect(problem(Array(Self.chain.prefix(3)), expecting: Self.last) == AuditFault(4, .cut(expected: 5)))
        #expect(problem([], expecting: Self.last) == AuditFault(1, .cut(expected: 5)))
        #expect(problem(Array(Self.chain.prefix(3))) == nil)
    }

    @Test("shows a record that was replaced by one sealed anew")
    func replaced() {
        var records = Self.chain
        let forged = AuditRecord(.tick, instance: nil, at: AgentTime(milliseconds: 3), fields: ["n": 99])
        records[2] = AuditChain.seal(forged, after: AuditHead(sequence: 2, hash: records[1].hash))
        #expect(problem(records) == AuditFault(4, .unlinked))
        // Sealed anew to the end: only the head that was kept shows it.
        for index in 3..<5 {
            let next = AuditRecord(.tick, instance: nil, at: AgentTime(milliseconds: 9))
            let before = AuditHead(sequence: Int64(index), hash: records[index - 1].hash)
            records[index] = AuditChain.seal(next, after: before)
        }
        #expect(problem(records) == nil)
        #expect(problem(records, expecting: Self.last) == AuditFault(5, .rewritten))
    }

    @Test("shows bytes that were sealed and are no record")
    func unreadable() {
        let bytes = Array(#"{"v":1}"#.utf8)
        let previous = AuditHead.start.hash
        let sealed = SealedRecord(
            sequence: 1, bytes: bytes, hash: SHA256.digest(previous + bytes), previous: previous)
        guard case .unreadable? = problem([sealed])?.problem else {
            Issue.record("not found")
            return
        }
    }

    @Test("writes its head as text and reads it back")
    func headText() {
        #expect(AuditHead(Self.last.description) == Self.last)
        #expect(AuditHead("5:abc") == nil)
        #expect(AuditHead("x:" + String(repeating: "0", count: 64)) == nil)
        #expect(AuditHead("-1:" + String(repeating: "0", count: 64)) == nil)
    }
}
