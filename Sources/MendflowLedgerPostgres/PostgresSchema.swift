internal import Dispatch
internal import MendflowLedger

/// The tables, and how older ones become them. They stand in the first schema of the connection's search path.
enum PostgresSchema {
    /// The nth script leads from version n - 1 to the next. A script that was released is never changed.
    static let migrations = [version1, version2]
    static var version: Int64 { Int64(migrations.count) }

    /// "MFLW": who makes or changes the tables of a schema holds this lock.
    private static let lock = PostgresStatement(
        "SELECT pg_advisory_xact_lock(\(0x4D46_4C57), hashtext(current_schema()))")
    /// Whether they are there. It reads the catalogue's table, without which a session goes by what it remembers of names.
    private static let look = PostgresStatement(
        "SELECT count(*) > 0 FROM pg_class WHERE oid = to_regclass('mendflow_ledger')")

    /// Makes sure that the tables are there and current; where `isChanged` is true they are carried over to the present version,
    /// and made where `isMade` is true as well.
    static func prepare(
        _ connection: PostgresConnection, isChanged: Bool, isMade: Bool, at address: String, by deadline: DispatchTime
    ) async throws(PostgresFailure) {
        let found = try await found(connection, by: deadline)
        if found == version { return }
        if found == 0, !isMade { throw .ledger(.missing(address)) }
        guard isChanged, found < version else { throw other(found, address) }
        _ = try await connection.run([PostgresStatement("BEGIN"), lock], by: deadline)
        // Another process may have done it meanwhile.
        let now = try await self.found(connection, by: deadline)
        guard now <= version else { throw other(now, address) }
        for script in migrations.dropFirst(Int(now)) { try await connection.script(script, by: deadline) }
        if now < version { try await note(connection, isNew: now == 0, by: deadline) }
        _ = try await connection.run([PostgresStatement("COMMIT")], by: deadline)
    }

    /// Makes sure that what an append found is still of the present version.
    static func check(_ rows: PostgresRows, at address: String) throws(PostgresFailure) {
        guard let found = try rows.first({ $0.integer() }) else {
            throw .unexpected("the table mendflow_ledger is empty")
        }
        guard found == version else { throw other(found, address) }
    }

    private static func other(_ found: Int64, _ address: String) -> PostgresFailure {
        .ledger(.otherSchema(found: Int(found), supported: Int(version), path: address))
    }

    /// The version of the tables; 0 where there are none.
    private static func found(
        _ connection: PostgresConnection, by deadline: DispatchTime
    ) async throws(PostgresFailure) -> Int64 {
        let isThere = try await connection.run([look], by: deadline)[0].first { $0.flag() }
        guard isThere == true else { return 0 }
        let version = PostgresStatement("SELECT version FROM mendflow_ledger")
        guard let found = try await connection.run([version], by: deadline)[0].first({ $0.integer() }) else {
            throw .unexpected("the table mendflow_ledger is empty")
        }
        return found
    }

    private static func note(
        _ connection: PostgresConnection, isNew: Bool, by deadline: DispatchTime
    ) async throws(PostgresFailure) {
        guard isNew else {
            _ = try await connection.run(
                [PostgresStatement("UPDATE mendflow_ledger SET version = $1", .integer(version))], by: deadline)
            return
        }
        // What the database draws is random enough to tell one ledger from another; PostgreSQL 12 makes no UUID by itself.
        _ = try await connection.run(
            [
                PostgresStatement(
                    """
                    INSERT INTO mendflow_ledger (version, id, entries, made)
                    VALUES ($1, md5(random()::text || clock_timestamp()::text || pg_backend_pid())::uuid, 0,
                    clock_timestamp())
                    """, .integer(version)), PostgresIdentity.stamp,
            ], by: deadline)
    }

