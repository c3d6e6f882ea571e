/* Keyed state of the changelog backend: the entries of what was materialized, except where the log has something later, then what
 * the log has. Entries that the log does not touch are passed on as they come. */
#include <stdlib.h>
#include <string.h>

#include "savepoint/keyed_changelog.h"
#include "savepoint/keyed_formats.h"

/* --- lists, reducing and aggregating states: what was materialized, then the late changes --- */

static void add_elements(struct changelog *c, struct record *r, const struct state_info *info, struct bytes elements, uint32_t n)
{
    if (r->info && r->info != info)
        r->info = changelog_opaque(c, r->info, "a list with elements of two versions of their serializer");
    else
        r->info = info;
    buf_put(&r->body, elements.p, elements.n);
    r->count += n;
}

static void empty(struct record *r)
{
    r->info = NULL;
    r->value.n = 0;
    r->body.n = 0;
    r->count = 0;
}

/* What a merge finds in a record, taken out of it. */
static void move(struct changelog *c, struct record *to, struct record *from)
{
    if (!from->info)
        return;
    if (from->info->kind == KIND_LIST) {
        add_elements(c, to, from->info, (struct bytes){from->body.p, from->body.n}, from->count);
    } else if (to->info) { /* the job's own function makes one value of two */
        to->info = changelog_opaque(c, from->info, "two namespaces merged by the job's own function, and not yet written anew");
        to->value.n = 0;
    } else {
        to->info = from->info;
        to->value = from->value;
    }
    empty(from);
}

/* AbstractHeapMergingState#mergeNamespaces: the sources become one, which joins the target. */
static void merge_namespaces(struct changelog *c, const struct late *l)
{
    struct record merged = {0};
    for (uint32_t i = 0; i < l->n; i++)
        move(c, &merged, l->sources[i]);
    move(c, l->rec, &merged);
    buf_free(&merged.body);
}

static bool apply_late(struct changelog *c, const struct late *l, struct err *e)
{
    struct record *r = l->rec;
    r->file = l->file;
    r->at = l->at;
    if (l->op == OP_MERGE_NS) {
        merge_namespaces(c, l);
        return true;
    }
    if (l->op != OP_ADD && l->op != OP_ADD_ELEMENT)
        empty(r);
    if (l->op == OP_CLEAR)
        return true;
    if (l->info->kind != KIND_LIST) {
        r->info = l->info;
        r->value = l->bytes;
        return true;
    }
    struct rd in = rd_of(l->bytes.p, l->bytes.n, l->at);
    uint32_t n = l->op == OP_ADD_ELEMENT ? 1 : rd_count(&in, 0);
    if (!rd_ok(&in) || n > INT32_MAX - r->count)
        return err_set(e, ERR_CORRUPT,
                       "%s: changelog: a list of state \"%s\" with an impossible number of elements, before offset %llu", l->file,
                       l->info->name, (unsigned long long)l->at);
    if (n)
        add_elements(c, r, l->info, (struct bytes){in.p, rd_left(&in)}, n);
    return true;
}

/* The materialized value of a record that late changes touch. */
static bool keep_base(struct changelog *c, struct record *r, const struct entry *en, struct arena *a, struct err *e)
{
    r->file = arena_str(a, en->file);
    r->at = en->at;
    if (en->info->kind != KIND_LIST) {
        uint8_t *copy = arena_alloc(a, en->value.n);
        if (en->value.n)
            memcpy(copy, en->value.p, en->value.n);
        r->info = en->info;
        r->value = (struct bytes){copy, en->value.n};
        return true;
    }
    struct rd in = rd_of(en->value.p, en->value.n, en->at);
    if (en->form == FORM_LIST_COUNT) {
        uint32_t n = rd_count(&in, 0);
        if (rd_ok(&in) && n)
            add_elements(c, r, en->info, (struct bytes){in.p, rd_left(&in)}, n);
    }
    while (en->form == FORM_LIST_DELIM && rd_live(&in) && rd_left(&in)) {
        const uint8_t *from = in.p;
        ser_read(en->info->element, &in, NULL);
        add_elements(c, r, en->info, (struct bytes){from, (size_t)(in.p - from)}, 1);
        if (rd_live(&in) && rd_left(&in) && rd_u8(&in) != ',')
            rd_fail(&in, "no delimiter between two list elements");
    }
    if (in.cut)
        r->info = changelog_opaque(c, en->info, "a list that grew in the changelog, with an element serializer that is not known");
    return rd_ok(&in) ||
        err_set(e, ERR_CORRUPT, "%s: list of state \"%s\": %s, at offset %llu", en->file, en->info->name, in.why,
                (unsigned long long)in.bad_at);
}

/* --- the walk --- */

struct walk {
    struct keyed_part *p;
    struct changelog *c;
    entry_fn *fn;
    void *ctx;
    const struct keyed_header *base;   /* of the handle that is being walked */
    const struct keyed_header *header; /* that its entries get: the common one unless its key is of another kind */
    uint32_t *states;                  /* its states' indices in the header */
    struct record *map;                /* the map whose materialized entries are coming */
    struct arena arena;                /* content of late records */
    struct buf scratch;
};

