extension RepeatRiskTable {
    static let sqlTypes = base(
        "postgres", "postgresTool", "timescaleDb", "mySql", "mySqlTool", "microsoftSql", "microsoftSqlTool",
        "oracleDatabase",
        "snowflake", "crateDb", "questDb")

    /// What databases and queues refuse. Their nodes keep no code, so that their own sentences are all there is.
    static let databases: [RefusalRule] = [
        RefusalRule(
            id: "database-login", .types(sqlTypes), texts: loginSentences,
            needs: [.oneItem, .assured(.triesOnce)],
            RiskReason(
                "the database let nobody in", why: "no statement is sent before the login",
                counterExample: "none for one item: a node opens its connection first")),
        RefusalRule(
            id: "statement-refused", .types(sqlTypes), texts: statementSentences,
            descriptions: [.wildcard("sql: *, code: ER_*")],
            needs: [.oneItem, .assured(.triesOnce), .singleStatement],
            RiskReason(
                "the database refused the only statement", why: "what a statement did before it failed is rolled back",
                counterExample: "a trigger that called out of the database, or a table without transactions (MyISAM)")),
        RefusalRule(
            id: "statements-refused", .types(base("postgres", "postgresTool", "timescaleDb", "mySql")),
            texts: statementSentences, descriptions: [.wildcard("sql: *, code: ER_*")],
            needs: [.assured(.triesOnce), .assured(.oneTransaction)], risk: .unlikely,
            RiskReason(
                "the database refused one of several statements of a transaction",
                why: "the transaction is rolled back",
                counterExample: "a statement that ends the transaction in the middle")),
        RefusalRule(
            id: "document-refused", .types(base("mongoDb")),
            texts: texts(
                "E11000 *", "*E11000 duplicate key*", "Document failed validation*", "*not authorized on*",
                "*requires authentication*", "Server selection timed out*", "WriteConflict*", "*WriteConflict error*",
                "bad auth*", "not primary*", "input must be a 24 character hex string*",
                "you are over your space quota*"),
            RiskReason(
                "MongoDB refused the document", why: "a write of one document is whole or not at all",
                counterExample: "an update of many documents, of which some were written before")),
        RefusalRule(
            id: "redis-refused", .types(base("redis")),
            names: texts("ReplyError", "ErrorReply"),
            texts: texts(
                "NOAUTH *", "WRONGPASS *", "NOPERM *", "OOM *", "BUSY *", "LOADING *", "READONLY *", "WRONGTYPE *",
                "MISCONF *", "MASTERDOWN *", "CLUSTERDOWN *", "NOREPLICAS *", "ERR *",
                "MOVED *", "ASK *", "CROSSSLOT *"),
            RiskReason(
                "Redis refused the command", why: "an error reply means that the command was not run",
                counterExample: "an expiry that is refused after the value was set")),
    ]

    static let queues: [RefusalRule] = [
        RefusalRule(
            id: "message-refused", .types(base("kafka")),
            texts: texts("The request included a message larger than the max message size*"),
            RiskReason(
                "the broker refused the message for its size", why: "it takes a batch as a whole or not at all",
                counterExample: "messages to several topics in one batch")),
        RefusalRule(
            id: "queue-refused", .types(base("rabbitmq")),
            texts: texts("Operation failed: QueueDeclare;*", "Operation failed: ExchangeDeclare;*"),
            RiskReason(
                "the broker refused the queue or the exchange", why: "it is declared before a message is published",
                counterExample: "none for one item")),
        RefusalRule(
            id: "transfer-login", .types(base("ftp")),
            texts: texts(
                "Not logged in*", "530 *", "Login incorrect*", "All configured authentication methods failed*",
                "Cannot parse privateKey*"),
            RiskReason(
                "the file server let nobody in", why: "nothing is transferred before the login",
                counterExample: "none for one item: a node opens its connection first")),
        RefusalRule(
            id: "transfer-refused", .types(base("ftp")),
            texts: texts(
                "550 *", "553 *", "put: *ermission denied*", "_put: *ermission denied*", "_put: Bad path*",
                "_put: No such file*"),
            RiskReason(
                "the file server refused the file", why: "the refusal is the answer to opening it",
                counterExample: "a folder that was made for it before")),
    ]

