import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowN8N
import MendflowPolicy
public import MendflowWorkspace
import MendflowYAML

extension Workspace {
    /// The findings of `validate --instance`: what the server cannot do for the policies, and names it does not know.
    ///
    /// Where the server cannot be asked, `trouble` says why and the findings are those of the files alone.
    public func validate(
        against name: String
    ) async throws(MendflowFailure) -> (report: FindingsReport, trouble: String?) {
        let instance = try instance(name)
        var trouble: String?
        var remarks: [ServerRemark] = []
        do throws(MendflowFailure) { remarks = try await serverRemarks(instance) } catch { trouble = error.message }
        var report = findings
        report.advise(on: policies)
        report.tell(ofServer: remarks.map(\.finding))
        return (report, trouble)
    }

    private func serverRemarks(_ instance: Configuration.Instance) async throws(MendflowFailure) -> [ServerRemark] {
        let reader = try adapters(instance).reader
        let capabilities: ServerCapabilities
        do throws(ReadFailure) { capabilities = try await reader.capabilities() } catch {
            throw MendflowFailure(.unreachable, error.description)
        }
        let workflows = try? await reader.workflows()
        return ServerRemarks(
            set: policySet(instance), capabilities: capabilities, workflows: workflows,
            learnedTags: try await learnedTags(instance),
            gapBudget: agentConfiguration(instance, mode: .dryRun).gapBudget,
            // A server's clock that is off by minutes makes no difference to days.
            kept: await KeptRuns.ask(
                reader, capabilities, lookBack: lookBack, now: ClockOffset.zero.server(clock.now()))
        ).all()
    }

    /// Names of annotation tags that executions were seen to bear.
    func learnedTags(_ instance: Configuration.Instance) async throws(MendflowFailure) -> Set<String> {
        let ledger = try await readLedger(LedgerScope(instances: [instance.name]))
        guard let ledger, let baseline = ledger.baseline(of: instance.name) else { return [] }
        return Set(ledger.view(of: baseline.instance, shadow: false).learnedTags.keys)
    }
}