static bool give(struct walk *w, const struct record *r, enum entry_form form, struct bytes value, struct err *e)
{
    struct entry en = {.header = &w->c->header,
                       .info = r->info,
                       .key_group = r->key_group,
                       .form = form,
                       .key = r->key,
                       .ns = r->ns,
                       .value = value,
                       .at = r->at,
                       .file = r->file};
    if (form == FORM_MAP_ENTRY)
        en.user_key = r->sub;
    return w->fn(w->ctx, &en, e);
}

static struct bytes scratch_of(struct walk *w) { return (struct bytes){w->scratch.p, w->scratch.n}; }

/* The entries that the log has of a map: each live one of its last life. */
static bool give_map(struct walk *w, struct record *scope, struct err *e)
{
    const struct changelog *c = w->c;
    scope->done = true;
    for (size_t i = scope->index + 1; i < c->n_recs && c->recs[i]->scope == scope; i++) {
        const struct record *r = c->recs[i];
        if (!r->info || r->epoch != scope->epoch)
            continue;
        w->scratch.n = 0;
        buf_putc(&w->scratch, r->null);
        buf_put(&w->scratch, r->value.p, r->value.n);
        if (!give(w, r, FORM_MAP_ENTRY, scratch_of(w), e))
            return false;
    }
    return true;
}

static bool end_map(struct walk *w, struct err *e)
{
    struct record *map = w->map;
    w->map = NULL;
    return !map || map->done || give_map(w, map, e);
}

/* One materialized entry of a map that the log touches. */
static bool base_map_entry(struct walk *w, struct entry *en, const struct record *scope, uint32_t state, struct err *e)
{
    bool later = scope->epoch || changelog_find(w->c, state, en->key, en->ns, &en->user_key);
    return later || w->fn(w->ctx, en, e);
}

static bool base_map(struct walk *w, struct entry *en, uint32_t state, struct err *e)
{
    struct record *scope = changelog_find(w->c, state, en->key, en->ns, NULL);
    if (w->map != scope && !end_map(w, e))
        return false;
    if (!scope)
        return w->fn(w->ctx, en, e);
    w->map = scope;
    if (en->form == FORM_MAP_ENTRY)
        return base_map_entry(w, en, scope, state, e);
    struct rd r = rd_of(en->value.p, en->value.n, en->at);
    for (uint32_t n = rd_count(&r, 1); n && rd_live(&r); n--) {
        struct entry one = *en;
        one.form = FORM_MAP_ENTRY;
        one.user_key.p = r.p;
        ser_read(en->info->user_key, &r, NULL);
        one.user_key.n = (size_t)(r.p - one.user_key.p);
        if (r.cut) {
            one.info =
                changelog_opaque(w->c, en->info, "a map that changed in the changelog, with a key serializer that is not known");
            one.form = FORM_VALUE;
            one.value = one.user_key;
            return w->fn(w->ctx, &one, e);
        }
        one.at = rd_pos(&r);
        one.value.p = r.p;
        if (rd_live(&r) && !rd_bool(&r))
            ser_read(en->info->element, &r, NULL);
        one.value.n = (size_t)(r.p - one.value.p);
        if (rd_ok(&r) && !base_map_entry(w, &one, scope, state, e))
            return false;
    }
    return rd_ok(&r) ||
        err_set(e, ERR_CORRUPT, "%s: map of state \"%s\": %s, at offset %llu", en->file, en->info->name, r.why,
                (unsigned long long)r.bad_at);
}

static bool base_entry(void *ctx, struct entry *theirs, struct err *e)
{
    struct walk *w = ctx;
    struct changelog *c = w->c;
    struct entry mine = *theirs, *en = &mine; /* header and info are what its holder goes on with */
    const struct meta_keyed *h = w->p->handle;
    if (en->key_group - (uint32_t)h->kg_first >= h->kg_count)
        return true; /* after rescaling the materialized part has others' key groups, too */
    uint32_t index = w->states[en->info - w->base->states], state = c->first[index];
    en->header = w->header;
    if (c->touched[state] && !entry_split(en, e))
        return false;
    en->info = &c->header.states[index];
    if (!en->why)
        en->why = c->why[state];
    if (!c->touched[state] || en->info->kind != KIND_MAP) {
        if (!end_map(w, e))
            return false;
        if (!c->touched[state])
            return w->fn(w->ctx, en, e);
    }
    switch (en->info->kind) {
    case KIND_MAP:
        return base_map(w, en, state, e);
    case KIND_TIMERS:
        return changelog_find(c, state, (struct bytes){0}, (struct bytes){0}, &en->value) || w->fn(w->ctx, en, e);
    default: {
        struct record *r = changelog_find(c, state, en->key, en->ns, NULL);
        if (!r)
            return w->fn(w->ctx, en, e);
        return en->info->kind == KIND_VALUE || keep_base(c, r, en, &w->arena, e);
    }
    }
}

static bool waits(const struct state_info *info)
{
    return info->kind != KIND_VALUE && info->kind != KIND_MAP && info->kind != KIND_TIMERS;
}

