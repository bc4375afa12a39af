import FoundationEssentials
import Glibc
import Synchronization
import Testing

/// A browser without a window: what `MENDFLOW_BROWSER` names, else one that is installed.
enum Browser {
    static let path: String? = candidates.first { access($0, X_OK) == 0 }

    private static var candidates: [String] {
        if let named = ProcessInfo.processInfo.environment["MENDFLOW_BROWSER"] { return [named] }
        return ["chromium", "chromium-browser", "google-chrome", "chrome-headless-shell"].map { "/usr/bin/\($0)" }
    }
}

/// A page in a browser that is steered over its DevTools protocol, through two pipes with names.
///
/// Whoever uses it waits in its thread: give it one of its own.
final class BrowserPage {
    struct Failure: Error, CustomStringConvertible { var description: String }

    private let child: Child
    private let input: Int32, output: Int32
    private var received: [UInt8] = []
    private var number = 0
    private var session: String?
    private var events: [Message] = []

    /// What the browser says: an answer to a call, or something that happened.
    private struct Message: Decodable {
        struct Result: Decodable {
            var targetId: String?, sessionId: String?
            var result: Value?
        }
        struct Value: Decodable { var value: String? }
        struct Fault: Decodable { var message: String }
        struct Event: Decodable {
            struct Entry: Decodable { var level: String, text: String }
            struct Response: Decodable { var status: Double, url: String }
            var entry: Entry?, response: Response?
        }
        var id: Int?, method: String?
        var result: Result?, error: Fault?, params: Event?
    }

    /// Starts a browser with an empty page on which no script runs.
    init(folder: String) throws {
        let names = ["\(folder)/to-browser", "\(folder)/from-browser"]
        for name in names where mkfifo(name, 0o600) != 0 { throw Failure(description: "no pipe: error \(errno)") }
        // Opened for both, so that nobody waits for the other's end.
        (input, output) = (Glibc.open(names[0], O_RDWR | O_CLOEXEC), Glibc.open(names[1], O_RDWR | O_CLOEXEC))
        let command = "exec \"$0\" \"$@\" 3<'\(names[0])' 4>'\(names[1])'"
        child = try Child(
            [
                "/bin/sh", "-c", command, Browser.path ?? "", "--headless=new", "--no-sandbox", "--disable-gpu",
                "--no-first-run", "--user-data-dir=\(folder)/profile", "--remote-debugging-pipe",
            ], environment: ["PATH": "/usr/bin:/bin", "HOME": folder], seconds: 120)
        let target = try call("Target.createTarget", ["url": .text("about:blank")])?.targetId
        let attached = try call("Target.attachToTarget", ["targetId": .text(target ?? ""), "flatten": .flag(true)])
        session = attached?.sessionId
        for domain in ["Page", "Runtime", "Log", "Network"] { try call("\(domain).enable") }
        try call("Emulation.setScriptExecutionDisabled", ["value": .flag(true)])
    }

    /// Ends the browser.
    func close() {
        child.signal(SIGTERM)
        Glibc.close(input)
        Glibc.close(output)
    }

    // MARK: - What a person does

    /// Opens an address and waits until it is there.
    func open(_ url: String) throws {
        try arrive { try call("Page.navigate", ["url": .text(url)]) }
    }

    /// Presses a key; on a link or in a form that may lead elsewhere.
    func press(_ key: String, code: Int, text: String = "") throws {
        for kind in ["keyDown", "keyUp"] {
            try call(
                "Input.dispatchKeyEvent",
                [
                    "type": .text(kind), "key": .text(key), "windowsVirtualKeyCode": .number(code),
                    "text": .text(kind == "keyDown" ? text : ""),
                ])
        }
    }

    /// Types a text into what has the focus.
    func type(_ text: String) throws { try call("Input.insertText", ["text": .text(text)]) }

    /// Does something after which another page is there.
    func arrive(by act: () throws -> Void) throws {
        events.removeAll { $0.method == "Page.loadEventFired" }
        try act()
        while !events.contains(where: { $0.method == "Page.loadEventFired" }) { events.append(try next()) }
    }

    /// Sets how wide the window is, and whether the system is in the dark.
    func look(width: Int, isDark: Bool) throws {
        try call(
            "Emulation.setDeviceMetricsOverride",
            ["width": .number(width), "height": .number(900), "deviceScaleFactor": .number(1), "mobile": .flag(false)])
        try call(
            "Emulation.setEmulatedMedia",
            ["features": .raw("[{\"name\":\"prefers-color-scheme\",\"value\":\"\(isDark ? "dark" : "light")\"}]")])
    }

    // MARK: - What is seen

    /// What an expression comes to, as text. It is the test's, not the page's.
    func read(_ expression: String) throws -> String {
        let answer = try call(
            "Runtime.evaluate", ["expression": .text("String(\(expression))"), "returnByValue": .flag(true)])
        return answer?.result?.value ?? ""
    }

    /// What the browser complained about since it was asked last.
    func complaints() throws -> [String] {
        _ = try read("1")
        defer { events.removeAll() }
        return events.compactMap { event in
            if let entry = event.params?.entry, ["error", "warning"].contains(entry.level) { return entry.text }
            if let response = event.params?.response, response.status >= 400 {
                return "\(response.status) \(response.url)"
            }
            return nil
        }
    }

    // MARK: - The protocol

    enum Parameter {
        case text(String), number(Int), flag(Bool), raw(String)

        var json: String {
            switch self {
            case .text(let text):
                (try? JSONEncoder().encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
            case .number(let number): "\(number)"
            case .flag(let flag): "\(flag)"
            case .raw(let json): json
            }
        }
    }

    @discardableResult
    private func call(_ method: String, _ parameters: KeyValuePairs<String, Parameter> = [:]) throws -> Message.Result?
    {
        number += 1
        let members = parameters.map { "\"\($0.key)\":\($0.value.json)" }.joined(separator: ",")
        let whose = session.map { ",\"sessionId\":\"\($0)\"" } ?? ""
        let message = Array("{\"id\":\(number),\"method\":\"\(method)\",\"params\":{\(members)}\(whose)}".utf8) + [0]
        guard write(input, message, message.count) == message.count else { throw Failure(description: "no browser") }
        while true {
            let answer = try next()
            guard answer.id == number else {
                events.append(answer)
                continue
            }
            if let fault = answer.error { throw Failure(description: "\(method): \(fault.message)") }
            return answer.result
        }
    }

    private func next() throws -> Message {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            if let end = received.firstIndex(of: 0) {
                let message = Data(received[..<end])
                received.removeSubrange(...end)
                return try JSONDecoder().decode(Message.self, from: message)
            }
            var asked = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard poll(&asked, 1, 30_000) > 0 else { throw Failure(description: "the browser says nothing") }
            let count = Glibc.read(output, &buffer, buffer.count)
            guard count > 0 else { throw Failure(description: "the browser has ended") }
            received += buffer[..<count]
        }
    }
}
