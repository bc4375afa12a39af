import MendflowCommandLine
import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowOperations
import MendflowText
import MendflowWorkspace

extension CommandContext {
    /// `audit tail`
    func auditTail() async throws(MendflowFailure) -> ExitStatus {
        try await Audit.entries(try workspaceOfLedger(), last: values[Options.count]) { entry in
            console.result(isJSON ? String(decoding: entry.line, as: UTF8.self) : AuditText.line(entry))
        }
        return .done
    }

    /// `audit export`: the bytes as they were sealed, so that anybody can check them.
    func auditExport() async throws(MendflowFailure) -> ExitStatus {
        let left = try await Audit.entries(try workspaceOfLedger(), segments: try segmentsFolder()) {
            console.exact($0.line + [0x0A])
        }
        if let left {
            console.message(
                "mendflow: not in the ledger: \(left.words); `--segments FOLDER` puts all such records first")
        }
        return .done
    }

    /// `audit replay`
    func auditReplay() async throws(MendflowFailure) -> ExitStatus {
        let found = try await AuditReplay.run(try workspaceOfQuestion(), segments: try segmentsFolder())
        show(AuditReplayJSON(found), AuditText.replay(found))
        return found.differences.isEmpty ? .done : .brokenChain
    }

    /// `audit verify`
    func auditVerify() async throws(MendflowFailure) -> ExitStatus {
        let head = values[Options.head]
        let found: AuditVerification
        if let file = values[Options.export] {
            found = try Audit.verify(file: file, head: head, environment.files)
        } else {
            found = try await Audit.verify(try workspaceOfLedger(), head: head, segments: try segmentsFolder())
        }
        show(AuditVerificationJSON(found), AuditText.verification(found))
        return found.isIntact ? .done : .brokenChain
    }

    /// Where sealed segments are; nil where nobody says.
    ///
    /// - Throws: where it is no folder: without the segments the answer would be another one than was asked for.
    func segmentsFolder() throws(MendflowFailure) -> String? {
        guard let path = values[Options.segments] else { return nil }
        guard environment.files.isFolder(path) else {
            let what = environment.files.exists(path) ? "it is no folder" : "there is no such folder"
            throw NamedFile.failure("--segments \(path.asShellWord): \(what)", of: path, environment.files)
        }
        return path
    }
}
