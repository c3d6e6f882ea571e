#include "inspect/growth.h"

#include <stdlib.h>
#include <string.h>

/* The N of "chk-N/", or -1. */
static int64_t number(const char *name)
{
    char *end;
    if (strncmp(name, "chk-", 4) || name[4] < '0' || name[4] > '9')
        return -1;
    int64_t n = strtoll(name + 4, &end, 10);
    return !strcmp(end, "/") ? n : -1;
}

static int by_id(const void *a, const void *b)
{
    const struct growth_row *x = a, *y = b;
    return (x->checkpoint_id > y->checkpoint_id) - (x->checkpoint_id < y->checkpoint_id);
}

static bool exists(const char *location)
{
    struct store_file f = {0};
    struct err e = {0};
    bool ok = store_open(&f, location, &e);
    store_close(&f);
    return ok;
}

/* Fills the row, and *files, which belong to the snapshot's paths: *s is to be closed after them. */
static void read_one(struct growth_row *row, const char *location, const struct snapshot_opts *opts, struct snapshot **s,
                     struct files *files)
{
    struct scan scan;
    if (!snapshot_open(s, location, opts, &row->err) || !scan_plan(&scan, *s, NULL, NULL, &row->err))
        return;
    files_check(files, &scan);
    scan_free(&scan);
    row->bytes = files->bytes + (*s)->bytes.n;
    row->files = files->n_files + UINT64_C(1);
    row->new_bytes = (*s)->bytes.n;
    row->faults = files->n_faults;
}

void growth_read(struct growth *g, const char *location, const struct snapshot_opts *opts)
{
    struct err e = {0};
    const char **names;
    uint32_t n;
    *g = (struct growth){0};
    const char *dir = store_normal(&g->arena, location);
    if (!store_list(dir, &g->arena, &names, &n, &e))
        return;
    g->rows = arena_array(&g->arena, n, sizeof *g->rows);
    for (uint32_t i = 0; i < n; i++) {
        if (number(names[i]) < 0)
            continue;
        char *name = arena_strn(&g->arena, names[i], strlen(names[i]) - 1);
        if (exists(store_join(&g->arena, store_join(&g->arena, dir, name), "_metadata")))
            g->rows[g->n++] = (struct growth_row){.name = name, .checkpoint_id = number(names[i])};
    }
    if (g->n)
        qsort(g->rows, g->n, sizeof *g->rows, by_id);
    struct snapshot *before = NULL;
    struct files old = {0};
    for (uint32_t i = 0; i < g->n; i++) {
        struct snapshot *s = NULL;
        struct files files = {0};
        read_one(&g->rows[i], store_join(&g->arena, dir, g->rows[i].name), opts, &s, &files);
        g->rows[i].new_bytes += files_new_bytes(&files, &old);
        files_free(&old);
        snapshot_close(before);
        before = s;
        old = files;
    }
    files_free(&old);
    snapshot_close(before);
}

void growth_free(struct growth *g)
{
    arena_free(&g->arena);
    *g = (struct growth){0};
}
