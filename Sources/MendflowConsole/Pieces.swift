import MendflowCore
import MendflowHTML
import MendflowText

extension HTMLText {
    /// A moment, as people and as programs read it.
    static func time(_ moment: some Moment) -> HTMLText {
        let text = moment.rfc3339Seconds
        let words = text.dropLast(text.hasSuffix("Z") ? 1 : 0).replacing("T", with: " ")
        return "<time datetime=\"\(text)\">\(words)</time>"
    }

    /// How long it is to a moment, or how long ago it was.
    static func countdown<T: Moment>(_ moment: T, from now: T) -> HTMLText {
        "<time datetime=\"\(moment.rfc3339Seconds)\" title=\"\(moment.rfc3339Seconds)\">\(words(moment - now))</time>"
    }

    /// A period as a countdown tells it: the two largest units.
    private static func words(_ period: Period) -> String {
        let seconds = (period.milliseconds.magnitude + 500) / 1000
        let units: [(UInt64, String)] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")]
        guard seconds > 0, let first = units.firstIndex(where: { seconds >= $0.0 }) else { return "now" }
        var words = "\(seconds / units[first].0) \(units[first].1)"
        if first + 1 < units.count {
            let rest = seconds % units[first].0 / units[first + 1].0
            if rest > 0 { words += " \(rest) \(units[first + 1].1)" }
        }
        return period.milliseconds > 0 ? "in \(words)" : "\(words) ago"
    }

    /// A word in a frame: a mode, a status, a state.
    static func badge(_ words: String, _ kind: Tone = .plain) -> HTMLText {
        "<span class=\"badge \(kind.rawValue)\">\(words)</span>"
    }

    /// What a word stands for beside what it says, so that colour is never all that tells it.
    enum Tone: String { case plain, good, bad, wait }

    /// What somebody has to see first.
    static func notice(_ content: HTMLText, _ tone: Tone = .wait) -> HTMLText {
        "<div class=\"notice \(tone.rawValue)\" role=\"\(tone == .bad ? "alert" : "note")\">\(content)</div>"
    }

    /// Names with their values.
    static func facts(_ facts: [(String, HTMLText)]) -> HTMLText {
        let items = facts.filter { !$0.1.isEmpty }.map { name, value -> HTMLText in
            "<div><dt>\(name)</dt><dd>\(value)</dd></div>"
        }
        return "<dl class=\"facts\">\(HTMLText.all(items))</dl>"
    }

    /// Names with texts of any length.
    static func texts(_ texts: [(String, HTMLText)]) -> HTMLText {
        let items = texts.map { name, value -> HTMLText in "<dt>\(name)</dt><dd>\(value)</dd>" }
        return "<dl>\(HTMLText.all(items))</dl>"
    }

    /// A mode as a word in a frame.
    static func mode(_ mode: Mode) -> HTMLText {
        switch mode {
        case .enforce: .badge("enforce", .good)
        case .dryRun: .badge("dry-run", .wait)
        case .off: .badge("off")
        }
    }

    /// What is not there.
    static func nothing(_ words: String) -> HTMLText { "<p class=\"note\">\(words)</p>" }
}

/// A number of things, as people count them.
func count(_ number: Int, _ one: String, _ many: String) -> String { number.words(one, many) }

/// A table that says what it is of, and becomes a list of cards where there is no room.
struct Table: Sendable {
    /// The columns in which something stands; the first always.
    private var used: [Int] {
        columns.indices.filter { place in place == 0 || rows.contains { !$0[place].isEmpty } }
    }

    /// A column.
    struct Column: Sendable, ExpressibleByStringLiteral {
        var title: String, isNumber = false
        init(stringLiteral title: String) { self.title = title }
        static func number(_ title: String) -> Column {
            var column = Column(stringLiteral: title)
            column.isNumber = true
            return column
        }
    }
    let caption: String
    let columns: [Column]
    let rows: [[HTMLText]]

    init(_ caption: String, _ columns: [Column], _ rows: [[HTMLText]]) {
        self.caption = caption
        self.columns = columns
        self.rows = rows
    }

    var html: HTMLText {
        let used = used
        let head = used.map { columns[$0] }.map { column -> HTMLText in
            let kind: HTMLText = column.isNumber ? " class=\"n\"" : ""
            return "<th scope=\"col\" role=\"columnheader\"\(kind)>\(column.title)</th>"
        }
        return """
            <div class="scroll" role="region" aria-label="\(caption)" tabindex="0"><table role="table">\
            <caption class="sr">\(caption)</caption><thead role="rowgroup"><tr role="row">\(HTMLText.all(head))</tr></thead>
            <tbody role="rowgroup">\(HTMLText.all(rows.map { row($0, used) }))</tbody></table></div>
            """
    }

    private func row(_ cells: [HTMLText], _ used: [Int]) -> HTMLText {
        let made = used.map { place -> HTMLText in
            let (column, cell) = (columns[place], cells[place])
            guard place > 0 else {
                return "<th scope=\"row\" role=\"rowheader\" data-label=\"\(column.title)\"><span>\(cell)</span></th>"
            }
            let kind: HTMLText = column.isNumber ? " class=\"n\"" : ""
            let inner: HTMLText = cell.isEmpty ? "" : "<span>\(cell)</span>"
            return "<td role=\"cell\"\(kind) data-label=\"\(column.title)\">\(inner)</td>"
        }
        return "<tr role=\"row\">\(HTMLText.all(made, between: ""))</tr>"
    }
}

/// A part of a long list.
struct Part<Element> {
    /// The elements of this page.
    let shown: ArraySlice<Element>
    /// The page from 1, how many pages there are, and how many elements.
    let page: Int, pages: Int, count: Int
    /// How many elements a page has.
    static var most: Int { 50 }

    init(_ all: [Element], page asked: String?) {
        count = all.count
        pages = max(1, (all.count + Part.most - 1) / Part.most)
        page = min(max(1, asked.flatMap { Int($0) } ?? 1), pages)
        shown = all[min(all.count, (page - 1) * Part.most)..<min(all.count, page * Part.most)]
    }

    /// Links to the parts before and behind.
    func links(_ place: Place) -> HTMLText {
        guard pages > 1 else { return "" }
        let before: HTMLText =
            page > 1 ? "<a rel=\"prev\" href=\"\(place.with("page", String(page - 1)))\">Previous</a> " : ""
        let behind: HTMLText =
            page < pages ? " <a rel=\"next\" href=\"\(place.with("page", String(page + 1)))\">Next</a>" : ""
        return
            "<nav class=\"pages\" aria-label=\"Parts of the list\">\(before)Page \(page) of \(pages), \(count) in all\(behind)</nav>"
    }
}
