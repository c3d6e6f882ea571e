/* Entry by entry: see diff.h for how. */
#include <stdlib.h>
#include <string.h>

#include "inspect/diff.h"
#include "inspect/diff_items.h"
#include "inspect/diff_piles.h"
#include "inspect/diff_sums.h"

enum {
    MEMORY = 256 << 20,  /* of records, before they go to disk */
    BATCH = 1 << 17,     /* differences that are looked up in one go */
    TEXT_MAX = 64 << 10, /* of a key or value in a row; what is longer is told by size and digest */
    LOCAL = 1 << 12      /* records that a thread gathers */
};

struct pair { /* a state that both sides have */
    struct diff_op *op;
    struct diff_state *state;
    bool by_text;   /* the serializers differ */
    bool by_digest; /* key groups mean different things on both sides */
};

/* A difference that is being looked up. */
struct hit {
    struct record record;
    enum diff_change change;
    struct bytes key, ns, user_key, from, to; /* texts, owned: key's allocation holds ns and user_key, too */
    uint64_t from_digest, to_digest;          /* of the whole texts */
    bool found;
};

struct run {
    struct diff *d;
    const struct tree *trees[2];
    const struct diff_data_opts *opts;
    diff_row_fn *row;
    void *ctx;
    struct err *e;
    struct diff_op **ops[2]; /* by index in the scan; NULL: on one side only */
    struct pair *pairs;
    uint32_t n_pairs;
    struct sums sums;
    struct piles piles;
    struct hit *hits;
    uint32_t n_hits, *slots; /* a hash table of hits, 2 * BATCH wide; 0: free */
    uint64_t shown;
    uint32_t sure; /* hits that are differences whatever their texts say */
    pthread_mutex_t lock;
    int side; /* of the walk that is going on */
};

struct worker { /* a part being walked */
    struct run *run;
    struct diff_op *op;
    const struct state_info *info; /* of the last item … */
    uint32_t pair;                 /* … and its pair; UINT32_MAX: none */
    struct record records[LOCAL];
    uint8_t where[LOCAL];
    size_t n;
    struct sums_own sums;
    struct buf scratch, text;
    struct json_sink json;
};

/* --- which states --- */

/* Must the texts decide, since equal values may be written differently? Kryo 2 and 5 write the same class differently. */
static bool needs_text(const struct run *r, const struct diff_op *op, const struct diff_state *s)
{
    const struct layout_state *a = s->a, *b = s->b;
    struct arena *arena = &r->d->arena;
    bool flink2_a = r->trees[0]->scan.snapshot->meta.version >= 5, flink2_b = r->trees[1]->scan.snapshot->meta.version >= 5;
    bool kryo = diff_has_kryo(op->a->key) || diff_has_kryo(a->ns) || diff_has_kryo(a->user_key) || diff_has_kryo(a->element);
    return (kryo && flink2_a != flink2_b) || a->ttl != b->ttl ||
        (a->kind <= KIND_TIMERS && !diff_alike(op->a->key, op->b->key, arena)) || !diff_alike(a->ns, b->ns, arena) ||
        !diff_alike(a->user_key, b->user_key, arena) || !diff_alike(a->element, b->element, arena);
}

static void plan(struct run *r)
{
    for (int side = 0; side < 2; side++) {
        const struct scan *scan = &r->trees[side]->scan;
        r->ops[side] = arena_array(&r->d->arena, scan->n_ops, sizeof **r->ops);
        for (uint32_t i = 0; i < scan->n_ops; i++)
            for (uint32_t j = 0; j < r->d->n; j++)
                if (r->d->ops[j].a && r->d->ops[j].b && !strcmp(r->d->ops[j].id, scan->ops[i]->hex))
                    r->ops[side][i] = &r->d->ops[j];
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->d->n; i++)
        n += r->d->ops[i].n;
    r->pairs = arena_array(&r->d->arena, n, sizeof *r->pairs);
    for (uint32_t i = 0; i < r->d->n; i++) {
        struct diff_op *op = &r->d->ops[i];
        for (uint32_t j = 0; op->a && op->b && j < op->n; j++)
            if (op->states[j].a && op->states[j].b)
                r->pairs[r->n_pairs++] = (struct pair){op, &op->states[j], needs_text(r, op, &op->states[j]),
                                                       op->a->max_parallelism != op->b->max_parallelism};
    }
}

