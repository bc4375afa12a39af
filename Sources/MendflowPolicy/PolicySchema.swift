internal import MendflowCore

/// The policy language as a JSON schema, for editors. It is made of the parser's own tables; what it cannot say (which
/// statuses fit an action) the loader still checks.
public enum PolicySchema {
    /// JSON Schema, draft 2020-12, indented, keys in a fixed order, with a line break at the end.
    public static func json() -> String { root.text + "\n" }

    private static let root = JSONText.schema(
        "Mendflow policies", [("policies", .list(of: .ref("policy")))], required: ["policies"], definitions)

    private static var definitions: [(String, JSONText)] {
        [
            ("policy", policy), ("retry", retry), ("guards", guards), ("exception", exception), ("window", window),
            ("when", when),
        ] + shared
    }

    /// What the schema of `mendflow.yaml` needs too.
    static var shared: [(String, JSONText)] {
        [
            ("condition", condition), ("workflow", workflow),
            ("error", .map(FieldCatalogue.error.map { ($0.key, value($0)) })), ("cap", cap), ("ceiling", ceiling),
            ("duration", .pattern("^([0-9]+(ms|s|m|h|d|w))+$", "A length of time with units: 90s, 2h, 1h30m, 7d.")),
            ("time", .pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]", "A time in RFC 3339: 2026-05-01T06:00:00Z.")),
            ("tag", .string(longest: ActionParser.longestTag)),
        ]
    }

    private static var policy: JSONText {
        let name = JSONText.string(longest: 100)
        func bare(_ name: String) -> JSONText {
            .map([(name, .object([("type", .text("null"))]))], required: [name])
        }
        let bulkStop = JSONText.map(
            ActionParser.bulkStopKeys.map { ($0, JSONText.type("boolean")) }, least: 0)
        let tag = JSONText.map([("tag", .oneOrMore(.ref("tag")))], required: ["tag"])
        let properties: [String: JSONText] = [
            "name": name, "description": JSONText.type("string"), "mode": JSONText.words(Mode.allCases.map(\.rawValue)),
            "priority": JSONText.type("integer"), "instances": JSONText.oneOrMore(.type("string")),
            "renamed_from": name,
            "match": JSONText.ref("condition"), "all_executions": JSONText.type("boolean"),
            "actions": JSONText.list(
                of: .object([
                    (
                        "anyOf",
                        .list([
                            JSONText.words(["retry", "stop", "bulk_stop", "delete"]),
                            .map([("retry", .ref("retry"))], required: ["retry"]), bare("stop"), bare("delete"),
                            .map([("bulk_stop", .anyOf(.type("null"), bulkStop))], required: ["bulk_stop"]), tag,
                        ])
                    )
                ])),
            "when": JSONText.ref("when"), "guards": JSONText.ref("guards"),
            "exceptions": JSONText.list(of: .ref("exception")),
            "on_exhausted": JSONText.list(
                of: .object([
                    ("anyOf", .list([tag, .map([("continue", .type("boolean"))], required: ["continue"])]))
                ])),
        ]
        let shape = PolicyParser.shape
        return JSONText.map(shape.keys.map { ($0, properties[$0] ?? .object([])) }, required: shape.required)
    }

