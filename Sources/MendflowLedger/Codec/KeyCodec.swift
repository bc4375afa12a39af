import MendflowCore
import MendflowText

extension Fields {
    mutating func requestKey(_ name: String) throws(MalformedRecord) -> RequestKey {
        let text = try text(name)
        guard let key = RequestKey(text) else { throw MalformedRecord("\(name) is '\(text)'") }
        return key
    }

    mutating func requestKeyIfAny(_ name: String) throws(MalformedRecord) -> RequestKey? {
        members[name] == nil ? nil : try requestKey(name)
    }
}

extension KeyWitness {
    var stored: JSONValue {
        var members = Members()
        members.set("key", key.text)
        members.set("taken_at", takenAt)
        return members.value
    }

    init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self.init(try fields.requestKey("key"), takenAt: try fields.time("taken_at"))
        try fields.finish()
    }
}

extension KeyProbe {
    func write(into members: inout Members) {
        members.set("key", key.text)
        members.set("body", body)
        members.set("request", request.description)
    }

    init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(try fields.requestKey("key"), try fields.word("body"))
        guard try fields.text("request") == request.description else { throw MalformedRecord("request is another one") }
    }
}

extension KeyAnswer {
    private enum Kind: String { case taken, refused, unclear }

    var stored: JSONValue {
        var members = Members()
        switch self {
        case .taken: members.set("is", Kind.taken)
        case .refused(let status, let message):
            members.set("is", Kind.refused)
            members.set("status", status)
            members.set("message", message)
        case .unclear(let words):
            members.set("is", Kind.unclear)
            members.set("message", words)
        }
        return members.value
    }

    init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        switch try fields.word("is", Kind.self) {
        case .taken: self = .taken
        case .refused: self = .refused(status: Int(try fields.number("status")), message: try fields.text("message"))
        case .unclear: self = .unclear(try fields.text("message"))
        }
        try fields.finish()
    }
}

extension AskingProof {
    func write(into members: inout Members) {
        members.set("witness", value: witness.stored)
        members.set("refused_at", refusedAt)
        members.set("status", status)
        members.set("message", message)
        members.set("accounted_to", accountedTo)
    }

    init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            try KeyWitness(try fields.value("witness")), refusedAt: try fields.time("refused_at"),
            status: Int(try fields.number("status")), message: try fields.text("message"),
            accountedTo: try fields.id("accounted_to"))
    }
}
