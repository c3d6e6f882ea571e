/* Keyed state in key-group streams: the canonical form (flink-runtime: FullSnapshotAsyncWriter, FullSnapshotRestoreOperation) and
 * the heap backend's own (HeapSnapshotStrategy, HeapRestoreOperation). Both begin with a keyed header; the handle has an offset
 * for each key group. */
#include <string.h>

#include "savepoint/heap_resume.h"
#include "savepoint/keyed_formats.h"

static int64_t offset_of(const struct keyed_part *p, uint32_t i) { return (int64_t)be64(p->handle->offsets + (size_t)8 * i); }

static bool corrupt(const struct source *s, struct err *e, const char *what)
{
    return err_set(e, ERR_CORRUPT, "%s: %s, at offset %llu", s->name, what, (unsigned long long)source_pos(s));
}

/* Where key group i's bytes end: at the next offset that is larger, or at the end of the state. */
static uint64_t end_of(const struct keyed_part *p, uint32_t i)
{
    int64_t from = offset_of(p, i);
    for (uint32_t j = i + 1; j < p->handle->kg_count; j++)
        if (offset_of(p, j) > from)
            return (uint64_t)offset_of(p, j);
    return p->blob.size;
}

static bool open_group(struct keyed_part *p, uint32_t i, struct source *src, struct err *e)
{
    int64_t from = offset_of(p, i);
    uint64_t to = end_of(p, i);
    if (from < 0 || to > p->blob.size || (uint64_t)from > to)
        return err_set(e, ERR_CORRUPT, "%s: key group %d starts at offset %lld of %llu", p->blob.name,
                       p->handle->kg_first + (int32_t)i, (long long)from, (unsigned long long)p->blob.size);
    return blob_source(&p->blob, (uint64_t)from, to - (uint64_t)from, src, e);
}

/* A heap stream writes every key group's number at its offset; a canonical one has a state id there. (Alike in a stream of key
 * group 0 alone, see keyed_stream_open.) */
static bool is_heap(struct keyed_part *p, bool *heap, struct err *e)
{
    *heap = p->handle->tag != HANDLE_SAVEPOINT_KEY_GROUPS && p->handle->kg_count > 0;
    for (uint32_t i = 0; *heap && i < p->handle->kg_count; i++) {
        int64_t off = offset_of(p, i);
        if (off <= 0 || (uint64_t)off > p->blob.size || p->blob.size - (uint64_t)off < 4) {
            *heap = false;
            break;
        }
        struct source src;
        if (!blob_source(&p->blob, (uint64_t)off, 4, &src, e))
            return false;
        *heap = source_need(&src, 4) && be32(src.p) == (uint32_t)(p->handle->kg_first + (int32_t)i);
        source_close(&src);
        if (e->kind != ERR_NONE)
            return false;
    }
    return true;
}

static bool skip_entry(void *ctx, struct entry *en, struct err *e)
{
    (void)ctx;
    (void)en;
    (void)e;
    return true;
}

static bool canonical_walk_group(struct keyed_part *p, uint32_t i, entry_fn *fn, void *ctx, struct err *e);

/* Key group 0 alone, state 0 first: both forms begin with four zero bytes. A canonical stream frames itself, so a walk tells. */
static bool canonical_after_all(struct keyed_part *p)
{
    struct err e = {0};
    return p->handle->kg_first == 0 && p->handle->kg_count == 1 && !p->header->compressed &&
        canonical_walk_group(p, 0, skip_entry, NULL, &e);
}

bool keyed_stream_open(struct keyed_part *p, enum keyed_format *format, struct err *e)
{
    bool heap;
    if (!is_heap(p, &heap, e))
        return false;
    uint64_t end = p->blob.size;
    for (uint32_t i = 0; i < p->handle->kg_count; i++) {
        int64_t off = offset_of(p, i);
        if (off > 0 && (uint64_t)off < end)
            end = (uint64_t)off;
    }
    struct source src;
    if (!blob_source(&p->blob, 0, end, &src, e))
        return false;
    struct keyed_header *h = arena_alloc(&p->arena, sizeof *h);
    bool ok = source_need(&src, end);
    if (ok) {
        struct rd r = rd_of(blob_kept(&p->blob, &src, end, &p->arena), end, p->blob.origin);
        ok = keyed_header_read(h, &r, true, p->snapshot->meta.version >= 5, p->snapshot->opts.told, &p->arena);
        if (!ok)
            err_set(e, ERR_CORRUPT, "%s: header of keyed state: %s, at offset %llu", p->blob.name, r.why,
                    (unsigned long long)r.bad_at);
    } else {
        source_short(&src);
    }
    source_close(&src);
    p->header = h;
    if (ok && heap && canonical_after_all(p))
        heap = false;
    *format = heap ? KEYED_HEAP : KEYED_CANONICAL;
    return ok;
}

