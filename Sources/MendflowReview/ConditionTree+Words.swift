package import MendflowCore

extension FieldTest {
    /// What is wanted, for somebody who does not know how policies are written.
    var words: String {
        guard !operators.isEmpty else { return "any \(field.name)" }
        return operators.map { operation in
            switch operation {
            case .period(let comparison, let length): field.words(comparison, length)
            case .number(let comparison, let number): "\(field.subject) \(comparison.words) \(field.text(number))"
            case .numberIn(let numbers) where numbers.count > Field.mostNumbers:
                "\(field.subject) is one of \(numbers.count)"
            case .numberIn(let numbers): "\(field.subject) is \(FieldTest.any(numbers.map(field.text)))"
            case .numberNotIn(let numbers): "\(field.subject) is \(FieldTest.none(numbers.map(field.text)))"
            case .between(let from, let to): FieldTest.words(from, to)
            case .flag(let wanted): field.words(wanted)
            case .anyOf(let matches):
                "\(field.subject) \(field.kind == .set ? "has" : "is") \(FieldTest.any(matches.map(\.words)))"
            case .noneOf(let matches):
                "\(field.subject) \(field.kind == .set ? "has" : "is") \(FieldTest.none(matches.map(\.words)))"
            case .exists(let wanted): "\(field.subject) \(wanted ? "has a value" : "has none")"
            }
        }.joined(separator: " and ")
    }

    /// So many values are named.
    private static let mostNamed = 8

    /// `a`, `a or b`, `a, b or c`.
    private static func any(_ texts: [String]) -> String {
        guard texts.count > 1, let end = texts.last else { return texts.first ?? "nothing" }
        guard texts.count <= mostNamed else {
            let named = texts.prefix(mostNamed - 1).joined(separator: ", ")
            return "\(named), or one of \(texts.count - mostNamed + 1) others"
        }
        return "\(texts.dropLast().joined(separator: ", ")) or \(end)"
    }

    /// `not a`, `none of a, b`.
    private static func none(_ texts: [String]) -> String {
        texts.count == 1 ? "not \(texts[0])" : "none of \(texts.joined(separator: ", "))"
    }

    private static func words(_ from: ServerTime?, _ to: ServerTime?) -> String {
        switch (from, to) {
        case (let from?, let to?): "ended at or after \(from), and before \(to)"
        case (let from?, nil): "ended at or after \(from)"
        case (nil, let to?): "ended before \(to)"
        case (nil, nil): "ended at some time"
        }
    }
}

extension Field {
    /// What is compared, as policies spell it; what they spell with a sign is spelt out.
    fileprivate var subject: String {
        switch self {
        case .retries: "the number of retries so far"
        case .errorItems: "the number of input items that a retry feeds again"
        case .ranForOfP95: "its run time, compared with the workflow's usual one (p95),"
        default: name
        }
    }

    /// So many numbers are listed; of more only the count is told.
    fileprivate static let mostNumbers = 12

    fileprivate func text(_ number: Int64) -> String {
        self == .ranForOfP95 ? "\(amount(number)) times" : "\(number)"
    }

    /// A number as people write it, without its unit: shares of the usual run time are counted in hundredths.
    func amount(_ number: Int64) -> String {
        guard self == .ranForOfP95 else { return "\(number)" }
        let rest = number % 100
        return "\(number / 100)\(rest == 0 ? "" : ".\(rest < 10 ? "0" : "")\(rest)")"
    }

    /// What is wanted, as policies spell it.
    func wanted(_ operation: FieldOperator) -> String {
        guard case .number(let comparison, let number) = operation else { return operation.text }
        return "\(comparison.sign) \(amount(number))"
    }

    /// What was found, as policies would spell it.
    func actual(_ fact: Fact<FieldValue>) -> String {
        guard case .known(.number(let number)) = fact else { return fact.summary }
        return amount(number)
    }

