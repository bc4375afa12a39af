/// Looks through the source of a script of a Code, Function or Python node for anything by which it could reach the outside
/// or keep state. It errs on the side of a call: a word that only stands in a text counts too, unless a text is all that
/// it can stand in.
enum ScriptSource {
    /// Words that give a script a way out, or a memory.
    private static let words: Set<String> = [
        "helpers", "_helpers", "import", "axios", "$http", "XMLHttpRequest", "WebSocket", "EventSource", "globalThis",
        "mainModule", "child_process", "Worker", "Deno", "Bun", "Reflect", "__proto__", "prototype",
        "getWorkflowStaticData",
        "$getWorkflowStaticData", "_getWorkflowStaticData", "putExecutionToWait", "sendMessageToUI", "executeWorkflow",
        "__import__", "subprocess", "urllib", "httpx", "pyodide", "pyfetch", "globals", "__builtins__", "builtins",
        "getattr", "importlib",
    ]
    /// Words that do so only where they are used: called, handed on or looked into. A word that a plain word follows is
    /// part of a sentence.
    private static let used: Set<String> = ["fetch", "require", "requests", "socket", "open"]
    /// Words that do so only where they are called.
    private static let called: Set<String> = ["eval", "exec", "compile", "Function"]

    /// Whether the source names nothing that calls out or keeps state.
    static func showsNoCall(_ source: String) -> Bool {
        let text = Array(source.utf8)
        if hidesLetters(text) { return false }
        var at = 0
        while at < text.count {
            guard isWordByte(text[at]) else {
                at += 1
                continue
            }
            let start = at
            while at < text.count, isWordByte(text[at]) { at += 1 }
            if callsOut(String(decoding: text[start..<at], as: UTF8.self), text, from: start, to: at) { return false }
        }
        return true
    }

    private static func callsOut(_ word: String, _ text: [UInt8], from start: Int, to end: Int) -> Bool {
        if words.contains(word) { return true }
        let next = end + text[end...].prefix { $0 == 0x20 || $0 == 0x09 }.count
        let follower = next < text.count ? text[next] : 0x3B
        if used.contains(word) { return next == end || !isWordByte(follower) }
        let isCalled = follower == UInt8(ascii: "(") || follower == UInt8(ascii: "`")
        if called.contains(word) { return isCalled }
        let isMember = start > 0 && text[start - 1] == UInt8(ascii: ".")
        if word == "constructor" { return isMember }
        // `this` gives access to all that n8n offers; a plain member of it is looked at by its own name.
        return word == "this" && follower != UInt8(ascii: ".") && !(next > end && isWordByte(follower))
    }

    /// Whether letters are written as escapes, by which any name could be hidden.
    private static func hidesLetters(_ text: [UInt8]) -> Bool {
        guard text.count > 2 else { return false }
        for index in 0..<(text.count - 2) where text[index] == UInt8(ascii: "\\") {
            if text[index + 1] == UInt8(ascii: "x") { return true }
            guard text[index + 1] == UInt8(ascii: "u") else { continue }
            let digits = text[(index + 2)...].prefix(4)
            if digits.first == UInt8(ascii: "{") || digits.starts(with: [0x30, 0x30]) { return true }
        }
        return false
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...0xFF: true
        default: false
        }
    }
}
