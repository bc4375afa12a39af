#ifndef MENDFLOW_CMICROHTTPD_H
#define MENDFLOW_CMICROHTTPD_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

// libmicrohttpd brings a TLS library with it, and only what serves needs it: it is opened when a server starts. Everything here
// is a call of libmicrohttpd's by the same name, behind `mendflow_mhd_open`.

/// Opens libmicrohttpd, once for the process; false where it is not installed or lacks a call. Nothing else here may be called
/// before it has answered true.
bool mendflow_mhd_open(void);

const char *mendflow_mhd_get_version(void);
enum MHD_Result mendflow_mhd_add_response_header(struct MHD_Response *response, const char *name, const char *value);
struct MHD_Response *mendflow_mhd_create_response_from_buffer(size_t count, void *bytes,
                                                              enum MHD_ResponseMemoryMode mode);
void mendflow_mhd_destroy_response(struct MHD_Response *response);
int mendflow_mhd_get_connection_values(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                       MHD_KeyValueIterator take, void *context);
enum MHD_Result mendflow_mhd_queue_response(struct MHD_Connection *connection, unsigned int status,
                                            struct MHD_Response *response);
int mendflow_mhd_quiesce_daemon(struct MHD_Daemon *daemon);
void mendflow_mhd_suspend_connection(struct MHD_Connection *connection);
void mendflow_mhd_resume_connection(struct MHD_Connection *connection);
void mendflow_mhd_stop_daemon(struct MHD_Daemon *daemon);

typedef void *(*mendflow_mhd_target)(void *context, const char *target, struct MHD_Connection *connection);

/// MHD_start_daemon takes variable arguments; the options a server of ours needs are fixed here. `target` gets each request's
/// target as it stood in the request line, and its result becomes the request's context.
struct MHD_Daemon *mendflow_mhd_start(uint32_t address, uint16_t port, unsigned int threads,
                                      unsigned int connection_limit, unsigned int idle_seconds,
                                      MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
                                      mendflow_mhd_target target, void *context);
uint16_t mendflow_mhd_port(struct MHD_Daemon *daemon);

#endif
