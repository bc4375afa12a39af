#include "CRE2.h"

#include <new>
#include <re2/re2.h>

struct cre2_pattern {
    re2::RE2 expression;
    cre2_pattern(re2::StringPiece pattern, const re2::RE2::Options &options) : expression(pattern, options) {}
};

// Exceptions end here: Swift cannot catch them.
cre2_pattern *cre2_compile(const char *pattern, size_t count, bool case_sensitive) {
    try {
        re2::RE2::Options options;
        options.set_log_errors(false);
        options.set_case_sensitive(case_sensitive);
        options.set_max_mem(8 << 20);
        return new cre2_pattern(re2::StringPiece(pattern, count), options);
    } catch (...) {
        return nullptr;
    }
}

const char *cre2_error(const cre2_pattern *pattern) {
    return pattern->expression.ok() ? nullptr : pattern->expression.error().c_str();
}

bool cre2_matches(const cre2_pattern *pattern, const char *text, size_t count) {
    try {
        return re2::RE2::PartialMatch(re2::StringPiece(text, count), pattern->expression);
    } catch (...) {
        return false;
    }
}

void cre2_free(cre2_pattern *pattern) { delete pattern; }