/* The pair of an item's state; NULL: only one side has it. */
static const struct pair *pair_of(struct worker *w, const struct item *it)
{
    struct run *r = w->run;
    if (it->info != w->info) {
        w->info = it->info;
        w->pair = UINT32_MAX;
        for (uint32_t i = 0; i < r->n_pairs && w->pair == UINT32_MAX; i++)
            if (r->pairs[i].op == w->op && r->pairs[i].state->kind == it->info->kind &&
                !strcmp(r->pairs[i].state->name, it->info->name))
                w->pair = i;
    }
    return w->pair == UINT32_MAX ? NULL : &r->pairs[w->pair];
}

static struct digest digest(struct worker *w, const struct pair *pair, const struct item *it)
{
    return pair->by_text ? item_text_digest(it, &w->json) : item_digest(it, &w->scratch);
}

/* --- a walk over one side --- */

struct walk {
    struct run *run;
    item_fn *fn;
    bool (*end)(struct worker *w, struct err *e);
    bool (*wanted)(const struct run *r, const struct diff_op *op);
};

static bool walk_part(void *ctx, const struct part *p, struct err *e)
{
    const struct walk *walk = ctx;
    struct run *r = walk->run;
    struct diff_op *op = r->ops[r->side][p->op_index];
    if (!op || (walk->wanted && !walk->wanted(r, op)))
        return true;
    struct worker *w = mem_zalloc(sizeof *w);
    w->run = r;
    w->op = op;
    json_sink_init(&w->json, &w->text);
    bool ok = items_walk(r->trees[r->side]->scan.snapshot, p, walk->fn, w, e) && (!walk->end || walk->end(w, e));
    json_sink_free(&w->json);
    buf_free(&w->text);
    buf_free(&w->scratch);
    free(w);
    progress_add(r->opts->progress, part_bytes(p));
    return ok;
}

static bool walk_side(struct run *r, int side, item_fn *fn, bool (*end)(struct worker *w, struct err *e),
                      bool (*wanted)(const struct run *r, const struct diff_op *op))
{
    const struct scan *scan = &r->trees[side]->scan;
    struct err *errs = mem_zalloc(scan->n_parts * sizeof *errs + 1);
    struct walk walk = {r, fn, end, wanted};
    r->side = side;
    scan_run(scan, r->opts->jobs, walk_part, &walk, errs);
    for (uint32_t i = 0; i < scan->n_parts; i++)
        if (errs[i].kind != ERR_NONE)
            err_set(r->e, errs[i].kind, "%s", errs[i].text);
    free(errs);
    return r->e->kind == ERR_NONE;
}

/* --- gathering --- */

static bool flush(struct worker *w, struct err *e)
{
    bool ok = piles_add(&w->run->piles, w->run->side, w->records, w->where, w->n, e);
    w->n = 0;
    return ok;
}

/* The item's record and its pile, which is that of its key group or (scattered) any; false: only one side has the state. */
static bool record_of(struct worker *w, const struct item *it, struct record *record, uint8_t *pile, bool *scattered)
{
    const struct pair *pair = pair_of(w, it);
    if (!pair)
        return false;
    struct digest d = digest(w, pair, it);
    int32_t all = pair->op->a->max_parallelism;
    *scattered = pair->by_digest || it->key_group < 0 || all < 1 || it->key_group >= all;
    *pile = *scattered ? (uint8_t)(d.key[0] >> 56) : (uint8_t)(it->key_group * PILES / all);
    *record = (struct record){{d.key[0], d.key[1]}, d.value, w->pair, (int32_t)it->key_group};
    return true;
}

