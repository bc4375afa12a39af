import MendflowText

/// What a server sends, each as a line of JSON.
enum MCPMessage {
    /// Errors as JSON-RPC numbers them.
    enum Failure: Int64 {
        case parse = -32700
        case request = -32600
        case method = -32601
        case parameters = -32602
    }

    static func result(_ id: RequestID, _ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(escapes: .display)
        writer.object { object in
            object.member("jsonrpc", "2.0")
            object.key("id")
            id.write(to: &object)
            object.key("result")
            write(&object)
        }
        return writer.bytes
    }

    /// An error; without an id where nobody can tell which request it answers.
    static func failure(_ id: RequestID?, _ failure: Failure, _ message: String) -> [UInt8] {
        var writer = JSONWriter(escapes: .display)
        writer.object { object in
            object.member("jsonrpc", "2.0")
            object.key("id")
            if let id { id.write(to: &object) } else { object.null() }
            object.key("error")
            object.object { error in
                error.key("code")
                error.integer(failure.rawValue)
                error.member("message", message)
            }
        }
        return writer.bytes
    }

    /// What a tool answers: a sentence, the data as text and as structure.
    static func answer(_ id: RequestID, _ answer: MCPAnswer) -> [UInt8] {
        result(id) { writer in
            writer.object { object in
                object.key("content")
                object.list { content in
                    text(answer.sentence, to: &content)
                    text(String(decoding: answer.json, as: UTF8.self), to: &content)
                }
                object.key("structuredContent")
                object.json(answer.json)
                object.key("isError")
                object.flag(false)
            }
        }
    }

    /// Why a tool has no answer.
    static func fault(_ id: RequestID, _ fault: MCPFault) -> [UInt8] {
        result(id) { writer in
            writer.object { object in
                object.key("content")
                object.list { text(fault.description, to: &$0) }
                object.key("isError")
                object.flag(true)
            }
        }
    }

    private static func text(_ text: String, to writer: inout JSONWriter) {
        writer.object { object in
            object.member("type", "text")
            object.member("text", text)
        }
    }

    static func tools(_ id: RequestID, _ tools: [MCPTool]) -> [UInt8] {
        result(id) { writer in
            writer.object { object in
                object.key("tools")
                object.list { list in for tool in tools { describe(tool, to: &list) } }
            }
        }
    }

    private static func describe(_ tool: MCPTool, to writer: inout JSONWriter) {
        writer.object { object in
            object.member("name", tool.name)
            object.member("title", tool.title)
            object.member("description", tool.description)
            object.key("inputSchema")
            object.object { schema in
                schema.member("type", "object")
                schema.key("properties")
                schema.object { properties in
                    for parameter in tool.parameters {
                        properties.key(parameter.name)
                        parameter.write(to: &properties)
                    }
                }
                let required = tool.parameters.filter(\.isRequired)
                if !required.isEmpty {
                    schema.key("required")
                    schema.list { for parameter in required { $0.text(parameter.name) } }
                }
                schema.key("additionalProperties")
                schema.flag(false)
            }
            object.key("annotations")
            object.object { hints in
                for (name, value) in [
                    ("readOnlyHint", true), ("destructiveHint", false), ("idempotentHint", true),
                    ("openWorldHint", false),
                ] {
                    hints.key(name)
                    hints.flag(value)
                }
            }
        }
    }
}
