/* stream-exec-deduplicate and stream-exec-changelog-normalize: the first or last row of a key (ProcTimeDeduplicateKeepFirst/LastRowFunction,
 * RowTimeDeduplicateFunction, RowTimeDeduplicateKeepFirstRowFunction, DeduplicateFunctionHelper of flink-table-runtime 2.3). */
#include <string.h>

#include "base/wr.h"
#include "runtime/keyed.h"
#include "runtime/kstate.h"
#include "runtime/pool.h"

struct dedup {
    uint32_t n_keys, rowtime;
    const uint32_t *keys;
    const struct ltype **key_types;
    bool by_rowtime, last, update_before, waits, normalize;
    struct expr *filter; /* of changelog-normalize, or NULL */
    struct ttl ttl;      /* not of rows that wait: only watermarks take those (RowTimeDeduplicateKeepFirstRowFunction) */
    struct kstate state;
    struct pool rows_kept; /* those of its values */
    struct kstate_soon soon;
    union cell *key;
    uint8_t *key_null;
    uint32_t rows, sent,
        timers; /* its states in snapshots: of the row, of whether it was sent, of event timers; UINT32_MAX: it has none */
};

struct dedup_value {
    struct row *row; /* NULL: none, or it has been sent */
    bool sent;
};

static void release(void *dedup, void *value) { row_drop(&((struct dedup *)dedup)->rows_kept, ((struct dedup_value *)value)->row); }

static bool time_of(struct op *o, struct dedup *d, struct err *e)
{
    for (d->rowtime = 0; d->rowtime < o->in[0]->n; d->rowtime++)
        if (type_is_rowtime(o->in[0]->kids[d->rowtime]))
            return true;
    return err_set(e, ERR_CORRUPT, "its input has no rowtime");
}

static bool open_keys(struct op *o, struct err *e)
{
    struct dedup *d = o->self = arena_alloc(o->a, sizeof *d);
    const struct ltype *row = o->in[0];
    d->keys = cplan_ints(o->a, o->node->json, "uniqueKeys", row->n, &d->n_keys, e);
    d->update_before = cplan_bool(o->node->json, "generateUpdateBefore", false, e);
    if (o->n_cols != row->n)
        return err_set(e, ERR_CORRUPT, "its output has other columns than its input");
    if (!ttl_read(&d->ttl, o, 0, e))
        return false;
    d->key_types = arena_array(o->a, d->n_keys + 1, sizeof *d->key_types);
    for (uint32_t i = 0; i < d->n_keys; i++)
        d->key_types[i] = row->kids[d->keys[i]];
    d->key = arena_array(o->a, d->n_keys + 1, sizeof *d->key);
    d->key_null = arena_alloc(o->a, d->n_keys + 1);
    kstate_init(&d->state, d->key_types, d->n_keys, sizeof(struct dedup_value), NULL);
    kstate_owned(&d->state, d, release);
    kstate_expires(&d->state, &d->ttl);
    return e->kind == ERR_NONE;
}

static const struct keyed_form form, form_waiting;

static void declare(struct op *o, struct dedup *d)
{
    bool only_sent = !d->normalize && !d->by_rowtime && !d->last;
    ks_key(o, d->key_types, d->n_keys);
    struct ser *row = ks_row(o, o->in[0]->kids, o->in[0]->n), *sent = ks_plain(o, "Boolean");
    d->rows = d->sent = d->timers = UINT32_MAX;
    if (!only_sent)
        d->rows = ks_add(o, d->waits ? "waiting-to-emit-on-timer" : "deduplicate-state", KIND_VALUE, KEYED_VOID, NULL, row);
    if (only_sent || d->waits)
        d->sent = ks_add(o, d->waits ? "already-emitted-state-boolean" : "deduplicate-state", KIND_VALUE, KEYED_VOID, NULL, sent);
    ks_expires(o, d->waits ? d->sent : 0, &d->ttl);
    if (!op_mini_batch(o))
        d->timers = ks_add_timers(o, "user-timers", KEYED_VOID);
    ks_entries(o, &d->state, &d->ttl, d->waits ? &form_waiting : &form, NULL);
}

