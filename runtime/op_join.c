/* stream-exec-join: every pair of rows that fit, kept up to date on both sides (StreamingJoinOperator, StreamingSemiAntiJoinOperator,
 * JoinRecordStateViews, OuterJoinRecordStateViews of flink-table-runtime 2.3). */
#include <stdlib.h>
#include <string.h>

#include "runtime/join.h"

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
    kstate_init(&side->state, side->key_types, n, sizeof(struct records), NULL);
    kstate_owned(&side->state, side, join_release);
    if (!ttl_read(&side->ttl, o, s, e))
        return false;
    kstate_expires(&side->state, &side->ttl);
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

static bool open_op(struct op *o, struct err *e)
{
    struct join *j = o->self = arena_alloc(o->a, sizeof *j);
    const struct value *spec = cplan_member(o->node->json, "joinSpec");
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
    j->filter_nulls = pair_filter_nulls(o, spec, j->n_keys);
    j->key = arena_array(o->a, j->n_keys + 1, sizeof *j->key);
    j->key_null = arena_alloc(o->a, j->n_keys + 1);
    ks_key(o, j->side[0].key_types, j->n_keys);
    join_declare(o, &j->side[0], "left-records", j->type >= SEMI || j->side[0].outer);
    join_declare(o, &j->side[1], "right-records", j->side[1].outer);
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
    j->other = NULL;
    for (uint32_t i = 0; i < j->n_keys; i++)
        if (j->key_null[i] && j->filter_nulls[i])
            return;
    j->other = kstate_find(&j->side[!s].state, j->key, j->key_null);
    struct records *all = join_alive(&j->side[!s], j->other);
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
    struct kentry *e = kstate_at(&side->state, j->key, j->key_null, &fresh);
    struct records *all = join_alive(side, e);
    kstate_write(&side->state, e);
    for (uint32_t i = 0; side->has_unique && i < all->n; i++)
        if (same_record(side, all->r[i].row, row)) {
            row_drop(&side->rows, all->r[i].row);
            all->r[i] = (struct record){row, matches};
            join_write(side, e, i);
            return;
        }
    join_append(side, all, row, matches, side->ttl.now);
    if (!side->has_unique)
        join_write_equals(side, e, row);
}

static void remove_record(struct join *j, uint32_t s, const struct row *row)
{
    struct side *side = &j->side[s];
    struct kentry *e = kstate_find(&side->state, j->key, j->key_null);
    struct records *all = join_alive(side, e);
    for (uint32_t i = 0; all && i < all->n; i++)
        if (same_record(side, all->r[i].row, row)) {
            join_drop(side, all, i);
            if (!all->n)
                kstate_remove(&side->state, e);
            else if (!side->has_unique)
                join_write_equals(side, e, row);
            return;
        }
}

/* One more or less of side s goes with the record of the other side. How many there were. */
static int64_t matched(struct join *j, struct record *fit, uint32_t s, int by)
{
    if (j->side[!s].ttl.ms)
        join_write(&j->side[!s], j->other, (uint32_t)(fit - ((struct records *)j->other->value)->r));
    fit->matches += by;
    return fit->matches - by;
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
        if (j->side[!s].outer && !matched(j, j->fit[i], s, 1))
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
        if (j->side[!s].outer && matched(j, j->fit[i], s, -1) == 1)
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
        bool turns = adds ? !matched(j, j->fit[i], 1, 1) : matched(j, j->fit[i], 1, -1) == 1;
        if (turns)
            emit(o, j->type == SEMI ? kind : adds ? ROW_DELETE : ROW_INSERT, j->fit[i]->row, NULL, 0);
    }
}

static void take_key(struct join *j, uint32_t s, const struct batch *b, uint32_t at)
{
    for (uint32_t i = 0; i < j->n_keys; i++) {
        j->key[i] = b->cols[j->side[s].keys[i]].v[at];
        j->key_null[i] = b->cols[j->side[s].keys[i]].null[at];
    }
}

static void one_row(struct op *o, uint32_t s, const struct batch *b, uint32_t at)
{
    struct join *j = o->self;
    struct side *side = &j->side[s];
    enum row_kind kind = batch_kind(b, at);
    bool adds = kind == ROW_INSERT || kind == ROW_UPDATE_AFTER;
    take_key(j, s, b, at);
    struct row *mine = row_of_in(&side->rows, b, at, side->row->kids, NULL, side->row->n);
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
        row_drop(&side->rows, mine);
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct join *j = o->self;
    ttl_look(&j->side[0].ttl, o);
    ttl_look(&j->side[1].ttl, o);
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++) {
        for (uint32_t k = kstate_soon_from(i); k < b->n && k < i + KSTATE_SOON; k++) {
            take_key(j, input, b, k);
            for (uint32_t s = 0; s < 2; s++)
                kstate_soon(&j->side[s].state, &j->side[s].soon, j->key, j->key_null);
        }
        one_row(o, input, b, i);
    }
}

static void close_op(struct op *o)
{
    struct join *j = o->self;
    if (!j)
        return;
    for (uint32_t s = 0; s < 2; s++) {
        kstate_clear(&j->side[s].state);
        pool_clear(&j->side[s].rows);
    }
    free(j->fit);
}

const struct op_class op_join = {.open = open_op, .batch = batch, .close = close_op, .min_inputs = 2, .max_inputs = 2};
