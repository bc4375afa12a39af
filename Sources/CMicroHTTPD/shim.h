#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>

typedef void *(*mendflow_mhd_target)(void *context, const char *target, struct MHD_Connection *connection);

// MHD_start_daemon takes variable arguments; the options a server of ours needs are fixed here. `target` gets each
// request's target as it stood in the request line, and its result becomes the request's context.
static inline struct MHD_Daemon *mendflow_mhd_start(uint32_t address, uint16_t port, unsigned int threads,
                                                    unsigned int connection_limit, unsigned int idle_seconds,
                                                    MHD_AccessHandlerCallback handler,
                                                    MHD_RequestCompletedCallback completed,
                                                    mendflow_mhd_target target, void *context) {
    struct sockaddr_in socket_address;
    memset(&socket_address, 0, sizeof socket_address);
    socket_address.sin_family = AF_INET;
    socket_address.sin_port = htons(port);
    socket_address.sin_addr.s_addr = htonl(address);
    unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
    return MHD_start_daemon(flags, port, NULL, NULL, handler, context,
                            MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&socket_address,
                            MHD_OPTION_THREAD_POOL_SIZE, threads,
                            MHD_OPTION_CONNECTION_LIMIT, connection_limit,
                            MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
                            MHD_OPTION_NOTIFY_COMPLETED, completed, context,
                            MHD_OPTION_URI_LOG_CALLBACK, target, context,
                            MHD_OPTION_END);
}

static inline uint16_t mendflow_mhd_port(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}
