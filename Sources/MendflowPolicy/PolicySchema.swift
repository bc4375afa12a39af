internal import MendflowCore

/// The policy language as a JSON schema, for editors. It is made of the parser's own tables; what it cannot say (which
/// statuses fit an action) the loader still checks.
public enum PolicySchema {
    /// JSON Schema, draft 2020-12, indented, keys in a fixed order, with a line break at the end.
    public static func json() -> String { root.text + "\n" }

    private static let root = SchemaNode.schema(
        "Mendflow policies", [("policies", .list(of: .ref("policy")))], required: ["policies"],
        definitions.map { ($0.0, $0.1.described($0.0, by: meanings)) })

    private static var definitions: [(String, SchemaNode)] {
        [
            ("policy", policy), ("retry", retry), ("guards", guards), ("exception", exception), ("window", window),
            ("when", when), ("expect", expect),
        ] + shared
    }

    /// What the schema of `mendflow.yaml` needs too.
    static var shared: [(String, SchemaNode)] {
        [
            ("condition", condition), ("workflow", workflow),
            ("error", .map(FieldCatalogue.error.map { ($0.key, value($0)) })), ("cap", cap),
            ("duration", .pattern("^([0-9]+(ms|s|m|h|d|w))+$", "A length of time with units: 90s, 2h, 1h30m, 7d.")),
            ("time", .pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]", "A time in RFC 3339: 2026-05-01T06:00:00Z.")),
            ("tag", .string(longest: ActionParser.longestTag)),
        ]
    }

    private static var policy: SchemaNode {
        let name = SchemaNode.string(longest: 100)
        func bare(_ name: String) -> SchemaNode {
            .map([(name, .object([("type", .text("null"))]))], required: [name])
        }
        let bulkStop = SchemaNode.map(
            ActionParser.bulkStopKeys.map { ($0, SchemaNode.type("boolean")) }, least: 0)
        let tag = SchemaNode.map([("tag", .oneOrMore(.ref("tag")))], required: ["tag"])
        let properties: [String: SchemaNode] = [
            "name": name, "description": SchemaNode.type("string"),
            "mode": SchemaNode.words(Mode.allCases.map(\.rawValue)),
            "priority": SchemaNode.type("integer"), "instances": SchemaNode.oneOrMore(.type("string")),
            "renamed_from": name,
            "match": SchemaNode.ref("condition"), "all_executions": SchemaNode.type("boolean"),
            "actions": SchemaNode.list(
                of: .object([
                    (
                        "anyOf",
                        .list([
                            SchemaNode.words(remediations),
                            .map([("retry", .ref("retry"))], required: ["retry"]), bare("stop"), bare("delete"),
                            .map([("bulk_stop", .anyOf(.type("null"), bulkStop))], required: ["bulk_stop"]), tag,
                        ])
                    )
                ])
            ).with(oneRemediation),
            "when": SchemaNode.ref("when"), "guards": SchemaNode.ref("guards"),
            "exceptions": SchemaNode.list(of: .ref("exception")), "expect": SchemaNode.ref("expect"),
            "approval": SchemaNode.map(
                [
                    ("expires", .ref("duration")),
                    (
                        "max_open",
                        .whole(ApprovalParser.maxOpen.lowerBound, ApprovalParser.maxOpen.upperBound)
                    ),
                ], required: ApprovalParser.shape.required),
            "rollout": SchemaNode.map([("percent", .whole(0, 100))], required: RollOutParser.shape.required),
            "on_exhausted": SchemaNode.list(
                of: .object([
                    (
                        "anyOf",
                        .list([
                            tag, .map([("continue", .type("boolean"))], required: ["continue"]),
                            .map(
                                [("when", .list(of: .words(OnExhausted.Cause.allCases.map(\.rawValue))))],
                                required: ["when"]),
                        ])
                    )
                ])),
        ]
        let shape = PolicyParser.shape
        return SchemaNode.map(shape.keys.map { ($0, properties[$0] ?? .object([])) }, required: shape.required)
            .with([("allOf", .list([.anyOf(.required("match"), allExecutions)]))])
    }

    private static let remediations = ["retry", "stop", "bulk_stop", "delete"]

    /// One of `actions` at most is a remediation.
    private static var oneRemediation: [(String, SchemaNode)] {
        let named = SchemaNode.words(remediations)
        let written = remediations.map { SchemaNode.required($0).with([("type", .text("object"))]) }
        return [
            ("contains", .object([("anyOf", .list([named] + written))])), ("minContains", .number(0)),
            ("maxContains", .number(1)),
        ]
    }

