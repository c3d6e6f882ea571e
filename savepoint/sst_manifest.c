#include "savepoint/sst_manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/rd.h"
#include "savepoint/sst_block.h"
#include "savepoint/sst_manifest_tags.h"

enum { FIELD_END = 1, FIELD_IGNORABLE_BELOW = 1 << 6, FIELD_PATH_ID = 65 };
static const uint64_t SEQ_MAX = (1ull << 56) - 1;
enum { TYPE_RANGE_DELETION = 15, FAMILIES_MAX = 20000 };

/* A file that was added or deleted, in the order of the log. */
struct change {
    struct sst_live live;
    bool deleted;
    size_t order;
};

struct reading {
    const char *name;
    struct arena *a;
    struct change *changes;
    size_t n, cap;
    struct sst_family *families;
    uint32_t n_families, cap_families;
    uint32_t group; /* version edits still to come of an atomic group */
    bool numbered;  /* the last sequence number was told, as every MANIFEST does */
    struct err *e;
};

static bool bad(const struct reading *x, uint64_t at, const char *why)
{
    return err_set(x->e, ERR_CORRUPT, "%s: at %llu: %s", x->name, (unsigned long long)at, why);
}

static struct bytes slice(struct rd *r)
{
    uint32_t n = rd_varint32(r);
    const uint8_t *p = rd_take(r, n);
    return (struct bytes){p, p ? n : 0};
}

/* The user key of an internal key; `open` as in sst_live. */
static struct bytes user_key(struct rd *r, struct arena *a, bool *open)
{
    struct bytes k = slice(r);
    if (rd_ok(r) && k.n < SST_TAG)
        rd_fail(r, "a key without sequence number");
    if (!rd_ok(r))
        return (struct bytes){0};
    k.n -= SST_TAG;
    *open = le64(k.p + k.n) == (SEQ_MAX << 8 | TYPE_RANGE_DELETION);
    return (struct bytes){(uint8_t *)arena_strn(a, (const char *)k.p, k.n), k.n};
}

static void put_change(struct reading *x, struct change c)
{
    if (x->n == x->cap) {
        x->cap = x->cap ? 2 * x->cap : 256;
        x->changes = mem_grow(x->changes, x->cap, sizeof *x->changes);
    }
    c.order = x->n;
    x->changes[x->n++] = c;
}

static bool new_file(struct reading *x, struct rd *r, uint32_t tag, uint32_t family)
{
    struct change c = {.live.family = family};
    struct sst_live *f = &c.live;
    bool open;
    f->level = rd_varint32(r);
    f->number = rd_varint64(r);
    if (tag == TAG_NEW_FILE3)
        rd_varint32(r); /* path id */
    f->size = rd_varint64(r);
    f->smallest = user_key(r, x->a, &open);
    f->largest = user_key(r, x->a, &f->largest_open);
    f->last_seq = UINT64_MAX;
    if (tag != TAG_NEW_FILE) {
        rd_varint64(r);
        f->last_seq = rd_varint64(r);
    }
    if (tag == TAG_NEW_FILE4) {
        for (uint32_t field; (field = rd_varint32(r)) != FIELD_END && rd_ok(r);) {
            slice(r);
            if (field >= FIELD_IGNORABLE_BELOW && field != FIELD_PATH_ID)
                return err_set(x->e, ERR_UNSUPPORTED, "%s: file %llu has an unknown field %u that may not be ignored", x->name,
                               (unsigned long long)f->number, field);
        }
    }
    if (rd_ok(r))
        put_change(x, c);
    return true;
}

static bool add_family(struct reading *x, uint32_t id, struct bytes name)
{
    if (x->n_families == FAMILIES_MAX)
        return err_set(x->e, ERR_LIMIT, "%s: more than %d column families", x->name, FAMILIES_MAX);
    for (uint32_t i = 0; i < x->n_families; i++)
        if (x->families[i].id == id)
            return err_set(x->e, ERR_CORRUPT, "%s: column family %u is added twice", x->name, id);
    if (x->n_families == x->cap_families) {
        x->cap_families = x->cap_families ? 2 * x->cap_families : 16;
        x->families = mem_grow(x->families, x->cap_families, sizeof *x->families);
    }
    x->families[x->n_families++] = (struct sst_family){.id = id, .name = arena_strn(x->a, (const char *)name.p, name.n)};
    return true;
}

