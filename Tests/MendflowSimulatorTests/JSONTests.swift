import Testing

@testable import MendflowSimulator

@Suite("The simulator's JSON")
struct JSONTests {
    @Test(
        "comes out as it went in",
        arguments: [
            #"{"b":1,"a":[null,true,false,-3,4.2,"x\"\\\n\u0001é😀"],"o":{}}"#, "[]", "0", #""""#,
        ])
    func round(text: String) throws {
        #expect(try Simulator.JSON(parsing: text).description == text)
    }

    @Test("reads escapes and spaces")
    func escapes() throws {
        #expect(try Simulator.JSON(parsing: #" [ "\ud83d\ude00\u00e9\/\ud800" , 1e2 ] "#) == ["😀é/\u{FFFD}", 100.0])
    }

    @Test("refuses what is not JSON", arguments: ["", "{", "[1,]", "{a:1}", "01x", "\"\n\"", "[1] 2", "nul", "+1"])
    func bad(text: String) {
        #expect(throws: Simulator.JSONError.self) { try Simulator.JSON(parsing: text) }
    }

    @Test("refuses deep nesting instead of running out of stack")
    func deep() {
        let text = String(repeating: "[", count: 100_000)
        let error = #expect(throws: Simulator.JSONError.self) { try Simulator.JSON(parsing: text) }
        #expect(error?.message == "nested deeper than 256")
    }

    @Test("finds a field of an object with any number of them at once, and reads such objects key by key")
    func manyKeys() throws {
        // Asked of a thousand first: where each is compared with all before it, a hundred thousand take minutes.
        let some = Simulator.JSON.Object((0..<1_000).map { ("k\($0)", .int(Int64($0))) })
        try #require(some.place(of: "k999").steps < 100)
        let count = 100_000
        let text = "{" + (0..<count).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + #","k7":"last"}"#
        var object = try #require(try Simulator.JSON(parsing: text).object)
        #expect(object.fields.count == count && object["k7"] == "last" && object["k99999"] == 99_999)
        let steps = object.fields.reduce(0) { $0 + object.place(of: $1.key).steps } + object.place(of: "none").steps
        #expect(steps <= 2 * count, "each was found by looking at a few")
        object["k5"] = nil
        object["new"] = 1
        #expect(object["k5"] == nil && object["new"] == 1 && object["k99999"] == 99_999)
        #expect(object.fields.count == count && object.fields.last?.key == "new")
    }

    @Test("keeps the order of fields and the last of two values, few or many", arguments: [3, 24, 25, 60])
    func order(count: Int) throws {
        var object = Simulator.JSON.Object()
        for number in 0..<count { object["k\(number)"] = .int(Int64(number)) }
        object["k1"] = "again"
        object["k0"] = nil
        #expect(object.fields.map(\.key) == (1..<count).map { "k\($0)" })
        #expect(object["k1"] == "again" && object["k0"] == nil && object["k\(count - 1)"] != nil)
        let same = Simulator.JSON.object(.init(object.fields.reversed()))
        #expect(same == .object(object))
    }

    @Test("times go to text and back", arguments: [0, 951_827_696_789, 1_795_460_965_391, 32_503_680_000_000, -1])
    func times(time: Int64) {
        #expect(milliseconds(timestamp(time)) == time)
    }

    @Test("times are read with offsets and without fractions, and nothing else")
    func offsets() {
        #expect(milliseconds("2026-11-23T14:00:00+02:00") == noon)
        #expect(timestamp(noon) == "2026-11-23T12:00:00.000Z")
        #expect(httpDate(noon) == "Mon, 23 Nov 2026 12:00:00 GMT")
        #expect(milliseconds("2026-11-23") == nil)
        #expect(milliseconds("2026-11-23T12:00:00") == nil)
    }
}
