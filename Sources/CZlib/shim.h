#include <zlib.h>

// inflateInit2 and deflateInit2 are macros that carry zlib's version. 15 + 32 recognises zlib and gzip alike;
// 15 + 16 writes gzip.
static inline int mendflow_zlib_inflate_init(z_stream *stream) {
    return inflateInit2(stream, 15 + 32);
}

static inline int mendflow_zlib_gzip_init(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
