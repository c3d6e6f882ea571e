#include "savepoint/sst_merge.h"

#include <stdlib.h>
#include <string.h>

#include "savepoint/sst_range_del.h"

/* A table of the family: waiting until the walk reaches its smallest key, then open. */
struct run {
    const struct sst_live *live;
    bool open;
    struct bytes key; /* present key; of a waiting table: its smallest */
    uint64_t tag;     /* of the present entry; of a waiting table: above all */
    struct sst table;
    struct sst_cursor cursor;
};

/* The runs play a tournament: `losers` is a binary tree with the runs as leaves, each node holding the one that lost there; who
 * never lost has the least key. All codes are over the key that was taken last, so a match is mostly one comparison of numbers. */
struct merge {
    const struct sst_walk *w;
    struct err *e;
    struct run **runs;
    uint64_t *codes;          /* of runs[i]->key; ENDED */
    uint32_t *losers;         /* [1, n) */
    uint32_t n, winner, next; /* runs; the next of the family's tables to wait for */
    struct sst_range_dels dels;
    /* the key that is being settled */
    bool settled;
    struct buf key;   /* valid while there are operands */
    struct buf bytes; /* operands, newest first */
    struct operand {
        size_t off, n;
    } * operands;
    size_t n_operands, cap_operands;
    struct buf joined;
    const char *file; /* of the newest operand */
    uint64_t at;
};

static const uint64_t ENDED = UINT64_MAX;

/* --- tournament --- */

/* Codes a and b are equal: compares what lies behind them. The greater one's code becomes the one over the lesser. */
static bool tie(struct merge *m, uint32_t a, uint32_t b)
{
    struct run *x = m->runs[a], *y = m->runs[b];
    uint64_t code = m->codes[a];
    if (code == ENDED)
        return true;
    if (code == SST_CODE_SAME)
        return x->tag > y->tag;
    size_t n = x->key.n < y->key.n ? x->key.n : y->key.n, skip = sst_code_common(code) + 1;
    size_t common = skip + sst_common(x->key.p + skip, y->key.p + skip, n - skip);
    if (common == n && x->key.n == y->key.n) {
        bool first = x->tag > y->tag;
        m->codes[first ? b : a] = SST_CODE_SAME;
        return first;
    }
    bool first = common < n ? x->key.p[common] < y->key.p[common] : x->key.n < y->key.n;
    m->codes[first ? b : a] = sst_code(first ? y->key.p : x->key.p, (uint32_t)common);
    return first;
}

static inline bool beats(struct merge *m, uint32_t a, uint32_t b)
{
    uint64_t x = m->codes[a], y = m->codes[b];
    return __builtin_expect(x != y, 1) ? x < y : tie(m, a, b);
}

/* The winner has a new key, coded over its old one: plays the matches on its way up again. */
static inline void replay(struct merge *m)
{
    uint32_t x = m->winner;
    for (uint32_t i = (m->n + x) / 2; i; i /= 2) {
        uint32_t y = m->losers[i];
        if (beats(m, y, x)) {
            m->losers[i] = x;
            x = y;
        }
    }
    m->winner = x;
}

static uint32_t play(struct merge *m, uint32_t node)
{
    if (node >= m->n)
        return node - m->n;
    uint32_t a = play(m, 2 * node), b = play(m, 2 * node + 1);
    bool first = beats(m, a, b);
    m->losers[node] = first ? b : a;
    return first ? a : b;
}

static void close_run(struct merge *m, struct run *r)
{
    if (r->open) {
        sst_cursor_close(&r->cursor);
        m->w->close(m->w->ctx, &r->table.in);
    }
    free(r);
}

/* The next table that may have wanted keys, to wait for. */
static void await(struct merge *m)
{
    const struct sst_walk *w = m->w;
    for (; m->next < w->family->n; m->next++) {
        const struct sst_live *live = &w->family->live[m->next];
        if (w->upper.n && sst_compare(live->smallest, w->upper) >= 0)
            return;
        if (w->lower.n && sst_compare(live->largest, w->lower) < 0)
            continue;
        struct run *r = mem_zalloc(sizeof *r);
        r->live = live;
        r->key = live->smallest;
        r->tag = UINT64_MAX;
        m->runs[m->n++] = r;
        m->next++;
        return;
    }
}

/* A new tournament of the runs that have not ended, over the empty key. */
static void restart(struct merge *m)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->n; i++) {
        if (m->codes[i] == ENDED)
            close_run(m, m->runs[i]);
        else
            m->runs[n++] = m->runs[i];
    }
    m->n = n;
    await(m);
    for (uint32_t i = 0; i < m->n; i++)
        m->codes[i] = m->runs[i]->key.n ? sst_code(m->runs[i]->key.p, 0) : SST_CODE_SAME;
    m->winner = m->n ? play(m, 1) : 0;
}

static bool outside(const struct run *r, const char *which, struct err *e)
{
    return err_set(e, ERR_CORRUPT, "%s: its %s key lies outside the bounds that the MANIFEST names", r->table.in.name, which);
}

