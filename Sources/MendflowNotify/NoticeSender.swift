import MendflowCore
package import MendflowEnvironment
import MendflowHTTP
import MendflowPolicy
package import MendflowWorkspace

/// Sends messages to where a channel leads.
package struct NoticeSender: Sendable {
    private let environment: Environment
    /// The path of a name in the configuration.
    private let path: @Sendable (String) -> String

    /// How long a server may take.
    static let limit = Period.seconds(30)

    /// Makes a sender for a configuration's channels.
    package init(_ workspace: Workspace) {
        environment = workspace.environment
        let file = workspace.path
        path = { FilePath.of($0, besideFile: file) }
    }

    /// Sends a message once, within a bounded time.
    package func send(_ message: NoticeMessage) async throws(DeliveryFault) {
        switch message.channel.destination {
        case .webhook(let webhook): try await post(message, webhook)
        case .email(let mail): try await send(message, mail)
        case .command(let command): try await run(message, command)
        }
    }

    // Secrets, read anew each time.

    private func secret(_ secret: Configuration.Secret) throws(DeliveryFault) -> String {
        let source: SecretSource =
            switch secret {
            case .environment(let name): .environment(name)
            case .file(let file): .file(path(file))
            }
        do throws(SecretSource.Fault) { return try source.read(environment) } catch {
            throw DeliveryFault(error.description)
        }
    }

    private func text(_ text: Configuration.Text) throws(DeliveryFault) -> String {
        switch text {
        case .plain(let text): text
        case .secret(let secret): try self.secret(secret)
        }
    }

    // Webhooks.

    private func post(_ message: NoticeMessage, _ webhook: Configuration.Webhook) async throws(DeliveryFault) {
        let url = try text(webhook.url)
        if let fault = WebAddress.fault(of: url) { throw DeliveryFault("the webhook's address \(fault)") }
        var request = HTTPRequest(.post, url, body: webhook.format == .slack ? message.slack : message.json)
        request.headers["Content-Type"] = "application/json"
        request.headers["User-Agent"] = "mendflow"
        request.headers["Idempotency-Key"] = message.key
        for header in webhook.headers { request.headers.add(header.name, try secret(header.value)) }
        let transport = environment.connect(
            Connection(.mutations, address: url, caFile: webhook.caFile.map(path), usesProxy: webhook.usesProxy))
        let head = try await withTransfer(transport, request) { (failure) in webhook.fault(url, failure) }
        guard !(200...299).contains(head.status) else { return }
        // What a server says of the message itself it will say again.
        throw DeliveryFault(
            "the webhook answered \(head.status)", isFinal: [400, 410, 413, 415, 422].contains(head.status))
    }

    private func withTransfer(
        _ transport: any Transport, _ request: HTTPRequest, _ fault: @escaping @Sendable (TransportFailure) -> String
    ) async throws(DeliveryFault) -> HTTPResponseHead {
        let clock = environment.deadlines
        let result = await withTaskGroup(of: Result<HTTPResponseHead, DeliveryFault>?.self) { group in
            group.addTask {
                do throws(TransportFailure) {
                    return .success(
                        try await transport.send(request) { event in
                            // What it says beside its status is of no use.
                            if case .body = event { .stop } else { .more }
                        }.head)
                } catch { return .failure(DeliveryFault(fault(error))) }
            }
            group.addTask {
                do { try await clock.sleep(for: NoticeSender.limit) } catch { return nil }
                return .failure(DeliveryFault("the webhook did not answer within \(NoticeSender.limit)"))
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let result else { throw DeliveryFault("the agent stops") }
        return try result.get()
    }

    // Mail.

    private func send(_ message: NoticeMessage, _ mail: Configuration.Mail) async throws(DeliveryFault) {
        let encryption: MailMessage.Encryption =
            switch mail.encryption {
            case .starttls: .starttls
            case .tls: .tls
            case .none: .none
            }
        var sent = MailMessage(
            host: mail.host, port: mail.port, encryption: encryption, from: mail.from, to: mail.to,
            bytes: message.mail(
                from: mail.from, to: mail.to, host: mail.from.split(separator: "@").last.map(String.init) ?? mail.host))
        if let user = mail.user { sent.user = try text(user) }
        if let password = mail.password { sent.password = try secret(password) }
        sent.caFile = mail.caFile.map(path)
        try await environment.mail.send(sent, within: NoticeSender.limit)
    }

    // Programs.

    private func run(_ message: NoticeMessage, _ command: Configuration.Command) async throws(DeliveryFault) {
        var words = command.words
        // As in a shell: a word without a slash is looked for, a path is taken beside the configuration.
        let isPath = words[0].contains("/")
        words[0] = isPath ? path(words[0]) : environment.program(named: words[0]) ?? words[0]
        let outcome = try await environment.programs.run(words, input: message.json, within: command.timeout)
        guard outcome.status != 0 else { return }
        let said = outcome.output.split(separator: "\n").first.map { ": \($0)" } ?? ""
        guard let status = outcome.status else {
            throw DeliveryFault("the command did not end within \(command.timeout)\(said)")
        }
        throw DeliveryFault("the command ended with \(status)\(said)")
    }
}

extension Configuration.Webhook {
    /// Why it cannot be reached. Of an address that is a secret no part is shown.
    fileprivate func fault(_ address: String, _ failure: TransportFailure) -> String {
        switch url {
        case .secret(let secret):
            "the webhook whose address is in \(secret.place) cannot be reached: \(failure.kind.words)"
        case .plain:
            "the webhook at \(WebAddress.hostAndPort(of: address)) cannot be reached: \(failure.kind.words)"
                + (failure.message.isEmpty ? "" : " (\(failure.message))")
        }
    }
}

extension WebAddress {
    /// The host and the port that an address leads to.
    fileprivate static func hostAndPort(of address: String) -> String {
        let isPlain = address.lowercased().hasPrefix("http://")
        let host = String(address.dropFirst(isPlain ? 7 : 8).prefix { !"/?#".contains($0) })
        let hasPort = host.split(separator: "]", omittingEmptySubsequences: false).last?.contains(":") ?? false
        return hasPort ? host : "\(host):\(isPlain ? 80 : 443)"
    }
}

extension TransportFailure.Kind {
    fileprivate var words: String {
        switch self {
        case .unresolved: "the host's name is not known"
        case .unconnected: "nobody takes connections there"
        case .tls: "the TLS handshake failed"
        case .cutOff: "the connection ended before a whole answer"
        case .notHTTP: "what answers does not speak HTTP"
        case .tooLarge: "the head of the answer is too large"
        case .invalidRequest: "no request can be made of that address"
        case .cancelled: "it was given up"
        case .other: "the request failed"
        }
    }
}
