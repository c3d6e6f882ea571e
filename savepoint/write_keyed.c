/* A part of keyed state: header, entries in order or through a sorter, a handle. */
#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "base/wr.h"
#include "savepoint/savepoint.h"
#include "savepoint/ser_write.h"
#include "savepoint/write_form.h"
#include "savepoint/write_native.h"
#include "savepoint/write_sort.h"
#include "savepoint/write_streams.h"

enum {
    BUDGET = 64 << 20,
    HEADER_VERSION = 6,
    SNAPSHOT_VERSION = 2,
    SORT_HEAD = 4, /* streams: u16 key group, u16 state; a database: u16 state, then the key group as in its keys */
    STATE_HEAD = 2,
};

struct keyed_out {
    struct stream_out out;
    struct form form;
    struct sorter *sorter;
    bool loose; /* a trial of what would be sorted: records are made and dropped */
    struct native_out *database;
    struct out_place place;
    /* where records come from an entry */
    uint32_t group, state;
    /* heap: the map whose entries are coming */
    bool in_map;
    uint32_t map_count;
    struct buf map, map_ns, map_key;
    struct buf last; /* the record before, where there may be none that is the same */
};

bool keyed_header_put(struct buf *b, const struct keyed_header *h, bool compress, struct err *e)
{
    if (h->n > INT16_MAX)
        return err_set(e, ERR_UNSUPPORTED, "%u states in one operator", h->n);
    wr_i32(b, HEADER_VERSION);
    wr_u8(b, compress);
    wr_i32(b, SNAPSHOT_VERSION);
    if (!ser_put(h->key, b, e))
        return err_in(e, "the key serializer");
    wr_u16(b, (uint16_t)h->n);
    for (uint32_t i = 0; i < h->n; i++)
        wr_bytes(b, h->states[i].raw);
    return true;
}

bool keyed_out_open(struct keyed_out **out, const struct out_place *place, const struct keyed_header *header,
                    const struct keyed_out_opts *opts, struct err *e)
{
    *out = NULL;
    struct buf head = {0};
    bool database = opts->form == OUT_DATABASE, compress = opts->compress && !database;
    if (!keyed_header_put(&head, header, compress, e)) {
        buf_free(&head);
        return false;
    }
    struct keyed_out *k = mem_zalloc(sizeof *k);
    struct stream_out *s = &k->out;
    k->place = *place;
    s->header = header;
    s->opts = *opts;
    s->next = (uint32_t)opts->kg_first;
    s->offsets = mem_zalloc((size_t)8 * opts->kg_count);
    s->seen = mem_zalloc(header->n);
    out_open(&s->file, place->dir, place->inline_max ? place->inline_max : OUT_INLINE);
    k->loose = opts->sort && !opts->once && place->inline_max == OUT_NOWHERE;
    if ((opts->sort && !k->loose) || database)
        k->sorter = sort_new(place->dir, opts->budget ? opts->budget : BUDGET);
    if (database)
        k->database = native_out_new(&k->place, header);
    bool ok = out_put(&s->file, head.p, head.n, e);
    buf_free(&head);
    if (ok)
        *out = k;
    else
        keyed_out_drop(k);
    return ok;
}

/* --- heap entries --- */

static struct bytes bytes_of(const struct buf *b) { return (struct bytes){b->p, b->n}; }

static bool same_bytes(const struct buf *a, struct bytes b) { return a->n == b.n && (!b.n || !memcmp(a->p, b.p, b.n)); }

static bool end_map(struct keyed_out *k, struct err *e)
{
    if (!k->in_map)
        return true;
    k->in_map = false;
    uint32_t n = __builtin_bswap32(k->map_count);
    memcpy(k->map.p, &n, 4);
    return heap_put(&k->out, bytes_of(&k->map_ns), bytes_of(&k->map_key), bytes_of(&k->map), 1, e);
}