/* The next entry of run i, or its end. */
static inline bool step(struct merge *m, uint32_t i)
{
    struct run *r = m->runs[i];
    struct sst_cursor *c = &r->cursor;
    if (__builtin_expect(sst_cursor_next(c), 1)) {
        r->key = sst_cursor_key(c);
        r->tag = c->tag;
        m->codes[i] = c->code;
        return true;
    }
    m->codes[i] = ENDED;
    return m->e->kind == ERR_NONE && (c->fresh || sst_compare(r->key, r->live->largest) <= 0 || outside(r, "last", m->e));
}

/* The walk has reached a waiting table: opens it. */
static bool open_run(struct merge *m)
{
    struct run *r = m->runs[m->winner];
    if (!m->w->open(m->w->ctx, r->live, &r->table.in, m->e))
        return false;
    r->open = true;
    if (!sst_open(&r->table, r->live->last_seq, m->e) || !sst_range_dels_read(&m->dels, &r->table, r->live, m->e) ||
        !sst_cursor_open(&r->cursor, &r->table, m->w->lower, m->w->upper, m->e) || !step(m, m->winner))
        return false;
    if (m->codes[m->winner] != ENDED && sst_compare(r->key, r->live->smallest) < 0)
        return outside(r, "first", m->e);
    restart(m);
    return true;
}

/* --- versions of a key --- */

static bool give(struct merge *m, const struct run *r)
{
    struct sst_entry en = {r->key, r->cursor.value, r->table.in.name, sst_cursor_at(&r->cursor)};
    return m->w->each(m->w->ctx, &en, m->e);
}

static void add_operand(struct merge *m, const struct run *r)
{
    if (!m->n_operands) {
        m->key.n = m->bytes.n = 0;
        buf_put(&m->key, r->key.p, r->key.n);
        m->file = r->table.in.name;
        m->at = sst_cursor_at(&r->cursor);
    }
    if (m->n_operands == m->cap_operands) {
        m->cap_operands = m->cap_operands ? 2 * m->cap_operands : 64;
        m->operands = mem_grow(m->operands, m->cap_operands, sizeof *m->operands);
    }
    m->operands[m->n_operands++] = (struct operand){m->bytes.n, r->cursor.value.n};
    buf_put(&m->bytes, r->cursor.value.p, r->cursor.value.n);
}

/* Takes the next older version of the key. */
static bool version(struct merge *m, const struct run *r)
{
    uint8_t type = (uint8_t)r->tag;
    if (m->settled)
        return true;
    if (type != SST_PUT && type != SST_DELETE && type != SST_MERGE && type != SST_SINGLE_DELETE)
        return err_set(m->e, ERR_UNSUPPORTED, "%s: at %llu: an entry of type %u", r->table.in.name,
                       (unsigned long long)sst_cursor_at(&r->cursor), type);
    if (type == SST_DELETE || type == SST_SINGLE_DELETE || (m->dels.n && sst_range_dels_cover(&m->dels, r->key, r->tag >> 8))) {
        m->settled = true;
        return true;
    }
    m->settled = type == SST_PUT;
    if (m->settled && !m->n_operands)
        return give(m, r);
    add_operand(m, r);
    return true;
}

/* All versions of a key with operands have been seen. */
static bool join(struct merge *m)
{
    struct bytes value = {m->bytes.p, m->bytes.n};
    if (m->n_operands > 1) {
        m->joined.n = 0;
        for (size_t i = m->n_operands; i-- > 0;) {
            buf_put(&m->joined, m->bytes.p + m->operands[i].off, m->operands[i].n);
            if (i)
                buf_putc(&m->joined, ',');
        }
        value = (struct bytes){m->joined.p, m->joined.n};
    }
    m->n_operands = 0;
    struct sst_entry en = {{m->key.p, m->key.n}, value, m->file, m->at};
    return m->w->each(m->w->ctx, &en, m->e);
}

static bool walk(struct merge *m)
{
    restart(m);
    while (m->n) {
        uint32_t i = m->winner;
        if (m->codes[i] != SST_CODE_SAME || !m->runs[i]->open) {
            if (m->n_operands && !join(m))
                return false;
            m->settled = false;
            if (m->codes[i] == ENDED)
                return true;
            if (!m->runs[i]->open) {
                if (!open_run(m))
                    return false;
                m->codes[m->winner] = ENDED - 1; /* whatever the restart found: not the key that was taken last */
                continue;
            }
        }
        if (!version(m, m->runs[i]) || !step(m, i))
            return false;
        replay(m);
    }
    return true;
}

bool sst_walk(const struct sst_walk *w, struct err *e)
{
    struct merge m = {.w = w, .e = e};
    size_t n = w->family->n;
    m.runs = mem_alloc(n * sizeof *m.runs);
    m.codes = mem_zalloc(n * sizeof *m.codes);
    m.losers = mem_alloc(n * sizeof *m.losers);
    bool ok = walk(&m);
    while (m.n)
        close_run(&m, m.runs[--m.n]);
    free(m.runs);
    free(m.codes);
    free(m.losers);
    free(m.operands);
    buf_free(&m.key);
    buf_free(&m.bytes);
    buf_free(&m.joined);
    sst_range_dels_free(&m.dels);
    return ok;
}
