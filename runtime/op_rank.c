/* stream-exec-rank, -sort-limit, -limit: the first rows of each partition, kept up to date (AppendOnlyTopNFunction, FastTop1Function,
 * UpdatableTopNFunction, RetractableTopNFunction of flink-table-runtime 2.3). */
#include <stdlib.h>
#include <string.h>

#include "runtime/rank.h"

static bool read_range(struct op *o, struct rank *r, struct err *e)
{
    const struct value *range = cplan_member(o->node->json, "rankRange");
    const char *kind = cplan_text(range, "type", "Constant", e), *type = cplan_text(o->node->json, "rankType", "ROW_NUMBER", e);
    if (strcmp(kind, "Constant"))
        return op_refuse(o, e, "a Top-N whose N is a column");
    if (strcmp(type, "ROW_NUMBER"))
        return op_refuse(o, e, arena_printf(o->a, "a Top-N by %s", type));
    r->start = cplan_int(range, "start", 1, e);
    r->end = cplan_int(range, "end", -1, e);
    if (r->start < 1 || r->end < 0 || r->end > INT32_MAX)
        return err_set(e, ERR_CORRUPT, "its range is none");
    return true;
}

static bool read_strategy(struct op *o, struct rank *r, struct err *e)
{
    const struct value *s = cplan_member(o->node->json, "rankStrategy");
    const char *type = cplan_text(s, "type", "", e);
    if (!strcmp(type, "AppendFast"))
        r->strategy = APPEND_FAST;
    else if (!strcmp(type, "Retract"))
        r->strategy = RETRACT;
    else if (!strcmp(type, "UpdateFast"))
        r->strategy = UPDATE_FAST;
    else
        return op_refuse(o, e, arena_printf(o->a, "rank strategy %s", type));
    r->unique = cplan_ints(o->a, s, "primaryKeys", r->n_row, &r->n_unique, e);
    return true;
}

static bool open_op(struct op *o, struct err *e)
{
    struct rank *r = o->self = arena_alloc(o->a, sizeof *r);
    const struct ltype *row = o->in[0];
    r->n_row = row->n;
    r->keys = cplan_ints(o->a, cplan_member(o->node->json, "partition"), "fields", row->n, &r->n_keys, e);
    r->numbered = cplan_bool(o->node->json, "outputRowNumber", false, e);
    r->update_before = cplan_bool(o->node->json, "generateUpdateBefore", false, e);
    if (!ttl_read(&r->ttl, o, 0, e) || !read_range(o, r, e) || !read_strategy(o, r, e) ||
        !order_read(&r->order, o, cplan_member(o->node->json, "orderBy"), row, e))
        return false;
    if (o->n_cols != row->n + r->numbered)
        return err_set(e, ERR_CORRUPT, "its output is not its input%s", r->numbered ? " and a number" : "");
    r->key_types = arena_array(o->a, r->n_keys + 1, sizeof *r->key_types);
    for (uint32_t i = 0; i < r->n_keys; i++)
        r->key_types[i] = row->kids[r->keys[i]];
    r->key = arena_array(o->a, r->n_keys + 1, sizeof *r->key);
    r->key_null = arena_alloc(o->a, r->n_keys + 1);
    kstate_init(&r->state, r->key_types, r->n_keys, sizeof(struct rank_value), NULL);
    kstate_owned(&r->state, r, rank_release);
    kstate_expires(&r->state, &r->ttl);
    if (r->strategy == APPEND_FAST && r->order.n == 1 && r->order.fields[0].ascending && type_is_proctime(r->order.fields[0].type))
        r->strategy = FIRST_COME;
    rank_declare(o);
    return e->kind == ERR_NONE;
}

static void emit(struct op *o, enum row_kind kind, const struct row *row, int64_t number)
{
    struct rank *r = o->self;
    if (kind == ROW_UPDATE_BEFORE && !r->update_before)
        return;
    uint32_t at = op_row(o, kind);
    for (uint32_t c = 0; c < row->n; c++)
        op_keep(o, at, c, row->v[c], row->null[c]);
    if (r->numbered)
        op_put(o, at, row->n, (union cell){.i = number}, 0);
}

