internal import MendflowCore

/// The language of tests of policies as a JSON schema, for editors; what it cannot say the loader still checks.
public enum ScenarioSchema {
    /// JSON Schema, draft 2020-12, indented, keys in a fixed order, with a line break at the end.
    public static func json() -> String { root.text + "\n" }

    private static let root = SchemaNode.schema(
        "Tests of Mendflow policies",
        pick(
            ScenarioParser.file,
            ["policies": .oneOrMore(.string(longest: 1000)), "tests": .list(of: .ref("test"))]),
        required: ScenarioParser.file.required,
        [
            ("test", test), ("workflow", workflow), ("execution", execution), ("expectation", expectation),
            ("id", .whole(1, 1_000_000_000)),
        ] + PolicySchema.shared.filter { $0.0 == "duration" })

    private static var test: SchemaNode {
        map(
            ScenarioParser.test,
            [
                "name": .string(longest: 200), "workflows": .list(of: .ref("workflow")),
                "executions": .list(of: .ref("execution")),
                "retries": .words(Scenario.Outcome.allCases.map(\.rawValue)), "lasts": .ref("duration"),
                "expect": .listOrEmpty(of: .ref("expectation")),
            ])
    }

    private static var workflow: SchemaNode {
        map(
            ScenarioParser.workflow,
            [
                "id": text, "name": .string(longest: 300), "active": .type("boolean"), "tags": .list(of: text),
                "saves_successes": .type("boolean"), "saves_failures": .type("boolean"),
            ])
    }

    private static var execution: SchemaNode {
        let error = map(ScenarioParser.error, ["retry_after": .ref("duration")], else: scalar, least: 1)
        return map(
            ScenarioParser.execution,
            [
                "id": .ref("id"), "workflow": .string(longest: 300), "status": .words(ScenarioParser.statuses),
                "mode": text, "retry_of": .ref("id"), "at": .ref("duration"), "ran_for": .ref("duration"),
                "wait_until": .ref("duration"), "error": error, "node": map(ScenarioParser.node, [:], else: scalar),
                "items": .whole(0, 1_000_000), "restarts": .type("boolean"), "waits_for": .words(["timer", "event"]),
                "custom_data": .mapOf(scalar), "data": .string(longest: 1000),
            ])
    }

    private static var expectation: SchemaNode {
        let time = SchemaNode.pattern(
            "^([0-9]+(ms|s|m|h|d|w))+( to ([0-9]+(ms|s|m|h|d|w))+)?$", "When: 5m, or 1m to 5m.")
        let yes = SchemaNode.object([("const", .flag(true))])
        let kinds = ["action", "held", "nothing", "exhausted"]
        let ofActions = ["policy", "tags", "attempt"].map { ($0, SchemaNode.texts(["action"])) }
        return map(
            ScenarioParser.expectation,
            [
                "execution": .ref("id"), "action": .words(ActionKind.allCases.map(\.rawValue)),
                "held": .words(Reason.allCases.map(\.rawValue)), "nothing": yes, "exhausted": yes, "policy": text,
                "tags": .oneOrMore(text), "attempt": .whole(1, 100), "at": time,
            ]
        ).with([("oneOf", .list(kinds.map(SchemaNode.required))), ("dependentRequired", .object(ofActions))])
    }

    private static var text: SchemaNode { .object([("type", .text("string")), ("minLength", .number(1))]) }

    /// Text as it is written: a code of 429 needs no quotes.
    private static var scalar: SchemaNode {
        .object([("type", .texts(["string", "number", "boolean"]))])
    }

    private static func pick(
        _ shape: MapShape, _ values: [String: SchemaNode], else other: SchemaNode? = nil
    ) -> [(String, SchemaNode)] {
        shape.keys.map { ($0, values[$0] ?? other ?? .object([])) }
    }

    private static func map(
        _ shape: MapShape, _ values: [String: SchemaNode], else other: SchemaNode? = nil, least: Int = 1
    ) -> SchemaNode {
        .map(pick(shape, values, else: other), required: shape.required, least: least)
    }
}