static bool opened(struct keyed_part *p, struct err *e)
{
    (void)e;
    return p->header != NULL;
}

static void nothing(struct keyed_part *p) { (void)p; }

/* --- canonical --- */

enum { LAST_OF_STATE = 0x80, END_OF_GROUP = 0xFFFF };

static const struct state_info *state_of(const struct keyed_part *p, struct source *s, uint32_t id, struct err *e)
{
    if (id < p->header->n)
        return &p->header->states[id];
    err_set(e, ERR_CORRUPT, "%s: state number %u of %u, before offset %llu", s->name, id, p->header->n,
            (unsigned long long)source_pos(s));
    return NULL;
}

static bool length(struct source *s, uint32_t *n, struct err *e)
{
    if (!source_need(s, 4))
        return source_short(s);
    *n = be32(s->p);
    if (*n > INT32_MAX)
        return corrupt(s, e, "negative length");
    s->p += 4;
    return true;
}

static bool canonical_group(struct keyed_part *p, struct source *s, uint32_t group, entry_fn *fn, void *ctx, struct err *e)
{
    uint8_t prefix = keyed_prefix(p->op->max_parallelism);
    struct entry en = {.header = p->header, .key_group = group, .prefix = prefix, .file = s->name};
    for (bool fresh = true;;) {
        if (fresh) {
            if (!source_need(s, 2))
                return source_short(s);
            uint16_t id = be16(s->p);
            s->p += 2;
            if (id == END_OF_GROUP)
                return true;
            en.info = state_of(p, s, id, e);
            if (!en.info)
                return false;
            en.form = entry_form_flat(en.info->kind);
        }
        uint32_t nk = 0, nv;
        if (!length(s, &nk, e))
            return false;
        /* key and value must stand in one window: take both lengths first */
        if (!source_need(s, (size_t)nk + 4))
            return source_short(s);
        if (nk < prefix)
            return corrupt(s, e, "a key shorter than its key group");
        nv = be32(s->p + nk);
        if (nv > INT32_MAX)
            return corrupt(s, e, "negative length of a value");
        if (!source_need(s, (size_t)nk + 4 + nv))
            return source_short(s);
        const uint8_t *key = s->p;
        uint32_t kg = prefix == 1 ? key[0] & 0x7fU : (uint32_t)(key[0] & 0x7f) << 8 | key[1];
        if (kg != group)
            return corrupt(s, e, "an entry of another key group");
        fresh = key[0] & LAST_OF_STATE;
        en.raw_key = (struct bytes){key, nk};
        en.value = (struct bytes){key + nk + 4, nv};
        en.at = source_pos(s) + nk + 4;
        en.why = NULL;
        en.key = en.ns = en.user_key = (struct bytes){0};
        if (!fn(ctx, &en, e))
            return false;
        s->p += (size_t)nk + 4 + nv;
    }
}

/* Nothing may follow in a key group. */
static bool at_end(struct source *s, struct err *e)
{
    if (!source_need(s, 1))
        return e->kind == ERR_NONE;
    return corrupt(s, e, "bytes left over behind a key group");
}

static bool canonical_walk_group(struct keyed_part *p, uint32_t i, entry_fn *fn, void *ctx, struct err *e)
{
    struct source s;
    if (offset_of(p, i) == 0)
        return true; /* no data */
    if (!open_group(p, i, &s, e))
        return false;
    if (p->header->compressed)
        source_snappy(&s, true);
    bool ok = canonical_group(p, &s, (uint32_t)p->handle->kg_first + i, fn, ctx, e) && at_end(&s, e);
    source_close(&s);
    return ok;
}

const struct keyed_format_ops keyed_canonical = {"canonical", opened, NULL, canonical_walk_group, nothing};

/* --- heap --- */

