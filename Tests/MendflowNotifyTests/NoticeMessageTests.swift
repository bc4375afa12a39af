import MendflowCore
import MendflowNotify
import MendflowPolicy
import MendflowTestKit
import Testing

@Suite("A message")
struct NoticeMessageTests {
    private func channel(
        _ change: (inout Configuration.Channel) -> Void = { _ in }
    ) -> Configuration.Channel {
        var channel = Configuration.Channel(name: "ops", destination: .command(.init(words: ["page"])))
        change(&channel)
        return channel
    }

    private func notice(_ subject: String = "it <failed> & stays") -> Notice {
        var notice = Notice(
            .exhausted, .open, .warning, topic: "l:exhausted:production:1:4711", record: 7, at: .noon, subject: subject,
            text: "a line\nanother")
        notice.instance = "production"
        (notice.execution, notice.workflow, notice.policy) = ("4711", "12", "retry-orders")
        return notice
    }

    private func message(_ notices: [Notice], _ channel: Configuration.Channel) -> NoticeMessage {
        NoticeMessage(notices, channel, links: ["production": "https://n8n.example"])
    }

    @Test("says all there is as JSON, with its key")
    func json() {
        let json = String(decoding: message([notice("s")], channel()).json, as: UTF8.self)
        let parts: [String] = [
            #"{"channel":"ops","dry_run":false,"event":"exhausted","execution":"4711","instance":"production","#,
            #""key":"l:exhausted:production:1:4711#7","level":"warning","#,
            #""link":"https://n8n.example/workflow/12/executions/4711","phase":"open","policy":"retry-orders","#,
            #""record":7,"subject":"s","text":"a line\nanother\nhttps://n8n.example/workflow/12/executions/4711","#,
            #""time":"2026-05-04T12:00:00.000Z","topic":"l:exhausted:production:1:4711","version":1,"workflow":"12"}"#,
        ]
        #expect(json == parts.joined(), "\(json)")
    }

    @Test("that asks for an answer says where the console takes it, where its address is known")
    func console() {
        var ask = Notice(
            .approval, .open, .warning, topic: "l:approval:production:90", record: 90, at: .noon, subject: "may it?",
            text: "mendflow approve 90")
        func message(_ console: String?) -> NoticeMessage {
            NoticeMessage([ask], channel(), links: [:], console: console)
        }
        let place = "https://mendflow.example/inbox#ask-90"
        let told = message("https://mendflow.example")
        #expect(told.text == "mendflow approve 90\nor there: \(place)")
        #expect(String(decoding: told.json, as: UTF8.self).contains(#""link_console":"\#(place)""#))
        #expect(message(nil).text == "mendflow approve 90")
        ask.phase = .over
        #expect(message("https://mendflow.example").text == "mendflow approve 90")
    }

    @Test("cannot be markup in a chat")
    func slack() {
        let text = String(decoding: message([notice()], channel()).slack, as: UTF8.self)
        #expect(text.hasPrefix(#"{"text":"*it &lt;failed&gt; &amp; stays*\na line"#))
    }

    @Test("looks as the template says")
    func template() throws {
        let (subject, text) = (
            try NoticeTemplate("{level}: {subject}"), try NoticeTemplate("{execution.link} {policy}")
        )
        let channel = channel {
            $0.subject = subject
            $0.text = text
        }
        let message = message([notice("s")], channel)
        #expect(message.subject == "warning: s")
        #expect(message.text == "https://n8n.example/workflow/12/executions/4711 retry-orders")
    }

    @Test("of many says how many of which kind, and the first of them")
    func digest() {
        let many = (1...60).map { notice("number \($0)") }
        let message = message(many, channel())
        #expect(message.subject == "60 messages: 60 exhausted")
        #expect(message.text.contains("number 50") && message.text.hasSuffix("\nand 10 more"))
    }

    @Test("of many asks says of each how it is answered, in the console as well where its address is known")
    func digestOfAsks() {
        let asks = (90...97).map { number in
            Notice(
                .approval, .open, .warning, topic: "l:approval:production:\(number)", record: number, at: .noon,
                subject: "may it?", text: "")
        }
        let plain = NoticeMessage(asks, channel(), links: [:]).text
        #expect(plain.contains("may it? `mendflow approve 90`\n"), "\(plain)")
        #expect(plain.hasSuffix("`mendflow approve 97`"), "\(plain)")
        let linked = NoticeMessage(asks, channel(), links: [:], console: "https://mendflow.example").text
        #expect(linked.contains("`mendflow approve 92`, or https://mendflow.example/inbox#ask-92\n"), "\(linked)")
    }

    @Test("goes out by mail with a header that holds no line of others'")
    func mail() throws {
        let bytes = message([notice("Grüße\r\nBcc: all@example.com")], channel()).mail(
            from: "m@example.com", to: ["a@example.com", "b@example.com"], host: "example.com")
        let text = String(decoding: bytes, as: UTF8.self)
        let header = text.split(separator: "\r\n\r\n")[0]
        #expect(!header.contains("Bcc") && header.contains("Subject: =?utf-8?B?"))
        #expect(header.contains("To: a@example.com, b@example.com\r\n"))
        #expect(header.contains("Date: 04 May 2026 12:00:00 +0000"))
        #expect(header.contains("Message-ID: <l=exhausted=production=1=4711=7@example.com>"))
        for line in text.split(separator: "\r\n") { #expect(line.utf8.count <= 200, "\(line)") }
    }
}
