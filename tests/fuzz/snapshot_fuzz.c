/* A whole snapshot in one _metadata file with its state inline: metadata, headers, serializers, every kind of state, values, JSON. */
#include <string.h>

#include "inspect/dump.h"
#include "tests/fuzz/fuzz.h"

static bool on_row(void *ctx, const struct dump_row *row, struct err *e)
{
    (void)e;
    size_t *rows = ctx;
    /* bounded: a few bytes may stand for very many empty elements */
    return row->line.p[0] == '{' && ++*rows < 10000;
}

static void on_trouble(void *ctx, const struct err *e)
{
    (void)ctx;
    (void)e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct snapshot s = {.location = "fuzz/_metadata", .dir = "fuzz", .root = "fuzz", .bytes = {data, size}};
    struct err e = {0};
    if (meta_read(&s.meta, s.bytes, s.location, &s.arena, &e)) {
        struct names names = {0};
        struct dump_opts opts = {.jobs = 1, .decode = true};
        struct dump_figures figures;
        size_t rows = 0;
        dump(&s, &names, &opts, on_row, on_trouble, &rows, &figures, &e);
    }
    arena_free(&s.arena);
    return 0;
}
