#include "base/digest.h"

#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <nettle/nettle-meta.h>
#include <stdlib.h>

void sha256_add(struct sha256 *s, const void *p, size_t n)
{
    if (!s->state) {
        s->state = mem_alloc(sizeof(struct sha256_ctx));
        sha256_init(s->state);
    }
    if (n)
        sha256_update(s->state, n, p);
}

void sha256_end(struct sha256 *s, uint8_t digest[32])
{
    sha256_add(s, NULL, 0);
    sha256_digest(s->state, SHA256_DIGEST_SIZE, digest);
    free(s->state);
    s->state = NULL;
}

size_t digest_bytes(enum digest_kind kind, const void *p, size_t n, uint8_t *digest)
{
    static const struct nettle_hash *const hashes[] = {
        [DIGEST_MD5] = &nettle_md5,       [DIGEST_SHA1] = &nettle_sha1,     [DIGEST_SHA224] = &nettle_sha224,
        [DIGEST_SHA256] = &nettle_sha256, [DIGEST_SHA384] = &nettle_sha384, [DIGEST_SHA512] = &nettle_sha512};
    const struct nettle_hash *h = hashes[kind];
    void *state = mem_alloc(h->context_size);
    h->init(state);
    if (n)
        h->update(state, n, p);
    h->digest(state, h->digest_size, digest);
    free(state);
    return h->digest_size;
}

void hmac_sha256_of(const void *key, size_t key_n, const void *p, size_t n, uint8_t digest[32])
{
    struct hmac_sha256_ctx c;
    hmac_sha256_set_key(&c, key_n, key);
    if (n)
        hmac_sha256_update(&c, n, p);
    hmac_sha256_digest(&c, SHA256_DIGEST_SIZE, digest);
}

void digest_hex(const uint8_t *digest, size_t n, char *to)
{
    for (size_t i = 0; i < n; i++) {
        *to++ = "0123456789abcdef"[digest[i] >> 4];
        *to++ = "0123456789abcdef"[digest[i] & 15];
    }
    *to = 0;
}

struct digest_text sha256_text(const void *p, size_t n)
{
    struct sha256 s = {0};
    struct digest_text t = {{0}};
    uint8_t digest[32];
    sha256_add(&s, p, n);
    sha256_end(&s, digest);
    digest_hex(digest, sizeof digest, t.s);
    return t;
}