static void drop_family(struct reading *x, uint32_t id)
{
    for (uint32_t i = 0; i < x->n_families; i++)
        if (x->families[i].id == id)
            x->families[i] = x->families[--x->n_families];
}

static bool version_edit(struct reading *x, struct rd *r)
{
    uint32_t family = 0, left_in_group = 0;
    bool add = false, drop = false, grouped = false;
    struct bytes add_name = {0};
    size_t first = x->n;
    while (rd_left(r)) {
        uint32_t tag = rd_varint32(r);
        struct bytes s;
        struct change gone = {.deleted = true};
        switch (tag) {
        case TAG_COMPARATOR:
            s = slice(r);
            if (rd_ok(r) && (s.n != strlen(SST_COMPARATOR) || memcmp(s.p, SST_COMPARATOR, s.n) != 0))
                return err_set(x->e, ERR_UNSUPPORTED, "%s: keys are not in byte order (another comparator)", x->name);
            break;
        case TAG_LAST_SEQUENCE:
            x->numbered = true;
            rd_varint64(r);
            break;
        case TAG_LOG_NUMBER:
        case TAG_NEXT_FILE:
        case TAG_PREV_LOG:
        case TAG_MIN_LOG:
            rd_varint64(r);
            break;
        case TAG_MAX_FAMILY:
            rd_varint32(r);
            break;
        case TAG_COMPACT_CURSOR:
            rd_varint32(r);
            slice(r);
            break;
        case TAG_DELETED_FILE:
            gone.live.level = rd_varint32(r);
            gone.live.number = rd_varint64(r);
            put_change(x, gone);
            break;
        case TAG_NEW_FILE:
        case TAG_NEW_FILE2:
        case TAG_NEW_FILE3:
        case TAG_NEW_FILE4:
            if (!new_file(x, r, tag, 0))
                return false;
            break;
        case TAG_FAMILY:
            family = rd_varint32(r);
            break;
        case TAG_FAMILY_ADD:
            add_name = slice(r);
            add = true;
            break;
        case TAG_FAMILY_DROP:
            drop = true;
            break;
        case TAG_ATOMIC_GROUP:
            left_in_group = rd_varint32(r);
            grouped = true;
            break;
        default:
            if (!rd_ok(r))
                break;
            if (!(tag & TAG_IGNORABLE)) /* blob files among them */
                return err_set(x->e, ERR_UNSUPPORTED, "%s: a version edit with the unknown tag %u", x->name, tag);
            slice(r);
        }
    }
    if (!rd_ok(r))
        return bad(x, r->bad_at, "a broken version edit");
    if (x->group && (!grouped || left_in_group != x->group - 1))
        return bad(x, r->origin, "a broken atomic group");
    x->group = left_in_group;
    for (size_t i = first; i < x->n; i++)
        x->changes[i].live.family = family; /* one edit is about one family */
    if (add)
        return add_family(x, family, add_name);
    if (drop)
        drop_family(x, family);
    return true;
}

/* The log: records in blocks of 32 KiB, each whole or in fragments; joins them and hands version edits on. */
static bool read_log(struct reading *x, struct bytes file)
{
    struct buf whole = {0};
    bool inside = false, ok = true;
    uint64_t begin = 0;
    for (size_t at = 0; ok && at < file.n;) {
        size_t room = LOG_BLOCK - at % LOG_BLOCK;
        if (room < LOG_HEAD) {
            at += room;
            continue;
        }
        if (file.n - at < LOG_HEAD) {
            ok = bad(x, at, "the file ends inside a record");
            break;
        }
        const uint8_t *p = file.p + at;
        size_t n = p[4] | (size_t)p[5] << 8;
        uint8_t type = p[6];
        if (type == 0 && n == 0) { /* space reserved ahead of writing */
            at += room;
            continue;
        }
        if (n + LOG_HEAD > room || n > file.n - at - LOG_HEAD) {
            ok = bad(x, at, n + LOG_HEAD > room ? "a record crosses its block" : "the file ends inside a record");
            break;
        }
        if (log_mask(crc32c(p + 6, n + 1)) != le32(p)) {
            ok = bad(x, at, "the checksum of a record does not match");
            break;
        }
        if (type < LOG_FULL || type > LOG_LAST) {
            ok = err_set(x->e, ERR_UNSUPPORTED, "%s: at %zu: a log record of type %u", x->name, at, type);
            break;
        }
        bool starts = type == LOG_FULL || type == LOG_FIRST;
        if (starts == inside) {
            ok = bad(x, at, inside ? "a record begins inside another" : "a fragment without a beginning");
            break;
        }
        if (starts) {
            whole.n = 0;
            begin = at + LOG_HEAD;
        }
        buf_put(&whole, p + LOG_HEAD, n);
        inside = type == LOG_FIRST || type == LOG_MIDDLE;
        if (!inside) {
            struct rd r = rd_of(whole.p, whole.n, begin);
            ok = version_edit(x, &r);
        }
        at += LOG_HEAD + n;
    }
    if (ok && inside)
        ok = bad(x, file.n, "the file ends inside a record");
    if (ok && !x->numbered)
        ok = bad(x, file.n, "the file ends before the database begins");
    if (ok && x->group)
        ok = err_set(x->e, ERR_UNSUPPORTED, "%s: ends inside an atomic group", x->name);
    buf_free(&whole);
    return ok;
}

