#include "CMicroHTTPD.h"

#include <dlfcn.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

static struct {
    const char *(*get_version)(void);
    enum MHD_Result (*add_response_header)(struct MHD_Response *, const char *, const char *);
    struct MHD_Response *(*create_response_from_buffer)(size_t, void *, enum MHD_ResponseMemoryMode);
    void (*destroy_response)(struct MHD_Response *);
    int (*get_connection_values)(struct MHD_Connection *, enum MHD_ValueKind, MHD_KeyValueIterator, void *);
    enum MHD_Result (*queue_response)(struct MHD_Connection *, unsigned int, struct MHD_Response *);
    MHD_socket (*quiesce_daemon)(struct MHD_Daemon *);
    void (*suspend_connection)(struct MHD_Connection *);
    void (*resume_connection)(struct MHD_Connection *);
    void (*stop_daemon)(struct MHD_Daemon *);
    struct MHD_Daemon *(*start_daemon)(unsigned int, uint16_t, MHD_AcceptPolicyCallback, void *,
                                       MHD_AccessHandlerCallback, void *, ...);
    const union MHD_DaemonInfo *(*get_daemon_info)(struct MHD_Daemon *, enum MHD_DaemonInfoType, ...);
} mhd;

static bool is_open;

#define FIND(name) ((*(void **)&mhd.name = dlsym(library, "MHD_" #name)) != NULL)

static void open_library(void) {
    void *library = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    is_open = FIND(get_version) && FIND(add_response_header) && FIND(create_response_from_buffer) &&
              FIND(destroy_response) && FIND(get_connection_values) && FIND(queue_response) && FIND(quiesce_daemon) &&
              FIND(suspend_connection) && FIND(resume_connection) && FIND(stop_daemon) && FIND(start_daemon) &&
              FIND(get_daemon_info);
}

bool mendflow_mhd_open(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_library);
    return is_open;
}

const char *mendflow_mhd_get_version(void) { return mhd.get_version(); }
enum MHD_Result mendflow_mhd_add_response_header(struct MHD_Response *response, const char *name, const char *value) {
    return mhd.add_response_header(response, name, value);
}
struct MHD_Response *mendflow_mhd_create_response_from_buffer(size_t count, void *bytes,
                                                              enum MHD_ResponseMemoryMode mode) {
    return mhd.create_response_from_buffer(count, bytes, mode);
}
void mendflow_mhd_destroy_response(struct MHD_Response *response) { mhd.destroy_response(response); }
int mendflow_mhd_get_connection_values(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                       MHD_KeyValueIterator take, void *context) {
    return mhd.get_connection_values(connection, kind, take, context);
}
enum MHD_Result mendflow_mhd_queue_response(struct MHD_Connection *connection, unsigned int status,
                                            struct MHD_Response *response) {
    return mhd.queue_response(connection, status, response);
}
int mendflow_mhd_quiesce_daemon(struct MHD_Daemon *daemon) { return mhd.quiesce_daemon(daemon); }
void mendflow_mhd_suspend_connection(struct MHD_Connection *connection) { mhd.suspend_connection(connection); }
void mendflow_mhd_resume_connection(struct MHD_Connection *connection) { mhd.resume_connection(connection); }
void mendflow_mhd_stop_daemon(struct MHD_Daemon *daemon) { mhd.stop_daemon(daemon); }

struct MHD_Daemon *mendflow_mhd_start(uint32_t address, uint16_t port, unsigned int threads,
                                      unsigned int connection_limit, unsigned int idle_seconds,
                                      MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
                                      mendflow_mhd_target target, void *context) {
    struct sockaddr_in socket_address;
    memset(&socket_address, 0, sizeof socket_address);
    socket_address.sin_family = AF_INET;
    socket_address.sin_port = htons(port);
    socket_address.sin_addr.s_addr = htonl(address);
    unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
    return mhd.start_daemon(flags, port, NULL, NULL, handler, context,
                            MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&socket_address,
                            MHD_OPTION_THREAD_POOL_SIZE, threads,
                            MHD_OPTION_CONNECTION_LIMIT, connection_limit,
                            MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
                            MHD_OPTION_NOTIFY_COMPLETED, completed, context,
                            MHD_OPTION_URI_LOG_CALLBACK, target, context,
                            MHD_OPTION_END);
}

uint16_t mendflow_mhd_port(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = mhd.get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}
