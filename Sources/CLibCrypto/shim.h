// The calls by which SHA-256 needs no set-up: the newer ones read a configuration and fetch a provider the first time, which
// costs a short run of the program more than all else that it hashes.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stddef.h>

// The digest of two pieces, one behind the other; 1 where it was computed.
static inline int mendflow_sha256(const unsigned char *first, size_t first_count, const unsigned char *second,
                                  size_t second_count, unsigned char *digest) {
    SHA256_CTX state;
    return SHA256_Init(&state) == 1 && SHA256_Update(&state, first, first_count) == 1 &&
           SHA256_Update(&state, second, second_count) == 1 && SHA256_Final(digest, &state) == 1;
}

// The digest of pieces that come one after the other; 1 where it went well.
static inline int mendflow_sha256_begin(SHA256_CTX *state) { return SHA256_Init(state); }
static inline int mendflow_sha256_add(SHA256_CTX *state, const void *bytes, size_t count) {
    return SHA256_Update(state, bytes, count);
}
static inline int mendflow_sha256_end(SHA256_CTX *state, unsigned char *digest) { return SHA256_Final(digest, state); }
