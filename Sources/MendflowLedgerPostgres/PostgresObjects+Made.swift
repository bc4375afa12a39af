extension PostgresObjects {
    /// What the migrations make, object by object.
    static let made: [String: String] = {
        let lines = text.split(separator: "\n").map { $0.split(separator: ": ", maxSplits: 1).map(String.init) }
        return Dictionary(lines.map { ($0[0], $0.count > 1 ? $0[1] : "") }) { first, _ in first }
    }()

    private static let text = """
        check mendflow_base_open_check: (open = ANY (ARRAY[0, 1]))
        check mendflow_cell_open_check: (open = ANY (ARRAY[0, 1]))
        check mendflow_ledger_single_check: single
        column mendflow_agent.blind: bytea[] not null
        column mendflow_agent.ends: bigint not null
        column mendflow_agent.instances: bytea[] not null
        column mendflow_agent.name: bytea not null
        column mendflow_agent.place: bytea not null
        column mendflow_agent.sees: bytea[] not null
        column mendflow_agent.since: bigint not null
        column mendflow_base.at: bigint not null
        column mendflow_base.epoch: bigint not null
        column mendflow_base.exclusive: bytea
        column mendflow_base.instance: bytea not null
        column mendflow_base.kind: text not null C
        column mendflow_base.link: bytea
        column mendflow_base.name: bytea not null
        column mendflow_base.open: smallint not null
        column mendflow_base.subject: bytea
        column mendflow_base.value: bytea not null
        column mendflow_cell.at: bigint not null
        column mendflow_cell.epoch: bigint not null
        column mendflow_cell.exclusive: bytea
        column mendflow_cell.instance: bytea not null
        column mendflow_cell.kind: text not null C
        column mendflow_cell.link: bytea
        column mendflow_cell.name: bytea not null
        column mendflow_cell.open: smallint not null
        column mendflow_cell.subject: bytea
        column mendflow_cell.value: bytea not null
        column mendflow_entry.at: bigint not null
        column mendflow_entry.bytes: bytea not null
        column mendflow_entry.epoch: bigint
        column mendflow_entry.execution: bytea
        column mendflow_entry.hash: bytea not null
        column mendflow_entry.instance: bytea
        column mendflow_entry.previous: bytea not null
        column mendflow_entry.root: bytea
        column mendflow_entry.sequence: bigint not null
        column mendflow_lease.ends: bigint not null
        column mendflow_lease.epoch: bigint not null
        column mendflow_lease.holder: bytea not null
        column mendflow_lease.instance: bytea not null
        column mendflow_lease.since: bigint not null
        column mendflow_ledger.entries: bigint not null
        column mendflow_ledger.id: uuid not null
        column mendflow_ledger.made: timestamp with time zone not null
        column mendflow_ledger.single: boolean not null
        column mendflow_ledger.system: bigint
        column mendflow_ledger.version: bigint not null
        function mendflow_admit: 31346804927f51166afa3184015d3dbf
        function mendflow_entry_stays: 270b49571f979d3d2e3da99878befa58
        function mendflow_now: 2ba309ac489cec3a9aec6a4bd120f3ed
        function mendflow_system: cf55d70d05e784ec224033fab79578dc
        index mendflow_agent_pkey: unique name
        index mendflow_base_pkey: unique kind, instance, epoch, name
        index mendflow_cell_by_link: instance, epoch, link (link IS NOT NULL)
        index mendflow_cell_by_subject: instance, epoch, subject (subject IS NOT NULL)
        index mendflow_cell_by_time: instance, epoch, at (subject IS NOT NULL)
        index mendflow_cell_exclusive: unique exclusive (exclusive IS NOT NULL)
        index mendflow_cell_open: instance (open = 1)
        index mendflow_cell_pkey: unique kind, instance, epoch, name
        index mendflow_entry_by_execution: instance, epoch, execution (execution IS NOT NULL)
        index mendflow_entry_by_root: instance, epoch, root (root IS NOT NULL)
        index mendflow_entry_pkey: unique sequence
        index mendflow_lease_pkey: unique instance
        index mendflow_ledger_pkey: unique single
        trigger mendflow_entry_keeps: mendflow_entry 27 O mendflow_entry_stays
        trigger mendflow_entry_remains: mendflow_entry 34 O mendflow_entry_stays
        """
}