    /// Entries, sealed, with what they speak of; and cells, which follow from them. What comes from outside is kept as bytes, since
    /// it may hold a NUL.
    private static let version1 = """
        CREATE TABLE mendflow_ledger (
            single boolean PRIMARY KEY DEFAULT true CHECK (single),
            version bigint NOT NULL, id uuid NOT NULL, system bigint, entries bigint NOT NULL, made timestamptz NOT NULL
        );
        -- The server's own number; nothing where this user may not know it.
        CREATE FUNCTION mendflow_system() RETURNS bigint LANGUAGE plpgsql STABLE AS
            $$ BEGIN
                IF NOT has_function_privilege('pg_control_system()', 'execute') THEN RETURN NULL; END IF;
                RETURN (SELECT system_identifier FROM pg_control_system());
            END $$;
        CREATE TABLE mendflow_entry (
            sequence bigint PRIMARY KEY,
            bytes bytea NOT NULL, hash bytea NOT NULL, previous bytea NOT NULL,
            at bigint NOT NULL, instance bytea, epoch bigint, execution bytea, root bytea
        );
        CREATE INDEX mendflow_entry_by_execution ON mendflow_entry (instance, epoch, execution)
            WHERE execution IS NOT NULL;
        CREATE INDEX mendflow_entry_by_root ON mendflow_entry (instance, epoch, root) WHERE root IS NOT NULL;
        CREATE FUNCTION mendflow_entry_stays() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'the ledger only grows'; END $$;
        CREATE TRIGGER mendflow_entry_keeps BEFORE UPDATE OR DELETE ON mendflow_entry
            FOR EACH ROW EXECUTE FUNCTION mendflow_entry_stays();
        CREATE TRIGGER mendflow_entry_remains BEFORE TRUNCATE ON mendflow_entry
            FOR EACH STATEMENT EXECUTE FUNCTION mendflow_entry_stays();

        CREATE TABLE mendflow_cell (
            kind text COLLATE "C" NOT NULL, instance bytea NOT NULL, epoch bigint NOT NULL, name bytea NOT NULL,
            subject bytea, link bytea, at bigint NOT NULL, open smallint NOT NULL CHECK (open IN (0, 1)),
            exclusive bytea, value bytea NOT NULL,
            PRIMARY KEY (kind, instance, epoch, name)
        );
        -- The never-twice rule once more, beneath the program's own.
        CREATE UNIQUE INDEX mendflow_cell_exclusive ON mendflow_cell (exclusive) WHERE exclusive IS NOT NULL;
        CREATE INDEX mendflow_cell_by_subject ON mendflow_cell (instance, epoch, subject) WHERE subject IS NOT NULL;
        CREATE INDEX mendflow_cell_by_link ON mendflow_cell (instance, epoch, link) WHERE link IS NOT NULL;
        CREATE INDEX mendflow_cell_by_time ON mendflow_cell (instance, epoch, at) WHERE subject IS NOT NULL;
        CREATE INDEX mendflow_cell_open ON mendflow_cell (instance) WHERE open = 1;

        -- Who leads which instance, on this database's clock, in milliseconds.
        CREATE FUNCTION mendflow_now() RETURNS bigint LANGUAGE sql VOLATILE AS
            $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;
        CREATE TABLE mendflow_lease (
            instance bytea PRIMARY KEY, epoch bigint NOT NULL, holder bytea NOT NULL, since bigint NOT NULL,
            ends bigint NOT NULL
        );
        -- Fails where a lease is over, or ends too soon: the last word on what is written under it.
        CREATE FUNCTION mendflow_admit(wanted bytea, token bigint, margin bigint, agent bytea) RETURNS void
            LANGUAGE plpgsql AS
            $$ BEGIN
                IF NOT EXISTS (SELECT FROM mendflow_lease
                    WHERE instance = wanted AND epoch = token AND (agent IS NULL OR holder = agent)
                    AND ends - mendflow_now() > margin)
                THEN RAISE EXCEPTION 'the lease is over, or ends too soon' USING ERRCODE = 'MF001'; END IF;
            END $$;
        CREATE TABLE mendflow_agent (
            name bytea PRIMARY KEY, place bytea NOT NULL, since bigint NOT NULL, ends bigint NOT NULL,
            instances bytea[] NOT NULL
        );
        """

    /// Which n8n's an agent does not reach, and which it does though their leaders do not; and what sealed records add up
    /// to: records go only up to the last one that a cell says is sealed.
    private static let version2 = """
        CREATE TABLE mendflow_base (
            kind text COLLATE "C" NOT NULL, instance bytea NOT NULL, epoch bigint NOT NULL, name bytea NOT NULL,
            subject bytea, link bytea, at bigint NOT NULL, open smallint NOT NULL CHECK (open IN (0, 1)),
            exclusive bytea, value bytea NOT NULL,
            PRIMARY KEY (kind, instance, epoch, name)
        );
        CREATE OR REPLACE FUNCTION mendflow_entry_stays() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN
                IF TG_OP = 'DELETE' THEN
                    IF OLD.sequence <= (SELECT coalesce(max(convert_from(name, 'UTF8')::bigint), 0)
                        FROM mendflow_cell WHERE kind = 'segment') THEN RETURN OLD; END IF;
                END IF;
                RAISE EXCEPTION 'the ledger only grows';
            END $$;
        ALTER TABLE mendflow_agent ADD COLUMN blind bytea[] NOT NULL DEFAULT '{}';
        ALTER TABLE mendflow_agent ADD COLUMN sees bytea[] NOT NULL DEFAULT '{}';
        """
}
