#include "inspect/tree_part.h"

#include <stdlib.h>
#include <string.h>

#include "savepoint/state_decode.h"

enum { STRIDE = 4 << 20 /* bytes between two words to the progress */ };

struct work {
    struct part_result *r;
    const struct snapshot *snapshot;
    const struct part *part;
    const struct tree_opts *opts;
    const struct state_info *info; /* of the last entry */
    struct part_state *state;      /* its state */
    struct figures figures;
    uint64_t unsaid, left; /* bytes that the progress has not heard of yet; that it may still hear of */
    bool deep;
};

static struct part_state *add_state(struct part_result *r, const struct state_info *info, const struct ser *key)
{
    if (r->n == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 16;
        r->states = mem_grow(r->states, r->cap, sizeof *r->states);
    }
    r->states[r->n] = (struct part_state){.info = info, .key = key};
    return &r->states[r->n++];
}

/* The entries go over to another state. The description is the same object for all entries of a state, but a changelog may have
 * given the state another one since the header. */
static void change_state(struct work *w, const struct entry *en)
{
    struct part_result *r = w->r;
    uint32_t i = 0;
    while (i < r->n && r->states[i].info != en->info)
        i++;
    for (uint32_t j = 0; i == r->n && j < r->n; j++)
        if (r->states[j].info->kind == en->info->kind && !strcmp(r->states[j].info->name, en->info->name))
            i = j;
    w->state = i < r->n ? &r->states[i] : add_state(r, en->info, en->header->key);
    w->info = en->info;
    w->figures.to = &w->state->totals;
}

static void say(struct work *w)
{
    uint64_t n = w->unsaid < w->left ? w->unsaid : w->left;
    w->unsaid = 0;
    w->left -= n;
    progress_add(w->opts->progress, n);
}

static bool decode(struct work *w, struct entry *en, struct err *e)
{
    uint32_t opaque = 0; /* the sinks count, too, and know why */
    uint64_t elements;
    bool split = en->raw_key.n; /* then splitting is reading key and namespace to their ends */
    if (!entry_split(en, e))
        return false;
    if (en->form == FORM_TIMER)
        return decode_timer(en, &w->figures.key.sink, &opaque, e);
    return ((split && !en->why) ||
            (decode_key(en, &w->figures.key.sink, &opaque, e) &&
             (!entry_has_ns(en) || decode_ns(en, &w->figures.key.sink, &opaque, e)))) &&
        decode_value(en, &w->figures.value.sink, &opaque, &elements, e);
}

static bool on_entry(void *ctx, struct entry *en, struct err *e)
{
    struct work *w = ctx;
    if (__builtin_expect(en->info != w->info, 0))
        change_state(w, en);
    uint64_t bytes = en->value.n + (en->raw_key.n ? en->raw_key.n : en->key.n + en->ns.n + en->user_key.n), entries = 1;
    if (en->form == FORM_MAP_COUNT)
        entries = en->value.n >= 4 ? be32(en->value.p) : 0;
    w->state->totals.entries += entries;
    w->state->totals.bytes += bytes;
    if (w->r->groups && en->key_group - w->r->kg_first < w->r->kg_count) {
        struct tree_cell *cell = &w->r->groups[en->key_group - w->r->kg_first];
        cell->entries += entries;
        cell->bytes += bytes;
    }
    if ((w->unsaid += bytes) >= STRIDE)
        say(w);
    return !w->deep || decode(w, en, e);
}

static void begin_groups(struct work *w, const struct meta_keyed *h)
{
    enum { MAX_GROUPS = 1 << 15 };
    w->r->kg_first = (uint32_t)h->kg_first;
    w->r->kg_count = h->kg_count < MAX_GROUPS ? h->kg_count : MAX_GROUPS;
    if (w->opts->groups)
        w->r->groups = mem_zalloc(w->r->kg_count * sizeof *w->r->groups + 1);
}

