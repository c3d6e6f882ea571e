/* stream-exec-multi-join: several inputs over a common key joined at once, without what binary joins keep in between (StreamingMultiJoinOperator,
 * MultiJoinStateViews of flink-table-runtime 2.3). A row is tried with all rows of the inputs before it, then with those behind it. */
#include <stdlib.h>
#include <string.h>

#include "runtime/multi_join.h"
#include "runtime/pair.h"

enum { INPUTS = 64 };

static void release(void *value)
{
    struct common *c = value;
    for (uint32_t i = 0; i < c->n; i++) {
        for (uint32_t k = 0; k < c->in[i].n; k++)
            free(c->in[i].r[k].row);
        free(c->in[i].r);
    }
}

/* --- opening --- */

/* joinAttributeMap: which columns of an input are in equations with earlier ones. */
static bool read_join_keys(struct op *o, struct input *in, uint32_t i, struct err *e)
{
    const struct value *map = cplan_member(o->node->json, "joinAttributeMap");
    const struct value *list = map ? cplan_member(map, arena_printf(o->a, "%u", i)) : NULL;
    uint32_t n = list && list->kind == VAL_LIST ? list->n : 0, *columns = arena_array(o->a, n + 1, sizeof *columns);
    for (uint32_t k = 0; k < n; k++) {
        int64_t c = cplan_int(&list->items[k], "rightFieldIndex", -1, e);
        if (c < 0 || c >= in->row->n)
            return err_set(e, ERR_CORRUPT, "its joinAttributeMap names a column that there is not");
        columns[k] = (uint32_t)c;
    }
    in->join = columns;
    in->n_join = n;
    return true;
}

static bool within(const uint32_t *set, uint32_t n, const uint32_t *of, uint32_t m)
{
    for (uint32_t i = 0, k; i < n; i++) {
        for (k = 0; k < m && of[k] != set[i]; k++)
            ;
        if (k == m)
            return false;
    }
    return true;
}

/* The shortest of its unique keys that lie within the join key, else the shortest (JoinUtil#analyzeJoinInput). */
static bool read_unique(struct op *o, struct input *in, uint32_t i, struct err *e)
{
    const struct value *all = cplan_member(o->node->json, "inputUniqueKeys");
    const struct value *keys = all && all->kind == VAL_LIST && i < all->n ? &all->items[i] : NULL;
    static const char *const names[] = {"key"};
    for (uint32_t k = 0; keys && keys->kind == VAL_LIST && k < keys->n; k++) {
        struct value holder = value_object(o->a, names, 1);
        uint32_t n;
        holder.items[0] = keys->items[k];
        const uint32_t *unique = cplan_ints(o->a, &holder, "key", in->row->n, &n, e);
        bool contained = within(unique, n, in->join, in->n_join);
        if (!in->has_unique || (contained && !in->contained) || (contained == in->contained && n < in->n_unique)) {
            in->unique = unique;
            in->n_unique = n;
            in->contained = contained;
        }
        in->has_unique = true;
    }
    if (!i) /* nothing is before it: its rows have no join key */
        in->n_join = 0, in->contained = false;
    return e->kind == ERR_NONE;
}

static const struct value *item(const struct op *o, const char *member, uint32_t i)
{
    const struct value *list = cplan_member(o->node->json, member);
    return list && list->kind == VAL_LIST && i < list->n ? &list->items[i] : NULL;
}

static bool read_condition(struct op *o, struct multi_join *j, uint32_t i, const struct ltype *all, struct err *e)
{
    const struct value *v = item(o, "joinConditions", i);
    if (!i || !v || v->kind == VAL_NULL)
        return true;
    const struct rex *rex = rex_read(o->a, v, e);
    struct input *in = &j->in[i];
    const struct ltype so_far = {.root = L_ROW, .n = in->first + in->row->n, .kids = all->kids};
    in->condition = rex ? op_expr(o, rex, &so_far, e) : NULL;
    return in->condition && (in->condition->type->root == L_BOOLEAN || err_set(e, ERR_CORRUPT, "its condition is no BOOLEAN"));
}

