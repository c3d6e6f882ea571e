/* stream-exec-join: every pair of rows that fit, kept up to date on both sides (StreamingJoinOperator, StreamingSemiAntiJoinOperator,
 * JoinRecordStateViews, OuterJoinRecordStateViews of flink-table-runtime 2.3). */
#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/keyed.h"
#include "runtime/kstate.h"
#include "runtime/pair.h"

enum {
    COPIES_MOST = 1 << 20
}; /* equal rows stand once in a snapshot, with their number: so many more than entries may come of one */

enum join_type { INNER, LEFT, RIGHT, FULL, SEMI, ANTI };

/* A row of one side, and with how many of the other side it goes, where that side is padded. */
struct record {
    struct row *row;
    int64_t matches;
};

struct records {
    struct record *r;
    uint32_t n, cap;
};

struct side {
    const struct ltype *row;
    const uint32_t *keys;
    uint32_t n_unique;
    const uint32_t *unique; /* columns of a unique key; n_unique 0: none is known */
    bool has_unique;
    bool counts; /* in snapshots: with each row how many of the other side it goes with */
    bool outer;  /* its rows are sent even when none fits */
    struct kstate state;
    const struct ltype **key_types;
    enum { BY_KEY, BY_UNIQUE, BY_ROW } layout; /* of its state in snapshots: a value; a map by the unique key; a map by the row */
    const struct ltype **unique_types;
    uint32_t records; /* the state */
};

struct join {
    enum join_type type;
    uint32_t n_keys;
    bool *filter_nulls;
    struct side side[2];
    struct pair pair;
    union cell *key;
    uint8_t *key_null;
    struct record **fit; /* those of the other side that fit */
    uint32_t n_fit, cap_fit;
};

static void release(void *value)
{
    struct records *all = value;
    for (uint32_t i = 0; i < all->n; i++)
        free(all->r[i].row);
    free(all->r);
}

static bool read_side(struct op *o, struct join *j, uint32_t s, const struct value *spec, struct err *e)
{
    static const char *const keys[] = {"leftKeys", "rightKeys"}, *const unique[] = {"leftUpsertKeys", "rightUpsertKeys"};
    struct side *side = &j->side[s];
    uint32_t n;
    side->row = o->in[s];
    side->keys = cplan_ints(o->a, spec, keys[s], side->row->n, &n, e);
    if (s && n != j->n_keys)
        return err_set(e, ERR_CORRUPT, "its sides have different numbers of keys");
    j->n_keys = n;
    side->key_types = arena_array(o->a, n + 1, sizeof *side->key_types);
    for (uint32_t i = 0; i < n; i++)
        side->key_types[i] = side->row->kids[side->keys[i]];
    const struct value *upsert = cplan_member(o->node->json, unique[s]);
    if (upsert && upsert->kind == VAL_LIST && upsert->n) { /* the shortest, as JoinInputSideSpec takes the first of several */
        static const char *const names[] = {"key"};
        struct value holder = value_object(o->a, names, 1);
        holder.items[0] = upsert->items[0];
        for (uint32_t i = 1; i < upsert->n; i++)
            if (upsert->items[i].n < holder.items[0].n)
                holder.items[0] = upsert->items[i];
        side->unique = cplan_ints(o->a, &holder, "key", side->row->n, &side->n_unique, e);
        side->has_unique = true;
    }
    kstate_init(&side->state, side->key_types, n, sizeof(struct records), release);
    return e->kind == ERR_NONE;
}

static bool read_type(struct join *j, const char *type)
{
    static const char *const types[] = {"INNER", "LEFT", "RIGHT", "FULL", "SEMI", "ANTI"};
    for (int i = INNER; i <= ANTI; i++)
        if (!strcmp(types[i], type)) {
            j->type = (enum join_type)i;
            j->side[0].outer = i == LEFT || i == FULL;
            j->side[1].outer = i == RIGHT || i == FULL;
            return true;
        }
    return false;
}

/* --- its state in snapshots (JoinRecordStateViews, OuterJoinRecordStateViews, JoinInputSideSpec) --- */

static bool within_key(const struct side *s, uint32_t n_keys)
{
    for (uint32_t i = 0; i < s->n_unique; i++) {
        uint32_t k = 0;
        while (k < n_keys && s->keys[k] != s->unique[i])
            k++;
        if (k == n_keys)
            return false;
    }
    return true;
}