static bool dedup_open(struct op *o, struct err *e)
{
    if (!open_keys(o, e))
        return false;
    struct dedup *d = o->self;
    d->by_rowtime = cplan_bool(o->node->json, "isRowtime", false, e);
    d->last = cplan_bool(o->node->json, "keepLastRow", false, e);
    d->waits = d->by_rowtime && !d->last && cplan_bool(o->node->json, "outputInsertOnly", false, e);
    declare(o, d);
    return (!d->by_rowtime || time_of(o, d, e)) && e->kind == ERR_NONE;
}

static bool normalize_open(struct op *o, struct err *e)
{
    if (!open_keys(o, e))
        return false;
    struct dedup *d = o->self;
    const struct rex *filter = cplan_rex(o->a, o->node->json, "filterCondition", e);
    d->normalize = true;
    declare(o, d);
    if (filter && !(d->filter = op_expr(o, filter, o->in[0], e)))
        return false;
    return e->kind == ERR_NONE &&
        (!d->filter || d->filter->type->root == L_BOOLEAN || err_set(e, ERR_CORRUPT, "its filter is no BOOLEAN"));
}

static void emit_row(struct op *o, enum row_kind kind, const struct row *r)
{
    uint32_t row = op_row(o, kind);
    for (uint32_t c = 0; c < o->n_cols; c++)
        op_keep(o, row, c, r->v[c], r->null[c]);
}

static void emit_input(struct op *o, enum row_kind kind, const struct batch *b, uint32_t at)
{
    uint32_t row = op_row(o, kind);
    for (uint32_t c = 0; c < o->n_cols; c++)
        op_put(o, row, c, b->cols[c].v[at], b->cols[c].null[at]);
}

static void replace(struct op *o, struct kentry *e, const struct batch *b, uint32_t at)
{
    struct dedup *d = o->self;
    struct dedup_value *v = (struct dedup_value *)e->value;
    row_drop(&d->rows_kept, v->row);
    v->row = row_of_in(&d->rows_kept, b, at, o->in[0]->kids, NULL, o->in[0]->n);
    kstate_write(&d->state, e);
}

static void take_key(struct dedup *d, const struct batch *b, uint32_t row)
{
    for (uint32_t i = 0; i < d->n_keys; i++) {
        d->key[i] = b->cols[d->keys[i]].v[row];
        d->key_null[i] = b->cols[d->keys[i]].null[row];
    }
}

static struct kentry *entry_at(struct op *o, const struct batch *b, uint32_t row)
{
    struct dedup *d = o->self;
    bool fresh;
    take_key(d, b, row);
    return kstate_at(&d->state, d->key, d->key_null, &fresh);
}

/* The row takes the place of the one before. */
static void update(struct op *o, struct kentry *e, const struct batch *b, uint32_t at)
{
    struct dedup *d = o->self;
    const struct dedup_value *v = (struct dedup_value *)e->value;
    if (!v->row) {
        emit_input(o, ROW_INSERT, b, at);
    } else {
        if (d->update_before)
            emit_row(o, ROW_UPDATE_BEFORE, v->row);
        emit_input(o, ROW_UPDATE_AFTER, b, at);
    }
    replace(o, e, b, at);
}

static void dedup_row(struct op *o, const struct batch *b, uint32_t at)
{
    struct dedup *d = o->self;
    struct kentry *e = entry_at(o, b, at);
    struct dedup_value *v = (struct dedup_value *)e->value;
    if (!d->by_rowtime && !d->last) {
        if (!v->sent)
            emit_input(o, ROW_INSERT, b, at);
        v->sent = true;
        return;
    }
    if (!d->by_rowtime) {
        update(o, e, b, at);
        return;
    }
    int64_t now = b->cols[d->rowtime].v[at].t.ms, before = v->row ? v->row->v[d->rowtime].t.ms : 0;
    bool better = !v->row || (d->last ? before <= now : now < before);
    if (d->waits) {
        if (better && !v->sent && now > o->wm) {
            replace(o, e, b, at);
            kstate_write_at(&d->state, e, INT64_MAX);
        }
    } else if (better) {
        update(o, e, b, at);
    }
}

/* First rows whose time has come. */
static void dedup_watermark(struct op *o, int64_t wm)
{
    struct dedup *d = o->self;
    ttl_look(&d->ttl, o);
    for (struct kentry *e = d->waits ? d->state.first : NULL; e; e = e->next) {
        struct dedup_value *v = (struct dedup_value *)e->value;
        if (!v->row || v->row->v[d->rowtime].t.ms > wm)
            continue;
        kstate_change(&d->state, e);
        emit_row(o, ROW_INSERT, v->row);
        row_drop(&d->rows_kept, v->row);
        v->row = NULL;
        v->sent = true;
        kstate_write(&d->state, e);
    }
}

