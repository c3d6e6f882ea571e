/* stream-exec-over-aggregate: aggregates over the rows in front of each row. By event time, rows wait for the watermark and go out in their order
 * (RowTime…PrecedingFunction of flink-table-runtime 2.3); by any other column, a row changes the results of those behind it, which are sent
 * again (NonTimeRows/RangeUnboundedPrecedingFunction). */
#include <stdlib.h>
#include <string.h>

#include "runtime/over.h"

static void release(void *value)
{
    struct partition *all = value;
    for (uint32_t i = 0; i < all->n; i++) {
        free(all->p[i].row);
        free(all->p[i].result);
    }
    free(all->p);
    for (uint32_t i = 0; all->acc && i < all->n_aggs; i++)
        acc_release(&all->acc[i]);
    free(all->acc);
    if (all->places)
        kstate_clear(all->places);
    free(all->places);
}

/* An offset is a constant that stands behind the input's columns. */
static bool read_lower(struct op *o, struct over *v, const struct value *spec, const struct value *group, struct err *e)
{
    const struct value *lower = cplan_member(group, "lowerBound"), *upper = cplan_member(group, "upperBound");
    const char *kind = cplan_text(lower, "kind", "", e);
    if (strcmp(cplan_text(upper, "kind", "", e), "CURRENT_ROW"))
        return op_refuse(o, e, "an OVER window that does not end at the current row");
    v->before = -1;
    if (!strcmp(kind, "UNBOUNDED_PRECEDING"))
        return true;
    if (!strcmp(kind, "CURRENT_ROW")) {
        v->before = 0;
        return true;
    }
    const struct value *constants = cplan_member(spec, "constants"), *offset = cplan_member(lower, "offset");
    int64_t at = cplan_int(offset, "inputIndex", -1, e) - v->n_row;
    if (strcmp(kind, "BOUNDED_WINDOW") || !constants || constants->kind != VAL_LIST || at < 0 || at >= constants->n)
        return op_refuse(o, e, "such a bound of an OVER window");
    const struct rex *rex = rex_read(o->a, &constants->items[at], e);
    struct expr *x = rex ? op_expr(o, rex, o->in[0], e) : NULL;
    union cell c;
    if (!x || !expr_literal(x, &c) || (x->type->slot != SLOT_I32 && x->type->slot != SLOT_I64) || c.i < 0)
        return op_refuse(o, e, "such a bound of an OVER window");
    v->before = c.i;
    return true;
}

static bool read_group(struct op *o, struct over *v, const struct value *spec, struct err *e)
{
    const struct value *groups = cplan_member(spec, "groups");
    if (!groups || groups->kind != VAL_LIST || groups->n != 1)
        return op_refuse(o, e, "several OVER windows in one node");
    const struct value *group = &groups->items[0], *calls = cplan_member(group, "aggCalls");
    if (!order_read(&v->order, o, cplan_member(group, "orderBy"), o->in[0], e) || !read_lower(o, v, spec, group, e))
        return false;
    v->rows = cplan_bool(group, "isRows", false, e);
    v->by_time = v->order.n == 1 && type_is_rowtime(v->order.fields[0].type);
    v->rowtime = v->by_time ? v->order.fields[0].column : 0;
    v->kind = v->order.n == 1 && type_is_proctime(v->order.fields[0].type) ? OVER_NOW : OVER_OTHER;
    if (v->kind == OVER_NOW && v->before >= 0)
        return op_refuse(o, e, "an OVER window of processing time that has a lower bound");
    if (!v->by_time && v->before >= 0)
        return op_refuse(o, e, "an OVER window of so many rows that is not ordered by event time");
    if (!calls)
        return err_set(e, ERR_CORRUPT, "it has no aggCalls");
    return (v->aggs = aggs_of(o, calls, NULL, cplan_member(spec, "constants"), o->in[0], &v->n_aggs, e));
}

