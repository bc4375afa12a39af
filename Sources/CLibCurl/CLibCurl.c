#include "CLibCurl.h"

#include <dlfcn.h>
#include <pthread.h>

// The macros of the same names check types for calls that are linked, not for these.
#undef curl_easy_setopt
#undef curl_easy_getinfo

static struct {
    CURLcode (*global_init)(long);
    CURL *(*easy_init)(void);
    void (*easy_cleanup)(CURL *);
    const char *(*easy_strerror)(CURLcode);
    CURLcode (*easy_perform)(CURL *);
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
    CURLM *(*multi_init)(void);
    CURLMcode (*multi_cleanup)(CURLM *);
    CURLMcode (*multi_add_handle)(CURLM *, CURL *);
    CURLMcode (*multi_remove_handle)(CURLM *, CURL *);
    CURLMcode (*multi_perform)(CURLM *, int *);
    CURLMsg *(*multi_info_read)(CURLM *, int *);
    CURLMcode (*multi_poll)(CURLM *, struct curl_waitfd *, unsigned int, int, int *);
    CURLMcode (*multi_wakeup)(CURLM *);
    struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
    void (*slist_free_all)(struct curl_slist *);
} curl;

static bool is_open;

#define FIND(name) ((*(void **)&curl.name = dlsym(library, "curl_" #name)) != NULL)

static void open_library(void) {
    // By the name of the interface, which stays while it is compatible; the development files are not needed.
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    bool found = FIND(global_init) && FIND(easy_init) && FIND(easy_cleanup) && FIND(easy_strerror) &&
                 FIND(easy_perform) && FIND(easy_setopt) && FIND(easy_getinfo) && FIND(multi_init) &&
                 FIND(multi_cleanup) && FIND(multi_add_handle) && FIND(multi_remove_handle) && FIND(multi_perform) &&
                 FIND(multi_info_read) && FIND(multi_poll) && FIND(multi_wakeup) && FIND(slist_append) &&
                 FIND(slist_free_all);
    is_open = found && curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

bool mendflow_curl_open(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_library);
    return is_open;
}

CURL *mendflow_curl_easy_init(void) { return curl.easy_init(); }
void mendflow_curl_easy_cleanup(CURL *handle) { curl.easy_cleanup(handle); }
const char *mendflow_curl_easy_strerror(CURLcode code) { return curl.easy_strerror(code); }
CURLcode mendflow_curl_easy_perform(CURL *handle) { return curl.easy_perform(handle); }

CURLM *mendflow_curl_multi_init(void) { return curl.multi_init(); }
CURLMcode mendflow_curl_multi_cleanup(CURLM *multi) { return curl.multi_cleanup(multi); }
CURLMcode mendflow_curl_multi_add_handle(CURLM *multi, CURL *handle) { return curl.multi_add_handle(multi, handle); }
CURLMcode mendflow_curl_multi_remove_handle(CURLM *multi, CURL *handle) {
    return curl.multi_remove_handle(multi, handle);
}
CURLMcode mendflow_curl_multi_perform(CURLM *multi, int *running) { return curl.multi_perform(multi, running); }
CURLMsg *mendflow_curl_multi_info_read(CURLM *multi, int *left) { return curl.multi_info_read(multi, left); }
CURLMcode mendflow_curl_multi_poll(CURLM *multi, int milliseconds) {
    return curl.multi_poll(multi, NULL, 0, milliseconds, NULL);
}
CURLMcode mendflow_curl_multi_wakeup(CURLM *multi) { return curl.multi_wakeup(multi); }

struct curl_slist *mendflow_curl_slist_append(struct curl_slist *list, const char *text) {
    return curl.slist_append(list, text);
}
void mendflow_curl_slist_free_all(struct curl_slist *list) { curl.slist_free_all(list); }

CURLcode mendflow_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl.easy_setopt(handle, option, value);
}
CURLcode mendflow_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl.easy_setopt(handle, option, value);
}
CURLcode mendflow_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl.easy_setopt(handle, option, value);
}
CURLcode mendflow_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl.easy_setopt(handle, option, value);
}
CURLcode mendflow_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl.easy_setopt(handle, option, value);
}
CURLcode mendflow_curl_set_data_callback(CURL *handle, CURLoption option, mendflow_curl_data_callback callback) {
    return curl.easy_setopt(handle, option, callback);
}
CURLcode mendflow_curl_set_ready_callback(CURL *handle, curl_prereq_callback callback) {
    return curl.easy_setopt(handle, CURLOPT_PREREQFUNCTION, callback);
}
CURLcode mendflow_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl.easy_getinfo(handle, info, value);
}
CURLcode mendflow_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl.easy_getinfo(handle, info, value);
}

CURLcode mendflow_curl_message_result(const CURLMsg *message) { return message->data.result; }
