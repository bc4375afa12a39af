#ifndef MENDFLOW_CLIBCURL_H
#define MENDFLOW_CLIBCURL_H

#include <curl/curl.h>
#include <stdbool.h>

// libcurl brings some forty libraries with it, and loading them takes longer than most commands take in all. So it is opened
// when a transfer needs it: everything here is a call of libcurl's by the same name, behind `mendflow_curl_open`.

/// Opens libcurl, once for the process, and sets it up; false where it is not installed, lacks a call or does not start.
/// Nothing else here may be called before it has answered true.
bool mendflow_curl_open(void);

CURL *mendflow_curl_easy_init(void);
void mendflow_curl_easy_cleanup(CURL *handle);
const char *mendflow_curl_easy_strerror(CURLcode code);
CURLcode mendflow_curl_easy_perform(CURL *handle);

CURLM *mendflow_curl_multi_init(void);
CURLMcode mendflow_curl_multi_cleanup(CURLM *multi);
CURLMcode mendflow_curl_multi_add_handle(CURLM *multi, CURL *handle);
CURLMcode mendflow_curl_multi_remove_handle(CURLM *multi, CURL *handle);
CURLMcode mendflow_curl_multi_perform(CURLM *multi, int *running);
CURLMsg *mendflow_curl_multi_info_read(CURLM *multi, int *left);
CURLMcode mendflow_curl_multi_poll(CURLM *multi, int milliseconds);
CURLMcode mendflow_curl_multi_wakeup(CURLM *multi);

struct curl_slist *mendflow_curl_slist_append(struct curl_slist *list, const char *text);
void mendflow_curl_slist_free_all(struct curl_slist *list);

// The option functions take variable arguments, which Swift does not import: one function per argument type.
CURLcode mendflow_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode mendflow_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode mendflow_curl_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode mendflow_curl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode mendflow_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);

typedef size_t (*mendflow_curl_data_callback)(char *bytes, size_t size, size_t count, void *context);

CURLcode mendflow_curl_set_data_callback(CURL *handle, CURLoption option, mendflow_curl_data_callback callback);
CURLcode mendflow_curl_set_ready_callback(CURL *handle, curl_prereq_callback callback);
CURLcode mendflow_curl_get_long(CURL *handle, CURLINFO info, long *value);
CURLcode mendflow_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value);

// Fields of a union inside CURLMsg.
CURLcode mendflow_curl_message_result(const CURLMsg *message);

#endif