static int by_file(const void *a, const void *b)
{
    const struct change *x = a, *y = b;
    if (x->live.family != y->live.family)
        return x->live.family < y->live.family ? -1 : 1;
    if (x->live.number != y->live.number)
        return x->live.number < y->live.number ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int by_smallest(const void *a, const void *b)
{
    const struct sst_live *x = a, *y = b;
    if (x->family != y->family)
        return x->family < y->family ? -1 : 1;
    size_t n = x->smallest.n < y->smallest.n ? x->smallest.n : y->smallest.n;
    int c = n ? memcmp(x->smallest.p, y->smallest.p, n) : 0;
    if (c)
        return c;
    if (x->smallest.n != y->smallest.n)
        return x->smallest.n < y->smallest.n ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static int by_id(const void *a, const void *b)
{
    const struct sst_family *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* What is left of the changes: each file's last one decides. A file moved between levels is deleted and added in one edit, in
 * either order: within a number, an addition to a level that is not the deleted one stays. */
static void settle(struct reading *x, struct sst_manifest *m)
{
    if (x->n)
        qsort(x->changes, x->n, sizeof *x->changes, by_file);
    struct sst_live *live = arena_array(x->a, x->n, sizeof *live);
    size_t n = 0;
    for (size_t i = 0; i < x->n;) {
        size_t j = i;
        const struct change *last = NULL;
        for (; j < x->n && x->changes[j].live.number == x->changes[i].live.number &&
             x->changes[j].live.family == x->changes[i].live.family;
             j++) {
            const struct change *c = &x->changes[j];
            if (!c->deleted)
                last = c;
            else if (last && last->live.level == c->live.level)
                last = NULL;
        }
        if (last)
            live[n++] = last->live;
        i = j;
    }
    if (n)
        qsort(live, n, sizeof *live, by_smallest);
    if (x->n_families)
        qsort(x->families, x->n_families, sizeof *x->families, by_id);
    m->n = x->n_families;
    m->families = arena_array(x->a, m->n, sizeof *m->families);
    size_t at = 0;
    for (uint32_t i = 0; i < m->n; i++) {
        struct sst_family *f = &m->families[i];
        *f = x->families[i];
        while (at < n && live[at].family < f->id)
            at++; /* of a dropped family */
        f->live = live + at;
        for (; at < n && live[at].family == f->id; at++)
            f->n++;
    }
}

bool sst_manifest_read(struct sst_manifest *m, struct bytes file, const char *name, struct arena *a, struct err *e)
{
    struct reading x = {.name = name, .a = a, .e = e};
    *m = (struct sst_manifest){0};
    bool ok = add_family(&x, 0, (struct bytes){(const uint8_t *)"default", 7}) && read_log(&x, file);
    if (ok)
        settle(&x, m);
    free(x.changes);
    free(x.families);
    return ok;
}

const char *sst_current(struct bytes file, const char *name, struct arena *a, struct err *e)
{
    static const char prefix[] = "MANIFEST-";
    size_t n = file.n;
    if (n && file.p[n - 1] == '\n')
        n--;
    if (n != file.n - 1 || n < sizeof prefix || memcmp(file.p, prefix, sizeof prefix - 1) != 0 || memchr(file.p, 0, n) ||
        memchr(file.p, '/', n)) {
        err_set(e, ERR_CORRUPT, "%s: does not name a MANIFEST", name);
        return NULL;
    }
    return arena_strn(a, (const char *)file.p, n);
}