static bool open_op(struct op *o, struct err *e)
{
    struct over *v = o->self = arena_alloc(o->a, sizeof *v);
    const struct value *spec = cplan_member(o->node->json, "overSpec");
    v->n_row = o->in[0]->n;
    v->next = INT64_MAX;
    v->keys = cplan_ints(o->a, cplan_member(spec, "partition"), "fields", v->n_row, &v->n_keys, e);
    if (!read_group(o, v, spec, e))
        return false;
    if (o->n_cols != v->n_row + v->n_aggs)
        return err_set(e, ERR_CORRUPT, "its output is not its input and aggregates");
    for (uint32_t i = 0; i < o->n_cols; i++)
        if ((i < v->n_row ? o->in[0]->kids[i] : v->aggs[i - v->n_row].result)->slot != o->types[i]->slot)
            return err_set(e, ERR_CORRUPT, "column %u of its output is of another type", i);
    v->key_types = arena_array(o->a, v->n_keys + 1, sizeof *v->key_types);
    for (uint32_t i = 0; i < v->n_keys; i++)
        v->key_types[i] = o->in[0]->kids[v->keys[i]];
    v->key = arena_array(o->a, v->n_keys + 1, sizeof *v->key);
    v->key_null = arena_alloc(o->a, v->n_keys + 1);
    v->results = arena_array(o->a, v->n_aggs + 1, sizeof *v->results);
    v->results_null = arena_alloc(o->a, v->n_aggs + 1);
    v->acc = arena_array(o->a, v->n_aggs + 1, sizeof *v->acc);
    v->row = arena_array(o->a, v->n_row + 1, sizeof *v->row);
    kstate_init(&v->state, v->key_types, v->n_keys, sizeof(struct partition), release);
    if (!ttl_option(&v->ttl, o, e))
        return false;
    v->kind = !v->by_time ? v->kind : v->before < 0 ? OVER_TIME_ALL : v->rows ? OVER_TIME_ROWS : OVER_TIME_RANGE;
    if (v->kind == OVER_TIME_RANGE || (v->kind != OVER_NOW && v->ttl.ms == 1)) /* stateCleaningEnabled: minRetentionTime > 1 */
        v->ttl.ms = 0;
    kstate_expires(&v->state, &v->ttl);
    over_declare(o);
    return e->kind == ERR_NONE;
}

void over_keep_on(struct over *v, struct kentry *e)
{
    struct partition *all = (struct partition *)e->value;
    /* TableConfigUtils#getMaxIdleStateRetentionTime; AbstractNonTimeUnboundedPrecedingOver has no longer time than the least */
    int64_t most = v->ttl.ms + (v->by_time ? v->ttl.ms / 2 : 0), now = v->ttl.now;
    if (!v->ttl.ms)
        return;
    if (v->kind == OVER_NOW) {
        kstate_write(&v->state, e);
        return;
    }
    if (all->cleanup && all->cleanup <= now) /* rows have waited, and each time that it had come was put off */
        all->cleanup = now + most - (int64_t)(((uint64_t)now - (uint64_t)all->cleanup) % (uint64_t)most);
    if (!all->cleanup || now + v->ttl.ms > all->cleanup)
        all->cleanup = now + most;
    kstate_write_at(&v->state, e, v->by_time && all->done < all->n ? INT64_MAX : all->cleanup - v->ttl.ms);
}

void over_add(struct op *o, const struct agg *aggs, struct acc *acc, const struct row *r)
{
    struct over *v = o->self;
    struct batch one = {.n = 1, .n_cols = v->n_row, .cols = v->row};
    for (uint32_t c = 0; c < v->n_row; c++)
        v->row[c] = (struct vec){(union cell *)&r->v[c], (uint8_t *)&r->null[c]}; /* only read */
    aggs_add(aggs, v->n_aggs, acc, &one, 0, 1);
}

static void reset(struct over *v)
{
    for (uint32_t i = 0; i < v->n_aggs; i++)
        acc_release(&v->acc[i]);
}

void over_results(struct over *v, struct acc *acc)
{
    for (uint32_t i = 0; i < v->n_aggs; i++)
        v->results_null[i] = !v->aggs[i].fn->result(&v->aggs[i], &acc[i], &v->results[i]);
}

static void emit(struct op *o, enum row_kind kind, const struct row *r, const union cell *results, const uint8_t *null)
{
    struct over *v = o->self;
    uint32_t row = op_row(o, kind);
    for (uint32_t c = 0; c < v->n_row; c++)
        op_keep(o, row, c, r->v[c], r->null[c]);
    for (uint32_t i = 0; i < v->n_aggs; i++)
        op_keep(o, row, v->n_row + i, results[i], null[i]);
}

uint32_t over_peers(const struct over *v, const struct partition *all, uint32_t at)
{
    uint32_t end = at + 1;
    while (!v->rows && end < all->n && !order_rows(&v->order, all->p[at].row, all->p[end].row))
        end++;
    return end;
}