    /// Instead of a `match`.
    private static var allExecutions: SchemaNode {
        let yes = SchemaNode.object([("const", .flag(true))])
        return .required("all_executions").with([("properties", .object([("all_executions", yes)]))])
    }

    private static var condition: SchemaNode {
        var properties: [(String, SchemaNode)] = [
            ("all", .list(of: .ref("condition"))), ("any", .list(of: .ref("condition"))), ("not", .ref("condition")),
        ]
        properties += FieldCatalogue.fields.map { ($0.key, value($0)) }
        properties += [
            ("workflow", .ref("workflow")), ("error", .ref("error")),
            (
                "custom_data",
                .object([
                    ("type", .text("object")), ("minProperties", .number(1)), ("additionalProperties", values(.text)),
                ])
            ),
            ("older_than", .ref("duration")), ("newer_than", .ref("duration")),
            ("ended_between", .map([("from", .ref("time")), ("to", .ref("time"))])),
        ]
        return SchemaNode.map(properties)
    }

    private static var workflow: SchemaNode {
        .object([("anyOf", .list([values(.text), .map(FieldCatalogue.workflow.map { ($0.key, value($0)) })]))])
    }

    private static var retry: SchemaNode {
        let backoff = SchemaNode.map([
            ("initial_interval", .ref("duration")), ("max_interval", .ref("duration")),
            ("coefficient", .object([("type", .text("number")), ("minimum", .number(1)), ("maximum", .number(100))])),
            ("jitter", .words(Backoff.Jitter.allCases.map(\.rawValue))),
        ])
        let repeats = SchemaNode.object([
            (
                "anyOf",
                .list([
                    SchemaNode.words(["allow"]),
                    SchemaNode.map(
                        [("allow", .list(of: .words(ActionParser.risks.map(\.rawValue))))], required: ["allow"]),
                ])
            )
        ])
        let properties: [String: SchemaNode] = [
            "max_retries": SchemaNode.whole(1, 10), "load_workflow": SchemaNode.type("boolean"), "backoff": backoff,
            "repeats": repeats,
            "when_unresolved": SchemaNode.words(RetryAction.WhenUnresolved.allCases.map(\.rawValue)),
            "allow_draft": SchemaNode.type("boolean"),
        ]
        let settings = SchemaNode.map(ActionParser.retryKeys.map { ($0, properties[$0] ?? .object([])) }, least: 0)
        return .object([("anyOf", .list([SchemaNode.type("null"), settings]))])
    }

    private static var guards: SchemaNode {
        let limit = SchemaNode.map(
            [
                ("max", .whole(1, nil)), ("per", .ref("duration")),
                ("group_by", .words(RateLimit.Group.allCases.map(\.rawValue))),
            ], required: ["max", "per"])
        let properties: [String: SchemaNode] = [
            "max_actions": SchemaNode.oneOrMore(.ref("cap")), "rate_limit": SchemaNode.oneOrMore(limit),
            "max_in_flight": SchemaNode.whole(1, 100),
            "cooldown": SchemaNode.ref("duration"), "give_up_after": SchemaNode.ref("duration"),
            "yield_to_humans": SchemaNode.ref("duration"),
            "circuit_breaker": SchemaNode.map(
                [
                    ("failure_threshold", .whole(1, 10_000)), ("window", .ref("duration")),
                    ("open_for", .ref("duration")), ("group_by", .words(RateLimit.Group.allCases.map(\.rawValue))),
                ], required: GuardParser.breakerShape.required),
            "active_during": SchemaNode.oneOrMore(.ref("window")), "not_during": SchemaNode.oneOrMore(.ref("window")),
        ]
        return SchemaNode.map(GuardParser.shape.keys.map { ($0, properties[$0] ?? .object([])) })
    }

    private static var exception: SchemaNode {
        SchemaNode.map(
            [("match", .ref("condition")), ("until", .ref("time")), ("reason", .type("string"))],
            required: ["match", "reason"])
    }

    private static var window: SchemaNode {
        let day = SchemaNode.pattern(
            "^(mon|tue|wed|thu|fri|sat|sun)(\\.\\.(mon|tue|wed|thu|fri|sat|sun))?$", "mon, or mon..fri.")
        let clock = SchemaNode.pattern("^([01][0-9]|2[0-4]):[0-5][0-9]$", "A time of day: 22:00.")
        return SchemaNode.map(
            [("days", .oneOrMore(day)), ("from", clock), ("to", clock), ("zone", .type("string"))], required: ["zone"])
    }

