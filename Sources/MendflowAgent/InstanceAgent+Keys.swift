import MendflowCore
import MendflowCycle
import MendflowLedger

/// What an agent knows of whether its server honours keys (semantics 29e).
struct KeyKnowledge: Sendable {
    /// A key that the server had taken and refused to another request; nil where it is not known to honour keys.
    private(set) var witness: KeyWitness?
    /// When it was asked last, in monotonic time, and whether it was told then.
    private var askedAt: Period?
    private var isTold = false
    /// Witnesses that the server did not show to have: when they may be asked for again, and how long that is to wait.
    private var unseen: [RequestKey: (again: Period, wait: Period)] = [:]

    /// A witness is renewed before it could be forgotten. A server that honours no keys may be another one by tomorrow, and one
    /// of which nothing was learned is asked again soon.
    private static let renewal = Period.hours(1), doubt = Period.hours(12), patience = Period.minutes(5)
    private static let firstWait = Period.seconds(20), longestWait = Period.minutes(30)

    /// Whether the server may be asked now whether it still has a witness.
    func mayProve(_ witness: KeyWitness, at now: Period) -> Bool {
        unseen[witness.key].map { $0.again <= now } ?? true
    }

    /// Takes in whether it still had it. Asking costs two records, so it is done less and less often, and seldom where the
    /// server has taken the other request: it has forgotten the witness, or is another one for a while.
    mutating func note(_ answer: KeyAnswer?, of witness: KeyWitness, _ now: Period) {
        switch answer {
        case .refused: unseen[witness.key] = nil
        case .taken: unseen[witness.key] = (now + Self.longestWait, Self.longestWait)
        case .unclear, nil:
            let doubled = unseen[witness.key].map { Period(milliseconds: $0.wait.milliseconds * 2) }
            let wait = min(doubled ?? Self.firstWait, Self.longestWait)
            unseen[witness.key] = (now + wait, wait)
        }
    }

    /// Whether it is to be asked now: once at the start, and later where a retry is about to be sent.
    func isDue(at now: Period, isActing: Bool) -> Bool {
        guard let askedAt else { return true }
        guard isActing else { return false }
        let interval = witness != nil ? Self.renewal : isTold ? Self.doubt : Self.patience
        return now - askedAt >= interval
    }

    /// Takes in what it answered to the first of two requests and to the other.
    mutating func note(_ key: RequestKey, _ first: KeyAnswer, _ other: KeyAnswer?, at time: AgentTime, _ now: Period) {
        askedAt = now
        witness = nil
        isTold = false
        guard first == .taken else { return }
        switch other {
        case .refused: witness = KeyWitness(key, takenAt: time)
        case .taken: isTold = true
        case .unclear, nil: break
        }
    }
}

extension InstanceAgent {
    /// What is to be asked for again of what a step found, and is not already.
    func askings(of step: Step) -> [TickReport.Started] {
        guard dispatch.writer != nil else { return [] }
        let now = clock.monotonic()
        let provable = step.askings.filter { asking in
            asking.intent.witness.map { dispatch.keys.mayProve($0, at: now) } ?? true
        }
        return provable.filter { outbox.asking.insert($0.intent.id).inserted }.map {
            TickReport.Started(intent: $0.intent, action: $0.action, judged: $0.judged)
        }
    }

    /// Learns whether the server honours keys, where that is due: from then on what is sent can be asked for again.
    func learnOfKeys(_ step: Step, _ started: [TickReport.Started]) async {
        guard let writer = dispatch.writer, step.view.paused == nil, step.view.alarm == nil,
            await mayProbeKeys(step.view),
            dispatch.keys.isDue(at: clock.monotonic(), isActing: started.contains { $0.intent.draft.action == .retry })
        else { return }
        let key = RequestKey(probeAt: clock.now())
        guard let first = await ask(KeyProbe(key, .first), writer) else { return }
        let other = first == .taken ? await ask(KeyProbe(key, .other), writer) : nil
        dispatch.keys.note(key, first, other, at: clock.now(), clock.monotonic())
        let words =
            switch (first, other) {
            case (.taken, .refused): "n8n honours keys of requests: a lost answer can be asked for again"
            case (.taken, .taken): "n8n ignores keys of requests"
            default: "whether n8n honours keys of requests is not known"
            }
        audience.tell([Remark(.info, "server.keys", words, topic: Remark.Topic(name: "server.keys", again: nil))])
    }

    /// Whether the probe is of any use: a bulk stop that this key may send, to a server that may know keys.
    private func mayProbeKeys(_ view: LedgerView) async -> Bool {
        guard let capabilities = await surveyor.capabilities, capabilities.era == .c,
            !capabilities.notOffered.contains(.bulkStop), view.suspended[.stop] == nil,
            view.suspended[.bulkStop] == nil, await mayRetry(view)
        else { return false }
        return capabilities.scopes?.contains("execution:stop") ?? true
    }

    /// Whether there is or may be a retry that could be asked for again: where no policy acts, nothing at all is sent.
    private func mayRetry(_ view: LedgerView) async -> Bool {
        let policies = await surveyor.policies.policies
        return policies.contains { $0.mode == .enforce && $0.remediation?.kind == .retry }
            || view.intents.contains { $0.draft.action == .retry && $0.state == .unresolved }
    }

    /// Asks whether the server still has the key that it had before an intent's request left; nil where it is not asked.
    func askWitness(of intent: Intent, _ writer: any ExecutionWriter) async -> KeyAnswer? {
        guard let witness = intent.witness else { return nil }
        let answer = await ask(KeyProbe(witness.key, .other), writer)
        dispatch.keys.note(answer, of: witness, clock.monotonic())
        return answer
    }

    /// Sends a probe, with a record before and after; nil where it could not be written down.
    private func ask(_ probe: KeyProbe, _ writer: any ExecutionWriter) async -> KeyAnswer? {
        let instance = surveyor.instance
        guard await append([.probing(instance, probe)], isOutcome: false, []) == nil, !fate.isKilled else { return nil }
        let answer = await writer.send(probe)
        await append([.probed(instance, probe, answer)], isOutcome: false, [])
        return answer
    }
}
