/// The stages in which errors are classified: each says more surely than the next what the trouble is.
public enum ErrorStage: CaseIterable, Sendable {
    /// What n8n says of its own.
    case own
    /// What a script throws.
    case scripts
    /// Words that weigh more than a code.
    case qualifiers
    /// Replies of mail and file servers, whose numbers look like HTTP statuses.
    case replies
    /// Statuses and codes.
    case codes
    /// Databases, brokers and directories.
    case databases
    /// Models.
    case models
    /// HTTP clients.
    case clients
    /// Services without a status.
    case services
    /// n8n's nodes.
    case nodes
    /// Names, and what is left.
    case last

    /// The stage's rules, in the order in which they are tried.
    public var rules: [ErrorRuleSpec] {
        switch self {
        case .own: ErrorRuleTable.ownRules
        case .scripts: ErrorRuleTable.scripts
        case .qualifiers: ErrorRuleTable.qualifiers
        case .replies: ErrorRuleTable.mailReplies + ErrorRuleTable.fileReplies
        case .codes:
            ErrorRuleTable.networkCodes + ErrorRuleTable.statuses + ErrorRuleTable.databaseCodes
                + ErrorRuleTable.statusSentences
        case .databases: ErrorRuleTable.databases + ErrorRuleTable.brokers
        case .models: ErrorRuleTable.models
        case .clients: ErrorRuleTable.networkWords + ErrorRuleTable.clientRules
        case .services: ErrorRuleTable.services
        case .nodes: ErrorRuleTable.nodeErrors
        case .last: ErrorRuleTable.lastResorts
        }
    }
}

/// The built-in error rules, in stages; within a stage the first rule that matches gives the class.
public enum ErrorRuleTable {
    /// All built-in rules, in the order in which they are tried.
    public static let builtIn: [ErrorRuleSpec] = ErrorStage.allCases.flatMap(\.rules)

    /// The built-in rules' ids in order, each once: what `off: true` can name.
    public static let ids: [String] = {
        var seen: Set<String> = []
        return builtIn.map(\.id).filter { seen.insert($0).inserted }
    }()

    /// Users' rules, then the built-in ones but for those switched off; throws what the compiler throws.
    public static func rules<Failure: Error>(
        user: [ErrorRule] = [], off: Set<String> = [], compile: (String) throws(Failure) -> any TextPattern
    ) throws(Failure) -> [ErrorRule] {
        var rules = user
        var patterns: [String: any TextPattern] = [:]
        for spec in builtIn where !off.contains(spec.id) {
            // Some texts are looked for in more than one stage.
            if let text = spec.text, patterns[text] == nil { patterns[text] = try compile(text) }
            rules.append(spec.rule(matching: spec.text.flatMap { patterns[$0] }))
        }
        return rules
    }
}

extension ErrorStage {
    /// What the stage is about, as a heading.
    public var title: String {
        switch self {
        case .own: "What n8n says of its own"
        case .scripts: "Scripts"
        case .qualifiers: "Words that weigh more than a code"
        case .replies: "Mail and file servers"
        case .codes: "Statuses and codes"
        case .databases: "Databases, brokers and directories"
        case .models: "Models"
        case .clients: "HTTP clients"
        case .services: "Services without a status"
        case .nodes: "n8n's nodes"
        case .last: "What is left"
        }
    }

    /// Why the stage stands where it stands.
    public var why: String {
        switch self {
        case .own: "Nobody knows better what happened to a run than the n8n that ran it."
        case .scripts:
            "What a script throws is its author's word, even where it speaks of rate limits. What its calls met is judged "
                + "by the rules on codes and of HTTP clients below."
        case .qualifiers:
            "A 429 may be a used-up month, a 403 a rate limit, a 400 a row that is locked: such words lift any code."
        case .replies: "Their replies are three digits too, but mean other things than HTTP's."
        case .codes: "A code is surer than a sentence. n8n's own sentences for statuses count as the status."
        case .databases: "n8n keeps no SQLSTATE, so their own sentences tell what was wrong."
        case .models: "Their clients report lost connections and full contexts in words of their own."
        case .clients: "Network errors, wrong addresses, certificates and bodies, where no code stands beside them."
        case .services: "Some answer 200 whatever happens, or speak GraphQL or gRPC."
        case .nodes: "Credentials, publishing, expressions, types, files and missing items."
        case .last: "Class names, which often say little, and what a node says that no other rule knows."
        }
    }
}