/* counts: with each row how many of the other side it goes with. */
static void declare(struct op *o, struct side *s, const char *name, bool counts)
{
    const struct join *j = o->self;
    struct ser *row = ks_row(o, s->row->kids, s->row->n), *number = ks_plain(o, "Integer");
    struct ser *value = counts ? ks_pair(o, row, number) : row;
    s->counts = counts;
    s->layout = !s->has_unique ? BY_ROW : within_key(s, j->n_keys) ? BY_KEY : BY_UNIQUE;
    if (s->layout == BY_ROW) {
        s->records = ks_add(o, name, KIND_MAP, KEYED_VOID, row, counts ? ks_pair(o, number, number) : number);
    } else if (s->layout == BY_KEY) {
        s->records = ks_add(o, name, KIND_VALUE, KEYED_VOID, NULL, value);
    } else {
        s->unique_types = arena_array(o->a, s->n_unique + 1, sizeof *s->unique_types);
        for (uint32_t i = 0; i < s->n_unique; i++)
            s->unique_types[i] = s->row->kids[s->unique[i]];
        s->records = ks_add(o, name, KIND_MAP, KEYED_VOID, ks_row(o, s->unique_types, s->n_unique), value);
    }
}

/* Equal rows stand once, with their number. */
static void snapshot_rows(struct op *o, struct side *s, const struct records *all, struct snap *to, struct buf *key,
                          struct buf *value)
{
    struct kstate copies;
    bool fresh;
    kstate_init(&copies, s->row->kids, s->row->n, 2 * sizeof(int64_t), NULL);
    for (uint32_t i = 0; i < all->n; i++) {
        int64_t *n = (int64_t *)kstate_at(&copies, all->r[i].row->v, all->r[i].row->null, &fresh)->value;
        n[0]++;
        n[1] = all->r[i].matches;
    }
    for (const struct kentry *e = copies.first; e; e = e->next) {
        const int64_t *n = (const int64_t *)e->value;
        key->n = value->n = 0;
        ks_put_kept(key, s->row->kids, e->key);
        wr_i32(value, (int32_t)n[0]);
        if (s->counts)
            wr_i32(value, (int32_t)n[1]);
        snap_map(to, o, s->records, NULL, key, value);
    }
    kstate_clear(&copies);
}

static void snapshot_side(struct op *o, struct side *s, struct snap *to)
{
    struct buf key = {0}, value = {0};
    for (const struct kentry *e = s->state.first; e; e = e->next) {
        const struct records *all = (const struct records *)e->value;
        snap_key(to, o, e->key->v, e->key->null);
        if (s->layout == BY_ROW)
            snapshot_rows(o, s, all, to, &key, &value);
        for (uint32_t i = 0; s->layout != BY_ROW && i < all->n; i++) {
            key.n = value.n = 0;
            ks_put_kept(&value, s->row->kids, all->r[i].row);
            if (s->counts)
                wr_i32(&value, (int32_t)all->r[i].matches);
            if (s->layout == BY_KEY) {
                snap_value(to, o, s->records, NULL, &value);
                continue;
            }
            ks_put_columns(&key, s->unique_types, all->r[i].row, s->unique, s->n_unique);
            snap_map(to, o, s->records, NULL, &key, &value);
        }
    }
    buf_free(&key);
    buf_free(&value);
}

static void snapshot(struct op *o, uint64_t checkpoint, struct snap *to)
{
    struct join *j = o->self;
    (void)checkpoint;
    for (uint32_t s = 0; s < 2; s++)
        snapshot_side(o, &j->side[s], to);
}

static void append(struct records *all, struct row *row, int64_t matches)
{
    if (all->n == all->cap)
        all->r = mem_grow(all->r, all->cap = all->cap ? all->cap * 2 : 2, sizeof *all->r);
    all->r[all->n++] = (struct record){row, matches};
}

static bool restore(struct op *o, const struct snap *of, struct err *e)
{
    struct join *j = o->self;
    struct ks_walk w = ks_walk_of(o, of);
    struct keyed_entry *x = &w.entry;
    int64_t more = 0;
    bool fresh;
    while (ks_next(&w, e)) {
        struct side *s = &j->side[x->state == j->side[1].records];
        struct records *all = (struct records *)kstate_at(&s->state, x->key, x->key_null, &fresh)->value;
        int64_t copies = 1, matches;
        struct row *row;
        if (s->layout == BY_ROW) {
            row = ks_get_row(x, &x->user_key, s->row->kids, s->row->n);
            copies = rd_i32(&x->value);
            more += copies - 1;
            if (copies < 1 || more > COPIES_MOST + (int64_t)of->n_keyed * 16)
                rd_fail(&x->value, "more equal rows than weir takes");
        } else {
            row = ks_get_row(x, &x->value, s->row->kids, s->row->n);
            x->user_key.p = x->user_key.end; /* part of the row */
        }
        matches = s->counts ? rd_i32(&x->value) : 0;
        for (; row && rd_ok(&x->value) && copies > 1; copies--)
            append(all, row_make(s->row->kids, row->n, row->v, row->null), matches);
        if (row)
            append(all, row, matches);
    }
    ks_walk_end(&w);
    return e->kind == ERR_NONE;
}