    private static var condition: JSONText {
        var properties: [(String, JSONText)] = [
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
        return JSONText.map(properties)
    }

    private static var workflow: JSONText {
        .object([("anyOf", .list([values(.text), .map(FieldCatalogue.workflow.map { ($0.key, value($0)) })]))])
    }

    private static var retry: JSONText {
        let backoff = JSONText.map([
            ("initial_interval", .ref("duration")), ("max_interval", .ref("duration")),
            ("coefficient", .object([("type", .text("number")), ("minimum", .number(1)), ("maximum", .number(100))])),
            ("jitter", .words(Backoff.Jitter.allCases.map(\.rawValue))),
        ])
        let repeats = JSONText.object([
            (
                "anyOf",
                .list([
                    JSONText.words(["allow"]),
                    JSONText.map([("allow", .list(of: .words(["possible", "restart"])))], required: ["allow"]),
                ])
            )
        ])
        let properties: [String: JSONText] = [
            "max_retries": JSONText.whole(1, 10), "load_workflow": JSONText.type("boolean"), "backoff": backoff,
            "repeats": repeats,
            "when_unresolved": JSONText.words(RetryAction.WhenUnresolved.allCases.map(\.rawValue)),
            "allow_draft": JSONText.type("boolean"),
        ]
        let settings = JSONText.map(ActionParser.retryKeys.map { ($0, properties[$0] ?? .object([])) }, least: 0)
        return .object([("anyOf", .list([JSONText.type("null"), settings]))])
    }

    private static var guards: JSONText {
        let limit = JSONText.map(
            [
                ("max", .whole(1, nil)), ("per", .ref("duration")),
                ("group_by", .words(RateLimit.Group.allCases.map(\.rawValue))),
            ], required: ["max", "per"])
        let properties: [String: JSONText] = [
            "max_actions": JSONText.oneOrMore(.ref("cap")), "rate_limit": JSONText.oneOrMore(limit),
            "max_in_flight": JSONText.whole(1, 100),
            "cooldown": JSONText.ref("duration"), "give_up_after": JSONText.ref("duration"),
            "yield_to_humans": JSONText.ref("duration"),
            "circuit_breaker": JSONText.map(
                [
                    ("failure_threshold", .whole(1, 10_000)), ("window", .ref("duration")),
                    ("open_for", .ref("duration")), ("group_by", .words(RateLimit.Group.allCases.map(\.rawValue))),
                ], required: GuardParser.breakerShape.required),
            "active_during": JSONText.oneOrMore(.ref("window")), "not_during": JSONText.oneOrMore(.ref("window")),
        ]
        return JSONText.map(GuardParser.shape.keys.map { ($0, properties[$0] ?? .object([])) })
    }

    private static var exception: JSONText {
        JSONText.map(
            [("match", .ref("condition")), ("until", .ref("time")), ("reason", .type("string"))],
            required: ["match", "reason"])
    }

    private static var window: JSONText {
        let day = JSONText.pattern(
            "^(mon|tue|wed|thu|fri|sat|sun)(\\.\\.(mon|tue|wed|thu|fri|sat|sun))?$", "mon, or mon..fri.")
        let clock = JSONText.pattern("^([01][0-9]|2[0-4]):[0-5][0-9]$", "A time of day: 22:00.")
        return JSONText.map(
            [("days", .oneOrMore(day)), ("from", clock), ("to", clock), ("zone", .type("string"))], required: ["zone"])
    }

    private static var per: JSONText { .anyOf(.words(["tick"]), .ref("duration")) }

    private static var cap: JSONText {
        JSONText.map([("amount", .whole(1, nil)), ("percent", .whole(1, 100)), ("per", per)], required: ["per"])
    }

    private static var ceiling: JSONText {
        JSONText.map([("amount", .whole(1, nil)), ("per", per)], required: ["amount", "per"])
    }

    private static var when: JSONText {
        let number = JSONText.whole(0, GroupParser.most)
        let count = JSONText.anyOf(.whole(1, GroupParser.most), .map(GroupParser.comparisons.map { ($0, number) }))
        let properties: [String: JSONText] = [
            "count": count, "distinct": .words(GroupCondition.Distinct.allCases.map(\.rawValue)),
            "within": .ref("duration"), "group_by": .words(GroupCondition.Group.allCases.map(\.rawValue)),
        ]
        let shape = GroupParser.shape
        return .map(shape.keys.map { ($0, properties[$0] ?? .object([])) }, required: shape.required)
    }

    /// Run times may be relative to the workflow's own history.
    private static func runTime(_ spec: FieldSpec) -> JSONText {
        let number = JSONText.object([
            ("type", .text("number")), ("minimum", .number(0)), ("maximum", .number(1000)),
        ])
        let relative = JSONText.map(
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
    static func value(_ spec: FieldSpec) -> JSONText {
        var value = spec.field == .ranFor ? runTime(spec) : values(spec.form)
        if spec.field == .executionMode {
            value = .object([("anyOf", .list([JSONText.words([FieldCatalogue.anyMode]), value]))])
        }
        guard case .object(let members) = value else { return value }
        return .object([("description", .text(spec.summary))] + members)
    }

    private static func values(_ form: FieldSpec.Form) -> JSONText {
        let operators = JSONText.map(form.operators.map { ($0, operand($0, form)) })
        switch form {
        case .period: return operators
        case .flag: return .object([("anyOf", .list([JSONText.type("boolean"), operators]))])
        default: return .object([("anyOf", .list([scalar(form), .list(of: scalar(form)), operators]))])
        }
    }

    private static func operand(_ name: String, _ form: FieldSpec.Form) -> JSONText {
        switch name {
        case "exists": JSONText.type("boolean")
        case "in", "not_in": JSONText.list(of: scalar(form))
        case "matches", "glob", "contains": JSONText.oneOrMore(scalar(.text))
        default: scalar(form)
        }
    }

    private static func scalar(_ form: FieldSpec.Form) -> JSONText {
        switch form {
        case .words(let words), .openWords(let words): JSONText.words(words)
        case .text, .set: .object([("type", .text("string")), ("minLength", .number(1))])
        case .httpCode: .object([("type", .texts(["string", "integer"]))])
        case .number: JSONText.whole(0, nil)
        case .flag: JSONText.type("boolean")
        case .period: JSONText.ref("duration")
        }
    }
}
