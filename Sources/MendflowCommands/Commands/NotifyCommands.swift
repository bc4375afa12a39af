import MendflowCommandLine
import MendflowLedger
import MendflowNotify
import MendflowOperations
import MendflowWorkspace

extension CommandContext {
    /// `notify preview`
    func previewNotices() async throws(MendflowFailure) -> ExitStatus {
        let all = try NoticePreview.make(
            try workspaceOfLedger(), channel: values[Options.channel], event: values[Options.noticeEvent])
        show(NoticePreviewJSON(all), NotifyText.preview(all))
        return .done
    }

    /// `notify test`
    func testChannel() async throws(MendflowFailure) -> ExitStatus {
        let sent = try await NoticePreview.test(try workspaceOfLedger(), channel: values[Options.channel])
        show(
            ChannelTestJSON(channel: sent.channel, key: sent.key),
            "\(sent.channel): it was taken, under the key \(sent.key)")
        return .done
    }

    /// `notify status`
    func channelStatus() async throws(MendflowFailure) -> ExitStatus {
        let workspace = try workspaceOfLedger()
        let carrier = try await NoticeCarrier.read(workspace)
        let all = try await ChannelStatus.read(workspace, carrier: carrier)
        show(ChannelStatusJSON(all, carrier), NotifyText.status(all, carrier, configurationOption))
        return all.allSatisfy { $0.standing?.failingSince == nil } ? .done : .failure
    }
}
