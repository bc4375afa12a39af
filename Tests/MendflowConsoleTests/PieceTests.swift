import MendflowCore
import MendflowHTML
import Testing

@testable import MendflowConsole

@Suite("Pieces of the console")
struct PieceTests {
    @Test("an address carries names as they are, and leaves out what nobody filters by")
    func places() {
        #expect(Place().description == "/")
        #expect(Place("policies", "a/b c?").description == "/policies/a%2Fb%20c%3F")
        let place = Place("held", query: ["instance": "m&m", "reason": nil, "policy": ""])
        #expect(place.description == "/held?instance=m%26m")
        #expect(place.with("page", "2").with("page", "3").description == "/held?instance=m%26m&page=3")
        #expect(place.link("<b>m</b>").markup == "<a href=\"/held?instance=m%26m\"><b>m</b></a>")
    }

    @Test(
        "a countdown tells the two largest units",
        arguments: [
            (0, "now"), (400, "now"), (59_000, "in 59 s"), (60_000, "in 1 min"), (-185_000, "3 min 5 s ago"),
            (3_600_000, "in 1 h"), (90_000_000, "in 1 d 1 h"), (86_460_000, "in 1 d"),
        ])
    func countdown(milliseconds: Int64, words: String) {
        let now = ServerTime(milliseconds: 1_793_606_400_000)
        let text = HTMLText.countdown(now + Period(milliseconds: milliseconds), from: now).markup
        #expect(text.hasSuffix(">\(words)</time>"), "\(text)")
    }

    @Test("a moment is read by people and by programs")
    func moment() {
        let time = ServerTime(milliseconds: 1_793_606_400_000)
        #expect(HTMLText.time(time).markup == "<time datetime=\"2026-11-02T08:00:00Z\">2026-11-02 08:00:00</time>")
    }

    @Test("a long list is shown in parts, with links to those before and behind")
    func parts() {
        let all = Array(1...120)
        #expect(Part(all, page: nil).shown == all[0..<50] && Part(all, page: "3").shown == all[100..<120])
        #expect(
            Part(all, page: "9").page == 3 && Part(all, page: "-1").page == 1 && Part([Int](), page: "x").pages == 1)
        let links = Part(all, page: "2").links(Place("held")).markup
        #expect(
            links.contains("href=\"/held?page=1\"") && links.contains("href=\"/held?page=3\"")
                && links.contains("120 in all"))
        #expect(Part([1], page: nil).links(Place()).isEmpty)
    }

    @Test("a table says what it is of, and which cell is its row's head")
    func table() {
        let table = Table("Things", ["Name", .number("Count")], [["a", "3"], ["b", ""]]).html.markup
        for part in [
            "<caption class=\"sr\">Things</caption>", "<th scope=\"col\" role=\"columnheader\" class=\"n\">Count</th>",
            "<th scope=\"row\" role=\"rowheader\" data-label=\"Name\"><span>a</span></th>",
            "<td role=\"cell\" class=\"n\" data-label=\"Count\"></td>",
        ] {
            #expect(table.contains(part), "\(part) in \(table)")
        }
    }
}
