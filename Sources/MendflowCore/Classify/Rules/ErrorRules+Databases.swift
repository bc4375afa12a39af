extension ErrorRuleTable {
    /// What databases say in their own sentences: n8n keeps no SQLSTATE of them.
    static let databases: [ErrorRuleSpec] = [
        .words(
            "deadlock", .transient, example: "deadlock detected",
            source: "PostgreSQL, MySQL, SQL Server, MongoDB: deadlocks and locks", "deadlock",
            "could not serialize access", "lock wait timeout", "lock timeout", "could not obtain lock",
            "try restarting transaction", "current transaction is aborted", "WriteConflict", "write conflict",
            #"ER_LOCK_\w+"#, "lock request time out", "snapshot isolation transaction aborted",
            "please retry your operation"),
        .words(
            "sql-timeout", .timeout, example: "canceling statement due to statement timeout",
            source: "PostgreSQL 57014, MySQL 3024, MariaDB 1969, SQL Server, MongoDB 50",
            "canceling statement due to (?:statement timeout|user request)", "max_statement_time",
            "maximum statement execution time", "request failed to complete in", "exceeded time limit",
            "MaxTimeMSExpired", "query execution was interrupted", "ER_(?:QUERY|STATEMENT)_TIMEOUT",
            "ER_QUERY_INTERRUPTED", "statement timeout", "timeout expired", "server selection timed out"),
        .words(
            "database-unavailable", .transient, example: "the database system is shutting down",
            source: "PostgreSQL 57P0x, MySQL 1053 and 2013, MongoDB, Redis: servers that come and go",
            "the database system is (?:shutting down|starting up|in recovery|not (?:yet )?accepting)",
            "terminating connection", "connection lost", "lost connection to", "server has gone away",
            "database .* is not currently available", "server shutdown", "shutdown in progress", "ER_SERVER_SHUTDOWN",
            "closed state", "connection (?:is|was|has been) (?:already )?closed",
            "connection (?:is )?(?:closed|destroyed|ended)", #"connection (?:\d+|<\w+>) to \S+ closed"#,
            "connection terminated", "connection ended",
            "canceling statement due to conflict with recovery", "not (?:writable )?primary", "NotPrimary",
            "NotWritablePrimary", "ReplicaSetNoPrimary", "PrimarySteppedDown", "no primary", "MongoNetworkError",
            "topology (?:is )?(?:closed|was destroyed)", "LOADING Redis", "^BUSY ", "is busy running a script",
            "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "socket closed", "pool (?:is )?(?:closed|draining|destroyed)",
            "cannot use a pool after", "connection pool", "transport-level error", #"failed to connect to .*\d"#,
            "client has encountered a connection error", "ORA-(?:12541|12537|12518|03113|03114|01033|01034|12170)"),
        .words(
            "database-connect-timeout", .transient, example: "timeout exceeded when trying to connect",
            source: "node-postgres", "timeout exceeded when trying to connect"),
        .words(
            "too-many-clients", .infra, example: "sorry, too many clients already",
            source: "PostgreSQL 53300, MySQL 1040 and 1203, Redis, MongoDB", "too many clients",
            "remaining connection slots", "too many connections", "max_(?:user_)?connections",
            "ER_(?:CON_COUNT_ERROR|TOO_MANY_USER_CONNECTIONS|USER_LIMIT_REACHED|HOST_IS_BLOCKED)", "query_wait_timeout",
            "is blocked because of many connection errors", "max number of clients reached", "max client connections",
            "MaxClientsInSessionMode", "no reusable connections", "request limit for the database"),
        .words(
            "database-full", .infra, example: "OOM command not allowed when used memory > 'maxmemory'.",
            source: "PostgreSQL 53100 and 53200, MySQL 1021, Redis, MongoDB: memory and disk", "out of shared memory",
            "could not extend file", "OOM command not allowed", "MISCONF Redis", "insufficient memory", "out of memory",
            "ER_(?:DISK_FULL|OUT_OF_RESOURCES)"),
        .words(
            "sql-rights", .auth, example: #"password authentication failed for user "postgres""#,
            source: "PostgreSQL 28xxx and 42501, MySQL 1045, SQL Server 18456, MongoDB 18, Redis ACL",
            "password authentication failed", "access denied for user",
            "ER_(?:ACCESS_DENIED|DBACCESS_DENIED|TABLEACCESS_DENIED|COLUMNACCESS_DENIED"
                + #"|SPECIFIC_ACCESS_DENIED|PROCACCESS_DENIED)\w*"#,
            "permission denied for", "must be (?:owner|superuser)", "login failed for user", "not authorized on",
            "requires authentication", "NOAUTH", "WRONGPASS", "NOPERM", "invalid username-password pair",
            "ORA-0(?:1017|1031|1045|28000)", #"role ".*" (?:does not exist|is not permitted)"#,
            "no pg_hba.conf entry", "SASL", "permission was denied", "row-level security", "authentication failed",
            "bad auth", "client password must be a string", "command .* denied to user"),
        .words(
            "sql-definition", .configuration, example: #"relation "nope" does not exist"#,
            source: "PostgreSQL 42xxx, MySQL 1146 and 1064, SQL Server 207 and 208, SQLite, Redis",
            #"relation ".*" does not exist"#, "column .* does not exist",
            "(?:function|operator|schema|type|database|index|constraint|table|view|procedure|sequence"
                + "|collection|bucket|namespace) .* does not exist",
            "syntax error at or near", "table '.*' doesn't exist",
            "unknown (?:column|database|table|command|collation|storage engine)", "error in your SQL syntax",
            "ER_(?:NO_SUCH_TABLE|BAD_FIELD_ERROR|PARSE_ERROR|BAD_DB_ERROR|SP_DOES_NOT_EXIST|NO_DB_ERROR"
                + "|BAD_TABLE_ERROR|OPTION_PREVENTS_STATEMENT|NON_UNIQ_ERROR|WRONG_FIELD_WITH_GROUP"
                + "|UNSUPPORTED_PS|MIX_OF_GROUP_FUNC_AND_FIELDS|CANT_EXECUTE_IN_READ_ONLY_TRANSACTION"
                + "|NOT_SUPPORTED_AUTH_MODE)",
            "invalid (?:object|column) name", "incorrect syntax near", "could not find stored procedure",
            "no such (?:table|column|function)", "no unique or exclusion constraint", "bind message supplies",
            "could not determine data type", "there is no parameter",
            "read.only (?:transaction|option|mode|replica|database)", #"ORA-(?:009\d\d|06550|12514|12505)"#,
            #"^(?:MOVED|ASK) \d"#, "^CROSSSLOT ", "no active warehouse", "endpoint has been disabled", "READONLY You",
            "does not support SSL", "cannot open database", "ns not found",
            "missing FROM-clause", "must appear in the GROUP BY", "is ambiguous",
            "cannot be executed from a function", "does not support authentication protocol",
            "unrecognized configuration parameter", #"near "[^"]*": syntax error"#, "SQL compilation error",
            "could not find the (?:function|table|relation|column|procedure)", "unrecognized name"),
        .words(
            "sql-value", .data, example: #"invalid input syntax for type integer: "abc""#,
            source: "PostgreSQL 22xxx and 23xxx, MySQL 1048 and 1406, SQL Server 515 and 8152, "
                + "MongoDB 121, Redis WRONGTYPE",
            "violates (?:foreign key|check|not-null)", "null value in column", "invalid input (?:syntax|value)",
            "value too long for", "out of range", #"ORA-0(?:14\d\d|1722|1438|2290|2291|2292)"#, #"ORA-128\d\d"#,
            "division by zero", "divide by zero", "cannot be cast", "invalid byte sequence", "numeric field overflow",
            "date/time field", "data too long for column", "incorrect .* value", "cannot be null",
            "foreign key constraint", "data truncated", "have a default value", "would be truncated",
            "conversion failed", "arithmetic overflow", "cannot insert the value null", "conflicted with the",
            "document failed validation", "is not a valid ObjectId", "hex string", "BSON", "Cast to ", "WRONGTYPE",
            "value is not an integer", "column count", "malformed (?:array|record|JSON)", "cannot cast",
            "is of type .* but expression is", "invalid text representation", #"\bER_[A-Z]\w+"#,
            "more than one row returned", "insert has more"),
    ]

    /// What message brokers and directories say.
    static let brokers: [ErrorRuleSpec] = [
        .words(
            "broker-rights", .auth,
            example: "Handshake terminated by server: 403 (ACCESS-REFUSED) with message "
                + #""ACCESS_REFUSED - Login was refused""#,
            source: "AMQP 0-9-1, MQTT 3.1.1, Kafka, LDAP: refused log-ins", "ACCESS.REFUSED",
            "connection refused: (?:not authorized|bad user)", "not authorized", "bad user ?name or password",
            "InvalidCredentials", "SASL .*fail", "authentication methods failed", #"code: 0x31\b"#),
        .words(
            "broker-unavailable", .transient, example: "Connection refused: Server unavailable",
            source: "AMQP 0-9-1, MQTT 3.1.1, Kafka, LDAP: servers that come and go",
            "connection refused: server unavailable", "CONNECTION.FORCED", "channel (?:is )?closed", "channel ended",
            "leadership election", "leader (?:is )?not available", "broker (?:is )?not available",
            "producer is disconnected", "KafkaJSNumberOfRetriesExceeded", "KafkaJSConnectionError",
            "KafkaJSBrokerNotFound", "heartbeat timeout", "server is busy", #"code: 0x3[34]\b"#,
            "client disconnecting", "connack timeout", "^unexpected close$", "not the leader for that topic"),
        .words(
            "broker-message", .data,
            example: "The request included a message larger than the max message size the server will accept",
            source: "Kafka: MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE", "larger than the max message size",
            "(?:MESSAGE|RECORD_LIST)_TOO_LARGE"),
        .words(
            "broker-definition", .configuration, example: "NOT_FOUND - no queue 'orders' in vhost '/'",
            source: "AMQP 0-9-1, Kafka, LDAP: what is not there", "NOT_FOUND - no", "PRECONDITION.FAILED",
            "does not host this topic", "UNKNOWN_TOPIC", "connection refused: (?:unacceptable|identifier)"),
        .words(
            "directory-entry", .data, example: "No Such Object", source: "LDAP, RFC 4511: result codes",
            "no such object", "InvalidDNSyntax", "object class violation", "ConstraintViolation", "NoSuchAttribute",
            #"code: 0x20\b"#),
    ]
}