    private static let loginSentences = texts(
        "password authentication failed*", "no pg_hba.conf entry*", "database \"*\" does not exist*",
        "role \"*\" does not exist*", "the database system is *", "sorry, too many clients already*",
        "remaining connection slots are reserved*", "too many connections*", "Too many connections*",
        "timeout exceeded when trying to connect*", "Access denied for user*", "Unknown database*", "Host '*' is*",
        "User '*' has exceeded the 'max_*", "Login failed for user*", "Cannot open database*", "Failed to connect to*",
        "Database '*' on server '*' is not currently available*", "MaxClientsInSessionMode*",
        "Your free trial has ended and all of your virtual warehouses*",
        "Incorrect username or password*", "ORA-01017*", "ORA-12541*", "ORA-12514*", "ORA-28000*",
        "The server does not support SSL connections*", "SSL is not enabled on the server*")

    private static let statementSentences =
        constraints
        + texts(
            "*syntax error*", "*SQL syntax*", "Incorrect syntax near*", "invalid input *", "*does not exist*",
            "*doesn't exist*", "*already exists*", "permission denied*", "*permission was denied*", "must be owner of*",
            "*command denied to user*", "*in a read-only transaction*", "*--read-only*", "canceling statement due to*",
            "*max_statement_time exceeded*", "*maximum statement execution time exceeded*",
            "current transaction is aborted*", "could not serialize access*", "could not obtain lock*",
            "deadlock detected*", "Deadlock found*", "*was deadlocked on lock*", "Lock wait timeout exceeded*",
            "Lock request time out period exceeded*", "*out of range*", "*overflow*", "division by zero*",
            "Divide by zero*", "column reference \"*\" is ambiguous*", "*is of type * but expression is of type*",
            "INSERT has more *", "Column count doesn't match*", "more than one row returned*",
            "could not determine data type*", "bind message supplies*", "there is no parameter*",
            "there is no unique or exclusion constraint*", "cannot insert multiple commands*",
            "malformed array literal*",
            "invalid byte sequence*", "unterminated quoted string*", "Unknown column*", "Invalid object name*",
            "Invalid column name*", "Conversion failed when converting*", "Error converting data type*",
            "*would be truncated*", "Incorrect * value*", "Truncated incorrect*", "SQL compilation error*",
            "could not extend file*", "out of shared memory*", "The table '*' is full*", "No space left on device*",
            "tuple concurrently updated*", "*No active warehouse selected*",
            "Can't add new command when connection is in closed state*")

    private static let constraints = texts(
        "duplicate key value violates*", "Duplicate entry*", "*violates * constraint*", "*violates row-level security*",
        "Violation of * constraint*", "Cannot insert duplicate key*", "Cannot insert the value NULL*",
        "*conflicted with the * constraint*", "null value in column*", "value too long for type*",
        "Data too long for column*", "Column '*' cannot be null*", "Field '*' doesn't have a default value*",
        "Cannot add or update a child row*", "Cannot delete or update a parent row*", "ORA-00001*", "ORA-009*",
        "ORA-01400*", "ORA-01722*", "ORA-02291*", "ORA-02292*", "ORA-12899*", "ORA-00054*", "ORA-00060*")

    /// What a mail server refuses, by its client's codes and sentences.
    static let mail: [RefusalRule] = [
        RefusalRule(
            id: "mail-refused", .types(base("emailSend", "emailSendTool")),
            codes: texts("EENVELOPE", "EMESSAGE", "EAUTH", "ETLS", "EDNS"),
            texts: texts(
                "Invalid greeting*", "Invalid login*", "Mail command failed*", "Can't send mail - all recipients*",
                "Data command failed*", "Message failed*", "Greeting never received*", "Connection timeout*",
                "Error upgrading connection with STARTTLS*", "No recipients defined*"),
            RiskReason(
                "the mail server refused the message, or took no connection",
                why: "its last word was a refusal: a message is sent when it is taken, not before",
                counterExample: "a server that delivers a message although it answered with an error"))
    ]
}
