#ifndef MENDFLOW_CSIMDJSON_H
#define MENDFLOW_CSIMDJSON_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csimdjson_parser csimdjson_parser;

/// A text inside the parser's buffer: valid until the next call with the same parser. `bytes` is NULL for JSON null
/// and for an absent key.
typedef struct {
    const char *bytes;
    size_t count;
} csimdjson_text;

/// The fields of one row of n8n's execution list.
typedef struct {
    csimdjson_text id, mode, retry_of, retry_success_id, status, created_at, started_at, stopped_at, workflow_id,
        wait_till;
    bool finished;
} csimdjson_row;

csimdjson_parser *csimdjson_create(void);
void csimdjson_free(csimdjson_parser *parser);
/// Reads one JSON object. Returns NULL on success, else a message that lives as long as the program.
const char *csimdjson_read_row(csimdjson_parser *parser, const char *json, size_t count, csimdjson_row *row);

#ifdef __cplusplus
}
#endif
#endif