static uint32_t find_same(struct op *o, struct rank_value *v, const struct row *row)
{
    struct rank *r = o->self;
    for (uint32_t i = 0; i < v->n; i++) {
        bool same = true;
        if (r->strategy != UPDATE_FAST) {
            same = row_same(o->in[0]->kids, v->rows[i], row);
        } else {
            for (uint32_t k = 0; k < r->n_unique && same; k++) {
                uint32_t c = r->unique[k];
                same = v->rows[i]->null[c] == row->null[c] &&
                    (row->null[c] || cell_same(o->in[0]->kids[c], v->rows[i]->v[c], row->v[c]));
            }
        }
        if (same)
            return i;
    }
    return v->n;
}

static bool in_range(const struct rank *r, uint32_t i) { return (int64_t)i + 1 >= r->start && (int64_t)i + 1 <= r->end; }

static void remember(struct rank *r, const struct rank_value *v)
{
    r->n_before = 0;
    for (uint32_t i = (uint32_t)r->start - 1; i < v->n && in_range(r, i); i++) {
        if (r->n_before == r->cap_before)
            r->before = mem_grow(r->before, r->cap_before = r->cap_before ? r->cap_before * 2 : 16, sizeof *r->before);
        r->before[r->n_before++] = v->rows[i];
    }
}

static bool among(struct row *const *list, uint32_t n, const struct row *row)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == row)
            return true;
    return false;
}

/* With numbers: each place by itself. */
static void numbered_changes(struct op *o, struct row *const *after, uint32_t n)
{
    struct rank *r = o->self;
    for (uint32_t i = 0; i < r->n_before || i < n; i++) {
        int64_t number = r->start + i;
        if (i >= r->n_before) {
            emit(o, ROW_INSERT, after[i], number);
        } else if (i >= n) {
            emit(o, ROW_DELETE, r->before[i], number);
        } else if (r->before[i] != after[i] && !row_same(o->in[0]->kids, r->before[i], after[i])) {
            emit(o, ROW_UPDATE_BEFORE, r->before[i], number);
            emit(o, ROW_UPDATE_AFTER, after[i], number);
        }
    }
}

/* Without: which rows have gone, which have come. One for one, they are an update where Flink's function says so. */
static void plain_changes(struct op *o, struct row *const *after, uint32_t n, bool update)
{
    struct rank *r = o->self;
    const struct row *gone = NULL, *come = NULL;
    for (uint32_t i = 0; i < r->n_before; i++)
        if (!among(after, n, r->before[i]))
            gone = r->before[i];
    for (uint32_t i = 0; i < n; i++)
        if (!among(r->before, r->n_before, after[i]))
            come = after[i];
    if (gone && come && update && row_same(o->in[0]->kids, gone, come))
        return;
    if (gone && (!come || !update))
        emit(o, ROW_DELETE, gone, 0);
    else if (gone)
        emit(o, ROW_UPDATE_BEFORE, gone, 0);
    if (come)
        emit(o, gone && update ? ROW_UPDATE_AFTER : ROW_INSERT, come, 0);
}

static void changes(struct op *o, struct rank_value *v, bool update)
{
    struct rank *r = o->self;
    uint32_t first = (uint32_t)r->start - 1, n = v->n > first ? v->n - first : 0;
    if (n > (uint64_t)(r->end - r->start + 1))
        n = r->end >= r->start ? (uint32_t)(r->end - r->start + 1) : 0;
    struct row *const *after = v->rows + (n ? first : 0);
    if (r->numbered)
        numbered_changes(o, after, n);
    else
        plain_changes(o, after, n, update);
}