static bool add_to_map(struct keyed_out *k, const struct entry *en, uint32_t state, struct err *e)
{
    const struct stream_out *s = &k->out;
    bool same = k->in_map && s->group == en->key_group && s->state == state && same_bytes(&k->map_ns, en->ns) &&
        same_bytes(&k->map_key, en->key);
    if (!same) {
        if (!end_map(k, e) || !heap_state(&k->out, en->key_group, state, e))
            return false;
        k->in_map = true;
        k->map_count = 0;
        k->map.n = k->map_ns.n = k->map_key.n = 0;
        wr_u32(&k->map, 0);
        wr_bytes(&k->map_ns, en->ns);
        wr_bytes(&k->map_key, en->key);
    }
    k->map_count++;
    form_heap_map(&k->map, en);
    return k->map.n <= INT32_MAX || err_set(e, ERR_LIMIT, "a map of more than 2 GiB, which the heap backend cannot hold");
}

static bool put_heap(struct keyed_out *k, const struct entry *given, uint32_t state, struct err *e)
{
    struct entry en = *given;
    struct bytes value;
    if (!entry_split(&en, e))
        return false;
    if (en.why && given->raw_key.n)
        return err_set(e, ERR_UNSUPPORTED, "%s, and the heap backend's form cannot be made without it", en.why);
    if (given->raw_key.n && !form_check(&en, e))
        return false;
    if (en.form == FORM_MAP_ENTRY)
        return add_to_map(k, &en, state, e);
    if (!end_map(k, e) || !heap_state(&k->out, en.key_group, state, e) || !form_heap(&k->form, &en, &value, e))
        return false;
    if (!en.why)
        return heap_put(&k->out, en.ns, en.key, value, 1, e);
    k->out.opaque = true; /* the rest of the key group as it came */
    return heap_put(&k->out, en.ns, en.key, value, 1 + en.more, e);
}

/* --- entries --- */

static bool put_record(void *ctx, struct bytes key, struct bytes value, struct err *e)
{
    struct keyed_out *k = ctx;
    if (k->loose)
        return true;
    const uint8_t group[] = {(uint8_t)(k->group >> 8), (uint8_t)k->group}, state[] = {(uint8_t)(k->state >> 8), (uint8_t)k->state};
    if (k->database) {
        size_t prefix = keyed_prefix(k->out.opts.max_parallelism);
        const uint8_t head[SORT_HEAD] = {state[0], state[1], group[2 - prefix], group[1]};
        return sort_add(k->sorter, (struct bytes){head, STATE_HEAD + prefix}, key, value, e);
    }
    if (k->sorter) {
        const uint8_t head[SORT_HEAD] = {group[0], group[1], state[0], state[1]};
        return sort_add(k->sorter, (struct bytes){head, sizeof head}, key, value, e);
    }
    return canonical_put(&k->out, k->group, k->state, key, value, e);
}

static bool put_entry(struct keyed_out *k, const struct entry *en, uint32_t state, struct err *e)
{
    const struct keyed_out_opts *o = &k->out.opts;
    if (en->key_group - (uint32_t)o->kg_first >= o->kg_count)
        return err_set(e, ERR_CORRUPT, "an entry of key group %u among those of %d to %d", en->key_group, o->kg_first,
                       o->kg_first + (int32_t)o->kg_count - 1);
    if (o->form == OUT_HEAP && !k->sorter && !k->loose)
        return put_heap(k, en, state, e);
    if (en->why)
        return err_set(e, ERR_UNSUPPORTED, "%s, so the entry cannot be written in another form", en->why);
    k->group = en->key_group;
    k->state = state;
    return form_canonical(&k->form, en, put_record, k, e);
}

bool keyed_out_entry(struct keyed_out *k, const struct entry *en, struct err *e)
{
    uintptr_t at = (uintptr_t)en->info, from = (uintptr_t)k->out.header->states;
    bool own = at >= from && at < from + k->out.header->n * sizeof *en->info;
    if (!own)
        return err_set(e, ERR_UNSUPPORTED, "state \"%s\": %s", en->info->name,
                       en->why ? en->why : "an entry whose serializer differs from its state's");
    return put_entry(k, en, (uint32_t)(en->info - k->out.header->states), e) || err_in(e, "state \"%s\"", en->info->name);
}

