#include "savepoint/sst_merge.h"

#include <stdlib.h>
#include <string.h>

#include "savepoint/sst_range_del.h"

/* An open table. */
struct run {
    struct sst table;
    struct sst_cursor cursor;
    const struct sst_live *live;
};

struct merge {
    const struct sst_walk *w;
    struct err *e;
    struct run **heap;       /* open tables that have an entry left; least key, then newest, first */
    uint32_t n, next;        /* runs in the heap; the next of the family's tables to open */
    struct sst_range_dels dels;
    /* the key that is being settled */
    bool settled;
    struct buf key;          /* valid while there are operands, or while several tables hold the key */
    struct buf bytes;        /* operands, newest first */
    struct operand { size_t off, n; } *operands;
    size_t n_operands, cap_operands;
    struct buf joined;
    const char *file;        /* of the newest operand */
    uint64_t at;
};

static int compare(struct bytes a, struct bytes b) { return sst_compare(a.p, a.n, b.p, b.n); }

static bool before(const struct run *a, const struct run *b)
{
    int c = compare(sst_cursor_key(&a->cursor), sst_cursor_key(&b->cursor));
    return c < 0 || (!c && a->cursor.tag > b->cursor.tag);
}

static void sift_down(struct merge *m)
{
    struct run *x = m->heap[0];
    uint32_t i = 0;
    for (uint32_t kid; (kid = 2 * i + 1) < m->n; i = kid) {
        if (kid + 1 < m->n && before(m->heap[kid + 1], m->heap[kid]))
            kid++;
        if (!before(m->heap[kid], x))
            break;
        m->heap[i] = m->heap[kid];
    }
    m->heap[i] = x;
}

static void push(struct merge *m, struct run *x)
{
    uint32_t i = m->n++;
    for (; i && before(x, m->heap[(i - 1) / 2]); i = (i - 1) / 2)
        m->heap[i] = m->heap[(i - 1) / 2];
    m->heap[i] = x;
}

static void close_run(struct merge *m, struct run *r)
{
    sst_cursor_close(&r->cursor);
    m->w->close(m->w->ctx, &r->table.in);
    free(r);
}

static bool outside(const struct run *r, const char *which, struct err *e)
{
    return err_set(e, ERR_CORRUPT, "%s: its %s key lies outside the bounds that the MANIFEST names", r->table.in.name, which);
}

/* The run at the top is at its end. */
static bool pop(struct merge *m)
{
    struct run *r = m->heap[0];
    bool ok = m->e->kind == ERR_NONE &&
              (compare(sst_cursor_key(&r->cursor), r->live->largest) <= 0 || outside(r, "last", m->e));
    m->heap[0] = m->heap[--m->n];
    if (m->n)
        sift_down(m);
    close_run(m, r);
    return ok;
}

static bool open_run(struct merge *m, const struct sst_live *live)
{
    struct run *r = mem_zalloc(sizeof *r);
    r->live = live;
    if (!m->w->open(m->w->ctx, live, &r->table.in, m->e)) {
        free(r);
        return false;
    }
    if (sst_open(&r->table, live->last_seq, m->e) && sst_range_dels_read(&m->dels, &r->table, live, m->e) &&
        sst_cursor_open(&r->cursor, &r->table, m->w->lower, m->w->upper, m->e) && sst_cursor_next(&r->cursor) &&
        (compare(sst_cursor_key(&r->cursor), live->smallest) >= 0 || outside(r, "first", m->e))) {
        push(m, r);
        return true;
    }
    close_run(m, r);
    return m->e->kind == ERR_NONE;
}

/* Opens the tables that may hold the least key, or a range deletion that covers it. */
static bool open_runs(struct merge *m)
{
    const struct sst_walk *w = m->w;
    for (; m->next < w->family->n; m->next++) {
        const struct sst_live *live = &w->family->live[m->next];
        if (m->n && compare(live->smallest, sst_cursor_key(&m->heap[0]->cursor)) > 0)
            break;
        if (w->upper.n && compare(live->smallest, w->upper) >= 0) {
            m->next = w->family->n;
            break;
        }
        if (w->lower.n && compare(live->largest, w->lower) < 0)
            continue;
        if (!open_run(m, live))
            return false;
    }
    return true;
}

static bool give(struct merge *m, const struct run *r)
{
    struct sst_entry en = {sst_cursor_key(&r->cursor), r->cursor.value, r->table.in.name, sst_cursor_at(&r->cursor)};
    return m->w->each(m->w->ctx, &en, m->e);
}