static bool sum_up(void *ctx, const struct item *it, struct err *e)
{
    (void)e;
    struct worker *w = ctx;
    struct record record;
    uint8_t pile;
    bool scattered;
    if (record_of(w, it, &record, &pile, &scattered))
        sums_add(&w->run->sums, w->run->side, scattered ? NULL : &w->sums, pile, &record);
    return true;
}

static bool summed_up(struct worker *w, struct err *e)
{
    (void)e;
    sums_flush(&w->run->sums, w->run->side, &w->sums);
    return true;
}

static bool gather(void *ctx, const struct item *it, struct err *e)
{
    struct worker *w = ctx;
    struct record *record = &w->records[w->n];
    bool scattered;
    if (!record_of(w, it, record, &w->where[w->n], &scattered) || !sums_differ(&w->run->sums, w->where[w->n], record))
        return true;
    return ++w->n < LOCAL || flush(w, e);
}

/* Sides of more entries than memory holds records of are summed up first: that may show that nothing differs, and if not, where. */
static bool gather_sides(struct run *r)
{
    uint64_t entries = 0;
    for (uint32_t i = 0; i < r->n_pairs; i++)
        entries += r->pairs[i].state->a->entries + r->pairs[i].state->b->entries;
    if (entries > r->piles.limit / sizeof(struct record)) {
        sums_start(&r->sums);
        if (!walk_side(r, 0, sum_up, summed_up, NULL) || !walk_side(r, 1, sum_up, summed_up, NULL))
            return false;
        if (sums_same(&r->sums))
            return true;
    }
    return walk_side(r, 0, gather, flush, NULL) && walk_side(r, 1, gather, flush, NULL);
}

/* --- looking differences up --- */

static uint32_t *slot_of(struct run *r, const uint64_t key[2], uint32_t state)
{
    uint32_t i = (uint32_t)key[1] % (2 * BATCH);
    while (r->slots[i]) {
        const struct record *rec = &r->hits[r->slots[i] - 1].record;
        if (rec->key[0] == key[0] && rec->key[1] == key[1] && rec->state == state)
            break;
        i = (i + 1) % (2 * BATCH);
    }
    return &r->slots[i];
}

static bool concerned(const struct run *r, const struct diff_op *op)
{
    for (uint32_t i = 0; i < r->n_hits; i++)
        if (r->pairs[r->hits[i].record.state].op == op)
            return true;
    return false;
}

static struct bytes copy_text(struct worker *w, bool (*part)(const struct item *, struct json_sink *), const struct item *it,
                              uint64_t *whole)
{
    struct buf *b = &w->text;
    b->n = 0;
    if (!part(it, &w->json))
        return (struct bytes){0};
    *whole = digest_of(b->p, b->n);
    if (b->n > TEXT_MAX) {
        size_t n = b->n;
        b->n = 0;
        buf_printf(b, "{\"$bytes\":%zu,\"$digest\":\"%016llx\"}", n, (unsigned long long)*whole);
    }
    uint8_t *p = mem_alloc(b->n + 1);
    memcpy(p, b->p, b->n);
    return (struct bytes){p, b->n};
}

static bool look_up(void *ctx, const struct item *it, struct err *e)
{
    (void)e;
    struct worker *w = ctx;
    struct run *r = w->run;
    const struct pair *pair = pair_of(w, it);
    uint64_t whole;
    if (!pair)
        return true;
    struct digest d = digest(w, pair, it);
    uint32_t at = *slot_of(r, d.key, w->pair);
    struct hit *h = at ? &r->hits[at - 1] : NULL;
    if (!h || (h->change == DIFF_ADDED && !r->side) || (h->change == DIFF_REMOVED && r->side))
        return true;
    pthread_mutex_lock(&r->lock);
    if (!h->found) {
        h->found = true;
        h->key = copy_text(w, item_key_text, it, &whole);
        h->ns = copy_text(w, item_ns_text, it, &whole);
        h->user_key = copy_text(w, item_user_key_text, it, &whole);
    }
    struct bytes *to = r->side ? &h->to : &h->from;
    if (!to->p)
        *to = copy_text(w, item_value_text, it, r->side ? &h->to_digest : &h->from_digest);
    pthread_mutex_unlock(&r->lock);
    return true;
}

