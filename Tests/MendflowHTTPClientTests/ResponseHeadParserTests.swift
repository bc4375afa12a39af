import MendflowHTTP
import Testing

@testable import MendflowHTTPClient

@Suite("Heads of answers")
struct ResponseHeadParserTests {
    private func parse(_ lines: [String]) -> (parser: ResponseHeadParser, malformed: Bool) {
        var parser = ResponseHeadParser()
        for line in lines {
            if case .malformed = parser.feed(Array((line + "\r\n").utf8)) { return (parser, true) }
        }
        return (parser, false)
    }

    private func isTooLarge(_ lines: [String]) -> Bool {
        var parser = ResponseHeadParser()
        return lines.contains { line in
            if case .tooLarge = parser.feed(Array((line + "\r\n").utf8)) { true } else { false }
        }
    }

    @Test("Continued lines belong to the field before them, repeated fields are kept")
    func folded() {
        let (parser, malformed) = parse(["HTTP/1.1 200", "A: 1", "  2", "a: 3", "B:", ""])
        #expect(!malformed)
        #expect(parser.final?.headers.fields == [.init("A", "1 2"), .init("a", "3"), .init("B", "")])
    }

    @Test("A head is complete with its empty line only, and an interim one is never final")
    func complete() {
        #expect(parse(["HTTP/1.1 200 OK", "A: 1"]).parser.final == nil)
        #expect(parse(["HTTP/1.1 200 OK", "A: 1"]).parser.status == 200)
        #expect(parse(["HTTP/1.1 100 Continue", ""]).parser.final == nil)
        #expect(parse(["HTTP/1.1 100 Continue", ""]).parser.status == nil)
        #expect(parse(["HTTP/1.1 100 Continue", "", "HTTP/1.1 404 No"]).parser.final == nil)
        #expect(parse(["HTTP/1.1 100 Continue", "", "HTTP/1.1 404 No", ""]).parser.final?.status == 404)
        #expect(parse(["HTTP/1.1 200 OK", "", "HTTP/1.1 500 Late", ""]).parser.final?.status == 200)
    }

    @Test(
        "What is no head is malformed",
        arguments: [
            ["HTTP/1.1 99"], ["HTTP/1.1 600"], ["HTTP/1.1 2000"], ["HTTP/1.1 20x"], ["HTTP/1.1"], [""], ["A: 1"],
            ["HTTP/1.1 200", "no colon"], ["HTTP/1.1 200", ": no name"], ["HTTP/1.1 200", " no field before"],
        ])
    func malformed(lines: [String]) {
        #expect(parse(lines).malformed)
    }

    @Test("All heads of an answer together are limited")
    func limited() {
        let hints = Array(
            repeating: ["HTTP/1.1 103 Hints", "A: " + String(repeating: "x", count: 1000), ""], count: 300)
        #expect(isTooLarge(hints.flatMap { $0 }))
    }

    @Test("So are trailers, by bytes and by lines, and fields of a head")
    func limitedTrailers() {
        let head = ["HTTP/1.1 200 OK", ""]
        #expect(!isTooLarge(head + Array(repeating: "A: 1", count: 1900)))
        #expect(isTooLarge(head + Array(repeating: "A: 1", count: 2100)))
        #expect(isTooLarge(head + Array(repeating: "A: " + String(repeating: "x", count: 1000), count: 300)))
        #expect(isTooLarge(["HTTP/1.1 200 OK"] + Array(repeating: "A: 1", count: 2100)))
    }

    @Test(
        "Chunking is the last word on an answer's end",
        arguments: ["chunked", "Chunked", "gzip, chunked", "gzip,chunked"])
    func chunked(value: String) {
        #expect(HTTPResponseHead(status: 200, headers: ["transfer-encoding": value]).isChunked)
        #expect(!HTTPResponseHead(status: 200, headers: ["transfer-encoding": "unchunked"]).isChunked)
    }
}