    static var per: SchemaNode { .anyOf(.words(["tick"]), .ref("duration")) }

    private static var cap: SchemaNode {
        SchemaNode.map([("amount", .whole(1, nil)), ("percent", .whole(1, 100)), ("per", per)], required: ["per"])
    }

    private static var when: SchemaNode {
        let number = SchemaNode.whole(0, GroupParser.most)
        let count = SchemaNode.anyOf(.whole(1, GroupParser.most), .map(GroupParser.comparisons.map { ($0, number) }))
        let properties: [String: SchemaNode] = [
            "count": count, "distinct": .words(GroupCondition.Distinct.allCases.map(\.rawValue)),
            "within": .ref("duration"), "group_by": .words(GroupCondition.Group.allCases.map(\.rawValue)),
        ]
        let shape = GroupParser.shape
        return .map(shape.keys.map { ($0, properties[$0] ?? .object([])) }, required: shape.required)
    }

    private static var expect: SchemaNode {
        let measures = PolicyExpectation.Measure.allCases.map { measure in
            let number = SchemaNode.whole(0, measure.most)
            return (
                measure.rawValue, SchemaNode.anyOf(number, .map(ExpectationParser.comparisons.map { ($0, number) }))
            )
        }
        let chains = ExpectationParser.chains
        let elseDryRun = SchemaNode.map(
            [("chains", .whole(chains.lowerBound, chains.upperBound)), ("within", .ref("duration"))],
            required: ExpectationParser.demotionShape.required)
        return .map(measures + [("else_dry_run", elseDryRun)])
    }

    /// Run times may be relative to the workflow's own history.
    private static func runTime(_ spec: FieldSpec) -> SchemaNode {
        let number = SchemaNode.object([
            ("type", .text("number")), ("minimum", .number(0)), ("maximum", .number(1000)),
        ])
        let relative = SchemaNode.map(
            [("p95", number), ("at_least", .ref("duration"))], required: RunTimeParser.shape.required)
        return .map(
            spec.form.operators.map { name in
                let plain = operand(name, spec.form)
                return (name, name == "exists" ? plain : .anyOf(plain, relative))
            })
    }
}

extension PolicySchema {
    /// A field's value: a scalar, a list, or a map of operators.
    static func value(_ spec: FieldSpec) -> SchemaNode {
        var value = spec.field == .ranFor ? runTime(spec) : values(spec.form)
        if FieldCatalogue.fieldsWithAny.contains(spec.field) {
            value = .object([("anyOf", .list([SchemaNode.words([FieldCatalogue.any]), value]))])
        }
        guard case .object(let members) = value else { return value }
        return .object([("description", .text(spec.summary))] + members)
    }

    private static func values(_ form: FieldSpec.Form) -> SchemaNode {
        let operators = SchemaNode.map(form.operators.map { ($0, operand($0, form)) })
        switch form {
        case .period: return operators
        case .flag: return .object([("anyOf", .list([SchemaNode.type("boolean"), operators]))])
        default: return .object([("anyOf", .list([scalar(form), .list(of: scalar(form)), operators]))])
        }
    }

    private static func operand(_ name: String, _ form: FieldSpec.Form) -> SchemaNode {
        switch name {
        case "exists": SchemaNode.type("boolean")
        case "in", "not_in": SchemaNode.list(of: scalar(form))
        case "matches", "glob", "contains": SchemaNode.oneOrMore(scalar(.text))
        default: scalar(form)
        }
    }

    /// A code of three digits, `5xx`, or one word that is no class; those that are both are the author's affair.
    private static var httpCode: SchemaNode {
        let classes = ErrorClass.allCases.filter { !OperatorParser.classesAndCodes.contains($0) }
        let word = SchemaNode.pattern(
            "^([1-5][0-9][0-9]|[1-5][xX][xX]|[^0-9+. -][^ ]*|[^ ]*[*][^ ]*)$", "503, 5xx, or a word such as ECONNRESET."
        )
        return .anyOf(.whole(100, 599), word.with([("not", .words(classes.map(\.rawValue)))]))
    }

    private static func scalar(_ form: FieldSpec.Form) -> SchemaNode {
        switch form {
        case .words(let words), .openWords(let words): SchemaNode.words(words)
        case .text, .set: .object([("type", .text("string")), ("minLength", .number(1))])
        case .httpCode: httpCode
        case .number: SchemaNode.whole(0, nil)
        case .flag: SchemaNode.type("boolean")
        case .period: SchemaNode.ref("duration")
        }
    }
}
