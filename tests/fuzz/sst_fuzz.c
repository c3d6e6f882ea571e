/* RocksDB's files: a MANIFEST as it is, version edits inside a sound log, one table, or two that are merged. The first byte says
 * which, and how tables are read. */
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "savepoint/sst_merge.h"
#include "tests/fuzz/fuzz.h"

enum { RAW_MANIFEST, EDITS, TABLE, TWO_TABLES };
enum { UNMAPPED = 4, BOUNDED = 8, VERIFY = 16 };

static void manifest(const uint8_t *p, size_t n)
{
    struct sst_manifest m;
    struct arena a = {0};
    struct err e = {0};
    if (sst_manifest_read(&m, (struct bytes){p, n}, "MANIFEST", &a, &e))
        for (uint32_t i = 0; i < m.n; i++)
            for (uint32_t k = 0; k < m.families[i].n; k++)
                if (m.families[i].live[k].family != m.families[i].id)
                    abort();
    arena_free(&a);
}

/* Each edit behind a byte of length; put into whole records with right checksums. */
static void edits(const uint8_t *p, size_t n)
{
    struct buf log = {0};
    while (n) {
        size_t len = p[0] < n - 1 ? p[0] : n - 1;
        if (log.n % 32768 + 7 + len > 32768)
            break;
        struct buf body = {0};
        buf_putc(&body, 1);
        buf_put(&body, p + 1, len);
        uint32_t crc = crc32c(body.p, body.n);
        crc = ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
        uint8_t head[6] = {(uint8_t)crc,         (uint8_t)(crc >> 8), (uint8_t)(crc >> 16),
                           (uint8_t)(crc >> 24), (uint8_t)len,        (uint8_t)(len >> 8)};
        buf_put(&log, head, sizeof head);
        buf_put(&log, body.p, body.n);
        buf_free(&body);
        p += 1 + len;
        n -= 1 + len;
    }
    manifest(log.p, log.n);
    buf_free(&log);
}

struct tables {
    const uint8_t *p;
    size_t n;
    bool unmapped, verify;
    uint64_t entries, bytes;
};

static bool memory_read(struct store_file *f, uint64_t off, void *to, size_t n, struct err *e)
{
    (void)e;
    memcpy(to, (const uint8_t *)f->own + off, n);
    return true;
}

static void memory_close(struct store_file *f) { (void)f; }

static const struct store_ops memory = {.read = memory_read, .close = memory_close};

static bool open_table(void *ctx, const struct sst_live *live, struct sst_input *in, struct err *e)
{
    struct tables *t = ctx;
    (void)e;
    size_t from = live->number ? t->n - live->size : 0;
    *in = (struct sst_input){.name = "table", .size = live->size, .verify = t->verify};
    if (!t->unmapped) {
        in->map = t->p + from;
        return true;
    }
    in->file = mem_zalloc(sizeof *in->file);
    *in->file =
        (struct store_file){.ops = &memory, .location = mem_strdup("table"), .size = live->size, .own = (void *)(t->p + from)};
    return true;
}

static void close_table(void *ctx, struct sst_input *in)
{
    (void)ctx;
    if (in->file)
        store_close(in->file);
    free(in->file);
}

static bool see(void *ctx, const struct sst_entry *en, struct err *e)
{
    struct tables *t = ctx;
    (void)e;
    for (size_t i = 0; i < en->key.n; i++)
        t->bytes += en->key.p[i];
    for (size_t i = 0; i < en->value.n; i++)
        t->bytes += en->value.p[i];
    return ++t->entries < 100000;
}

static void tables(const uint8_t *p, size_t n, uint32_t count, uint8_t how)
{
    static const uint8_t high[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct tables t = {.p = p, .n = n, .unmapped = how & UNMAPPED, .verify = how & VERIFY};
    struct sst_live live[2];
    for (uint32_t i = 0; i < count; i++)
        live[i] = (struct sst_live){
            .number = i, .size = i ? n - n / 2 : n / count, .smallest = {high, 0}, .largest = {high, 8}, .last_seq = 9};
    struct sst_family f = {.name = "f", .n = count, .live = live};
    struct sst_walk w = {.family = &f, .ctx = &t, .open = open_table, .close = close_table, .each = see};
    if (how & BOUNDED) {
        w.lower = (struct bytes){(const uint8_t *)"\x10", 1};
        w.upper = (struct bytes){(const uint8_t *)"\x30", 1};
    }
    struct err e = {0};
    sst_walk(&w, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    if (!n)
        return 0;
    uint8_t how = p[0];
    switch (how & 3) {
    case RAW_MANIFEST:
        manifest(p + 1, n - 1);
        break;
    case EDITS:
        edits(p + 1, n - 1);
        break;
    default:
        tables(p + 1, n - 1, (how & 3) == TABLE ? 1 : 2, how);
    }
    return 0;
}
