import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowPolicy
import MendflowText
import MendflowWorkspace

// What an agent needs before it looks at any n8n, and what it needs to tell people.
extension DoctorChecks {
    /// What keeps an agent from starting or from telling, whichever instance it is to look at.
    static func agent(_ workspace: Workspace, _ ledger: LedgerState?, _ files: FilesStanding?) -> [Doctor.Check] {
        settings(workspace.findings) + elsewhere(workspace, files)
            + restart(files?.needsRestart ?? []) + waits(files) + service(workspace)
            + workspace.configuration.channels.map { channel($0, workspace, ledger?.channel($0.name)) }
    }

    /// An agent on another ledger; and where none works on this one, how far it was looked for.
    private static func elsewhere(_ workspace: Workspace, _ files: FilesStanding?) -> [Doctor.Check] {
        if let agent = files?.elsewhere { return [.init(.ledger, .wrong, agent.words)] }
        guard workspace.isLedgerFile, workspace.environment.ledgers.agent(on: workspace.ledgerPath).isHeld == false
        else {
            return []
        }
        return [.init(.ledger, .note, "no agent works on \(workspace.ledgerPath); \(AgentElsewhere.unseen)")]
    }

    /// What the files say and the agent that runs does not go by.
    private static func restart(_ what: [RestartSetting]) -> [Doctor.Check] {
        guard !what.isEmpty else { return [] }
        return [
            .init(
                .files, .warning,
                "the agent that runs does not go by what the files say of \(what.map(\.description).joined(separator: ", ")): restart it"
            )
        ]
    }

    /// What files would lose and the agent that runs keeps until somebody confirms it.
    private static func waits(_ files: FilesStanding?) -> [Doctor.Check] {
        guard let files, files.isRunning, let pending = files.pending, !pending.isConfirmed else { return [] }
        let things = pending.losses.count.words("thing", "things")
        return [
            .init(
                .files, .warning,
                "the files would lose \(things) that the agent keeps until somebody confirms that, or starts it anew: `mendflow reload`"
            )
        ]
    }

    /// Files with errors are no reason not to look at the rest.
    private static func settings(_ findings: FindingsReport) -> [Doctor.Check] {
        guard findings.hasErrors else { return [] }
        return [
            .init(
                .files, .wrong,
                "configuration and policies: \(findings.summary): an agent that runs goes on with what it read before, one that "
                    + "starts refuses them; what has an error is left out below")
        ]
    }

    private static func service(_ workspace: Workspace) -> [Doctor.Check] {
        guard let service = workspace.configuration.service else { return [] }
        if let secret = service.token, let fault = tokenFault(secret, of: "`service`", workspace) {
            return [.init(.service, .wrong, fault)]
        }
        let who = service.token == nil ? "this machine may look, and nobody change anything" : "its token can be had"
        return [.init(.service, .ok, "\(service.listen): \(who)")]
    }

    /// Why the agent would not start with a token, and what to do; nil where it would.
    static func tokenFault(_ secret: Configuration.Secret, of owner: String, _ workspace: Workspace) -> String? {
        let remedy = "`openssl rand -hex 24` makes one; until then `mendflow run` does not start"
        do throws(SecretSource.Fault) {
            let length = try SecretSource(secret, besideFile: workspace.path).read(workspace.environment).count
            guard length < AccessToken.shortest else { return nil }
            return "the token of \(owner) has \(length) characters and needs \(AccessToken.shortest); \(remedy)"
        } catch { return "the token of \(owner) cannot be had: \(error.description); \(remedy)" }
    }

    private static func channel(
        _ channel: Configuration.Channel, _ workspace: Workspace, _ standing: ChannelStanding?
    ) -> Doctor.Check {
        let destination = channel.destination
        var faults = destination.secrets.compactMap { secret -> String? in
            do throws(SecretSource.Fault) {
                _ = try SecretSource(secret, besideFile: workspace.path).read(workspace.environment)
                return nil
            } catch { return error.description }
        }
        let files = workspace.environment.files
        faults += destination.files.map { FilePath.of($0, besideFile: workspace.path) }.compactMap { path in
            files.exists(path) && !files.isFolder(path) ? nil : "there is no file \(path)"
        }
        let name = "channel '\(channel.name)' (\(destination.kind))"
        if faults.isEmpty, let since = standing?.failingSince {
            return .init(
                .notify, .warning,
                "\(name) has been failing since \(since.rfc3339Seconds); what it tells waits: `mendflow notify status` says why"
            )
        }
        guard !faults.isEmpty else {
            return .init(
                .notify, .ok,
                "\(name) has all that it needs; `mendflow notify test --channel \(channel.name)` sends a message")
        }
        return .init(
            .notify, .wrong,
            "\(name) can send nothing: \(faults.joined(separator: "; ")); mend it, and try `mendflow notify test --channel \(channel.name)`"
        )
    }
}

extension Configuration.Destination {
    /// Where the secrets stand that it needs.
    fileprivate var secrets: [Configuration.Secret] {
        switch self {
        case .webhook(let webhook): [webhook.url.secret].compactMap(\.self) + webhook.headers.map(\.value)
        case .email(let mail): [mail.user?.secret, mail.password].compactMap(\.self)
        case .command: []
        }
    }

    /// The files that it needs: a program, or certificates.
    fileprivate var files: [String] {
        switch self {
        case .webhook(let webhook): [webhook.caFile].compactMap(\.self)
        case .email(let mail): [mail.caFile].compactMap(\.self)
        case .command(let command): Array(command.words.prefix(1))
        }
    }
}

extension Configuration.Text {
    fileprivate var secret: Configuration.Secret? { if case .secret(let secret) = self { secret } else { nil } }
}
