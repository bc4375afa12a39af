extension ErrorRuleTable {
    /// Nodes that speak to a PostgreSQL of the workflow's.
    private static let databaseNodes = [
        "*.postgres*", "*Postgres*", "*PGVector*", "*.timescaleDb*", "*.questDb*", "*.crateDb*",
    ]

    /// What n8n says of its own: why a call failed, who ended a run, what died.
    static let ownRules: [ErrorRuleSpec] = [
        ErrorRuleSpec(
            id: "cause-rate-limited", .rateLimit, cause: "rate-limited", example: "rate-limited",
            source: "n8n: failure.ts"),
        ErrorRuleSpec(
            id: "cause-quota-exhausted", .quota, cause: "quota-exhausted", example: "quota-exhausted",
            source: "n8n: failure.ts"),
        ErrorRuleSpec(
            id: "cause-temporarily-unavailable", .transient, cause: "temporarily-unavailable",
            example: "temporarily-unavailable", source: "n8n: failure.ts"),
        ErrorRuleSpec(
            id: "cause-credential-invalid", .auth, cause: "credential-invalid", example: "credential-invalid",
            source: "n8n: failure.ts"),
        ErrorRuleSpec(
            id: "cause-configuration-invalid", .configuration, cause: "configuration-invalid",
            example: "configuration-invalid", source: "n8n: failure.ts"),
        ErrorRuleSpec(
            id: "cause-node-defect", .data, cause: "node-defect", example: "node-defect", source: "n8n: failure.ts"),
        ErrorRuleSpec(
            id: "stop-and-error", .deliberate, statuses: [.error], nodeTypes: ["*.stopAndError"],
            example: "Invoice is negative", source: "n8n: the Stop And Error node"),
        .names(
            "canceled-manually", .canceledByUser, source: "n8n: execution-cancelled.error.ts",
            "ManualExecutionCancelledError"),
        .words(
            "canceled-manually", .canceledByUser, example: "The execution was cancelled manually",
            source: "n8n: execution-cancelled.error.ts", "cancelled manually"),
        ErrorRuleSpec(
            id: "run-time-limit", .timeout, statuses: [.canceled], reachedTimeLimit: true,
            example: "Task cancelled: Task cancelled by user",
            source: "recorded: n8n 2.41.1 and 1.123.81, a workflow with executionTimeout"),
        ErrorRuleSpec(
            id: "run-time-limit", .timeout, statuses: [.canceled], reachedTimeLimit: true, withoutError: true,
            example: "",
            source: "recorded: n8n 2.41.1 and 1.123.81, a workflow with executionTimeout"),
        .names(
            "canceled-by-timeout", .timeout, source: "n8n: execution-cancelled.error.ts",
            "TimeoutExecutionCancelledError"),
        .words(
            "canceled-by-timeout", .timeout, example: "The execution was cancelled because it timed out",
            source: "n8n: execution-cancelled.error.ts", "cancelled because it timed out"),
        .names(
            "canceled-by-shutdown", .infra, source: "n8n: execution-cancelled.error.ts",
            "SystemShutdownExecutionCancelledError"),
        .words(
            "canceled-by-shutdown", .infra,
            example: "The execution was cancelled because the system is shutting down",
            source: "n8n: execution-cancelled.error.ts", "cancelled because the system is shutting down"),
        .names(
            "canceled-as-stalled", .crash, source: "n8n: execution-cancelled.error.ts",
            "StalledExecutionCancelledError"),
        .words(
            "canceled-as-stalled", .crash,
            example: "The execution was cancelled because it was detected as stalled by queue recovery",
            source: "n8n: execution-cancelled.error.ts", "detected as stalled by queue recovery"),
        .names("canceled", .canceledByUser, source: "n8n: execution-cancelled.error.ts", "*ExecutionCancelledError"),
        .words(
            "canceled", .canceledByUser, example: "The execution was cancelled",
            source: "n8n: execution-cancelled.error.ts", "the execution was cancelled"),
        .words(
            "canceled-or-timed-out", .canceledByUser, example: "Workflow has been canceled or timed out!",
            source: "n8n 1.x: workflow-execute.ts; recorded: n8n 2.41.1, a Code node",
            "workflow has been canceled or timed out", "task cancelled by user"),
        ErrorRuleSpec(
            id: "canceled-short-of-limit", .canceledByUser, statuses: [.canceled], reachedTimeLimit: false,
            withoutError: true, example: "",
            source: "recorded: n8n names its own time-out by ending the run after executionTimeout"),
        ErrorRuleSpec(
            id: "canceled-without-error", .timeout, statuses: [.canceled], withoutError: true, example: "",
            source: "recorded: n8n 2.41.1 leaves no error object when a run reaches its time-out, and names a stop"),
        .names("workflow-crashed", .crash, source: "n8n: workflow-crashed.error.ts", "WorkflowCrashedError"),
        .words(
            "workflow-crashed", .crash, example: "Workflow did not finish, possible out-of-memory issue",
            source: "n8n: workflow-crashed.error.ts", "workflow did not finish, possible out-of-memory issue"),
        .names("node-crashed", .crash, source: "n8n: node-crashed.error.ts", "NodeCrashedError"),
        .words(
            "node-crashed", .crash, example: "Execution stopped at this node", source: "n8n: node-crashed.error.ts",
            "execution stopped at this node"),
        .names("stalled-job", .infra, source: "n8n: max-stalled-count.error.ts", "MaxStalledCountError"),
        .words(
            "stalled-job", .infra,
            example: "This execution failed to be processed too many times and will no longer retry. To allow this "
                + "execution to complete, please break down your workflow or scale up your workers or adjust your worker "
                + "settings.",
            source: "n8n: max-stalled-count.error.ts; Bull; recorded: n8n 2.41.1 in queue mode",
            "failed to be processed too many times", "reached the maximum number of attempts and will no longer retry",
            "job stalled more than (?:maxStalledCount|allowable limit)"),
        .words(
            "queue-job", .infra, example: "Missing lock for job 12. moveToFinished",
            source: "Bull: scripts.js; n8n in queue mode, Redis gone for a while", "missing (?:lock|key) for job",
            "could not get lock for job", "lock mismatch for job"),
        .words(
            "queue-connection", .infra,
            example:
                "Reached the max retries per request limit (which is 20). Refer to \"maxRetriesPerRequest\" option for "
                + "details.",
            source: "ioredis, which n8n's queue has, and no node of n8n's", "max retries per request limit",
            "maxRetriesPerRequest"),
        .names("queue-connection", .infra, source: "ioredis", "MaxRetriesPerRequestError"),
        ErrorRuleSpec(
            id: "crashed-without-error", .crash, statuses: [.crashed], withoutError: true, example: "",
            source: "recorded: n8n 2.41.1, queue recovery"),
        .names("runner-memory", .crash, source: "n8n: task-runner errors", "TaskRunnerOomError"),
        .words(
            "runner-memory", .crash, example: "Node ran out of memory.", source: "n8n: task-runner errors",
            "node ran out of memory"),
        .words(
            "heap-memory", .crash, example: "FATAL ERROR: JavaScript heap out of memory",
            source: "Node.js; n8n docs: memory-related errors", "javascript heap out of memory"),
        .names("runner-disconnected", .infra, source: "n8n: task-runner errors", "TaskRunnerDisconnectedError"),
        .words(
            "runner-disconnected", .infra, example: "Node execution failed", source: "n8n: task-runner errors",
            "^node execution failed$"),
        .names("runner-heartbeat", .timeout, source: "n8n: task-runner errors", "TaskRunnerFailedHeartbeatError"),
        .words(
            "runner-heartbeat", .timeout, example: "Task execution aborted because runner became unresponsive",
            source: "n8n: task-runner errors", "runner became unresponsive"),
        .names("runner-restart-loop", .infra, source: "n8n: task-runner errors", "TaskRunnerRestartLoopError"),
        .words(
            "runner-restart-loop", .infra, example: "Task runner has restarted 5 times within 60 seconds",
            source: "n8n: task-runner errors", #"task runner has restarted \d+ times"#),
        .names(
            "runner-request", .infra, source: "n8n: task-runner errors", "TaskRequestTimeoutError",
            "TaskRunnerAcceptTimeoutError", "TaskDeferredError", "TaskRejectError"),
        .words(
            "runner-request", .infra, example: "Task request timed out after 60 seconds",
            source: "n8n: task-runner errors", "task request timed out", "not matched to a runner",
            "runner is not ready", "no runners? (?:is |are )?available"),
        .words(
            "runner-timeout", .timeout, example: "Task execution timed out after 5 seconds",
            source: "n8n: task-runner errors", "task execution timed out after"),
        .words(
            "worker-no-data", .infra, example: "Worker failed to find data for execution 12",
            source: "n8n: job-processor.ts", "worker failed to find data for execution"),
        .words(
            "worker-no-workflow", .notRetryable, example: "Worker failed to find workflow 12",
            source: "n8n: job-processor.ts", "worker failed to find workflow"),
        .words(
            "returned-to-queue", .infra,
            example: "Execution 12 was returned to the queue because the worker is stopping",
            source: "n8n: job-returned-to-queue.error.ts", "was returned to the queue because the worker is stopping"),
        .words(
            "admission-limit", .infra, example: "Too many pending onReceived executions",
            source: "n8n: admission-limit.error.ts", "too many pending onreceived executions"),
        .words(
            "no-active-execution", .infra, example: "No active execution found",
            source: "n8n: execution-not-found.error.ts", "no active execution (?:with id .* )?found"),
        .names(
            "data-gone", .notRetryable, source: "n8n-core: binary-data and execution-data errors",
            "BinaryDataFileNotFound*", "MissingExecutionData*", "CorruptedExecutionData*", "UnreadableRunData*"),
        .words(
            "data-gone", .notRetryable, example: "Missing execution data",
            source: "n8n-core: binary-data and execution-data errors", "BinaryDataFileNotFound",
            "missing execution data", "CorruptedExecutionData", "UnreadableRunData", "binary data file not found"),
        .names(
            "database-connection", .infra, source: "n8n: db-connection-timeout-error.ts", "DbConnectionTimeoutError"),
        .words(
            "database-connection", .infra,
            example: "Could not establish database connection within the configured timeout of 20,000 ms",
            source: "n8n: db-connection-timeout-error.ts",
            "could not establish database connection within the configured timeout"),
        .words(
            "database-unavailable", .transient, example: "terminating connection due to administrator command",
            source: "PostgreSQL, as its nodes tell it: the database is the workflow's own",
            "terminating connection due to administrator command",
            "client has encountered a connection error and is not queryable"
        ).of(databaseNodes),
        .words(
            "own-database-connection", .infra,
            example: "Client has encountered a connection error and is not queryable",
            source: "node-postgres and PostgreSQL 57P01, where no node of a database failed: n8n's own is gone",
            "terminating connection due to administrator command",
            "client has encountered a connection error and is not queryable"),
        .words(
            "database-not-ready", .infra, example: "Database is not ready!", source: "n8n: readiness answer",
            "database is not ready"),
        .words(
            "own-database", .infra,
            example: "Timeout while waiting for lock SqliteWriteConnectionMutex to become available",
            source: "TypeORM fork of n8n: sqlite-pooled", "SqliteWriteConnectionMutex", "SqliteConnectionPool",
            "SQLITE_(?:FULL|IOERR|CORRUPT|READONLY|CANTOPEN|NOTADB)", "database disk image is malformed",
            "database or disk is full"),
        .words(
            "sqlite-busy", .transient, example: "SQLITE_BUSY: database is locked", source: "SQLite: result codes",
            #"\bSQLITE_(?:BUSY|LOCKED)\b"#, "database (?:table )?is locked"),
    ]
}
