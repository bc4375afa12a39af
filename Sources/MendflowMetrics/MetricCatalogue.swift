/// Every metric that the agent serves. docs/monitoring.md is made of it.
public enum MetricCatalogue {
    // MARK: The agent

    static let build = MetricFamily("mendflow_build", .info, nil, ["version"], "The program's version.")
    static let started = MetricFamily(
        "process_start_time_seconds", .gauge, .seconds, [], "When the agent started, in seconds since 1970.")
    static let cpu = MetricFamily(
        "process_cpu_seconds", .counter, .seconds, [], "Time that the processors spent on the agent.")
    static let memory = MetricFamily(
        "process_resident_memory_bytes", .gauge, .bytes, [], "Memory that the agent holds.")
    static let interval = MetricFamily(
        "mendflow_poll_interval_seconds", .gauge, .seconds, [], "The time between two ticks, as configured.")

    // MARK: Agents that share a ledger

    static let agents = MetricFamily(
        "mendflow_agents", .gauge, nil, [],
        "Agents that are there, by this one's last turn at the leases; only where several share the ledger, as all of these."
    )
    static let leads = MetricFamily(
        "mendflow_leads", .gauge, nil, ["n8n"],
        "1 where this agent leads the instance. The sum over all agents is 1, and 0 or, for a scrape, 2 while it changes hands."
    )
    static let leaseEpoch = MetricFamily(
        "mendflow_lease_epoch", .gauge, nil, ["n8n"],
        "How often the instance was taken over since the ledger began, by any agent: it grows by one each time.")
    static let blind = MetricFamily(
        "mendflow_agents_blind", .gauge, nil, ["n8n"],
        "Agents that do not reach the n8n, or did not until a moment ago; who does leads it."
    )
    static let unled = MetricFamily(
        "mendflow_instances_unled", .gauge, nil, [],
        "Instances of the configuration that no agent leads, as far as this one can tell.")

    // MARK: Ticks

    static let enforced = MetricFamily(
        "mendflow_instance_enforced", .gauge, nil, ["n8n"],
        "1 where the agent and the instance are in mode enforce, 0 in dry-run.")
    static let ready = MetricFamily(
        "mendflow_instance_ready", .gauge, nil, ["n8n"], "1 where the instance is looked after, as /readyz says.")
    static let stalled = MetricFamily(
        "mendflow_instance_stalled", .gauge, nil, ["n8n"],
        "1 where the instance's loop does not turn, as /healthz says.")
    static let ticks = MetricFamily("mendflow_ticks", .counter, nil, ["n8n"], "Ticks that were made.")
    static let tickDuration = MetricFamily(
        "mendflow_tick_duration_seconds", .histogram, .seconds, ["n8n"],
        "How long a tick took, from reading to deciding.")
    static let incomplete = MetricFamily(
        "mendflow_incomplete_ticks", .counter, nil, ["n8n"], "Ticks in which not everything was seen.")
    static let unwritten = MetricFamily(
        "mendflow_unwritten_ticks", .counter, nil, ["n8n"],
        "Ticks of which something could not be written into the ledger.")
    static let lastTick = MetricFamily(
        "mendflow_last_tick_timestamp_seconds", .gauge, .seconds, ["n8n"],
        "When the last tick began, in seconds since 1970.")
    static let lastRead = MetricFamily(
        "mendflow_last_read_timestamp_seconds", .gauge, .seconds, ["n8n"],
        "When the last tick began that read n8n without a failure, in seconds since 1970: `time()` less this is the poll lag."
    )
    static let readFailures = MetricFamily(
        "mendflow_read_failures", .counter, nil, ["n8n", "kind"],
        "Reads of n8n that failed, of lists and of single executions, by kind of failure.")
    static let requests = MetricFamily(
        "mendflow_n8n_requests", .counter, nil, ["n8n", "endpoint", "status"],
        "Requests sent to n8n, by what was asked for and class of status (`2xx` to `5xx`; `none` where no answer came)."
    )
    static let limit = MetricFamily(
        "mendflow_rate_limit_requests", .gauge, nil, ["n8n", "kind"],
        "Requests that n8n allows the key in a window; only where n8n tells it.")
    static let remaining = MetricFamily(
        "mendflow_rate_limit_remaining_requests", .gauge, nil, ["n8n", "kind"],
        "Requests that are left of the key's window, as n8n told last; all of them once the window is over.")

    // MARK: What is known

    static let known = MetricFamily(
        "mendflow_known_executions", .gauge, nil, ["n8n"], "Executions that the agent knows of.")
    static let unread = MetricFamily(
        "mendflow_unread_ranges", .gauge, nil, ["n8n"], "Parts of n8n's list that there was no room to read yet.")
    static let gaps = MetricFamily(
        "mendflow_unknown_ids", .gauge, nil, ["n8n"],
        "Ids between known ones that no list shows and nobody has asked for.")

    static let hints = MetricFamily(
        "mendflow_hints", .counter, nil, ["n8n", "source", "result"],
        "Hints that came, by source (`span`, `error_trigger`) and what became of them: `taken`, `idle` (of what went well), "
            + "`duplicate`, `dropped`; of those taken, `unknown` where n8n has no such execution; requests that were `refused` "
            + "or `rate_limited`, with an empty `n8n` where no instance's token came along.")

    // MARK: What is decided

    static let held = MetricFamily(
        "mendflow_held_decisions", .gauge, nil, ["n8n", "reason"],
        "Decisions to hold or to wait that stand now, by reason, of enforced and dry-run policies together.")
    static let decisions = MetricFamily(
        "mendflow_decisions", .counter, nil, ["n8n", "policy", "mode", "verdict", "reason"],
        "Decisions that were recorded, which is whenever one changes; verdict is `act`, `wait` or `held`.")
    static let actions = MetricFamily(
        "mendflow_actions", .counter, nil, ["n8n", "policy", "action", "mode"],
        "Actions that were written down to be sent; in mode `dry_run` those that would have been.")

