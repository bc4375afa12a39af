import CLibCurl
import MendflowCore
import MendflowEnvironment
import MendflowMail
import Testing

@Suite("Mail")
struct CurlMailTests {
    private func message(_ server: MailServer, _ encryption: MailMessage.Encryption = .none) -> MailMessage {
        MailMessage(
            host: "127.0.0.1", port: server.port, encryption: encryption, from: "m@example.com",
            to: ["a@example.com", "b@example.com"], bytes: Array("Subject: s\r\n\r\nline\r\n.dot\r\n".utf8))
    }

    private func fault(of message: MailMessage) async -> DeliveryFault? {
        do throws(DeliveryFault) { try await CurlMail().send(message, within: .seconds(20)) } catch { return error }
        return nil
    }

    @Test("is handed over with sender, recipients and text")
    func sent() async throws {
        let server = MailServer()
        #expect(await fault(of: message(server)) == nil)
        let lines = server.lines
        #expect(lines.contains { $0.hasPrefix("MAIL FROM:<m@example.com>") })
        #expect(lines.filter { $0.hasPrefix("RCPT TO:") } == ["RCPT TO:<a@example.com>", "RCPT TO:<b@example.com>"])
        // A line that begins with a dot has one more on its way.
        #expect(lines.contains("Subject: s") && lines.contains("line") && lines.contains("..dot"))
    }

    @Test("is never sent without encryption where that is wanted: nothing but the greeting leaves")
    func noDowngrade() async throws {
        let server = MailServer()
        let fault = await fault(of: message(server, .starttls))
        #expect(fault != nil)
        #expect(!server.lines.contains { $0.hasPrefix("MAIL") || $0.hasPrefix("AUTH") })
        #expect(await self.fault(of: message(server, .tls)) != nil)
    }

    @Test("that is refused says why, for good or for now, without the password")
    func refused() async throws {
        let busy = MailServer(.init(recipient: "450 later"))
        let now = try #require(await fault(of: message(busy)))
        #expect(!now.isFinal && now.description.contains("450"))
        let gone = MailServer(.init(recipient: "550 nobody of that name"))
        #expect(try #require(await fault(of: message(gone))).isFinal)
        let locked = MailServer(.init(offers: ["AUTH PLAIN"], password: "535 no"))
        var signed = message(locked)
        (signed.user, signed.password) = ("me", "hunter22")
        let refused = try #require(await fault(of: signed))
        #expect(!refused.description.contains("hunter22") && !refused.isFinal)
        #expect(locked.lines.contains { $0.hasPrefix("AUTH PLAIN") })
    }

    @Test("is given up when nobody waits for it any more")
    func cancelled() async {
        let server = MailServer(.init(offers: []))
        let task = Task { await fault(of: message(server)) }
        task.cancel()
        // It may have been taken already; it never hangs.
        _ = await task.value
    }

    @Test("is among what this libcurl can do")
    func binding() throws {
        try #require(mendflow_curl_open())
        let handle = try #require(mendflow_curl_easy_init())
        defer { mendflow_curl_easy_cleanup(handle) }
        #expect(mendflow_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK)
        #expect(mendflow_curl_set_long(handle, CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue)) == CURLE_OK)
    }
}
