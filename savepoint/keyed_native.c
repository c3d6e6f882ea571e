#include "savepoint/keyed_native.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/temp.h"
#include "savepoint/rocks.h"
#include "savepoint/sst_merge.h"

struct walk {
    const struct native_db *db;
    struct arena arena;
    const struct native_file **by_name; /* sorted, db->n of them */
    struct entry en;                    /* what all entries of a state share */
    uint64_t given, skip;               /* entries given so far; entries that an earlier try has given already */
    entry_fn *fn;
    void *ctx;
    bool stopped; /* by fn */
    uint8_t bounds[4];
    struct bytes lower, upper; /* of the wanted key groups */
};

/* --- entries --- */

static bool give(struct walk *w, struct bytes key, struct bytes value, const char *file, uint64_t at, struct err *e)
{
    const struct native_db *db = w->db;
    if (key.n <= db->prefix)
        return err_set(e, ERR_CORRUPT, "%s: state %s: a key of %zu bytes near %llu, which is no more than its key group", file,
                       w->en.info->name, key.n, (unsigned long long)at);
    uint32_t group = db->prefix == 1 ? key.p[0] : be16(key.p);
    if (group - db->kg_first >= db->kg_count)
        return true;
    if (w->given < w->skip) {
        w->given++;
        return true;
    }
    w->given++;
    struct entry en = w->en;
    en.key_group = group;
    en.raw_key = key;
    en.value = value;
    en.file = file;
    en.at = at;
    w->stopped = !w->fn(w->ctx, &en, e);
    return !w->stopped;
}

static bool give_own(void *ctx, const struct sst_entry *en, struct err *e)
{
    return give(ctx, en->key, en->value, en->file, en->at, e);
}

static bool give_rocks(void *ctx, struct bytes key, struct bytes value, struct err *e)
{
    struct walk *w = ctx;
    return give(w, key, value, w->db->name, 0, e);
}

static void begin_state(struct walk *w, const struct state_info *info)
{
    w->en = (struct entry){.header = w->db->header, .info = info, .form = entry_form_flat(info->kind), .prefix = w->db->prefix};
}

static void set_bounds(struct walk *w)
{
    const struct native_db *db = w->db;
    uint64_t end = (uint64_t)db->kg_first + db->kg_count, all = db->prefix == 1 ? 1u << 8 : 1u << 16;
    for (int i = 0; i < db->prefix; i++) {
        w->bounds[i] = (uint8_t)(db->kg_first >> 8 * (db->prefix - 1 - i));
        w->bounds[2 + i] = (uint8_t)(end >> 8 * (db->prefix - 1 - i));
    }
    w->lower = (struct bytes){w->bounds, db->prefix};
    w->upper = (struct bytes){w->bounds + 2, end < all ? db->prefix : 0};
}

/* --- files --- */

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct native_file *const *)a)->name, (*(const struct native_file *const *)b)->name);
}

static int find_name(const void *key, const void *b) { return strcmp(key, (*(const struct native_file *const *)b)->name); }

static const struct native_file *find(const struct walk *w, const char *name)
{
    const struct native_file **hit = bsearch(name, w->by_name, w->db->n, sizeof *w->by_name, find_name);
    return hit ? *hit : NULL;
}

static const struct native_file *need(const struct walk *w, const char *name, struct err *e)
{
    const struct native_file *f = find(w, name);
    if (!f)
        err_set(e, ERR_MISSING, "%s: the database's file %s is not in the snapshot", w->db->name, name);
    return f;
}

static void close_input(void *ctx, struct sst_input *in)
{
    (void)ctx;
    if (in->file)
        store_close(in->file);
    free(in->file);
    in->file = NULL;
}

static bool open_file(const struct native_file *f, struct sst_input *in, struct err *e)
{
    *in = (struct sst_input){.name = f->location, .map = f->inl.p, .size = f->inl.n, .start = f->start};
    if (f->inl.p)
        return true;
    in->file = mem_zalloc(sizeof *in->file);
    if (!store_open(in->file, f->location, e)) {
        close_input(NULL, in);
        return false;
    }
    in->name = in->file->location;
    in->size = f->size;
    if (f->start <= in->file->size && f->size <= in->file->size - f->start) {
        in->map = in->file->map ? in->file->map + f->start : NULL;
        return true;
    }
    err_set(e, ERR_CORRUPT, "%s: has %llu bytes, but the snapshot names %llu at %llu; is the copy complete?", in->name,
            (unsigned long long)in->file->size, (unsigned long long)f->size, (unsigned long long)f->start);
    close_input(NULL, in);
    return false;
}

