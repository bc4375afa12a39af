import MendflowHints
import MendflowTestKit
import Testing

@Suite("An export request")
struct ProtobufTests {
    private func fault(_ bytes: [UInt8]) -> ProtobufFault? {
        do throws(ProtobufFault) {
            _ = try TraceExport.read(bytes)
            return nil
        } catch { return error }
    }

    @Test("that is empty tells nothing")
    func empty() throws {
        #expect(try TraceExport.read([]) == HintBatch())
    }

    @Test("is refused where it is cut off, at whatever byte, unless it ends between two fields")
    func prefixes() throws {
        let whole = try Repository.bytes("Tests/Fixtures/hints/otlp/resumed.bin")
        for count in 1..<whole.count { #expect(fault(Array(whole[..<count])) != nil, "\(count) bytes") }
    }

    @Test("is refused where a number is too long, a field has no number, or a form is none")
    func malformed() {
        let ones = [UInt8](repeating: 0xFF, count: 10)
        #expect(fault([0x08] + ones + [0x01]) == .badNumber(at: 1))
        #expect(fault([0x08] + ones.prefix(9) + [0x02]) == .badNumber(at: 1))
        #expect(fault([0x00, 0x01]) == .badNumber(at: 0))
        #expect(fault([0x0B]) == .badForm(field: 1, at: 0))
        #expect(fault([0x0E]) == .badForm(field: 1, at: 0))
        #expect(fault([0x08, 0x01]) == .badForm(field: 1, at: 1), "a resource is a message, and no number")
        #expect(fault([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]) == .cutOff(at: 1))
    }

    @Test("passes over fields that nobody knows")
    func unknownFields() throws {
        let whole = try Repository.bytes("Tests/Fixtures/hints/otlp/retry.bin")
        let fields: [UInt8] = [0xC0, 0x3E, 0x05, 0xC1, 0x3E, 1, 2, 3, 4, 5, 6, 7, 8, 0xC5, 0x3E, 1, 2, 3, 4]
        #expect(try TraceExport.read(fields + whole) == TraceExport.read(whole))
    }

    @Test("has a limit of spans and of attributes")
    func limits() {
        let span: [UInt8] = [0x12, 0x00]
        func request(_ spans: Int) -> [UInt8] {
            let scope = Self.field(2, Array(repeating: span, count: spans).flatMap(\.self))
            return Self.field(1, scope)
        }
        #expect(fault(request(4_096)) == nil)
        #expect(fault(request(4_097)) == .tooMany("spans"))
        let attributes = Array(repeating: [UInt8]([0x4A, 0x00]), count: 257).flatMap(\.self)
        #expect(fault(Self.field(1, Self.field(2, Self.field(2, attributes)))) == .tooMany("attributes"))
    }

    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        var (length, rest): ([UInt8], Int) = ([], bytes.count)
        while rest >= 0x80 {
            length.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return [number << 3 | 2] + length + [UInt8(rest)] + bytes
    }
}