static void first_come(struct op *o, struct kentry *e, const struct batch *b, uint32_t at)
{
    struct rank *r = o->self;
    struct rank_value *v = (struct rank_value *)e->value;
    if (v->come >= r->end)
        return;
    kstate_write(&r->state, e);
    if (++v->come < r->start)
        return;
    uint32_t row = op_row(o, ROW_INSERT);
    for (uint32_t c = 0; c < r->n_row; c++)
        op_put(o, row, c, b->cols[c].v[at], b->cols[c].null[at]);
    if (r->numbered)
        op_put(o, row, r->n_row, (union cell){.i = v->come}, 0);
}

/* A row has gone from there: those of the same sort key are written. */
static void written_beside(struct rank *r, struct kentry *e, uint32_t i, const struct row *gone)
{
    const struct rank_value *v = (struct rank_value *)e->value;
    if (!r->ttl.ms || r->strategy == UPDATE_FAST)
        return;
    i = i < v->n && !order_rows(&r->order, v->rows[i], gone) ? i : i - 1;
    if (i < v->n && !order_rows(&r->order, v->rows[i], gone))
        rank_write(r, e, i);
}

/* The row that makes place for it, or itself. */
static struct row *add(struct rank *r, struct kentry *e, struct row *row)
{
    struct rank_value *v = (struct rank_value *)e->value;
    uint32_t i = rank_insert(r, v, row, r->ttl.now);
    bool full = r->strategy == APPEND_FAST && v->n > (uint64_t)r->end;
    if (!full || i + 1 < v->n)
        rank_write(r, e, i);
    struct row *beyond = full ? rank_take(v, v->n - 1) : NULL;
    if (full && beyond != row && !r->numbered)
        written_beside(r, e, v->n, beyond);
    return beyond;
}

static void take_key(struct rank *r, const struct batch *b, uint32_t at)
{
    for (uint32_t i = 0; i < r->n_keys; i++) {
        r->key[i] = b->cols[r->keys[i]].v[at];
        r->key_null[i] = b->cols[r->keys[i]].null[at];
    }
}

static void one_row(struct op *o, const struct batch *b, uint32_t at)
{
    struct rank *r = o->self;
    bool fresh, adds = batch_kind(b, at) == ROW_INSERT || batch_kind(b, at) == ROW_UPDATE_AFTER;
    take_key(r, b, at);
    struct kentry *e = kstate_at(&r->state, r->key, r->key_null, &fresh);
    struct rank_value *v = (struct rank_value *)e->value;
    if (r->strategy == FIRST_COME) {
        first_come(o, e, b, at);
        return;
    }
    struct row *row = row_of_in(&r->pieces, b, at, o->in[0]->kids, NULL, r->n_row), *out = NULL;
    bool update = r->strategy != RETRACT && r->end == 1;
    rank_prune(r, v);
    remember(r, v);
    if (r->strategy == RETRACT ? !adds : r->strategy == UPDATE_FAST) {
        uint32_t i = find_same(o, v, row);
        if (i < v->n) {
            out = rank_take(v, i);
            update = adds;
            written_beside(r, e, i, out);
        }
    }
    struct row *beyond = adds ? add(r, e, row) : NULL;
    changes(o, v, update);
    row_drop(&r->pieces, out);
    row_drop(&r->pieces, beyond);
    if (!adds)
        row_drop(&r->pieces, row);
    if (!v->n)
        kstate_remove(&r->state, e);
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct rank *r = o->self;
    (void)input;
    ttl_look(&r->ttl, o);
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++) {
        for (uint32_t k = kstate_soon_from(i); k < b->n && k < i + KSTATE_SOON; k++) {
            take_key(r, b, k);
            kstate_soon(&r->state, &r->soon, r->key, r->key_null);
        }
        one_row(o, b, i);
    }
}

static void close_op(struct op *o)
{
    struct rank *r = o->self;
    if (!r)
        return;
    kstate_clear(&r->state);
    pool_clear(&r->pieces);
    free(r->before);
}

const struct op_class op_rank = {
    .open = open_op, .batch = batch, .close = close_op, .uid = "rank", .min_inputs = 1, .max_inputs = 1};
