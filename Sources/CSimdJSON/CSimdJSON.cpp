#include "CSimdJSON.h"

#include <cstring>
#include <simdjson.h>
#include <utility>
#include <vector>

using namespace simdjson;

struct csimdjson_parser {
    ondemand::parser parser;
    std::vector<char> buffer;
};

csimdjson_parser *csimdjson_create(void) {
    try {
        return new csimdjson_parser();
    } catch (...) {
        return nullptr;
    }
}

void csimdjson_free(csimdjson_parser *parser) { delete parser; }

namespace {

// n8n's ids are texts in lists and a number in the answer of DELETE: both are taken, as text.
error_code read_text(ondemand::value value, csimdjson_text &text) {
    ondemand::json_type type;
    if (auto error = value.type().get(type)) return error;
    switch (type) {
    case ondemand::json_type::null:
        text = {nullptr, 0};
        return SUCCESS;
    case ondemand::json_type::string: {
        std::string_view view;
        if (auto error = value.get_string().get(view)) return error;
        text = {view.data(), view.size()};
        return SUCCESS;
    }
    case ondemand::json_type::number: {
        std::string_view token = value.raw_json_token();
        size_t count = token.size();
        while (count > 0 && (token[count - 1] == ' ' || token[count - 1] == '\n' || token[count - 1] == '\r' ||
                             token[count - 1] == '\t'))
            count--;
        text = {token.data(), count};
        double ignored;
        return value.get_double().get(ignored);
    }
    default:
        return INCORRECT_TYPE;
    }
}

error_code read_row(csimdjson_parser &parser, size_t count, csimdjson_row &row) {
    ondemand::document document;
    if (auto error =
            parser.parser.iterate(parser.buffer.data(), count, parser.buffer.size()).get(document))
        return error;
    ondemand::object object;
    if (auto error = document.get_object().get(object)) return error;
    for (auto each : object) {
        ondemand::field field;
        if (auto error = std::move(each).get(field)) return error;
        std::string_view key;
        if (auto error = field.unescaped_key().get(key)) return error;
        csimdjson_text *text = nullptr;
        if (key == "id") text = &row.id;
        else if (key == "mode") text = &row.mode;
        else if (key == "retryOf") text = &row.retry_of;
        else if (key == "retrySuccessId") text = &row.retry_success_id;
        else if (key == "status") text = &row.status;
        else if (key == "createdAt") text = &row.created_at;
        else if (key == "startedAt") text = &row.started_at;
        else if (key == "stoppedAt") text = &row.stopped_at;
        else if (key == "workflowId") text = &row.workflow_id;
        else if (key == "waitTill") text = &row.wait_till;
        if (text) {
            if (auto error = read_text(field.value(), *text)) return error;
        } else if (key == "finished") {
            if (auto error = field.value().get_bool().get(row.finished)) return error;
        }
    }
    // After the last bracket there is no location left; anything else is text behind the row.
    const char *rest;
    return document.current_location().get(rest) == OUT_OF_BOUNDS ? SUCCESS : TAPE_ERROR;
}

} // namespace

// Exceptions end here: Swift cannot catch them.
const char *csimdjson_read_row(csimdjson_parser *parser, const char *json, size_t count, csimdjson_row *row) {
    try {
        std::memset(row, 0, sizeof *row);
        if (parser->buffer.size() < count + SIMDJSON_PADDING) parser->buffer.resize(count + SIMDJSON_PADDING);
        std::memcpy(parser->buffer.data(), json, count);
        std::memset(parser->buffer.data() + count, 0, SIMDJSON_PADDING);
        auto error = read_row(*parser, count, *row);
        return error ? error_message(error) : nullptr;
    } catch (...) {
        return "out of memory";
    }
}
