/// Looks through the source of a script of a Code, Function or Python node for anything by which it could reach the outside
/// or keep state. It errs on the side of a call: a word that only stands in a text or behind code counts too.
enum ScriptSource {
    /// What a script is written in.
    enum Language {
        case javaScript
        case python
    }

    /// Words that give a script a way out, or a memory.
    private static let words: Set<String> = [
        "helpers", "_helpers", "axios", "$http", "XMLHttpRequest", "WebSocket", "EventSource", "globalThis",
        "mainModule", "child_process", "Worker", "Deno", "Bun", "Reflect", "__proto__",
        "getWorkflowStaticData",
        "$getWorkflowStaticData", "_getWorkflowStaticData", "putExecutionToWait", "sendMessageToUI", "executeWorkflow",
        "__import__", "subprocess", "urllib", "httpx", "pyodide", "pyfetch", "globals", "__builtins__", "builtins",
        "getattr", "importlib",
    ]
    /// Words that do so only where they are used: called, handed on or looked into. A word that a plain word follows is
    /// part of a sentence.
    private static let used: [Language: Set<String>] = [
        .javaScript: ["fetch", "require"],
        .python: [
            "fetch", "require", "requests", "socket", "open", "os", "sys", "_os", "_sys", "io", "codecs", "system",
            "popen",
        ],
    ]
    /// Words that do so only where they are called.
    private static let called: Set<String> = ["eval", "exec", "compile", "Function"]
    /// Modules of Python that only compute.
    private static let pureModules: Set<String> = [
        "json", "math", "re", "datetime", "decimal", "fractions", "statistics", "itertools", "functools", "collections",
        "operator", "string", "textwrap", "unicodedata", "hashlib", "hmac", "base64", "binascii", "uuid", "random",
        "time",
        "calendar", "zoneinfo", "copy", "typing", "dataclasses", "enum", "bisect", "heapq", "html",
    ]
    /// What of an object's prototype is plain: these look at an object and call nothing else.
    private static let plainMethods = [".hasOwnProperty", ".toString", ".propertyIsEnumerable"]

    /// Whether the source names nothing that calls out or keeps state.
    static func showsNoCall(_ source: String, _ language: Language = .javaScript) -> Bool {
        let text = withoutComments(Array(source.utf8), language)
        if hidesLetters(text) { return false }
        var at = 0
        while at < text.count {
            guard isWordByte(text[at]) else {
                at += 1
                continue
            }
            let start = at
            while at < text.count, isWordByte(text[at]) { at += 1 }
            let word = String(decoding: text[start..<at], as: UTF8.self)
            if callsOut(word, text, from: start, to: at, language) { return false }
        }
        return true
    }

    /// The source without the lines that are a comment as a whole. None is left out where a text may go on over several
    /// lines, or where the line may end the comment and go on.
    private static func withoutComments(_ text: [UInt8], _ language: Language) -> [UInt8] {
        let lines = text.split(omittingEmptySubsequences: false) { $0 == 0x0A || $0 == 0x0D }
        let source = String(decoding: text, as: UTF8.self)
        let mark = language == .python ? "#" : "//"
        guard !source.contains("`"), !source.contains("\"\"\""), !source.contains("'''") else { return text }
        return Array(
            lines.filter { line in
                let code = line.drop { $0 == 0x20 || $0 == 0x09 }
                let isComment = code.starts(with: mark.utf8) && !code.contains { $0 >= 0x80 }
                return !isComment || String(decoding: code, as: UTF8.self).contains("*/")
            }
            .joined(separator: [0x0A]))
    }

    private static func callsOut(
        _ word: String, _ text: [UInt8], from start: Int, to end: Int, _ language: Language
    ) -> Bool {
        if words.contains(word) { return true }
        if word == "import" { return language != .python || !importsPure(text, from: start) }
        if word == "prototype" { return !plainMethods.contains { text[end...].starts(with: ($0 + ".call(").utf8) } }
        let next = end + text[end...].prefix { $0 == 0x20 || $0 == 0x09 }.count
        let follower = next < text.count ? text[next] : 0x3B
        if used[language, default: []].contains(word) { return next == end || !isWordByte(follower) }
        let isCalled = follower == UInt8(ascii: "(") || follower == UInt8(ascii: "`")
        if called.contains(word) { return isCalled }
        let isMember = start > 0 && text[start - 1] == UInt8(ascii: ".")
        if word == "constructor" { return isMember || (start > 0 && [0x22, 0x27].contains(text[start - 1])) }
        // `this` gives access to all that n8n offers; a plain member of it is looked at by its own name.
        return word == "this" && follower != UInt8(ascii: ".") && !(next > end && isWordByte(follower))
    }

    /// Whether a line of Python imports only modules that compute: `import json, re as r` or `from json import loads`.
    private static func importsPure(_ text: [UInt8], from start: Int) -> Bool {
        let begin = text[..<start].lastIndex { $0 == 0x0A || $0 == UInt8(ascii: ";") }.map { $0 + 1 } ?? 0
        let end = text[start...].firstIndex { $0 == 0x0A || $0 == UInt8(ascii: ";") } ?? text.count
        let line = String(decoding: text[begin..<end], as: UTF8.self).split { $0 == " " || $0 == "\t" }.map(String.init)
        if line.count >= 4, line[0] == "from", line[2] == "import" {
            return pureModules.contains(line[1]) && !line[3...].contains { $0.contains("*") }
        }
        guard line.first == "import", line.count > 1 else { return false }
        return line[1...].joined(separator: " ").split(separator: ",").allSatisfy { part in
            let words = part.split(separator: " ").map(String.init)
            let isNamed = words.count == 1 || (words.count == 3 && words[1] == "as")
            return isNamed && pureModules.contains(words[0])
        }
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

    /// What a word may hold of ASCII: some of the rest are spaces, and a word beside a letter of it counts too.
    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "$"): true
        default: false
        }
    }
}