    fileprivate func words(_ comparison: Comparison, _ length: Period) -> String {
        let much = "\(comparison.lengthWords) \(length)"
        return switch self {
        case .age: "in this status for \(much)"
        case .startedAgo: "started \(much) ago"
        case .ranFor: "ran for \(much)"
        case .overdue: "overdue by \(much)"
        default: "\(name) \(comparison.sign) \(length)"
        }
    }

    fileprivate func words(_ wanted: Bool) -> String {
        switch self {
        case .workflowActive: "its workflow is switched \(wanted ? "on" : "off")"
        case .isRetry: wanted ? "it is itself a retry" : "it is no retry itself"
        case .healed: wanted ? "some run of its chain succeeded" : "no run of its chain succeeded"
        case .succeededSince: "\(wanted ? "a" : "no") newer run of its workflow succeeded"
        default: "\(name) is \(wanted)"
        }
    }

    /// What was found, for somebody who does not know how policies are written.
    func found(_ fact: Fact<FieldValue>) -> String {
        switch fact {
        case .known(.period(let period)) where self == .overdue && period < .zero:
            "due in \(period.magnitude.rounded)"
        case .known(.period(let period)): period.rounded.description
        case .known(.number(let number)): text(number)
        case .known(.flag(let flag)): found(flag)
        case .known(.set(let texts)): texts.isEmpty ? "none" : texts.joined(separator: ", ")
        case .known(.text(let text)): text.count > Field.longest ? "\(text.prefix(Field.longest))…" : text
        case .known(let value): value.description
        case .absent: absence
        case .unknown: isOfData ? "its data cannot be read" : "nobody can tell"
        case .needs: "not asked for yet"
        }
    }

    private func found(_ flag: Bool) -> String {
        switch self {
        case .workflowActive: flag ? "on" : "off"
        case .isRetry: flag ? "it is one" : "it is none"
        case .healed, .succeededSince: flag ? "one did" : "none did"
        default: "\(flag)"
        }
    }

    /// Longer texts of errors are cut in a line; the error itself is shown above.
    private static let longest = 80

    /// Why there is no value, where it cannot exist.
    private var absence: String {
        switch self {
        case .overdue, .waitingFor: "it does not wait"
        case .endedAt: "it goes on"
        case .startedAgo, .ranFor, .ranForOfP95: "it has not begun"
        case .customData: "it noted nothing of the kind"
        case .errorClass, .repeatRisk: "it has not failed"
        default: "none"
        }
    }

    /// Whether the value stands in the execution's data, which costs a request of its own.
    private var isOfData: Bool {
        switch self {
        case .errorClass, .errorName, .errorMessage, .errorHTTPCode, .errorHTTPMethod, .errorNode, .errorNodeType,
            .errorCause, .errorItems, .repeatRisk, .customData, .waitingFor:
            true
        default: false
        }
    }
}

extension Comparison {
    /// Of numbers.
    fileprivate var words: String {
        switch self {
        case .gt: "is more than"
        case .gte: "is at least"
        case .lt: "is less than"
        case .lte: "is at most"
        }
    }

    /// Of lengths of time.
    fileprivate var lengthWords: String {
        switch self {
        case .gt: "more than"
        case .gte: "at least"
        case .lt: "less than"
        case .lte: "at most"
        }
    }
}

extension TextMatch {
    fileprivate var words: String {
        switch self {
        case .wildcard(let text): text
        case .glob(let text): "like \(text)"
        case .contains(let text): "a text with '\(text)' in it"
        case .expression(let pattern): "a match of /\(pattern.source)/"
        }
    }
}

extension Period {
    /// The same without what only hides it: milliseconds of a minute or more.
    package var rounded: Period {
        magnitude < .minutes(1) ? self : Period(milliseconds: milliseconds / 1000 * 1000)
    }
}

extension GroupCondition {
    /// `at least 20 executions within 10m`, as a sentence tells it.
    var words: String {
        let numbers = count.map { operation in
            if case .number(let comparison, let number) = operation { return "\(comparison.lengthWords) \(number)" }
            return operation.text
        }
        let what = distinct == .workflow ? "workflows with failures" : "executions"
        return "\(numbers.joined(separator: " and ")) \(what) within \(within)"
    }
}
