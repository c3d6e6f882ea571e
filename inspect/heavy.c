#include "inspect/heavy.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/json_sink.h"
#include "savepoint/state_decode.h"

enum {
    CELLS = 1 << 20,
    CANDIDATES = 1 << 10, /* cells whose keys are counted, at least */
    KEYS_MAX = 1 << 16,   /* places for keys counted one by one, half of which are used */
    TEXT_MAX = 200
};

struct counted {
    uint64_t hash[2]; /* what the key is known by; 0, 0: a free place */
    struct heavy_key key;
};

struct search {
    const struct tree *tree;
    struct progress *progress;
    struct heavy *heavy;
    _Atomic uint64_t *cells;
    uint8_t *wanted;      /* second time: a bit a cell */
    struct counted *keys; /* open addressing */
    uint32_t n_keys;
    bool overflow;
    pthread_mutex_t lock; /* of keys and the arena */
};

struct walk {
    struct search *search;
    const struct part *part;
    uint64_t cell, bytes; /* first time: what has not been added to the cell of the last key yet */
    struct json_sink json;
    struct buf text;
};

static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 m = (unsigned __int128)a * b;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static uint64_t hash(const uint8_t *p, size_t n, uint64_t seed)
{
    uint64_t h = seed ^ n, word;
    for (; n >= 8; p += 8, n -= 8) {
        memcpy(&word, p, 8);
        h = mix(h ^ word, UINT64_C(0x9e3779b97f4a7c15));
    }
    word = 0;
    if (n)
        memcpy(&word, p, n);
    return mix(h ^ word ^ UINT64_C(0xa0761d6478bd642f), UINT64_C(0xe7037ed1a0b428db));
}

/* The state key of an entry that is split, and its serializer. */
static bool key_of(const struct entry *en, struct bytes *key, const struct ser **s)
{
    *key = en->key;
    *s = en->header->key;
    if (en->form != FORM_TIMER)
        return true;
    const struct ser *timer = en->info->value;
    if (!timer->row || timer->n != 2 || en->value.n < 8)
        return false;
    *s = timer->kids[0];
    struct rd r = rd_of(en->value.p + 8, en->value.n - 8, 0);
    ser_read(*s, &r, NULL);
    *key = (struct bytes){en->value.p + 8, (size_t)(r.p - (en->value.p + 8))};
    return rd_ok(&r);
}

static uint64_t first_hash(const struct walk *w, struct bytes key) { return hash(key.p, key.n, w->part->op_index); }

static void flush(struct walk *w)
{
    if (w->bytes)
        atomic_fetch_add_explicit(&w->search->cells[w->cell], w->bytes, memory_order_relaxed);
    w->bytes = 0;
}

static uint64_t bytes_of(const struct entry *en)
{
    return en->value.n + (en->raw_key.n ? en->raw_key.n : en->key.n + en->ns.n + en->user_key.n);
}

static bool estimate(void *ctx, struct entry *en, struct err *e)
{
    struct walk *w = ctx;
    struct bytes key;
    const struct ser *s;
    uint64_t bytes = bytes_of(en);
    if (!entry_split(en, e))
        return false;
    if (!key_of(en, &key, &s))
        return true;
    uint64_t cell = first_hash(w, key) % CELLS;
    if (cell != w->cell)
        flush(w);
    w->cell = cell;
    w->bytes += bytes;
    return true;
}

/* The key as JSON text; what cannot be decoded stands as it does in a dump. */
static char *text_of(struct walk *w, const struct entry *en, const struct ser *s, struct bytes key)
{
    struct err e = {0};
    uint32_t opaque = 0;
    struct place place = {en->file, en->at, en->info};
    w->text.n = 0;
    json_sink_reset(&w->json);
    if (en->form == FORM_TIMER ? !decode_span(s, key, &place, "key", &w->json.sink, &opaque, &e)
                               : !decode_key(en, &w->json.sink, &opaque, &e)) {
        w->text.n = 0;
        buf_puts(&w->text, "?");
    }
    size_t n = w->text.n;
    if (n <= TEXT_MAX)
        return arena_strn(&w->search->heavy->arena, (const char *)w->text.p, n);
    for (n = TEXT_MAX; n && (w->text.p[n] & 0xc0) == 0x80;)
        n--;
    return arena_printf(&w->search->heavy->arena, "%.*s…", (int)n, (const char *)w->text.p);
}

