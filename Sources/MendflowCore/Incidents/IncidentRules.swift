/// When failures belong together, and what is done about it: `incidents` of `mendflow.yaml`.
public struct IncidentRules: Sendable, Hashable {
    /// What failures of one incident have in common.
    public enum Trait: String, Sendable, Hashable, CaseIterable {
        /// The error's class.
        case errorClass = "class"
        /// The type of the failed node.
        case nodeType = "node_type"
        /// The host of the failed request, as the evidence names it.
        case host
    }
    /// How many failures make an incident; at least 2.
    public var atLeast: Int
    /// The time within which they have to lie.
    public var within: Period
    /// What they have in common; at least one.
    public var traits: Set<Trait>
    /// How long there must be no failure any more until it is over; no shorter than `within`.
    public var overAfter: Period
    /// Whether retries of what belongs to one are held until a first of them heals; only observed and told where not.
    public var holds: Bool
    /// How long after it opened, or a first retry failed, the next one is sent; doubled with each failure, up to an hour.
    public var probeAfter: Period
    /// How many are let go at once the first healed.
    public var pace: IncidentPace

    /// Makes rules with their defaults.
    public init(
        atLeast: Int = 5, within: Period = .minutes(10), traits: Set<Trait> = Set(Trait.allCases),
        overAfter: Period = .minutes(30), holds: Bool = false, probeAfter: Period = .minutes(5),
        pace: IncidentPace = IncidentPace()
    ) {
        self.atLeast = atLeast
        self.within = within
        self.traits = traits
        self.overAfter = overAfter
        self.holds = holds
        self.probeAfter = probeAfter
        self.pace = pace
    }
}

/// How fast the retries of an incident are let go once the first has healed.
public struct IncidentPace: Sendable, Hashable {
    /// How many.
    public var amount: Int
    /// In which time.
    public var per: Period

    /// Makes a pace.
    public init(amount: Int = 10, per: Period = .minutes(1)) {
        self.amount = amount
        self.per = per
    }
}

/// What failures of one incident have in common; what they are not compared by is nil.
public struct IncidentTraits: Sendable, Hashable {
    /// By what they are compared.
    public var compared: Set<IncidentRules.Trait>
    /// The error's class; nil where it cannot be read.
    public var errorClass: ErrorClass?
    /// The type of the failed node, and the host of the failed request; nil where the evidence names none.
    public var nodeType: String?, host: String?

    /// Makes traits.
    public init(
        _ compared: Set<IncidentRules.Trait>, errorClass: ErrorClass? = nil, nodeType: String? = nil,
        host: String? = nil
    ) {
        self.compared = compared
        self.errorClass = compared.contains(.errorClass) ? errorClass : nil
        self.nodeType = compared.contains(.nodeType) ? nodeType : nil
        self.host = compared.contains(.host) ? host : nil
    }

    /// What a failure has of them. A crash is n8n's own: whatever node was at work, one restart is one incident.
    init(
        _ compared: Set<IncidentRules.Trait>, _ status: ExecutionStatus, _ classification: Fact<Classification>,
        _ detail: ExecutionDetail?
    ) {
        var errorClass: ErrorClass?
        if case .known(let found) = classification { errorClass = found.errorClass }
        let node = status == .crashed ? nil : detail?.lastNode
        let host = node?.target.map { String($0.prefix { $0 != "/" }) }
        self.init(compared, errorClass: errorClass, nodeType: node?.type, host: host)
    }

    /// `crashes`, or `transient failures in HTTP Request nodes at crm.example.com`.
    public var words: String { words(isOne: false) }

    /// The same with how many there are: `1 crash`, `3 data failures in Code nodes`.
    public func words(of count: Int) -> String { "\(count) \(words(isOne: count == 1))" }

    private func words(isOne: Bool) -> String {
        let end = isOne ? "" : "s"
        var words =
            switch errorClass {
            case _ where !compared.contains(.errorClass): "failure\(end)"
            case nil: "failure\(end) that cannot be read"
            case .crash?: "crash\(isOne ? "" : "es")"
            case .unknown?: "failure\(end) that no rule knows"
            case let known?: "\(known.rawValue) failure\(end)"
            }
        if let nodeType { words += " in \(NodeEvidence.typeWords(nodeType)) node\(end)" }
        if let host { words += " at \(host)" }
        return words
    }
}

extension NodeEvidence {
    /// What n8n writes in capitals, of those words that stand in types of nodes.
    private static let capitals: Set<Substring> = [
        "ai", "api", "aws", "csv", "ftp", "html", "http", "imap", "jwt", "ldap", "mqtt", "pdf", "rss", "sms", "smtp",
        "sql",
        "ssh", "xml",
    ]

    /// A node's type as people know it: `HTTP Request` for `n8n-nodes-base.httpRequest`.
    static func typeWords(_ type: String) -> String {
        let name = type.split(separator: ".").last ?? Substring(type)
        var words: [Substring] = []
        for letter in name {
            if letter.isUppercase || words.isEmpty { words.append("") }
            words[words.count - 1].append(letter)
        }
        return words.map { word in
            capitals.contains(Substring(word.lowercased()))
                ? word.uppercased() : word.prefix(1).uppercased() + word.dropFirst()
        }.joined(separator: " ")
    }
}