static bool open_table(void *ctx, const struct sst_live *live, struct sst_input *in, struct err *e)
{
    struct walk *w = ctx;
    char name[40];
    snprintf(name, sizeof name, "%06llu.sst", (unsigned long long)live->number);
    const struct native_file *f = need(w, name, e);
    if (!f || !open_file(f, in, e))
        return false;
    in->verify = w->db->verify;
    if (in->size == live->size)
        return true;
    err_set(e, ERR_CORRUPT, "%s: has %llu bytes, but the MANIFEST says %llu", in->name, (unsigned long long)in->size,
            (unsigned long long)live->size);
    close_input(w, in);
    return false;
}

/* A small file as a whole, in the arena. */
static bool slurp(struct walk *w, const char *name, struct bytes *all, struct err *e)
{
    const uint64_t max = 1u << 30;
    struct sst_input in;
    const struct native_file *f = need(w, name, e);
    if (!f || !open_file(f, &in, e))
        return false;
    bool ok = in.size <= max || err_set(e, ERR_LIMIT, "%s: is larger than 1 GiB", in.name);
    if (ok && in.map) {
        *all = (struct bytes){(const uint8_t *)arena_strn(&w->arena, (const char *)in.map, in.size), in.size};
    } else if (ok) {
        uint8_t *p = arena_alloc(&w->arena, in.size + 1);
        ok = !in.file || store_read(in.file, in.start, p, in.size, e);
        *all = (struct bytes){p, in.size};
    }
    close_input(w, &in);
    return ok;
}

/* --- the two readers --- */

static bool read_manifest(struct walk *w, struct sst_manifest *m, struct err *e)
{
    struct bytes current, manifest;
    const char *name;
    for (uint32_t i = 0; i < w->db->n; i++) {
        const struct native_file *f = &w->db->files[i];
        size_t n = strlen(f->name);
        if (n > 4 && strcmp(f->name + n - 4, ".log") == 0 && (f->inl.p ? f->inl.n : f->size))
            return err_set(e, ERR_UNSUPPORTED, "%s: there is a write-ahead log, %s", w->db->name, f->name);
    }
    return slurp(w, "CURRENT", &current, e) && (name = sst_current(current, "CURRENT", &w->arena, e)) &&
        slurp(w, name, &manifest, e) && sst_manifest_read(m, manifest, name, &w->arena, e);
}

static bool walk_own(struct walk *w, struct err *e)
{
    struct sst_manifest m;
    if (!read_manifest(w, &m, e))
        return false;
    for (uint32_t i = 0; i < w->db->header->n; i++) {
        const struct state_info *info = &w->db->header->states[i];
        struct sst_walk sst = {
            .lower = w->lower, .upper = w->upper, .ctx = w, .open = open_table, .close = close_input, .each = give_own};
        for (uint32_t k = 0; k < m.n; k++)
            if (strcmp(m.families[k].name, info->name) == 0)
                sst.family = &m.families[k];
        begin_state(w, info);
        if (sst.family && !sst_walk(&sst, e))
            return false;
    }
    return true;
}

static bool walk_rocks(struct walk *w, struct err *e)
{
    char *dir = native_stage(w->db, e);
    if (!dir)
        return false;
    struct rocks *r = rocks_open(dir, w->db->name, e);
    bool ok = r != NULL;
    for (uint32_t i = 0; ok && i < w->db->header->n; i++) {
        begin_state(w, &w->db->header->states[i]);
        ok = rocks_walk(r, w->en.info->name, w->lower, w->upper, w->db->verify, give_rocks, w, e);
    }
    rocks_close(r);
    temp_remove(dir);
    return ok;
}

bool native_walk(const struct native_db *db, entry_fn *fn, void *ctx, struct err *e)
{
    struct walk w = {.db = db, .fn = fn, .ctx = ctx};
    struct err own = {0};
    if (!db->kg_count)
        return true;
    set_bounds(&w);
    w.by_name = arena_array(&w.arena, db->n + 1, sizeof *w.by_name);
    for (uint32_t i = 0; i < db->n; i++)
        w.by_name[i] = &db->files[i];
    qsort(w.by_name, db->n, sizeof *w.by_name, by_name);

    bool ok = false;
    if (db->reader != NATIVE_ROCKSDB)
        ok = walk_own(&w, &own);
    if (db->reader == NATIVE_ROCKSDB || (db->reader == NATIVE_BEST && own.kind == ERR_UNSUPPORTED && !w.stopped)) {
        w.skip = w.given; /* both give the same entries in the same order: go on where the other stopped */
        w.given = 0;
        ok = walk_rocks(&w, e);
        if (!ok && e->kind != ERR_NONE && own.kind != ERR_NONE)
            err_in(e, "%s", own.text);
    } else if (own.kind != ERR_NONE) {
        err_set(e, own.kind, "%s", own.text);
    }
    arena_free(&w.arena);
    return ok;
}
