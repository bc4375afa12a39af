import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowOperations

/// Makes metrics of what is known at one moment.
struct MetricFigures {
    typealias Catalogue = MetricCatalogue

    var values: HostStatus.Values
    var health: HostHealth
    /// The moment, in the clock's monotonic time.
    var now: Period
    var tally: LedgerTally
    var isLedgerReadable: Bool
    var ledgerBytes: Int?
    var requests: [Meters.Request: Int]
    var appends: DurationCounts
    var version: String
    var process: ProcessFigures?
    /// What became of hints, by instance.
    var hints: [(instance: String, tally: HintTally)] = []

    /// All of them, in the catalogue's order.
    var metrics: [Metric] {
        agent + fleet + loops + known + decided + outcomes + concerns + obstacles + rest
    }

    private var agent: [Metric] {
        var build = Metric(Catalogue.build)
        build.add([version], 1)
        return [
            build, Metric(Catalogue.started, seconds(values.started.at)),
            Metric(Catalogue.cpu, process.map { [point($0.processorSeconds)] } ?? []),
            Metric(Catalogue.memory, process.map { [point($0.residentBytes)] } ?? []),
            Metric(Catalogue.interval, seconds(values.pollInterval)),
        ]
    }

    /// By this agent's last turn at the leases; where it had none for long, no lease of its own lasts any more.
    private var fleet: [Metric] {
        guard let fleet = values.fleet else { return [] }
        let names = values.instances.map(\.name)
        var leads = Metric(Catalogue.leads), epochs = Metric(Catalogue.leaseEpoch), blind = Metric(Catalogue.blind)
        for name in names {
            leads.add([name], fleet.held(name, now: now)?.holder == fleet.here ? 1 : 0)
            blind.add([name], fleet.board.present.count { $0.blind.contains(name) })
            if let lease = fleet.board.leases[name] { epochs.add([name], Double(lease.epoch)) }
        }
        let unled = names.count { fleet.held($0, now: now) == nil }
        return [
            Metric(Catalogue.agents, Double(fleet.board.present.count)), leads, epochs,
            Metric(Catalogue.unled, Double(unled)), blind,
        ]
    }

    private var loops: [Metric] {
        var failures = Metric(Catalogue.readFailures)
        var sent = Metric(Catalogue.requests)
        var durations = Metric(Catalogue.tickDuration)
        for instance in values.instances {
            for kind in ReadFailure.Kind.allCases {
                failures.add([instance.name, kind.rawValue], instance.counts.failures[kind] ?? 0)
            }
            durations.points.append(.init(labels: [instance.name], value: distribution(instance.counts.durations)))
        }
        for (request, count) in requests {
            let status = request.statusClass.map { "\($0)xx" } ?? "none"
            sent.add([request.instance, request.endpoint.rawValue, status], count)
        }
        let judged = Dictionary(health.instances.map { ($0.name, $0) }) { first, _ in first }
        return [
            each(Catalogue.enforced) { $0.mode == .enforce ? 1 : 0 },
            each(Catalogue.ready) { judged[$0.name]?.isReady == true ? 1 : 0 },
            each(Catalogue.stalled) { judged[$0.name]?.stall != nil ? 1 : 0 },
            each(Catalogue.ticks) { Double($0.ticks) }, durations,
            each(Catalogue.incomplete) { Double($0.counts.incomplete) },
            each(Catalogue.unwritten) { Double($0.counts.unwritten) },
            each(Catalogue.lastTick) { $0.lastTick.map { seconds($0.began.at) } },
            each(Catalogue.lastRead) { $0.lastRead.map { seconds($0.at) } }, failures, sent.sorted,
        ] + limits
    }

    private var limits: [Metric] {
        var limit = Metric(Catalogue.limit), remaining = Metric(Catalogue.remaining)
        for instance in values.instances {
            let limits = instance.lastTick?.limits
            for (kind, found) in [("reads", limits?.reads), ("writes", limits?.writes)] {
                guard let found else { continue }
                limit.add([instance.name, kind], found.limit)
                remaining.add([instance.name, kind], now < found.ends ? found.remaining : found.limit)
            }
        }
        return [limit, remaining]
    }

    private var known: [Metric] {
        var heard = Metric(Catalogue.hints)
        for (instance, tally) in hints {
            for source in Hint.Source.allCases {
                for result in HintTally.Result.allCases {
                    let count = tally.counts[HintTally.Key(source, result)] ?? 0
                    heard.add([instance, source.rawValue, result.rawValue], count)
                }
            }
        }
        return [
            each(Catalogue.known) { $0.lastTick?.seen.map { Double($0.known) } },
            each(Catalogue.unread) { $0.lastTick?.seen.map { Double($0.unreadRanges) } },
            each(Catalogue.gaps) { $0.lastTick?.seen.map { Double($0.unknownIDs) } }, heard,
        ]
    }

    private var decided: [Metric] {
        var held = Metric(Catalogue.held), decisions = Metric(Catalogue.decisions), actions = Metric(Catalogue.actions)
        for instance in values.instances {
            for (reason, count) in instance.lastTick?.seen?.held ?? [:] { held.add([instance.name, reason], count) }
        }
        for (key, count) in tally.decided {
            decisions.add([key.instance, key.policy, key.mode.rawValue, key.verdict, key.reason], count)
        }
        for (key, count) in tally.acted {
            actions.add([key.instance, key.policy, key.action.rawValue, key.mode.rawValue], count)
        }
        return [held.sorted, decisions.sorted, actions.sorted]
    }

