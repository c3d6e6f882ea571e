#include "base/digest.h"

#include <nettle/sha2.h>
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
    struct digest_text t;
    uint8_t digest[32];
    sha256_add(&s, p, n);
    sha256_end(&s, digest);
    digest_hex(digest, sizeof digest, t.s);
    return t;
}
