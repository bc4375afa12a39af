#ifndef MENDFLOW_CLIBPQ_H
#define MENDFLOW_CLIBPQ_H

#include <postgresql/libpq-fe.h>
#include <stdbool.h>

// libpq brings Kerberos, LDAP and TLS with it, and only a ledger on PostgreSQL needs it: it is opened with the first such ledger.
// Everything here is a call of libpq's by the same name, behind `mendflow_pq_open`.

/// Opens libpq, once for the process; false where it is not installed or is older than version 14. Nothing else here may be
/// called before it has answered true.
bool mendflow_pq_open(void);

/// Begins to connect. What the server has to say besides its answers is left alone; libpq would write it to standard error.
PGconn *mendflow_pq_connect_start(const char *const *keywords, const char *const *values);
PostgresPollingStatusType mendflow_pq_connect_poll(PGconn *connection);
void mendflow_pq_finish(PGconn *connection);
ConnStatusType mendflow_pq_status(const PGconn *connection);
PGTransactionStatusType mendflow_pq_transaction_status(const PGconn *connection);
int mendflow_pq_socket(const PGconn *connection);
const char *mendflow_pq_parameter_status(const PGconn *connection, const char *name);
const char *mendflow_pq_error_message(const PGconn *connection);
int mendflow_pq_set_nonblocking(PGconn *connection, int argument);

int mendflow_pq_send_query(PGconn *connection, const char *query);
int mendflow_pq_send_query_params(PGconn *connection, const char *command, int count, const Oid *types,
                                  const char *const *values, const int *lengths, const int *formats,
                                  int result_format);
int mendflow_pq_enter_pipeline_mode(PGconn *connection);
int mendflow_pq_exit_pipeline_mode(PGconn *connection);
int mendflow_pq_pipeline_sync(PGconn *connection);
int mendflow_pq_flush(PGconn *connection);
int mendflow_pq_consume_input(PGconn *connection);
int mendflow_pq_is_busy(PGconn *connection);
/// Takes the next notification away; false where there is none.
bool mendflow_pq_next_notification(PGconn *connection);

PGresult *mendflow_pq_get_result(PGconn *connection);
void mendflow_pq_clear(PGresult *result);
ExecStatusType mendflow_pq_result_status(const PGresult *result);
const char *mendflow_pq_result_error_field(const PGresult *result, int field);
int mendflow_pq_row_count(const PGresult *result);
int mendflow_pq_column_count(const PGresult *result);
int mendflow_pq_is_null(const PGresult *result, int row, int column);
int mendflow_pq_length(const PGresult *result, int row, int column);
const char *mendflow_pq_value(const PGresult *result, int row, int column);

#endif