static bool open_op(struct op *o, struct err *e)
{
    struct join *j = o->self = arena_alloc(o->a, sizeof *j);
    const struct value *spec = cplan_member(o->node->json, "joinSpec"), *nulls = cplan_member(spec, "filterNulls");
    const char *type = cplan_text(spec, "joinType", "", e);
    if (!read_type(j, type))
        return op_refuse(o, e, arena_printf(o->a, "join type %s", type));
    if (!read_side(o, j, 0, spec, e) || !read_side(o, j, 1, spec, e) || !pair_read(&j->pair, o, spec, e))
        return false;
    uint32_t n = j->side[0].row->n + (j->type >= SEMI ? 0 : j->side[1].row->n);
    if (o->n_cols != n)
        return err_set(e, ERR_CORRUPT, "its output is not its inputs' columns");
    for (uint32_t i = 0; i < j->n_keys; i++)
        if (j->side[0].key_types[i]->slot != j->side[1].key_types[i]->slot)
            return err_set(e, ERR_CORRUPT, "its sides have keys of different types");
    j->filter_nulls = arena_alloc(o->a, j->n_keys + 1);
    for (uint32_t i = 0; i < j->n_keys; i++)
        j->filter_nulls[i] =
            !nulls || nulls->kind != VAL_LIST || i >= nulls->n || nulls->items[i].kind != VAL_BOOL || nulls->items[i].b;
    j->key = arena_array(o->a, j->n_keys + 1, sizeof *j->key);
    j->key_null = arena_alloc(o->a, j->n_keys + 1);
    ks_key(o, j->side[0].key_types, j->n_keys);
    declare(o, &j->side[0], "left-records", j->type >= SEMI || j->side[0].outer);
    declare(o, &j->side[1], "right-records", j->side[1].outer);
    return true;
}

/* --- what is sent --- */

static void emit(struct op *o, enum row_kind kind, const struct row *mine, const struct row *other, uint32_t s)
{
    struct join *j = o->self;
    uint32_t at = op_row(o, kind), l = j->side[0].row->n;
    pair_put(o, at, 0, s ? other : mine, l);
    if (j->type < SEMI)
        pair_put(o, at, l, s ? mine : other, j->side[1].row->n);
}

/* --- which rows fit --- */

static void find_fitting(struct op *o, const struct row *mine, uint32_t s)
{
    struct join *j = o->self;
    j->n_fit = 0;
    for (uint32_t i = 0; i < j->n_keys; i++)
        if (j->key_null[i] && j->filter_nulls[i])
            return;
    struct kentry *e = kstate_find(&j->side[!s].state, j->key, j->key_null);
    struct records *all = e ? (struct records *)e->value : NULL;
    for (uint32_t i = 0; all && i < all->n; i++) {
        if (!pair_fits(&j->pair, o, s ? all->r[i].row : mine, s ? mine : all->r[i].row))
            continue;
        if (j->n_fit == j->cap_fit)
            j->fit = mem_grow(j->fit, j->cap_fit = j->cap_fit ? j->cap_fit * 2 : 16, sizeof(struct record *));
        j->fit[j->n_fit++] = &all->r[i];
    }
}

/* --- what is kept --- */

static bool same_record(const struct side *side, const struct row *a, const struct row *b)
{
    if (!side->has_unique)
        return row_same(side->row->kids, a, b);
    for (uint32_t i = 0; i < side->n_unique; i++) {
        uint32_t c = side->unique[i];
        if (a->null[c] != b->null[c] || (!a->null[c] && !cell_same(side->row->kids[c], a->v[c], b->v[c])))
            return false;
    }
    return true;
}

/* The row is the state's from now on. One with the same unique key gives way. */
static void add_record(struct join *j, uint32_t s, struct row *row, int64_t matches)
{
    struct side *side = &j->side[s];
    bool fresh;
    struct records *all = (struct records *)kstate_at(&side->state, j->key, j->key_null, &fresh)->value;
    for (uint32_t i = 0; side->has_unique && i < all->n; i++)
        if (same_record(side, all->r[i].row, row)) {
            free(all->r[i].row);
            all->r[i] = (struct record){row, matches};
            return;
        }
    append(all, row, matches);
}