    // MARK: What came of it

    static let outcomes = MetricFamily(
        "mendflow_action_outcomes", .counter, nil, ["n8n", "policy", "action", "outcome"],
        "What became of the requests that were sent, by outcome: `applied`, `void` (proven to have done nothing), `unresolved`, "
            + "`ineffective`, `superseded`.")
    static let chains = MetricFamily(
        "mendflow_chain_outcomes", .counter, nil, ["n8n", "policy", "outcome"],
        "Chains that a policy has retried, by how that went: `healed`, `given_up` (its retries or its time are used up), `unresolved` (a "
            + "request that nobody answered).")
    static let intents = MetricFamily(
        "mendflow_open_intents", .gauge, nil, ["n8n", "state"],
        "Actions that are not settled: `reserved`, `sending`, and `unresolved`, which wait for a person.")

    // MARK: What somebody should know of

    static let openIncidents = MetricFamily(
        "mendflow_open_incidents", .gauge, nil, ["n8n"], "Incidents that go on: failures that belong together.")
    static let incidents = MetricFamily("mendflow_incidents", .counter, nil, ["n8n"], "Incidents that were found.")
    static let absences = MetricFamily(
        "mendflow_missing_workflows", .gauge, nil, ["n8n"],
        "Workflows that should have run and did not, as policies say.")
    static let openApprovals = MetricFamily(
        "mendflow_open_approvals", .gauge, nil, ["n8n"], "Actions that wait for a person's yes.")
    static let approvals = MetricFamily(
        "mendflow_approvals", .counter, nil, ["n8n", "policy", "event"],
        "What people were asked and what they said: `asked`, `given`, `declined`, `expired`, `withdrawn`.")
    static let demoted = MetricFamily(
        "mendflow_policy_demoted", .gauge, nil, ["n8n", "policy"],
        "1 where a policy healed less than it expects and went back to dry-run by itself.")

    static let notices = MetricFamily(
        "mendflow_notices", .counter, nil, ["channel", "outcome"],
        "Notices that people were told (`delivered`), those that were given up (`abandoned`), and those that nobody could answer any more when they could be told (`dropped`), by channel of `notify`."
    )
    static let channelFailing = MetricFamily(
        "mendflow_channel_failing", .gauge, nil, ["channel"], "1 where the last message of a channel could not be sent."
    )

    // MARK: What keeps it from acting

    static let alarmed = MetricFamily(
        "mendflow_alarmed", .gauge, nil, ["n8n"],
        "1 where n8n's database seems to be another one, so that nothing is done.")
    static let paused = MetricFamily("mendflow_paused", .gauge, nil, ["n8n"], "1 where acting is paused.")
    static let suspended = MetricFamily(
        "mendflow_suspended", .gauge, nil, ["n8n", "action"],
        "1 where n8n refuses the key this kind of action, or it is held because not all of n8n can be read.")

    // MARK: Policies and the ledger

    static let policies = MetricFamily(
        "mendflow_policies", .gauge, nil, ["mode"], "Policies in force, by their own mode.")
    static let lost = MetricFamily(
        "mendflow_lost_policies", .gauge, nil, [], "Policies in force whose file is gone: what they match is held.")
    static let unconfirmed = MetricFamily(
        "mendflow_unconfirmed_losses", .gauge, nil, [],
        "What changed files would lose and what waits for `mendflow reload --confirm`.")
    static let reloadErrors = MetricFamily(
        "mendflow_policy_reload_errors", .gauge, nil, [],
        "Errors in the files as they are now, for which they are not in force; 0 where they are.")
    static let reloaded = MetricFamily(
        "mendflow_policy_reload_timestamp_seconds", .gauge, .seconds, [],
        "When changed files were read last, in seconds since 1970; the start where none changed.")
    static let ledgerReadable = MetricFamily(
        "mendflow_ledger_readable", .gauge, nil, [], "1 where the ledger could be read for this scrape.")
    static let records = MetricFamily("mendflow_ledger_records", .gauge, nil, [], "Records in the ledger.")
    static let ledgerSize = MetricFamily(
        "mendflow_ledger_size_bytes", .gauge, .bytes, [], "How large the ledger's file is.")
    static let appendDuration = MetricFamily(
        "mendflow_ledger_append_duration_seconds", .histogram, .seconds, [], "How long an append to the ledger took.")

    /// All of them, in the order in which they are served, by subject.
    public static let subjects: [(title: String, families: [MetricFamily])] = [
        ("The agent", [build, started, cpu, memory, interval]),
        ("Agents that share a ledger", [agents, leads, leaseEpoch, unled, blind]),
        (
            "Ticks",
            [
                enforced, ready, stalled, ticks, tickDuration, incomplete, unwritten, lastTick, lastRead, readFailures,
                requests, limit, remaining,
            ]
        ),
        ("What is known of n8n", [known, unread, gaps, hints]),
        ("What is decided", [held, decisions, actions]),
        ("What came of it", [outcomes, chains, intents]),
        (
            "What somebody should know of",
            [openIncidents, incidents, absences, openApprovals, approvals, demoted, notices, channelFailing]
        ),
        ("What keeps it from acting", [alarmed, paused, suspended]),
        (
            "Policies and the ledger",
            [policies, lost, unconfirmed, reloadErrors, reloaded, ledgerReadable, records, ledgerSize, appendDuration]
        ),
    ]

    /// All of them.
    public static var all: [MetricFamily] { subjects.flatMap(\.families) }
}