/* Of two that are the same a queue of timers has one. */
static bool is_first(struct keyed_out *k, struct bytes key, const struct state_info *info, bool *first, struct err *e)
{
    bool timer = info->kind == KIND_TIMERS;
    *first = (!k->out.opts.once && !timer) || !same_bytes(&k->last, key);
    if (!*first && k->out.opts.once)
        return err_set(e, ERR_CONVERT, "state \"%s\": the same %s twice", info->name,
                       info->kind == KIND_MAP ? "key of a map" : "key");
    k->last.n = 0;
    if (k->out.opts.once || timer)
        wr_bytes(&k->last, key);
    return true;
}

static bool put_sorted(void *ctx, struct bytes key, struct bytes value, struct err *e)
{
    struct keyed_out *k = ctx;
    bool first;
    if (!is_first(k, key, &k->out.header->states[k->database ? be16(key.p) : be16(key.p + 2)], &first, e))
        return false;
    if (!first)
        return true;
    if (k->database)
        return native_out_put(k->database, be16(key.p), (struct bytes){key.p + STATE_HEAD, key.n - STATE_HEAD}, value, e);
    uint32_t group = be16(key.p), state = be16(key.p + 2);
    const struct state_info *info = &k->out.header->states[state];
    if (k->out.opts.form == OUT_CANONICAL)
        return canonical_put(&k->out, group, state, (struct bytes){key.p + SORT_HEAD, key.n - SORT_HEAD}, value, e);
    struct entry en = {.header = k->out.header,
                       .info = info,
                       .key_group = group,
                       .form = entry_form_flat(info->kind),
                       .raw_key = key,
                       .prefix = SORT_HEAD,
                       .value = value,
                       .file = k->out.file.dir};
    return put_heap(k, &en, state, e) || err_in(e, "state \"%s\"", info->name);
}

static bool end_database(struct keyed_out *k, struct meta_keyed *h, struct arena *a, struct err *e)
{
    struct native_out *n = k->database;
    k->database = NULL;
    h->tag = HANDLE_INCREMENTAL_V2;
    h->backend_id = arena_str(a, uuid_random().s);
    h->id = arena_str(a, uuid_random().s);
    h->checkpointed_size = (int64_t)out_pos(&k->out.file);
    return native_out_end(n, h, a, e);
}

static bool end_stream(struct keyed_out *k, struct meta_keyed *h, struct arena *a, struct err *e)
{
    struct stream_out *s = &k->out;
    bool heap = s->opts.form == OUT_HEAP;
    if (!(heap ? end_map(k, e) && heap_end(s, e) : canonical_end(s, e)))
        return false;
    h->tag = heap ? HANDLE_KEY_GROUPS_V2 : HANDLE_SAVEPOINT_KEY_GROUPS;
    h->id = heap ? arena_str(a, uuid_random().s) : NULL;
    uint8_t *offsets = arena_alloc(a, (size_t)8 * h->kg_count);
    if (h->kg_count)
        memcpy(offsets, s->offsets, (size_t)8 * h->kg_count);
    h->offsets = offsets;
    return true;
}

static bool finish(struct keyed_out *k, struct meta_keyed *h, struct arena *a, struct err *e)
{
    const struct keyed_out_opts *o = &k->out.opts;
    *h = (struct meta_keyed){.kg_first = o->kg_first, .kg_count = o->kg_count};
    return (!k->sorter || sort_run(k->sorter, put_sorted, k, e)) &&
        (k->database ? end_database(k, h, a, e) : end_stream(k, h, a, e)) && out_end(&k->out.file, &h->stream, a, e);
}

bool keyed_out_end(struct keyed_out *k, struct meta_keyed *h, struct arena *a, struct err *e)
{
    bool ok = finish(k, h, a, e);
    keyed_out_drop(k);
    return ok;
}

void keyed_out_drop(struct keyed_out *k)
{
    if (!k)
        return;
    sort_free(k->sorter);
    buf_free(&k->last);
    native_out_drop(k->database);
    out_drop(&k->out.file);
    free(k->out.offsets);
    free(k->out.seen);
    buf_free(&k->out.block);
    buf_free(&k->out.packed);
    buf_free(&k->form.key);
    buf_free(&k->form.value);
    buf_free(&k->map);
    buf_free(&k->map_ns);
    buf_free(&k->map_key);
    free(k);
}