static bool count(void *ctx, struct entry *en, struct err *e)
{
    struct walk *w = ctx;
    struct search *search = w->search;
    struct bytes key;
    const struct ser *s;
    uint64_t bytes = bytes_of(en);
    if (!entry_split(en, e))
        return false;
    if (!key_of(en, &key, &s))
        return true;
    uint64_t h = first_hash(w, key), cell = h % CELLS;
    if (!(search->wanted[cell / 8] & 1 << cell % 8))
        return true;
    uint64_t other = hash(key.p, key.n, h) | 1;
    pthread_mutex_lock(&search->lock);
    uint32_t at = (uint32_t)(other >> 8) % KEYS_MAX;
    while (search->keys[at].hash[1] && (search->keys[at].hash[0] != h || search->keys[at].hash[1] != other))
        at = (at + 1) % KEYS_MAX;
    struct counted *c = &search->keys[at];
    if (!c->hash[1] && search->n_keys >= KEYS_MAX / 2) {
        search->overflow = true;
        c = NULL;
    } else if (!c->hash[1]) {
        search->n_keys++;
        *c = (struct counted){
            {h, other}, {.op = &search->tree->ops[w->part->op_index], .key_group = en->key_group, .key = text_of(w, en, s, key)}};
    }
    if (c) {
        c->key.entries += en->form == FORM_MAP_COUNT && en->value.n >= 4 ? be32(en->value.p) : 1;
        c->key.bytes += bytes;
    }
    pthread_mutex_unlock(&search->lock);
    return true;
}

static bool walk_part(struct search *search, const struct part *p, entry_fn *fn, struct err *e)
{
    struct walk w = {.search = search, .part = p};
    json_sink_init(&w.json, &w.text);
    bool ok = part_entries(search->tree->scan.snapshot, p, fn, &w, e);
    flush(&w);
    progress_add(search->progress, part_bytes(p));
    json_sink_free(&w.json);
    buf_free(&w.text);
    return ok;
}

static bool estimate_part(void *ctx, const struct part *p, struct err *e) { return walk_part(ctx, p, estimate, e); }

static bool count_part(void *ctx, const struct part *p, struct err *e) { return walk_part(ctx, p, count, e); }

static int upwards(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Marks the heaviest cells. Returns what a key in any other cell weighs at most. */
static uint64_t choose(struct search *search, uint32_t top)
{
    size_t n = 0, want = (size_t)top * 4 > CANDIDATES ? (size_t)top * 4 : CANDIDATES;
    uint64_t *sorted = mem_alloc(CELLS * sizeof *sorted);
    for (size_t i = 0; i < CELLS; i++)
        if (search->cells[i])
            sorted[n++] = search->cells[i];
    qsort(sorted, n, sizeof *sorted, upwards);
    uint64_t least = n > want ? sorted[n - want] : 0, below = 0;
    for (size_t i = 0; i < n && sorted[i] < least; i++)
        below = sorted[i];
    for (size_t i = 0; i < CELLS; i++)
        if (search->cells[i] && search->cells[i] >= least)
            search->wanted[i / 8] |= (uint8_t)(1 << i % 8);
    free(sorted);
    return below;
}

static int heaviest_first(const void *a, const void *b)
{
    const struct heavy_key *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    int c = strcmp(x->op->label, y->op->label);
    return c ? c : strcmp(x->key, y->key);
}

static void rank(struct search *search, uint32_t top, uint64_t below)
{
    struct heavy *h = search->heavy;
    h->keys = arena_array(&h->arena, search->n_keys, sizeof *h->keys);
    for (uint32_t i = 0; i < KEYS_MAX; i++)
        if (search->keys[i].hash[1])
            h->keys[h->n++] = search->keys[i].key;
    if (h->n)
        qsort(h->keys, h->n, sizeof *h->keys, heaviest_first);
    if (h->n > top)
        h->n = top;
    h->approximate = search->overflow || (below && (h->n < top || h->keys[h->n - 1].bytes < below));
}

void heavy_find(struct heavy *h, const struct tree *t, uint32_t top, unsigned jobs, struct progress *progress)
{
    *h = (struct heavy){0};
    struct search search = {.tree = t, .heavy = h, .progress = progress};
    struct err *errs = mem_zalloc(t->scan.n_parts * sizeof *errs + 1);
    for (uint32_t i = 0; progress && i < t->scan.n_parts; i++)
        progress->total += 2 * part_bytes(&t->scan.parts[i]);
    search.cells = mem_zalloc(CELLS * sizeof *search.cells);
    scan_run(&t->scan, jobs, estimate_part, &search, errs);
    search.wanted = mem_zalloc(CELLS / 8);
    uint64_t below = choose(&search, top);
    free(search.cells);
    search.cells = NULL;
    search.keys = mem_zalloc(KEYS_MAX * sizeof *search.keys);
    pthread_mutex_init(&search.lock, NULL);
    scan_run(&t->scan, jobs, count_part, &search, errs);
    pthread_mutex_destroy(&search.lock);
    rank(&search, top, below);
    free(search.keys);
    free(search.wanted);
    free(errs);
}

void heavy_free(struct heavy *h)
{
    arena_free(&h->arena);
    *h = (struct heavy){0};
}