static bool read_keys(struct op *o, struct multi_join *j, uint32_t i, struct err *e)
{
    const struct value *p = item(o, "inputProperties", i), *d = p ? cplan_member(p, "requiredDistribution") : NULL;
    struct input *in = &j->in[i];
    uint32_t n = 0;
    if (d && cplan_member(d, "keys"))
        in->keys = cplan_ints(o->a, d, "keys", in->row->n, &n, e);
    if (i && n != j->n_keys)
        return err_set(e, ERR_CORRUPT, "its inputs have different numbers of keys");
    j->n_keys = n;
    if (!i)
        j->key_types = arena_array(o->a, n + 1, sizeof *j->key_types);
    for (uint32_t k = 0; k < n; k++)
        if (!i)
            j->key_types[k] = in->row->kids[in->keys[k]];
        else if (j->key_types[k]->slot != in->row->kids[in->keys[k]]->slot)
            return err_set(e, ERR_CORRUPT, "its inputs have keys of different types");
    return e->kind == ERR_NONE;
}

static bool read_input(struct op *o, struct multi_join *j, uint32_t i, uint32_t *columns, struct err *e)
{
    struct input *in = &j->in[i];
    const struct value *type = item(o, "joinTypes", i);
    const char *word = type && type->kind == VAL_TEXT ? type->text : "";
    in->row = o->in[i];
    in->first = *columns;
    in->left = i && !strcmp(word, "LEFT");
    if (i && !in->left && strcmp(word, "INNER"))
        return op_refuse(o, e, arena_printf(o->a, "multi-join type %s", word));
    *columns += in->row->n;
    return read_keys(o, j, i, e) && read_join_keys(o, in, i, e) && read_unique(o, in, i, e) && ttl_read(&in->ttl, o, i, e);
}

static bool open_op(struct op *o, struct err *e)
{
    struct multi_join *j = o->self = arena_alloc(o->a, sizeof *j);
    uint32_t columns = 0;
    j->n = o->n_in;
    j->in = arena_array(o->a, j->n, sizeof *j->in);
    for (uint32_t i = 0; i < j->n; i++)
        if (!read_input(o, j, i, &columns, e))
            return false;
    if (columns != o->n_cols)
        return err_set(e, ERR_CORRUPT, "its output is not its inputs' columns");
    const struct ltype **kids = arena_array(o->a, columns + 1, sizeof *kids);
    j->cols = arena_array(o->a, columns + 1, sizeof *j->cols);
    for (uint32_t i = 0; i < j->n; i++)
        for (uint32_t c = 0; c < j->in[i].row->n; c++) {
            kids[j->in[i].first + c] = j->in[i].row->kids[c];
            j->cols[j->in[i].first + c] = vec_new(o->a, 1);
        }
    const struct ltype all = {.root = L_ROW, .n = columns, .kids = kids};
    for (uint32_t i = 0; i < j->n; i++)
        if (!read_condition(o, j, i, &all, e))
            return false;
    j->joined = arena_array(o->a, j->n, sizeof *j->joined);
    j->key = arena_array(o->a, j->n_keys + 1, sizeof *j->key);
    j->key_null = arena_alloc(o->a, j->n_keys + 1);
    kstate_init(&j->state, j->key_types, j->n_keys, sizeof(struct common) + j->n * sizeof(struct records), release);
    ks_key(o, j->key_types, j->n_keys);
    for (uint32_t i = 0; i < j->n; i++)
        mjoin_declare(o, &j->in[i], i);
    ks_entries(o, &j->state, NULL, &mjoin_form, NULL);
    return e->kind == ERR_NONE;
}

/* --- joining --- */

/* What the recursion is about: the row that has come, as which change; whether it is among those that are joined. */
struct come {
    const struct common *of;
    uint32_t input;
    const struct row *row;
    enum row_kind kind;
};

static bool adds(enum row_kind kind) { return kind == ROW_INSERT || kind == ROW_UPDATE_AFTER; }

static void set(struct multi_join *j, uint32_t i, const struct row *row)
{
    const struct input *in = &j->in[i];
    j->joined[i] = row;
    for (uint32_t c = 0; c < in->row->n; c++) {
        struct vec *v = &j->cols[in->first + c];
        v->null[0] = row ? row->null[c] : 1;
        if (row)
            v->v[0] = row->v[c];
    }
}

/* Does the row fit those before it? It is one of them from then on. */
static bool fits(struct op *o, uint32_t i, const struct row *row)
{
    struct multi_join *j = o->self;
    struct expr *x = j->in[i].condition;
    set(j, i, row);
    if (!x)
        return true;
    o->ev->cols = j->cols;
    expr_run(x, o->ev, NULL, 1);
    return !op_failed(o) && !x->out.null[0] && x->out.v[0].b;
}

