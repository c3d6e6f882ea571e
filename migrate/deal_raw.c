/* Timers on the heap beside RocksDB, dealt out to other subtasks or into other key groups. */
#include <stdlib.h>
#include <string.h>

#include "migrate/run_parts.h"
#include "savepoint/keyhash_guess.h"
#include "savepoint/out_file.h"
#include "savepoint/rawtimers.h"
#include "savepoint/rawtimers_write.h"
#include "savepoint/state_decode.h"

enum { GUESS_EVERY = 64 };
enum { BUDGET = 64 << 20, BUDGET_MIN = 1 << 20 }; /* bytes for sorting: all subtasks together, and each */

/* --- the same key groups: their bytes are moved as they are --- */

static int64_t group_offset(const struct meta_keyed *h, uint32_t i) { return (int64_t)be64(h->offsets + (size_t)8 * i); }

struct raw_out {
    struct out_file file;
    uint8_t *offsets;
    struct key_groups groups;
};

static bool move_group(struct blob *b, const struct meta_keyed *h, uint32_t i, struct raw_out *out, struct err *e)
{
    struct source src;
    int64_t from = group_offset(h, i), end = (int64_t)b->size;
    for (uint32_t k = i + 1; k < h->kg_count; k++)
        if (group_offset(h, k) >= 0) {
            end = group_offset(h, k);
            break;
        }
    if (from > end || end > (int64_t)b->size)
        return err_set(e, ERR_CORRUPT, "%s: key group %u lies outside the file", b->name, (unsigned)h->kg_first + i);
    uint64_t at = __builtin_bswap64(out_pos(&out->file));
    memcpy(out->offsets + (size_t)8 * ((uint32_t)h->kg_first + i - (uint32_t)out->groups.first), &at, sizeof at);
    if (!blob_source(b, (uint64_t)from, (uint64_t)(end - from), &src, e))
        return false;
    bool ok = true;
    while (ok && source_need(&src, 1)) {
        ok = out_put(&out->file, src.p, source_have(&src), e);
        source_skip(&src, source_have(&src));
    }
    source_close(&src);
    return ok && e->kind == ERR_NONE;
}

static bool move_groups(const struct draft_op *op, struct raw_out *out, struct err *e)
{
    for (uint32_t j = 0; j < op->meta->n; j++) {
        const struct meta_keyed *h = &op->meta->subtasks[j].raw_keyed;
        struct blob b = {0};
        if (h->tag == HANDLE_NULL)
            continue;
        if (h->tag != HANDLE_KEY_GROUPS && h->tag != HANDLE_KEY_GROUPS_V2)
            return err_set(e, ERR_CORRUPT, "%s: raw keyed state at offset %llu in a %s", op->in->location,
                           (unsigned long long)h->at, handle_name(h->tag));
        if (!blob_open(&b, op->in->snapshot, &h->stream, e))
            return false;
        bool ok = true;
        for (uint32_t i = 0; ok && i < h->kg_count; i++) {
            uint32_t group = (uint32_t)h->kg_first + i - (uint32_t)out->groups.first;
            if (group < out->groups.n && group_offset(h, i) >= 0)
                ok = move_group(&b, h, i, out, e);
        }
        blob_close(&b);
        if (!ok)
            return false;
    }
    return true;
}

static bool has_raw_keyed(const struct draft_op *op)
{
    for (uint32_t i = 0; i < op->meta->n; i++)
        if (op->meta->subtasks[i].raw_keyed.tag != HANDLE_NULL)
            return true;
    return false;
}

static bool move_all(const struct run *r, const struct draft_op *op, struct meta_subtask *to, uint32_t n, struct arena *a,
                     struct err *e)
{
    bool ok = true;
    for (uint32_t i = 0; ok && i < n; i++) {
        struct raw_out out = {.groups = key_groups_of(op->max_parallelism, op->parallelism, (int32_t)i)};
        out.offsets = arena_alloc(a, (size_t)8 * out.groups.n);
        memset(out.offsets, 0xff, (size_t)8 * out.groups.n); /* KeyGroupRangeOffsets.NO_OFFSET */
        out_open(&out.file, r->place.dir, r->place.inline_max ? r->place.inline_max : OUT_INLINE);
        to[i].raw_keyed = (struct meta_keyed){.tag = HANDLE_KEY_GROUPS_V2,
                                              .kg_first = out.groups.first,
                                              .kg_count = out.groups.n,
                                              .offsets = out.offsets,
                                              .id = arena_str(a, uuid_random().s)};
        ok = move_groups(op, &out, e) && out_end(&out.file, &to[i].raw_keyed.stream, a, e);
        out_drop(&out.file);
    }
    return ok;
}

/* --- other key groups: each timer goes to that of its key --- */

struct dealing {
    const struct draft_op *op;
    struct rawtimers_out **outs;
    uint32_t n;
    struct keyhash_guess guess;
    uint64_t guessed;
    const struct keyhash_rule *rule;
};