    private var outcomes: [Metric] {
        var outcomes = Metric(Catalogue.outcomes), chains = Metric(Catalogue.chains),
            intents = Metric(Catalogue.intents)
        for (key, count) in tally.settled {
            outcomes.add([key.instance, key.policy, key.action.rawValue, key.outcome.rawValue], count)
        }
        // Where a series begins with 0 its first increase can be seen.
        var counted = tally.chains
        for instance in values.instances {
            for policy in values.policies.names {
                for outcome in LedgerTally.ChainOutcome.allCases {
                    counted[.init(instance: instance.name, policy: policy, outcome: outcome), default: 0] += 0
                }
            }
            for state in [IntentState.reserved, .sending, .unresolved] {
                let count = tally.open.values.count { $0.instance.name == instance.name && $0.state == state }
                intents.add([instance.name, state.rawValue], count)
            }
        }
        for (key, count) in counted { chains.add([key.instance, key.policy, key.outcome.rawValue], count) }
        return [outcomes.sorted, chains.sorted, intents]
    }

    private var concerns: [Metric] {
        var approvals = Metric(Catalogue.approvals), demoted = Metric(Catalogue.demoted)
        for (key, count) in tally.concerns.asked { approvals.add([key.instance, key.policy, key.event], count) }
        for instance in values.instances {
            for policy in values.policies.inForce {
                let version = tally.concerns.demoted[.init(instance: instance.name, policy: policy.name)]
                demoted.add([instance.name, policy.name], version == policy.version ? 1 : 0)
            }
        }
        var notices = Metric(Catalogue.notices), failing = Metric(Catalogue.channelFailing)
        for (key, count) in tally.concerns.told { notices.add([key.channel, key.outcome], count) }
        for (channel, fails) in tally.concerns.failing { failing.add([channel], fails ? 1 : 0) }
        func open(_ kind: ConcernTally.Kind) -> (HostStatus.Instance) -> Double? {
            { Double(tally.concerns.count(kind, of: $0.name)) }
        }
        return [
            each(Catalogue.openIncidents, open(.incident)),
            each(Catalogue.incidents) { Double(tally.concerns.incidents[$0.name] ?? 0) },
            each(Catalogue.absences, open(.absence)), each(Catalogue.openApprovals, open(.approval)),
            approvals.sorted, demoted, notices.sorted, failing.sorted,
        ]
    }

    private var obstacles: [Metric] {
        var suspended = Metric(Catalogue.suspended)
        for instance in values.instances {
            guard let standing = instance.lastTick?.standing else { continue }
            for kind in ActionKind.allCases {
                let isHeld = standing.suspended[kind] != nil || lastingGap(instance)?.holds(kind) ?? false
                suspended.add([instance.name, kind.rawValue], isHeld ? 1 : 0)
            }
        }
        return [
            each(Catalogue.alarmed) { $0.lastTick?.standing.map { $0.alarm == nil ? 0 : 1 } },
            each(Catalogue.paused) { $0.lastTick?.standing.map { $0.paused == nil ? 0 : 1 } }, suspended,
        ]
    }

    /// What its last tick could not read, where that is more than a page that comes next.
    private func lastingGap(_ instance: HostStatus.Instance) -> ReadingGap? {
        guard let tick = instance.lastTick, let gap = tick.gap else { return nil }
        return gap.lasts(at: tick.began.at + tick.took, interval: values.pollInterval) ? gap : nil
    }

    private var rest: [Metric] {
        var policies = Metric(Catalogue.policies)
        for mode in Mode.allCases { policies.add([mode.rawValue], values.policies.count(of: mode)) }
        return [
            policies, Metric(Catalogue.lost, Double(values.policies.held.count)),
            Metric(Catalogue.unconfirmed, Double(values.policies.losses.count)),
            Metric(Catalogue.reloadErrors, Double(values.policies.reloaded?.refused.count ?? 0)),
            Metric(Catalogue.reloaded, seconds(values.policies.reloaded?.at ?? values.started.at)),
            Metric(Catalogue.ledgerReadable, isLedgerReadable ? 1 : 0),
            Metric(Catalogue.records, Double(tally.records)),
            Metric(Catalogue.ledgerSize, ledgerBytes.map { [point(Double($0))] } ?? []),
            Metric(Catalogue.appendDuration, [.init(labels: [], value: distribution(appends))]),
        ]
    }

    /// A number for each instance that has one.
    private func each(_ family: MetricFamily, _ value: (HostStatus.Instance) -> Double?) -> Metric {
        Metric(
            family,
            values.instances.compactMap { instance in
                value(instance).map { Metric.Point(labels: [instance.name], value: .number($0)) }
            })
    }

    private func point(_ value: Double) -> Metric.Point { Metric.Point(labels: [], value: .number(value)) }

    private func distribution(_ counts: DurationCounts) -> Metric.Value {
        .distribution(bounds: counts.bounds.map(seconds), counts: counts.counts, sum: seconds(counts.sum))
    }

    private func seconds(_ period: Period) -> Double { Double(period.milliseconds) / 1000 }
    private func seconds(_ time: AgentTime) -> Double { Double(time.milliseconds) / 1000 }
}

extension Metric {
    fileprivate mutating func add(_ labels: [String], _ value: Int) { add(labels, Double(value)) }

    /// By their labels: what comes out of a table has no order of its own.
    fileprivate var sorted: Metric {
        Metric(family, points.sorted { $0.labels.lexicographicallyPrecedes($1.labels) })
    }
}
