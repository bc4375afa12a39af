/// The parts that schemas are made of.
extension SchemaNode {
    static func ref(_ name: String) -> SchemaNode { .object([("$ref", .text("#/$defs/\(name)"))]) }
    static func type(_ name: String) -> SchemaNode { .object([("type", .text(name))]) }
    static func words(_ words: [String]) -> SchemaNode { .object([("enum", .texts(words))]) }
    static func pattern(_ pattern: String, _ description: String) -> SchemaNode {
        .object([("description", .text(description)), ("type", .text("string")), ("pattern", .text(pattern))])
    }
    static func whole(_ least: Int, _ most: Int?) -> SchemaNode {
        .object(
            [("type", .text("integer")), ("minimum", .number(least))] + (most.map { [("maximum", .number($0))] } ?? []))
    }
    static func list(of item: SchemaNode) -> SchemaNode {
        .object([("type", .text("array")), ("minItems", .number(1)), ("items", item)])
    }
    static func listOrEmpty(of item: SchemaNode) -> SchemaNode {
        .object([("type", .text("array")), ("items", item)])
    }
    static func mapOf(_ value: SchemaNode) -> SchemaNode {
        .object([("type", .text("object")), ("additionalProperties", value)])
    }
    static func oneOrMore(_ item: SchemaNode) -> SchemaNode { .object([("anyOf", .list([item, list(of: item)]))]) }
    static func map(_ properties: [(String, SchemaNode)], required: [String] = [], least: Int = 1) -> SchemaNode {
        .object(
            [("type", .text("object")), ("additionalProperties", .flag(false)), ("minProperties", .number(least))]
                + (required.isEmpty ? [] : [("required", .texts(required))]) + [("properties", .object(properties))])
    }
    /// A map that has this key, whatever else it has.
    static func required(_ key: String) -> SchemaNode { .object([("required", .texts([key]))]) }
    /// The same with more said of it.
    func with(_ more: [(String, SchemaNode)]) -> SchemaNode {
        guard case .object(let members) = self else { return self }
        return .object(members + more)
    }
    static func anyOf(_ choices: SchemaNode...) -> SchemaNode { .object([("anyOf", .list(choices))]) }
    /// Text that is not empty.
    static func string(longest: Int) -> SchemaNode {
        .object([("type", .text("string")), ("minLength", .number(1)), ("maxLength", .number(longest))])
    }
    /// A whole schema: a map with definitions.
    static func schema(
        _ title: String, _ properties: [(String, SchemaNode)], required: [String], _ definitions: [(String, SchemaNode)]
    ) -> SchemaNode {
        .object([
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")), ("title", .text(title)),
            ("type", .text("object")), ("additionalProperties", .flag(false)), ("required", .texts(required)),
            ("properties", .object(properties)), ("$defs", .object(definitions)),
        ])
    }
}