/* One entry from the window, which grows while the entry does not fit: nothing tells its length but its serializers. */
static bool heap_entry(struct source *s, struct entry *en, const struct heap_resume *resume, struct err *e)
{
    const struct state_info *info = en->info;
    for (;;) {
        struct rd r = rd_of(s->p, source_have(s), source_pos(s));
        en->key = en->ns = (struct bytes){0};
        if (info->kind != KIND_TIMERS) {
            const uint8_t *from = r.p;
            ser_read(info->ns, &r, NULL);
            en->ns = (struct bytes){from, (size_t)(r.p - from)};
            from = r.p;
            if (rd_live(&r))
                ser_read(en->header->key, &r, NULL);
            en->key = (struct bytes){from, (size_t)(r.p - from)};
        }
        const uint8_t *from = r.p, *end = r.end;
        bool keyed = rd_live(&r);
        if (keyed)
            ser_read(info->value, &r, NULL);
        if (r.cut && source_need(s, source_have(s) + 1))
            continue; /* once more with all that is left of the key group */
        if (e->kind != ERR_NONE)
            return false;
        if (r.cut) {
            r.p = keyed ? heap_resume(resume, from, end) : NULL;
            if (!r.p) {
                en->why = "a serializer that is not known: the rest of its key group cannot be framed";
                r.p = end;
            }
        }
        if (rd_ok(&r)) {
            en->value = (struct bytes){from, (size_t)(r.p - from)};
            en->at = source_pos(s) + (uint64_t)(from - s->p);
            s->p = r.p;
            return true;
        }
        size_t have = source_have(s);
        (void)source_need(s, have + (have < 1 << 16 ? 1 << 16 : have));
        if (e->kind != ERR_NONE)
            return false;
        if (source_have(s) == have)
            return err_set(e, ERR_CORRUPT, "%s: state \"%s\": %s, at offset %llu", s->name, info->name, r.why,
                           (unsigned long long)r.bad_at);
    }
}

static enum entry_form heap_form(const struct state_info *info)
{
    if (info->kind == KIND_TIMERS)
        return FORM_TIMER;
    return info->kind == KIND_LIST ? FORM_LIST_COUNT : info->kind == KIND_MAP ? FORM_MAP_COUNT : FORM_VALUE;
}

static bool heap_group(struct keyed_part *p, struct source *s, uint32_t group, entry_fn *fn, void *ctx, struct err *e)
{
    struct entry en = {.header = p->header, .key_group = group, .file = s->name};
    bool seen[INT16_MAX] = {false};
    struct heap_resume resume = {.header = p->header, .max_parallelism = p->op->max_parallelism, .group = group, .seen = seen};
    for (uint32_t i = 0; i < p->header->n; i++) {
        if (!source_need(s, 6))
            return source_short(s);
        en.info = state_of(p, s, be16(s->p), e);
        if (!en.info)
            return false;
        en.form = heap_form(en.info);
        uint32_t n = be32(s->p + 2);
        if (n > INT32_MAX)
            return corrupt(s, e, "negative number of entries");
        seen[be16(s->p)] = true;
        s->p += 6;
        resume.info = en.info;
        resume.states_left = p->header->n - i - 1;
        for (uint32_t j = 0; j < n; j++) {
            resume.entries_left = n - j - 1;
            if (!heap_entry(s, &en, &resume, e))
                return false;
            en.more = en.why ? resume.entries_left : 0;
            if (!fn(ctx, &en, e))
                return false;
            if (en.why) {
                p->opaque_groups++;
                return true;
            }
        }
    }
    return true;
}

static bool heap_walk_group(struct keyed_part *p, uint32_t i, entry_fn *fn, void *ctx, struct err *e)
{
    struct source s;
    if (!open_group(p, i, &s, e))
        return false;
    bool ok = source_need(&s, 4) || source_short(&s);
    uint32_t group = (uint32_t)p->handle->kg_first + i;
    if (ok && be32(s.p) != group)
        ok = corrupt(&s, e, "the data of another key group");
    if (ok) {
        s.p += 4; /* the number is never compressed; each state behind it is */
        if (p->header->compressed)
            source_snappy(&s, true);
        uint32_t opaque = p->opaque_groups;
        ok = heap_group(p, &s, group, fn, ctx, e) && (p->opaque_groups > opaque || at_end(&s, e));
    }
    source_close(&s);
    return ok;
}

const struct keyed_format_ops keyed_heap = {"heap", opened, NULL, heap_walk_group, nothing};