uint32_t over_insert(struct over *v, struct partition *all, struct row *row)
{
    uint32_t low = 0, high = all->n;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (order_rows(&v->order, all->p[mid].row, row) <= 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (all->n == all->cap)
        all->p = mem_grow(all->p, all->cap = all->cap ? all->cap * 2 : 4, sizeof *all->p);
    memmove(all->p + low + 1, all->p + low, (all->n - low) * sizeof *all->p);
    all->p[low] = (struct placed){row, NULL, ++all->last_id};
    all->n++;
    return low;
}

/* --- by any column: results of rows behind a change are sent again --- */

static const struct ltype *const *result_types(const struct op *o, const struct over *v) { return o->types + v->n_row; }

static bool same_results(const struct op *o, const struct over *v, const struct row *r)
{
    for (uint32_t i = 0; i < v->n_aggs; i++)
        if (r->null[i] != v->results_null[i] || (!r->null[i] && !cell_same(result_types(o, v)[i], r->v[i], v->results[i])))
            return false;
    return true;
}

/* kind: of the row that has come, if one has. */
static void send_changes(struct op *o, struct partition *all, enum row_kind kind)
{
    struct over *v = o->self;
    for (uint32_t at = 0, end; at < all->n && !op_failed(o); at = end) {
        end = over_peers(v, all, at);
        for (uint32_t i = at; i < end; i++)
            over_add(o, v->aggs, v->acc, all->p[i].row);
        over_results(v, v->acc);
        for (uint32_t i = at; i < end; i++) {
            struct placed *p = &all->p[i];
            if (p->result && same_results(o, v, p->result))
                continue;
            if (p->result)
                emit(o, ROW_UPDATE_BEFORE, p->row, p->result->v, p->result->null);
            emit(o, p->result ? ROW_UPDATE_AFTER : kind, p->row, v->results, v->results_null);
            free(p->result);
            p->result = row_make(result_types(o, v), v->n_aggs, v->results, v->results_null);
        }
    }
    reset(v);
}

static void take_back(struct op *o, struct kentry *e, const struct row *row)
{
    struct partition *all = (struct partition *)e->value;
    uint32_t i = 0;
    while (i < all->n && !row_same(o->in[0]->kids, all->p[i].row, row))
        i++;
    if (i == all->n)
        return;
    over_keep_on(o->self, e);
    struct placed gone = all->p[i];
    memmove(all->p + i, all->p + i + 1, (all->n - i - 1) * sizeof *all->p);
    all->n--;
    emit(o, ROW_DELETE, gone.row, gone.result->v, gone.result->null);
    free(gone.row);
    free(gone.result);
    send_changes(o, all, ROW_INSERT);
    if (!all->n)
        kstate_remove(&((struct over *)o->self)->state, e);
}

/* By processing time each row goes at once, with all that have come before it (ProcTimeUnboundedPrecedingFunction). */
static void send_now(struct op *o, struct partition *all, const struct batch *b, uint32_t at)
{
    struct over *v = o->self;
    if (!all->acc)
        all->acc = mem_zalloc((v->n_aggs + 1) * sizeof *all->acc);
    all->n_aggs = v->n_aggs;
    aggs_add(v->aggs, v->n_aggs, all->acc, b, at, 1);
    over_results(v, all->acc);
    uint32_t row = op_row(o, ROW_INSERT);
    for (uint32_t c = 0; c < v->n_row; c++)
        op_put(o, row, c, b->cols[c].v[at], b->cols[c].null[at]);
    for (uint32_t i = 0; i < v->n_aggs; i++)
        op_keep(o, row, v->n_row + i, v->results[i], v->results_null[i]);
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct over *v = o->self;
    (void)input;
    ttl_look(&v->ttl, o);
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++) {
        enum row_kind kind = batch_kind(b, i);
        bool fresh, adds = kind == ROW_INSERT || kind == ROW_UPDATE_AFTER;
        if (v->by_time && (b->cols[v->rowtime].null[i] || (v->before < 0 && b->cols[v->rowtime].v[i].t.ms <= o->wm))) {
            op_count(&o->late, 1);
            continue;
        }
        for (uint32_t k = 0; k < v->n_keys; k++) {
            v->key[k] = b->cols[v->keys[k]].v[i];
            v->key_null[k] = b->cols[v->keys[k]].null[i];
        }
        struct kentry *e = kstate_at(&v->state, v->key, v->key_null, &fresh);
        struct partition *all = (struct partition *)e->value;
        if (fresh)
            all->last = all->last_id = INT64_MIN;
        if (v->by_time && b->cols[v->rowtime].v[i].t.ms <= all->last) {
            op_count(&o->late, 1); /* behind one that has gone */
            over_keep_on(v, e);
            continue;
        }
        if (v->kind == OVER_NOW && adds) {
            send_now(o, all, b, i);
            over_keep_on(v, e);
            continue;
        }
        struct row *row = row_of(b, i, o->in[0]->kids, NULL, v->n_row);
        if (!adds) {
            if (v->kind != OVER_OTHER)
                op_fail(o, ERR_CONVERT, "a row is taken back from an OVER window of time");
            else
                take_back(o, e, row);
            free(row);
            continue;
        }
        over_insert(v, all, row);
        over_keep_on(v, e);
        if (!v->by_time)
            send_changes(o, all, kind);
        else if (row->v[v->rowtime].t.ms < v->next)
            v->next = row->v[v->rowtime].t.ms;
    }
}