static void remove_record(struct join *j, uint32_t s, const struct row *row)
{
    struct side *side = &j->side[s];
    struct kentry *e = kstate_find(&side->state, j->key, j->key_null);
    struct records *all = e ? (struct records *)e->value : NULL;
    for (uint32_t i = 0; all && i < all->n; i++)
        if (same_record(side, all->r[i].row, row)) {
            free(all->r[i].row);
            memmove(all->r + i, all->r + i + 1, (all->n - i - 1) * sizeof *all->r);
            if (!--all->n)
                kstate_remove(&side->state, e);
            return;
        }
}

/* --- inner and outer joins --- */

static void comes(struct op *o, enum row_kind kind, struct row *mine, uint32_t s)
{
    struct join *j = o->self;
    if (j->side[0].outer || j->side[1].outer)
        kind = ROW_INSERT;
    if (j->side[s].outer && !j->n_fit)
        emit(o, ROW_INSERT, mine, NULL, s);
    for (uint32_t i = 0; i < j->n_fit; i++) {
        if (j->side[!s].outer && !j->fit[i]->matches++)
            emit(o, ROW_DELETE, j->fit[i]->row, NULL, !s);
        emit(o, kind, mine, j->fit[i]->row, s);
    }
    add_record(j, s, mine, j->n_fit);
}

static void goes(struct op *o, enum row_kind kind, const struct row *mine, uint32_t s)
{
    struct join *j = o->self;
    remove_record(j, s, mine);
    if (j->side[s].outer)
        kind = ROW_DELETE;
    if (j->side[s].outer && !j->n_fit)
        emit(o, ROW_DELETE, mine, NULL, s);
    for (uint32_t i = 0; i < j->n_fit; i++) {
        emit(o, kind, mine, j->fit[i]->row, s);
        if (j->side[!s].outer && !--j->fit[i]->matches)
            emit(o, ROW_INSERT, j->fit[i]->row, NULL, !s);
    }
}

/* --- IN, EXISTS and their opposites: rows of the left side only --- */

static void semi_left(struct op *o, enum row_kind kind, struct row *mine, bool adds)
{
    struct join *j = o->self;
    if ((j->n_fit > 0) == (j->type == SEMI))
        emit(o, kind, mine, NULL, 0);
    if (adds)
        add_record(j, 0, mine, j->n_fit);
    else
        remove_record(j, 0, mine);
}

static void semi_right(struct op *o, enum row_kind kind, struct row *mine, bool adds)
{
    struct join *j = o->self;
    if (adds)
        add_record(j, 1, mine, 0);
    else
        remove_record(j, 1, mine);
    for (uint32_t i = 0; i < j->n_fit; i++) {
        bool turns = adds ? !j->fit[i]->matches++ : !--j->fit[i]->matches;
        if (turns)
            emit(o, j->type == SEMI ? kind : adds ? ROW_DELETE : ROW_INSERT, j->fit[i]->row, NULL, 0);
    }
}

static void one_row(struct op *o, uint32_t s, const struct batch *b, uint32_t at)
{
    struct join *j = o->self;
    struct side *side = &j->side[s];
    enum row_kind kind = batch_kind(b, at);
    bool adds = kind == ROW_INSERT || kind == ROW_UPDATE_AFTER;
    for (uint32_t i = 0; i < j->n_keys; i++) {
        j->key[i] = b->cols[side->keys[i]].v[at];
        j->key_null[i] = b->cols[side->keys[i]].null[at];
    }
    struct row *mine = row_of(b, at, side->row->kids, NULL, side->row->n);
    find_fitting(o, mine, s);
    if (j->type >= SEMI && s)
        semi_right(o, kind, mine, adds);
    else if (j->type >= SEMI)
        semi_left(o, kind, mine, adds);
    else if (adds)
        comes(o, kind, mine, s);
    else
        goes(o, kind, mine, s);
    if (!adds)
        free(mine);
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++)
        one_row(o, input, b, i);
}

static void close_op(struct op *o)
{
    struct join *j = o->self;
    if (!j)
        return;
    for (uint32_t s = 0; s < 2; s++)
        kstate_clear(&j->side[s].state);
    free(j->fit);
}

const struct op_class op_join = {
    .open = open_op, .batch = batch, .close = close_op, .snapshot = snapshot, .restore = restore, .min_inputs = 2, .max_inputs = 2};
