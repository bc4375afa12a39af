import MendflowText

/// A part of a JSON schema; its keys keep their order, for people read schemas.
indirect enum SchemaNode {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([SchemaNode])
    case object([(String, SchemaNode)])

    static func texts(_ texts: [String]) -> SchemaNode { .list(texts.map(SchemaNode.text)) }

    var text: String {
        var writer = JSONWriter(.indented)
        write(to: &writer)
        return writer.string
    }

    private func write(to writer: inout JSONWriter) {
        switch self {
        case .text(let text): writer.text(text)
        case .number(let number): writer.integer(Int64(number))
        case .flag(let flag): writer.flag(flag)
        case .list(let items): writer.list { for item in items { item.write(to: &$0) } }
        case .object(let members):
            writer.object {
                for (key, value) in members {
                    $0.key(key)
                    value.write(to: &$0)
                }
            }
        }
    }
}