static bool key_of(const struct entry *en, struct bytes *key, const struct ser **ser, struct err *e)
{
    struct timer t;
    struct entry own = *en;
    if (en->why)
        return err_set(e, ERR_UNSUPPORTED, "%s", en->why);
    if (!timer_split(&own, &t, e))
        return false;
    *key = t.key;
    *ser = t.key_ser;
    return t.key_ser || err_set(e, ERR_UNSUPPORTED, "timers of unknown form, whose key groups cannot be told");
}

static bool guess_by(void *ctx, struct entry *en, struct err *e)
{
    struct dealing *d = ctx;
    struct bytes key;
    const struct ser *ser;
    return key_of(en, &key, &ser, e) && keyhash_guess_key(&d->guess, key, en->key_group) &&
        !(++d->guessed % GUESS_EVERY == 0 && keyhash_guess_rule(&d->guess));
}

/* The operator's keys are the timers' keys. */
static bool find_rule(struct dealing *d, struct err *e)
{
    const struct meta_operator *m = d->op->meta;
    if (!d->op->key)
        return err_set(e, ERR_UNSUPPORTED, "keys cannot be given other key groups: nothing tells what they are");
    keyhash_guess_begin(&d->guess, d->op->key, m->max_parallelism);
    d->rule = keyhash_guess_rule(&d->guess);
    for (uint32_t i = 0; !d->rule && i < m->n; i++) {
        struct arena a = {0};
        bool ok = m->subtasks[i].raw_keyed.tag == HANDLE_NULL ||
            rawtimers_walk(d->op->in->snapshot, m, &m->subtasks[i].raw_keyed, &a, guess_by, d, e);
        arena_free(&a);
        if (!ok && e->kind != ERR_NONE)
            return false;
        d->rule = keyhash_guess_rule(&d->guess);
    }
    return d->rule || err_set(e, ERR_UNSUPPORTED, "timers cannot be given other key groups: %s", keyhash_guess_why(&d->guess));
}

static bool give(void *ctx, struct entry *given, struct err *e)
{
    const struct dealing *d = ctx;
    struct entry en = *given;
    struct bytes key;
    const struct ser *ser;
    int32_t hash;
    if (!key_of(&en, &key, &ser, e))
        return false;
    struct rd r = rd_of(key.p, key.n, en.at);
    if (!keyhash_by_rule(ser, d->rule, &r, &hash))
        return err_set(e, ERR_CORRUPT, "%s: a timer's key that cannot be read, at offset %llu", en.file, (unsigned long long)en.at);
    if (key_group_of_hash(hash, d->op->meta->max_parallelism) != en.key_group)
        return err_set(
            e, ERR_UNSUPPORTED,
            "%s: a timer at offset %llu lies in another key group than its key's hash says, so that no other can be told", en.file,
            (unsigned long long)en.at);
    en.key_group = key_group_of_hash(hash, d->op->max_parallelism);
    uint32_t subtask = subtask_of_group(d->op->max_parallelism, d->op->parallelism, en.key_group);
    return rawtimers_out_entry(d->outs[subtask < d->n ? subtask : 0], &en, e);
}

static bool regroup(const struct run *r, struct dealing *d, struct meta_subtask *to, struct arena *a, struct err *e)
{
    const struct meta_operator *m = d->op->meta;
    size_t budget = BUDGET / d->n < BUDGET_MIN ? BUDGET_MIN : BUDGET / d->n;
    bool ok = find_rule(d, e);
    for (uint32_t i = 0; ok && i < d->n; i++) {
        struct key_groups g = key_groups_of(d->op->max_parallelism, d->op->parallelism, (int32_t)i);
        d->outs[i] = rawtimers_out_open(&r->place, g.first, g.n, budget);
    }
    for (uint32_t i = 0; ok && i < m->n; i++) {
        struct arena of_part = {0};
        ok = m->subtasks[i].raw_keyed.tag == HANDLE_NULL ||
            rawtimers_walk(d->op->in->snapshot, m, &m->subtasks[i].raw_keyed, &of_part, give, d, e);
        arena_free(&of_part);
    }
    for (uint32_t i = 0; ok && i < d->n; i++) {
        struct rawtimers_out *out = d->outs[i];
        d->outs[i] = NULL;
        ok = rawtimers_out_end(out, &to[i].raw_keyed, a, e);
    }
    return ok;
}

static bool regroup_all(const struct run *r, const struct draft_op *op, struct meta_subtask *to, uint32_t n, struct arena *a,
                        struct err *e)
{
    struct dealing d = {.op = op, .n = n, .outs = mem_zalloc(n * sizeof(struct rawtimers_out *))};
    bool ok = regroup(r, &d, to, a, e);
    for (uint32_t i = 0; i < n; i++)
        rawtimers_out_drop(d.outs[i]);
    free(d.outs);
    keyhash_guess_free(&d.guess);
    return ok;
}

bool deal_raw_keyed(const struct run *r, const struct draft_op *op, struct meta_subtask *to, uint32_t n, struct arena *a,
                    struct err *e)
{
    if (!has_raw_keyed(op))
        return true;
    return (op->max_parallelism == op->meta->max_parallelism ? move_all : regroup_all)(r, op, to, n, a, e);
}