static void add_operand(struct merge *m, const struct run *r)
{
    if (!m->n_operands) {
        struct bytes key = sst_cursor_key(&r->cursor);
        m->key.n = m->bytes.n = 0;
        buf_put(&m->key, key.p, key.n);
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
    const struct sst_cursor *c = &r->cursor;
    uint8_t type = sst_cursor_type(c);
    if (m->settled)
        return true;
    if (type != SST_PUT && type != SST_DELETE && type != SST_MERGE && type != SST_SINGLE_DELETE)
        return err_set(m->e, ERR_UNSUPPORTED, "%s: at %llu: an entry of type %u", r->table.in.name,
                       (unsigned long long)sst_cursor_at(c), type);
    if (type == SST_DELETE || type == SST_SINGLE_DELETE || sst_range_dels_cover(&m->dels, sst_cursor_key(c), sst_cursor_seq(c))) {
        m->settled = true;
        return true;
    }
    m->settled = type == SST_PUT;
    if (m->settled && !m->n_operands)
        return give(m, r);
    add_operand(m, r);
    return true;
}

/* All versions of the key have been seen. */
static bool finish(struct merge *m)
{
    m->settled = false;
    if (!m->n_operands)
        return true;
    m->joined.n = 0;
    for (size_t i = m->n_operands; i-- > 0;) {
        buf_put(&m->joined, m->bytes.p + m->operands[i].off, m->operands[i].n);
        if (i)
            buf_putc(&m->joined, ',');
    }
    m->n_operands = 0;
    struct sst_entry en = {{m->key.p, m->key.n}, {m->joined.p, m->joined.n}, m->file, m->at};
    return m->w->each(m->w->ctx, &en, m->e);
}

/* The least key that another table than the top one may hold; false: there is none. */
static bool limit_of(const struct merge *m, struct bytes *limit)
{
    bool any = m->n > 1;
    if (any)
        *limit = sst_cursor_key(&m->heap[m->n > 2 && before(m->heap[2], m->heap[1]) ? 2 : 1]->cursor);
    if (m->next < m->w->family->n) {
        struct bytes smallest = m->w->family->live[m->next].smallest;
        if (!any || compare(smallest, *limit) < 0)
            *limit = smallest;
        any = true;
    }
    return any;
}

/* Entries of the top run while no other table can hold their keys: no heap, no copies. */
static bool alone(struct merge *m, bool limited, struct bytes limit)
{
    struct run *r = m->heap[0];
    struct sst_cursor *c = &r->cursor;
    bool more;
    do {
        if (sst_cursor_type(c) == SST_PUT && !m->dels.n) {
            if (!give(m, r))
                return false;
            do
                more = sst_cursor_next(c);
            while (more && c->same);
            continue;
        }
        do {
            if (!version(m, r))
                return false;
            more = sst_cursor_next(c);
        } while (more && c->same);
        if (m->e->kind != ERR_NONE || !finish(m))
            return false;
    } while (more && !(limited && compare(sst_cursor_key(c), limit) >= 0));
    if (!more)
        return pop(m);
    sift_down(m);
    return true;
}

/* One key that several tables hold. */
static bool together(struct merge *m)
{
    struct buf key = {0};
    struct bytes least = sst_cursor_key(&m->heap[0]->cursor);
    buf_put(&key, least.p, least.n);
    bool ok = true;
    while (ok && m->n && compare(sst_cursor_key(&m->heap[0]->cursor), (struct bytes){key.p, key.n}) == 0) {
        ok = version(m, m->heap[0]);
        if (!ok)
            break;
        if (sst_cursor_next(&m->heap[0]->cursor))
            sift_down(m);
        else
            ok = pop(m);
    }
    buf_free(&key);
    return ok && finish(m);
}

bool sst_walk(const struct sst_walk *w, struct err *e)
{
    struct merge m = {.w = w, .e = e};
    m.heap = mem_alloc(w->family->n * sizeof *m.heap);
    bool ok;
    while ((ok = open_runs(&m)) && m.n) {
        struct bytes limit = {0};
        bool limited = limit_of(&m, &limit);
        bool single = !limited || compare(sst_cursor_key(&m.heap[0]->cursor), limit) < 0;
        if (!(ok = single ? alone(&m, limited, limit) : together(&m)))
            break;
    }
    while (m.n)
        close_run(&m, m.heap[--m.n]);
    free(m.heap);
    free(m.operands);
    buf_free(&m.key);
    buf_free(&m.bytes);
    buf_free(&m.joined);
    sst_range_dels_free(&m.dels);
    return ok;
}