static bool walk_bases(struct walk *w, struct err *e)
{
    struct changelog *c = w->c;
    uint32_t index = 0;
    for (uint32_t i = 0; i < c->n_bases; i++) {
        w->base = c->bases[i]->header;
        w->header = !w->base->key->row || ser_same(w->base->key, c->header.key) ? &c->header : w->base;
        w->states = c->base_states + index;
        index += w->base->n;
        if (!keyed_walk(c->bases[i], base_entry, w, e) || !end_map(w, e))
            return false;
    }
    return true;
}

static bool give_records(struct walk *w, struct err *e)
{
    struct changelog *c = w->c;
    for (size_t i = 0; i < c->n_recs; i++) {
        struct record *r = c->recs[i];
        enum state_kind kind = c->header.states[r->state].kind;
        if (kind == KIND_MAP) {
            if (!r->has_sub && !r->done && !give_map(w, r, e))
                return false;
            continue;
        }
        if (!r->info)
            continue;
        struct bytes value = kind == KIND_TIMERS ? r->sub : r->value;
        enum entry_form form = kind == KIND_TIMERS ? FORM_TIMER : FORM_VALUE;
        if (kind == KIND_LIST) {
            w->scratch.n = 0;
            uint32_t count = __builtin_bswap32(r->count);
            buf_put(&w->scratch, &count, sizeof count);
            buf_put(&w->scratch, r->body.p, r->body.n);
            value = scratch_of(w);
            form = r->info->kind == KIND_LIST ? FORM_LIST_COUNT : FORM_VALUE;
        }
        if (!give(w, r, form, value, e))
            return false;
    }
    return true;
}

/* Changes that could not be taken apart, one entry each: the key is unknown, the value all that follows operation and state. */
static bool give_loose(struct walk *w, struct err *e)
{
    struct changelog *c = w->c;
    for (size_t i = 0; i < c->n_loose; i++) {
        const struct change *ch = c->loose[i].change;
        uint32_t state = c->loose[i].state;
        struct entry en = {.header = &c->loose_header,
                           .info = &c->loose_header.states[state],
                           .key_group = (uint32_t)ch->key_group,
                           .form = FORM_VALUE,
                           .at = ch->at + 3,
                           .file = ch->file,
                           .why = c->why[state]};
        en.value = (struct bytes){ch->bytes.p + 3, ch->bytes.n - 3};
        if (!w->fn(w->ctx, &en, e))
            return false;
    }
    return true;
}

static bool changelog_walk(struct keyed_part *p, entry_fn *fn, void *ctx, struct err *e)
{
    struct changelog *c = p->own;
    struct walk w = {.p = p, .c = c, .fn = fn, .ctx = ctx};
    for (size_t i = 0; i < c->n_recs; i++) {
        c->recs[i]->done = false;
        if (waits(&c->header.states[c->recs[i]->state]))
            empty(c->recs[i]);
    }
    bool ok = walk_bases(&w, e);
    for (size_t i = 0; i < c->n_late && ok; i++)
        ok = apply_late(c, &c->late[i], e);
    ok = ok && give_records(&w, e) && give_loose(&w, e);
    buf_free(&w.scratch);
    arena_free(&w.arena);
    return ok;
}

static bool open_bases(struct changelog *c, struct keyed_part *p, struct err *e)
{
    const struct meta_keyed *h = p->handle;
    c->bases = arena_array(&p->arena, h->n_materialized, sizeof *c->bases);
    for (uint32_t i = 0; i < h->n_materialized; i++) {
        const struct meta_keyed *m = &h->materialized[i];
        if (m->tag == HANDLE_NULL)
            continue;
        if (m->tag == HANDLE_CHANGELOG || m->tag == HANDLE_CHANGELOG_V2)
            return err_set(e, ERR_CORRUPT, "%s: the handle at offset %llu is a changelog inside a changelog", p->snapshot->location,
                           (unsigned long long)m->at);
        if (!keyed_open(&c->bases[c->n_bases], p->snapshot, p->op, m, e))
            return false;
        c->n_bases++;
    }
    return true;
}

static bool changelog_open(struct keyed_part *p, struct err *e)
{
    struct changelog *c = mem_zalloc(sizeof *c);
    p->own = c;
    c->arena = &p->arena;
    p->header = &c->header;
    return open_bases(c, p, e) && change_log_read(&c->log, p->snapshot, p->handle, &p->arena, e) && changelog_index(c, p, e);
}

static void changelog_close(struct keyed_part *p)
{
    struct changelog *c = p->own;
    if (!c)
        return;
    for (uint32_t i = 0; i < c->n_bases; i++)
        keyed_close(c->bases[i]);
    for (size_t i = 0; i < c->n_recs; i++)
        buf_free(&c->recs[i]->body);
    free(c->log.v);
    free(c->table);
    free(c->recs);
    free(c->late);
    free(c->loose);
    free(c);
}

const struct keyed_format_ops keyed_changelog = {"changelog", changelog_open, changelog_walk, NULL, changelog_close};