static bool count_keyed(struct work *w, struct err *e)
{
    struct part_result *r = w->r;
    struct keyed_part *p;
    if (!keyed_open(&p, w->snapshot, w->part->op, &w->part->subtask->keyed, e))
        return false;
    r->opened = true;
    r->format = p->format;
    r->compressed = p->header->compressed;
    for (uint32_t i = 0; i < p->header->n; i++)
        add_state(r, &p->header->states[i], p->header->key);
    begin_groups(w, p->handle);
    bool skip = w->opts->depth == TREE_QUICK && !(w->opts->late_states && p->format == KEYED_CHANGELOG);
    bool ok = skip || keyed_walk(p, on_entry, w, e);
    r->opaque_groups = p->opaque_groups;
    r->arena = p->arena; /* the descriptions live on in it */
    p->arena = (struct arena){0};
    keyed_close(p);
    return ok;
}

/* Raw keyed state has no header that tells its states: they come up as the entries do. */
static bool count_raw_keyed(struct work *w, struct err *e)
{
    begin_groups(w, &w->part->subtask->raw_keyed);
    return w->opts->depth == TREE_QUICK ||
        rawtimers_walk(w->snapshot, w->part->op, &w->part->subtask->raw_keyed, &w->r->arena, on_entry, w, e);
}

/* --- operator state --- */

static bool decode_broadcast(struct work *w, const struct state_info *info, struct bytes map, uint64_t at, struct err *e)
{
    struct rd r = rd_of(map.p, map.n, at);
    for (uint32_t n = rd_count(&r, 0); n && rd_live(&r); n--) {
        ser_read(info->user_key, &r, &w->figures.value.sink);
        if (rd_live(&r))
            ser_read(info->element, &r, &w->figures.value.sink);
    }
    if (rd_live(&r) && rd_left(&r))
        rd_fail(&r, "bytes left over behind the map");
    return rd_ok(&r) ||
        err_set(e, ERR_CORRUPT, "%s: broadcast state \"%s\": %s, at offset %llu", w->snapshot->location, info->name, r.why,
                (unsigned long long)r.bad_at);
}

static bool on_element(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    struct work *w = ctx;
    bool broadcast = info->kind == KIND_BROADCAST;
    struct totals *t = w->figures.to;
    t->entries += broadcast ? element.n >= 4 ? be32(element.p) : 0 : 1;
    t->bytes += element.n;
    if (!w->deep)
        return true;
    if (broadcast)
        return decode_broadcast(w, info, element, at, e);
    uint32_t opaque = 0;
    struct place place = {w->snapshot->location, at, info};
    return decode_span(info->element, element, &place, "element", &w->figures.value.sink, &opaque, e);
}

static bool count_operator(struct work *w, struct err *e)
{
    struct part_result *r = w->r;
    struct opstate_part *p;
    if (!opstate_open(&p, w->snapshot, w->part->op, &w->part->subtask->managed, e))
        return false;
    r->compressed = p->compressed;
    bool ok = true;
    for (uint32_t i = 0; i < p->n; i++)
        add_state(r, &p->states[i], NULL);
    for (uint32_t i = 0; ok && i < p->n && w->opts->depth != TREE_QUICK; i++) {
        if (p->states[i].kind == KIND_BROADCAST && !first_broadcast(w->part, p->states[i].name))
            continue;
        w->figures.to = &r->states[i].totals;
        ok = opstate_walk(p, i, on_element, w, e);
    }
    r->arena = p->arena;
    p->arena = (struct arena){0};
    opstate_close(p);
    return ok;
}

bool part_count(struct part_result *r, const struct snapshot *s, const struct part *p, const struct tree_opts *opts, struct err *e)
{
    struct work w = {.r = r, .snapshot = s, .part = p, .opts = opts, .left = part_bytes(p), .deep = opts->depth == TREE_DEEP};
    *r = (struct part_result){0};
    figures_init(&w.figures);
    bool ok = true;
    switch (p->kind) {
    case PART_KEYED:
        ok = count_keyed(&w, e);
        break;
    case PART_RAW_KEYED:
        ok = count_raw_keyed(&w, e);
        break;
    case PART_OPERATOR:
        ok = count_operator(&w, e);
        break;
    case PART_RAW_OPERATOR:
        break; /* the operator's own bytes, which say nothing of themselves */
    }
    figures_free(&w.figures);
    progress_add(opts->progress, w.left);
    return ok;
}

void part_release(struct part_result *r)
{
    free(r->states);
    free(r->groups);
    arena_free(&r->arena);
    *r = (struct part_result){0};
}
