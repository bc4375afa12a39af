#ifndef MENDFLOW_CRE2_H
#define MENDFLOW_CRE2_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_pattern cre2_pattern;

/// Compiles a pattern. Never fails outright except when memory runs out (NULL): ask `cre2_error` whether it is usable.
cre2_pattern *cre2_compile(const char *pattern, size_t count, bool case_sensitive);
/// The compile error as UTF-8 text, or NULL where the pattern is usable. Lives as long as the pattern.
const char *cre2_error(const cre2_pattern *pattern);
/// Whether the pattern matches anywhere in the text. Linear in the text's length; safe from several threads.
bool cre2_matches(const cre2_pattern *pattern, const char *text, size_t count);
void cre2_free(cre2_pattern *pattern);

#ifdef __cplusplus
}
#endif
#endif