/* --- by time --- */

/* All in front: what they have come to is kept, not they. */
static void send_all_until(struct op *o, struct partition *all, int64_t wm)
{
    struct over *v = o->self;
    uint32_t done = 0;
    if (!all->acc)
        all->acc = mem_zalloc((v->n_aggs + 1) * sizeof *all->acc);
    all->n_aggs = v->n_aggs;
    for (uint32_t end; done < all->n && over_time(v, all, done) <= wm; done = end) {
        end = over_peers(v, all, done);
        for (uint32_t i = done; i < end; i++)
            over_add(o, v->aggs, all->acc, all->p[i].row);
        over_results(v, all->acc);
        for (uint32_t i = done; i < end; i++) {
            emit(o, ROW_INSERT, all->p[i].row, v->results, v->results_null);
            free(all->p[i].row);
        }
    }
    if (done)
        memmove(all->p, all->p + done, (all->n - done) * sizeof *all->p);
    all->n -= done;
}

/* Rows up to the watermark: each with the rows in front of it that its window has. */
static void send_until(struct op *o, struct partition *all, int64_t wm)
{
    struct over *v = o->self;
    uint32_t keep = 0;
    for (uint32_t end; all->done < all->n && over_time(v, all, all->done) <= wm; all->done = end) {
        end = over_peers(v, all, all->done);
        uint32_t from = 0;
        if (v->rows)
            from = end - 1 > v->before ? (uint32_t)(end - 1 - v->before) : 0;
        while (!v->rows && over_time(v, all, from) < over_time(v, all, all->done) - v->before)
            from++;
        for (uint32_t i = from; i < end; i++)
            over_add(o, v->aggs, v->acc, all->p[i].row);
        over_results(v, v->acc);
        for (uint32_t i = all->done; i < end; i++)
            emit(o, ROW_INSERT, all->p[i].row, v->results, v->results_null);
        reset(v);
        keep = from;
        all->last = over_time(v, all, all->done);
    }
    if (!keep)
        return;
    for (uint32_t i = 0; i < keep; i++) /* no window reaches so far back any more */
        free(all->p[i].row);
    memmove(all->p, all->p + keep, (all->n - keep) * sizeof *all->p);
    all->n -= keep;
    all->done -= keep;
}

static void watermark(struct op *o, int64_t wm)
{
    struct over *v = o->self;
    if (!v->by_time || v->next > wm)
        return;
    v->next = INT64_MAX;
    ttl_look(&v->ttl, o);
    for (struct kentry *e = v->state.first; e && !op_failed(o); e = e->next) {
        struct partition *all = (struct partition *)e->value;
        if (all->done < all->n && over_time(v, all, all->done) <= wm) {
            kstate_change(&v->state, e);
            if (v->kind == OVER_TIME_ALL)
                send_all_until(o, all, wm);
            else
                send_until(o, all, wm);
            over_keep_on(v, e);
        }
        if (all->done < all->n && over_time(v, all, all->done) < v->next)
            v->next = over_time(v, all, all->done);
    }
}

static void close_op(struct op *o)
{
    struct over *v = o->self;
    if (!v || !v->key_types)
        return;
    kstate_clear(&v->state);
    acc_layout_free(&v->layout);
    reset(v);
}

const struct op_class op_over = {
    .open = open_op, .batch = batch, .watermark = watermark, .close = close_op, .min_inputs = 1, .max_inputs = 1};