static void emit(struct op *o, enum row_kind kind)
{
    struct multi_join *j = o->self;
    uint32_t at = op_row(o, kind);
    for (uint32_t i = 0; i < j->n; i++)
        pair_put(o, at, j->in[i].first, j->joined[i], j->in[i].row->n);
}

static void step(struct op *o, struct come *x, uint32_t depth, bool active);

/* Tries all rows that the input has. *some: one has fitted; how many rows the one before it is joined with. */
static int64_t with_kept(struct op *o, struct come *x, uint32_t depth, bool active, bool *some)
{
    struct multi_join *j = o->self;
    const struct input *in = &j->in[depth];
    const struct records *all = &x->of->in[depth];
    int64_t matches = 0;
    *some = false;
    if (!in->left && depth == x->input)
        return 0;
    for (uint32_t i = 0; i < all->n && !op_failed(o); i++) {
        if (!mjoin_alive(in, &all->r[i]) || !fits(o, depth, all->r[i].row))
            continue;
        *some = true;
        for (int32_t t = 0; t < all->r[i].times; t++) {
            if (in->left)
                matches += !active || adds(x->kind) ? 1 : -1;
            if (in->left && depth && depth == x->input && matches > !adds(x->kind)) /* enough is known */
                return matches;
            if (!active && depth == x->input)
                continue;
            set(j, depth, all->r[i].row);
            step(o, x, depth + 1, active);
        }
    }
    return matches;
}

static void padded(struct op *o, struct come *x, uint32_t depth, enum row_kind kind, bool active)
{
    enum row_kind was = x->kind;
    set(o->self, depth, NULL);
    x->kind = kind;
    step(o, x, depth + 1, active);
    x->kind = was;
}

/* The row itself, where its input's turn is. */
static void with_come(struct op *o, struct come *x, uint32_t depth, int64_t matches, bool some)
{
    struct multi_join *j = o->self;
    bool left = j->in[depth].left;
    if (!fits(o, depth, x->row))
        return;
    if (left)
        matches += adds(x->kind) ? 1 : -1;
    if (adds(x->kind) && left && !some)
        padded(o, x, depth, ROW_DELETE, true);
    set(j, depth, x->row);
    step(o, x, depth + 1, true);
    if (!adds(x->kind) && left && !matches)
        padded(o, x, depth, ROW_INSERT, true);
}

static void step(struct op *o, struct come *x, uint32_t depth, bool active)
{
    struct multi_join *j = o->self;
    bool some;
    if (depth == j->n) {
        emit(o, x->kind);
        return;
    }
    int64_t matches = with_kept(o, x, depth, active, &some);
    if (op_failed(o))
        return;
    if (depth == x->input)
        with_come(o, x, depth, matches, some);
    else if (j->in[depth].left && !some)
        padded(o, x, depth, x->kind, active);
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    struct multi_join *j = o->self;
    struct input *in = &j->in[input];
    for (uint32_t i = 0; i < j->n; i++)
        ttl_look(&j->in[i].ttl, o);
    for (uint32_t i = 0; i < b->n && !op_failed(o); i++) {
        for (uint32_t k = 0; k < j->n_keys; k++) {
            j->key[k] = b->cols[in->keys[k]].v[i];
            j->key_null[k] = b->cols[in->keys[k]].null[i];
        }
        struct common *c = mjoin_common(j, j->key, j->key_null);
        struct row *row = row_of(b, i, in->row->kids, NULL, in->row->n);
        struct come x = {c, input, row, batch_kind(b, i)};
        step(o, &x, 0, false);
        if (adds(x.kind)) {
            mjoin_keep(in, &c->in[input], row, 1, in->ttl.now);
            continue;
        }
        mjoin_forget(in, &c->in[input], row);
        free(row);
    }
}

static void close_op(struct op *o)
{
    struct multi_join *j = o->self;
    if (j && j->key)
        kstate_clear(&j->state);
    if (j)
        scratch_free(&j->heap);
}

const struct op_class op_multi_join = {.open = open_op, .batch = batch, .close = close_op, .min_inputs = 2, .max_inputs = INPUTS};
