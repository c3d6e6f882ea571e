#include "base/snappy_frame.h"

#include <snappy-c.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/rd.h"

enum { CHUNK_COMPRESSED = 0x00, CHUNK_PLAIN = 0x01, CHUNK_IDENTIFIER = 0xff, CHUNK_SKIPPABLE = 0x80 };

static bool no(const char **why, const char *text)
{
    *why = text;
    return false;
}

enum snappy_step snappy_head(const uint8_t *p, size_t *body, const char **why)
{
    uint8_t type = p[0];
    *body = le32(p) >> 8;
    if (type == CHUNK_COMPRESSED || type == CHUNK_PLAIN) {
        size_t max = type == CHUNK_PLAIN ? 4 + SNAPPY_PLAIN_MAX : SNAPPY_BODY_MAX;
        if (*body >= 4 && *body <= max)
            return SNAPPY_DATA;
        no(why, *body < 4 ? "a Snappy chunk without a checksum" : "a Snappy chunk of more than 64 KiB");
        return SNAPPY_BAD;
    }
    if (type == CHUNK_IDENTIFIER) {
        if (*body == 6)
            return SNAPPY_IDENTIFIER;
        no(why, "a Snappy stream identifier of a wrong length");
        return SNAPPY_BAD;
    }
    if (type >= CHUNK_SKIPPABLE)
        return SNAPPY_SKIP;
    no(why, "a Snappy chunk of an unknown type, or no Snappy chunk at all");
    return SNAPPY_BAD;
}

bool snappy_identifier(const uint8_t *body, size_t n, const char **why)
{
    return (n == 6 && memcmp(body, "sNaPpY", 6) == 0) || no(why, "a wrong Snappy stream identifier");
}

static uint32_t masked_crc(const uint8_t *p, size_t n)
{
    uint32_t crc = crc32c(p, n);
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
}

bool snappy_data(uint8_t type, const uint8_t *body, size_t n, uint8_t *to, size_t *plain, const char **why)
{
    if (n < 4)
        return no(why, "a Snappy chunk without a checksum");
    uint32_t crc = le32(body);
    body += 4;
    n -= 4;
    if (type == CHUNK_PLAIN) {
        if (n > SNAPPY_PLAIN_MAX)
            return no(why, "a Snappy chunk of more than 64 KiB");
        memcpy(to, body, n);
        *plain = n;
    } else {
        if (snappy_uncompressed_length((const char *)body, n, plain) != SNAPPY_OK)
            return no(why, "a Snappy chunk that cannot be unpacked");
        if (*plain > SNAPPY_PLAIN_MAX)
            return no(why, "a Snappy chunk of more than 64 KiB");
        if (snappy_uncompress((const char *)body, n, (char *)to, plain) != SNAPPY_OK)
            return no(why, "a Snappy chunk that cannot be unpacked");
    }
    return masked_crc(to, *plain) == crc || no(why, "a Snappy chunk with a wrong checksum");
}

void snappy_put_identifier(struct buf *out) { buf_put(out, "\xff\x06\0\0sNaPpY", 10); }

static void put_le32(uint8_t *to, uint32_t v) { memcpy(to, &v, 4); }

/* Head and checksum, to stand at `at`; `body` bytes follow them. */
static void put_head(uint8_t *at, uint8_t type, size_t body, uint32_t crc)
{
    put_le32(at, (uint32_t)(body + 4) << 8 | type);
    put_le32(at + SNAPPY_HEAD, crc);
}

void snappy_put_stored(struct buf *out, const uint8_t *plain, size_t n)
{
    buf_reserve(out, SNAPPY_HEAD + 4 + n);
    put_head(out->p + out->n, CHUNK_PLAIN, n, masked_crc(plain, n));
    out->n += SNAPPY_HEAD + 4;
    buf_put(out, plain, n);
}

void snappy_put(struct buf *out, const uint8_t *plain, size_t n)
{
    size_t packed = snappy_max_compressed_length(n);
    buf_reserve(out, SNAPPY_HEAD + 4 + packed);
    uint8_t *at = out->p + out->n;
    if (snappy_compress((const char *)plain, n, (char *)at + SNAPPY_HEAD + 4, &packed) != SNAPPY_OK ||
        (double)packed / (double)n > 0.85) {
        snappy_put_stored(out, plain, n);
        return;
    }
    put_head(at, CHUNK_COMPRESSED, packed, masked_crc(plain, n));
    out->n += SNAPPY_HEAD + 4 + packed;
}
