#include "CLibPQ.h"

#include <dlfcn.h>
#include <pthread.h>

static struct {
    PGconn *(*connectStartParams)(const char *const *, const char *const *, int);
    PostgresPollingStatusType (*connectPoll)(PGconn *);
    void (*finish)(PGconn *);
    ConnStatusType (*status)(const PGconn *);
    PGTransactionStatusType (*transactionStatus)(const PGconn *);
    int (*socket)(const PGconn *);
    const char *(*parameterStatus)(const PGconn *, const char *);
    char *(*errorMessage)(const PGconn *);
    int (*setnonblocking)(PGconn *, int);
    int (*sendQuery)(PGconn *, const char *);
    int (*sendQueryParams)(PGconn *, const char *, int, const Oid *, const char *const *, const int *, const int *, int);
    int (*enterPipelineMode)(PGconn *);
    int (*exitPipelineMode)(PGconn *);
    int (*pipelineSync)(PGconn *);
    int (*flush)(PGconn *);
    int (*consumeInput)(PGconn *);
    int (*isBusy)(PGconn *);
    PGresult *(*getResult)(PGconn *);
    void (*clear)(PGresult *);
    ExecStatusType (*resultStatus)(const PGresult *);
    char *(*resultErrorField)(const PGresult *, int);
    int (*ntuples)(const PGresult *);
    int (*nfields)(const PGresult *);
    int (*getisnull)(const PGresult *, int, int);
    int (*getlength)(const PGresult *, int, int);
    char *(*getvalue)(const PGresult *, int, int);
    PQnoticeProcessor (*setNoticeProcessor)(PGconn *, PQnoticeProcessor, void *);
    PGnotify *(*notifies)(PGconn *);
    void (*freemem)(void *);
} pq;

static bool is_open;

#define FIND(name) ((*(void **)&pq.name = dlsym(library, "PQ" #name)) != NULL)

static void open_library(void) {
    // By the name of the interface, which stays while it is compatible; the development files are not needed.
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    is_open = FIND(connectStartParams) && FIND(connectPoll) && FIND(finish) && FIND(status) &&
              FIND(transactionStatus) && FIND(socket) && FIND(parameterStatus) &&
              FIND(errorMessage) && FIND(setnonblocking) && FIND(sendQuery) && FIND(sendQueryParams) &&
              FIND(enterPipelineMode) && FIND(exitPipelineMode) && FIND(pipelineSync) && FIND(flush) &&
              FIND(consumeInput) && FIND(isBusy) && FIND(getResult) && FIND(clear) && FIND(resultStatus) &&
              FIND(resultErrorField) && FIND(ntuples) && FIND(nfields) && FIND(getisnull) && FIND(getlength) &&
              FIND(getvalue) && FIND(setNoticeProcessor) && FIND(notifies) && FIND(freemem);
}

bool mendflow_pq_open(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_library);
    return is_open;
}

static void leave_alone(void *context, const char *message) {
    (void)context;
    (void)message;
}

PGconn *mendflow_pq_connect_start(const char *const *keywords, const char *const *values) {
    PGconn *connection = pq.connectStartParams(keywords, values, 0);
    if (connection) pq.setNoticeProcessor(connection, leave_alone, NULL);
    return connection;
}

bool mendflow_pq_next_notification(PGconn *connection) {
    PGnotify *notification = pq.notifies(connection);
    if (!notification) return false;
    pq.freemem(notification);
    return true;
}

PostgresPollingStatusType mendflow_pq_connect_poll(PGconn *connection) {
    return pq.connectPoll(connection);
}

void mendflow_pq_finish(PGconn *connection) {
    pq.finish(connection);
}

ConnStatusType mendflow_pq_status(const PGconn *connection) {
    return pq.status(connection);
}

PGTransactionStatusType mendflow_pq_transaction_status(const PGconn *connection) {
    return pq.transactionStatus(connection);
}

int mendflow_pq_socket(const PGconn *connection) {
    return pq.socket(connection);
}

const char *mendflow_pq_parameter_status(const PGconn *connection, const char *name) {
    return pq.parameterStatus(connection, name);
}

const char *mendflow_pq_error_message(const PGconn *connection) {
    return pq.errorMessage(connection);
}

int mendflow_pq_set_nonblocking(PGconn *connection, int argument) {
    return pq.setnonblocking(connection, argument);
}

int mendflow_pq_send_query(PGconn *connection, const char *query) {
    return pq.sendQuery(connection, query);
}

int mendflow_pq_send_query_params(PGconn *connection, const char *command, int count, const Oid *types,
                                  const char *const *values, const int *lengths, const int *formats,
                                  int result_format) {
    return pq.sendQueryParams(connection, command, count, types, values, lengths, formats, result_format);
}

int mendflow_pq_enter_pipeline_mode(PGconn *connection) {
    return pq.enterPipelineMode(connection);
}

int mendflow_pq_exit_pipeline_mode(PGconn *connection) {
    return pq.exitPipelineMode(connection);
}

int mendflow_pq_pipeline_sync(PGconn *connection) {
    return pq.pipelineSync(connection);
}

int mendflow_pq_flush(PGconn *connection) {
    return pq.flush(connection);
}

int mendflow_pq_consume_input(PGconn *connection) {
    return pq.consumeInput(connection);
}

int mendflow_pq_is_busy(PGconn *connection) {
    return pq.isBusy(connection);
}

PGresult *mendflow_pq_get_result(PGconn *connection) {
    return pq.getResult(connection);
}

void mendflow_pq_clear(PGresult *result) {
    pq.clear(result);
}

ExecStatusType mendflow_pq_result_status(const PGresult *result) {
    return pq.resultStatus(result);
}

const char *mendflow_pq_result_error_field(const PGresult *result, int field) {
    return pq.resultErrorField(result, field);
}

int mendflow_pq_row_count(const PGresult *result) {
    return pq.ntuples(result);
}

int mendflow_pq_column_count(const PGresult *result) {
    return pq.nfields(result);
}

int mendflow_pq_is_null(const PGresult *result, int row, int column) {
    return pq.getisnull(result, row, column);
}

int mendflow_pq_length(const PGresult *result, int row, int column) {
    return pq.getlength(result, row, column);
}

const char *mendflow_pq_value(const PGresult *result, int row, int column) {
    return pq.getvalue(result, row, column);
}