/* Is the row that is kept the batch's? */
static bool unchanged(struct op *o, const struct row *r, const struct batch *b, uint32_t at)
{
    for (uint32_t c = 0; c < r->n; c++) {
        uint8_t null = b->cols[c].null[at];
        if (r->null[c] != null || (!null && !cell_same(o->in[0]->kids[c], r->v[c], b->cols[c].v[at])))
            return false;
    }
    return true;
}

static void normalize_row(struct op *o, const struct batch *b, uint32_t at)
{
    struct dedup *d = o->self;
    struct kentry *e = entry_at(o, b, at);
    struct dedup_value *v = (struct dedup_value *)e->value;
    enum row_kind kind = batch_kind(b, at);
    bool comes = kind == ROW_INSERT || kind == ROW_UPDATE_AFTER;
    if (comes && d->filter)
        comes = !d->filter->out.null[at] && d->filter->out.v[at].b;
    if (comes) {
        if (!v->row || d->ttl.ms || !unchanged(o, v->row, b, at))
            update(o, e, b, at);
        return;
    }
    if (v->row)
        emit_row(o, ROW_DELETE, v->row);
    kstate_remove(&d->state, e);
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct dedup *d = o->self;
    (void)input;
    ttl_look(&d->ttl, o);
    if (d->filter) {
        o->ev->cols = b->cols;
        expr_run(d->filter, o->ev, NULL, b->n);
    }
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++) {
        for (uint32_t k = kstate_soon_from(i); k < b->n && k < i + KSTATE_SOON; k++) {
            take_key(d, b, k);
            kstate_soon(&d->state, &d->soon, d->key, d->key_null);
        }
        if (d->normalize)
            normalize_row(o, b, i);
        else
            dedup_row(o, b, i);
    }
}

/* --- snapshots --- */

static void put(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    struct dedup *d = o->self;
    const struct dedup_value *v = (const struct dedup_value *)e->value;
    struct buf *b = &o->keyed->value;
    (void)of;
    if (v->row && d->rows != UINT32_MAX) {
        b->n = 0;
        ks_put_kept(b, o->in[0]->kids, v->row);
        snap_value(to, o, d->rows, NULL, b);
    }
    if (v->sent && d->sent != UINT32_MAX) {
        b->n = 0;
        wr_u8(b, 1);
        snap_value(to, o, d->sent, NULL, b);
    }
}

static void put_timers(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to)
{
    const struct dedup *d = o->self;
    const struct dedup_value *v = (const struct dedup_value *)e->value;
    (void)of;
    if (v->row && d->waits && d->timers != UINT32_MAX)
        snap_timer(to, o, d->timers, NULL, v->row->v[d->rowtime].t.ms);
}

static void take(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass)
{
    struct dedup *d = o->self;
    bool fresh;
    struct kentry *at = kstate_at(of->state, x->key, x->key_null, &fresh);
    struct dedup_value *v = (struct dedup_value *)at->value;
    (void)pass;
    kstate_came(of->state, at, fresh, d->waits && x->state == d->rows ? INT64_MAX : x->written);
    if (x->state == d->sent) {
        v->sent = rd_bool(&x->value);
        return;
    }
    row_drop(&d->rows_kept, v->row);
    struct row *row = ks_get_row(x, &x->value, o->in[0]->kids, o->in[0]->n);
    v->row = row ? row_into(&d->rows_kept, o->in[0]->kids, row) : NULL;
}

static const struct keyed_form form = {.put = put, .take = take, .by_key = true};
static const struct keyed_form form_waiting = {.put = put, .timers = put_timers, .take = take};

static void close_op(struct op *o)
{
    struct dedup *d = o->self;
    if (!d)
        return;
    kstate_clear(&d->state);
    pool_clear(&d->rows_kept);
}

const struct op_class op_dedup = {
    .open = dedup_open, .batch = batch, .watermark = dedup_watermark, .close = close_op, .min_inputs = 1, .max_inputs = 1};
const struct op_class op_normalize = {.open = normalize_open, .batch = batch, .close = close_op, .min_inputs = 1, .max_inputs = 1};