static int compare_bytes(struct bytes a, struct bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int in_order(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    if (x->record.state != y->record.state)
        return x->record.state < y->record.state ? -1 : 1;
    if (x->record.group != y->record.group)
        return x->record.group < y->record.group ? -1 : 1;
    int c = compare_bytes(x->key, y->key);
    c = c ? c : compare_bytes(x->ns, y->ns);
    return c ? c : compare_bytes(x->user_key, y->user_key);
}

static bool report(struct run *r, const struct hit *h)
{
    const struct pair *pair = &r->pairs[h->record.state];
    if (r->shown >= r->opts->limit)
        return true;
    r->shown++;
    const struct diff_row row = {.change = h->change,
                                 .op = pair->op->label,
                                 .state = pair->state->name,
                                 .kind = pair->state->kind,
                                 .key_group = h->record.group,
                                 .key = h->key,
                                 .ns = h->ns,
                                 .user_key = h->user_key,
                                 .from = h->from,
                                 .to = h->to};
    return r->row(r->ctx, &row, r->e);
}

static struct bytes again(struct bytes b)
{
    if (!b.p)
        return b;
    uint8_t *p = mem_alloc(b.n + 1);
    memcpy(p, b.p, b.n);
    return (struct bytes){p, b.n};
}

/* An element that a list holds more than once was found once. */
static void repeat(struct run *r)
{
    for (uint32_t i = 0; i < r->n_hits; i++) {
        struct hit *h = &r->hits[i], *first = &r->hits[*slot_of(r, h->record.key, h->record.state) - 1];
        if (first == h || h->found)
            continue;
        h->key = again(first->key);
        h->from = again(first->from);
        h->to = again(first->to);
    }
}

/* All differences of the batch are told, and it is empty again. */
static bool finish_batch(struct run *r)
{
    memset(r->slots, 0, 2 * BATCH * sizeof *r->slots);
    for (uint32_t i = 0; i < r->n_hits; i++)
        if (!*slot_of(r, r->hits[i].record.key, r->hits[i].record.state))
            *slot_of(r, r->hits[i].record.key, r->hits[i].record.state) = i + 1;
    bool ok = !r->n_hits || (walk_side(r, 0, look_up, NULL, concerned) && walk_side(r, 1, look_up, NULL, concerned));
    repeat(r);
    if (r->n_hits)
        qsort(r->hits, r->n_hits, sizeof *r->hits, in_order);
    for (uint32_t i = 0; i < r->n_hits; i++) {
        struct hit *h = &r->hits[i];
        struct diff_state *s = r->pairs[h->record.state].state;
        if (h->change == DIFF_CHANGED && h->from_digest == h->to_digest && h->from.n == h->to.n)
            s->changed--; /* other bytes, the same value */
        else
            ok = ok && report(r, h);
        free((void *)h->key.p);
        free((void *)h->ns.p);
        free((void *)h->user_key.p);
        free((void *)h->from.p);
        free((void *)h->to.p);
    }
    r->n_hits = r->sure = 0;
    return ok;
}

/* Looked up are the changed ones whose bytes might yet mean the same, and what is going to be shown. */
static bool differs(struct run *r, const struct record *rec, enum diff_change change)
{
    struct pair *p = &r->pairs[rec->state];
    uint64_t *count = change == DIFF_ADDED ? &p->state->added : change == DIFF_REMOVED ? &p->state->removed : &p->state->changed;
    ++*count;
    bool sure = change != DIFF_CHANGED || p->by_text;
    if (sure && r->shown + r->sure >= r->opts->limit)
        return true;
    r->sure += sure;
    r->hits[r->n_hits++] = (struct hit){.record = *rec, .change = change};
    return r->n_hits < BATCH || finish_batch(r);
}

/* --- joining --- */

static bool same_key(const struct record *a, const struct record *b)
{
    return a->key[0] == b->key[0] && a->key[1] == b->key[1] && a->state == b->state;
}

/* Takes the record of A that is b's, one of the same value if there are several; SIZE_MAX when there is none. */
static size_t partner(const struct record *a, uint32_t *slots, size_t mask, const struct record *b)
{
    size_t other = SIZE_MAX;
    for (size_t i = (size_t)b->key[0] & mask; slots[i]; i = (i + 1) & mask) {
        if (slots[i] == UINT32_MAX || !same_key(&a[slots[i] - 1], b))
            continue;
        if (a[slots[i] - 1].value == b->value) {
            size_t found = slots[i] - 1;
            slots[i] = UINT32_MAX;
            return found;
        }
        other = i;
    }
    if (other == SIZE_MAX)
        return other;
    size_t found = slots[other] - 1;
    slots[other] = UINT32_MAX;
    return found;
}

static bool join(struct run *r, const struct record *a, size_t na, const struct record *b, size_t nb)
{
    size_t width = 16;
    while (width < na * 2)
        width *= 2;
    uint32_t *slots = mem_zalloc(width * sizeof *slots);
    for (size_t i = 0; i < na; i++) {
        size_t at = (size_t)a[i].key[0] & (width - 1);
        while (slots[at])
            at = (at + 1) & (width - 1);
        slots[at] = (uint32_t)i + 1;
    }
    bool ok = true;
    for (size_t i = 0; ok && i < nb; i++) {
        size_t found = partner(a, slots, width - 1, &b[i]);
        if (found == SIZE_MAX)
            ok = differs(r, &b[i], DIFF_ADDED);
        else if (a[found].value != b[i].value)
            ok = differs(r, &b[i], DIFF_CHANGED);
    }
    for (size_t i = 0; ok && i < width; i++)
        if (slots[i] && slots[i] != UINT32_MAX)
            ok = differs(r, &a[slots[i] - 1], DIFF_REMOVED);
    free(slots);
    return ok;
}

static bool join_pile(struct run *r, unsigned pile)
{
    struct record *a = NULL, *b = NULL;
    size_t na = 0, nb = 0;
    bool ok = piles_take(&r->piles, 0, pile, &a, &na, r->e) && piles_take(&r->piles, 1, pile, &b, &nb, r->e);
    if (ok && na >= UINT32_MAX - 1)
        ok = err_set(r->e, ERR_LIMIT, "more than 4 billion entries in %u key groups", PILES);
    ok = ok && join(r, a, na, b, nb);
    free(a);
    free(b);
    return ok;
}

bool diff_data(struct diff *d, const struct tree *ta, const struct tree *tb, const struct diff_data_opts *opts, diff_row_fn *row,
               void *ctx, struct err *e)
{
    struct run r = {.d = d, .trees = {ta, tb}, .opts = opts, .row = row, .ctx = ctx, .e = e};
    plan(&r);
    piles_start(&r.piles, opts->memory ? opts->memory : MEMORY);
    pthread_mutex_init(&r.lock, NULL);
    r.hits = mem_alloc(BATCH * sizeof *r.hits);
    r.slots = mem_alloc(2 * BATCH * sizeof *r.slots);
    bool ok = gather_sides(&r);
    for (unsigned i = 0; ok && i < PILES; i++)
        ok = join_pile(&r, i);
    ok = ok && finish_batch(&r);
    free(r.hits);
    free(r.slots);
    pthread_mutex_destroy(&r.lock);
    piles_free(&r.piles);
    sums_free(&r.sums);
    return ok;
}
