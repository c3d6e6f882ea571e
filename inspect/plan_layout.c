#include "inspect/plan_layout.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonr.h"
#include "savepoint/rowdata.h"
#include "savepoint/savepoint.h"
#include "sql/plan.h"

#define BASE "org.apache.flink.api.common.typeutils.base."
#define RUNT "org.apache.flink.api.java.typeutils.runtime."
#define TYPES "org.apache.flink.table.runtime.typeutils."

enum { ANY = 255, LABEL_MAX = 1 << 20, COLUMNS_MAX = 1 << 12, NESTING_MAX = 16 };

/* A node's row, and behind it one for each of its states. */
static const struct row {
    const char *type, *transformation, *key;
    bool open;
    const char *name; /* of a state; NULL: a node */
    int kind;
    bool certain;
    const char *user_key, *value;
} rows[] = {
#define NODE(type_, transformation_, key_, open_) {.type = type_, .transformation = transformation_, .key = key_, .open = open_},
#define STATE(name_, kind_, certain_, user_key_, value_) \
    {.name = name_, .kind = kind_, .certain = certain_, .user_key = user_key_, .value = value_},
#include "inspect/plan_nodes.def"
#undef STATE
#undef NODE
};
enum { ROWS = sizeof rows / sizeof *rows };

struct work {
    struct arena *a;
    struct layout *l;
    const struct layout *old;
    uint32_t cap;
    struct err *e;
};

bool plan_is(struct bytes text)
{
    struct jsonr r = {0};
    struct bytes key;
    bool nodes = false, version = false;
    jsonr_start(&r, text.p, text.n);
    for (jsonr_object(&r); jsonr_key(&r, &key); jsonr_skip(&r)) {
        nodes = nodes || (key.n == 5 && !memcmp(key.p, "nodes", 5));
        version = version || (key.n == 12 && !memcmp(key.p, "flinkVersion", 12));
    }
    jsonr_free(&r);
    return nodes && version;
}

/* --- serializers of rows and what is made of them --- */

static struct ser *row_of(struct work *w, const struct ltype *const *types, uint32_t n)
{
    struct ltypes all = {n, arena_array(w->a, n, sizeof *all.types)};
    struct ser **kids = arena_array(w->a, n, sizeof *kids);
    for (uint32_t i = 0; i < n; i++) {
        all.types[i] = types[i];
        kids[i] = ser_make_unknown(w->a, "?");
    }
    struct ser *s = ser_make(w->a, TYPES "RowDataSerializer$RowDataSerializerSnapshot", n, kids);
    s->label = rowdata_label(w->a, &all, LABEL_MAX);
    return s;
}

static const struct ltype *input_row(const struct cplan_node *node, uint32_t input)
{
    const struct ltype *t = input < node->n_inputs ? node->inputs[input]->output : NULL;
    return t && t->root == L_ROW ? t : NULL;
}

static struct ser *input_ser(struct work *w, const struct cplan_node *node, uint32_t input)
{
    const struct ltype *t = input_row(node, input);
    return t ? row_of(w, t->kids, t->n) : NULL;
}

/* The columns of a list of numbers. NULL: one of them is not there. */
static struct ser *columns_ser(struct work *w, const struct cplan_node *node, uint32_t input, const uint32_t *columns, uint32_t n)
{
    const struct ltype *t = input_row(node, input), **types = arena_array(w->a, n, sizeof *types);
    for (uint32_t i = 0; i < n; i++) {
        if (!t || columns[i] >= t->n)
            return NULL;
        types[i] = t->kids[columns[i]];
    }
    return row_of(w, types, n);
}

static struct ser *simple(struct work *w, const char *name)
{
    return ser_make(w->a, arena_printf(w->a, BASE "%sSerializer$%sSerializerSnapshot", name, name), 0, NULL);
}

/* --- the node's own members --- */

/* "joinSpec.leftKeys" */
static const struct value *member(const struct value *v, const char *path, struct arena *a)
{
    while (v && *path) {
        size_t n = strcspn(path, ".");
        v = cplan_member(v, arena_strn(a, path, n));
        path += n + (path[n] == '.');
    }
    return v;
}

/* A list of numbers, or of columns as {"index": n}. */
static const uint32_t *numbers(struct work *w, const struct value *list, uint32_t *n)
{
    uint32_t *to = arena_array(w->a, COLUMNS_MAX, sizeof *to);
    *n = 0;
    for (const struct value *item; list && list->kind == VAL_LIST && *n < COLUMNS_MAX && (item = value_item(list, *n));) {
        if (item->kind == VAL_OBJECT)
            item = cplan_member(item, "index");
        if (!item || item->kind != VAL_INT || item->i < 0 || item->i > COLUMNS_MAX)
            return NULL;
        to[(*n)++] = (uint32_t)item->i;
    }
    return list ? to : NULL;
}

static bool is_member(const struct value *v, const char *name, const char *text)
{
    const struct value *m = cplan_member(v, name);
    return m && m->kind == VAL_TEXT && m->n == strlen(text) && !memcmp(m->text, text, m->n);
}

static bool is_true(const struct cplan_node *node, const char *name)
{
    const struct value *m = cplan_member(node->json, name);
    return m && m->kind == VAL_BOOL && m->b;
}

/* --- what a join keeps of one side (JoinInputSideSpec, JoinRecordStateViews, OuterJoinRecordStateViews) --- */

struct join_side {
    bool outer, in_key, has_key; /* in_key: the join key contains a unique key */
    struct ser *unique;
};

static bool contains(const uint32_t *list, uint32_t n, const uint32_t *part, uint32_t m)
{
    for (uint32_t i = 0; i < m; i++) {
        uint32_t k = 0;
        while (k < n && list[k] != part[i])
            k++;
        if (k == n)
            return false;
    }
    return true;
}

static struct join_side join_side(struct work *w, const struct cplan_node *node, uint32_t side)
{
    static const char *const outer[2][4] = {{"LEFT", "FULL", "SEMI", "ANTI"}, {"RIGHT", "FULL"}};
    const struct value *spec = cplan_member(node->json, "joinSpec");
    const struct value *keys = cplan_member(node->json, side ? "rightUpsertKeys" : "leftUpsertKeys");
    struct join_side s = {0};
    uint32_t n, m;
    const uint32_t *join = numbers(w, member(spec, side ? "rightKeys" : "leftKeys", w->a), &n);
    for (int i = 0; i < 4 && outer[side][i]; i++)
        s.outer = s.outer || is_member(spec, "joinType", outer[side][i]);
    const struct value *key;
    for (uint32_t i = 0; join && keys && (key = value_item(keys, i)); i++) {
        const uint32_t *unique = numbers(w, key, &m);
        if (!unique)
            continue;
        s.in_key = s.in_key || contains(join, n, unique, m);
        if (!s.has_key || m < s.unique->n)
            s.unique = columns_ser(w, node, side, unique, m);
        s.has_key = s.unique;
    }
    return s;
}

static struct ser *tuple(struct work *w, struct ser *a, struct ser *b)
{
    struct ser *kids[] = {a, b};
    struct ser *s = ser_make(w->a, RUNT "TupleSerializerSnapshot", 2, kids);
    s->cls = "org.apache.flink.api.java.tuple.Tuple2";
    s->label = "Tuple2";
    return s;
}

static struct ser *join_value(struct work *w, const struct cplan_node *node, uint32_t side)
{
    struct join_side s = join_side(w, node, side);
    struct ser *of = s.in_key || s.has_key ? input_ser(w, node, side) : simple(w, "Int");
    return of && s.outer ? tuple(w, of, simple(w, "Int")) : of;
}

static struct ser *join_key(struct work *w, const struct cplan_node *node, uint32_t side)
{
    struct join_side s = join_side(w, node, side);
    return s.in_key ? NULL : s.has_key ? s.unique : input_ser(w, node, side);
}

/* --- the words of the table --- */

static struct ser *word_ser(struct work *w, const struct cplan_node *node, const char **word, bool key, int depth);

static struct ser *nested_word(struct work *w, const struct cplan_node *node, const char **word, int depth)
{
    bool list = *(*word)++ == '[';
    struct ser *a = word_ser(w, node, word, false, depth + 1), *b = NULL;
    if (!list && **word == ',') {
        ++*word;
        b = word_ser(w, node, word, false, depth + 1);
    }
    return !a || (!list && !b) ? NULL : list ? ser_make(w->a, BASE "ListSerializerSnapshot", 1, &a) : tuple(w, a, b);
}

static struct ser *word_ser(struct work *w, const struct cplan_node *node, const char **word, bool key, int depth)
{
    if (depth > NESTING_MAX)
        return NULL;
    if (**word == '[' || **word == '(')
        return nested_word(w, node, word, depth);
    char c = *(*word)++;
    uint32_t input = **word == '1';
    if (**word == '0' || **word == '1')
        ++*word;
    switch (c) {
    case 'R':
        return input_ser(w, node, input);
    case 'J':
        return key ? join_key(w, node, input) : join_value(w, node, input);
    case 'D': /* the first row by processing time needs no more than a mark */
        return is_true(node, "isRowtime") || is_true(node, "keepLastRow") ? input_ser(w, node, 0) : simple(w, "Boolean");
    case 'B':
        return simple(w, "Boolean");
    case 'I':
        return simple(w, "Int");
    default:
        return simple(w, "Long");
    }
}

static struct ser *told(struct work *w, const struct cplan_node *node, const char *word, bool key)
{
    return word ? word_ser(w, node, &word, key, 0) : NULL;
}

/* --- operators --- */

/* ExecNodeContext#generateUid */
static const char *uid_of(struct work *w, const struct cplan_node *node, const char *transformation)
{
    const char *format = cplan_config(node, "table.exec.uid.format");
    struct buf b = {0};
    for (const char *p = format ? format : "<id>_<transformation>"; *p;) {
        if (!strncmp(p, "<id>", 4))
            buf_printf(&b, "%lld", (long long)node->id), p += 4;
        else if (!strncmp(p, "<type>", 6))
            buf_puts(&b, node->type), p += 6;
        else if (!strncmp(p, "<version>", 9))
            buf_printf(&b, "%d", node->version), p += 9;
        else if (!strncmp(p, "<transformation>", 16))
            buf_puts(&b, transformation), p += 16;
        else
            buf_putc(&b, (uint8_t)*p++);
    }
    const char *uid = arena_strn(w->a, b.n ? (const char *)b.p : "", b.n);
    buf_free(&b);
    return uid;
}

static struct layout_op *add_operator(struct work *w, const char *uid)
{
    uint8_t id[16];
    char *hex = arena_alloc(w->a, 33);
    operator_id_of_uid(uid, id);
    for (int i = 0; i < 16; i++)
        for (int k = 0; k < 2; k++)
            hex[2 * i + k] = "0123456789abcdef"[id[i] >> (k ? 0 : 4) & 15];
    struct layout *l = w->l;
    if (l->n == w->cap) {
        struct layout_op *more = arena_array(w->a, w->cap = w->cap ? 2 * w->cap : 32, sizeof *more);
        if (l->n)
            memcpy(more, l->ops, l->n * sizeof *more);
        l->ops = more;
    }
    struct layout_op *op = &l->ops[l->n++];
    *op = (struct layout_op){.id = hex, .uid = uid, .label = uid, .max_parallelism = 128, .stateful = true};
    return op;
}

/* Which of the node's states in its list "state" this one goes by (StateMetadata): the side, the number of the input, or the only one. */
static int64_t ttl_index(const char *name)
{
    size_t n = strlen(name), digits = n;
    while (digits && name[digits - 1] >= '0' && name[digits - 1] <= '9')
        digits--;
    if (!strncmp(name, "multi-join-input-", strlen("multi-join-input-")) && digits < n)
        return strtoll(name + digits, NULL, 10);
    return !strncmp(name, "right", 5);
}

static bool has_ttl(const struct cplan_node *node, const char *name, bool before)
{
    const struct value *list = cplan_member(node->json, "state"), *item;
    int64_t want = ttl_index(name);
    for (uint32_t i = 0; list && list->kind == VAL_LIST && (item = value_item(list, i)); i++) {
        const struct value *index = item->kind == VAL_OBJECT ? cplan_member(item, "index") : NULL;
        const struct value *ttl = index && index->kind == VAL_INT && index->i == want ? cplan_member(item, "ttl") : NULL;
        if (ttl && ttl->kind == VAL_TEXT)
            return ttl->n && ttl->text[0] != '0';
    }
    return before;
}

static const struct row *wanted(const struct row *node, const struct layout_state *st)
{
    for (const struct row *r = node + 1; r < rows + ROWS && r->name; r++)
        if (!fnmatch(r->name, st->name, 0) && (r->kind == ANY || r->kind == (int)st->kind))
            return r;
    return NULL;
}

static struct layout_state state_of(struct work *w, const struct cplan_node *node, const struct row *r,
                                    const struct layout_state *old)
{
    struct layout_state st = *old;
    const struct ser *value = told(w, node, r->value, false), *key = told(w, node, r->user_key, true);
    if (r->value && *r->value == 'J') {
        bool map = key;
        if (map != (old->kind == KIND_MAP))
            st.kind = map ? KIND_MAP : KIND_VALUE;
    }
    if (value)
        st.element = value;
    if (key && st.kind == KIND_MAP)
        st.user_key = key;
    st.ttl = has_ttl(node, old->name, old->ttl);
    st.entries = st.bytes = 0;
    return st;
}

static struct layout_state missing_state(struct work *w, const struct cplan_node *node, const struct row *r)
{
    const struct ser *value = told(w, node, r->value, false);
    return (struct layout_state){
        .name = r->name, .kind = r->kind == ANY ? KIND_VALUE : (enum state_kind)r->kind, .element = value, .value = value};
}

static const struct ser *key_of(struct work *w, const struct cplan_node *node, const struct row *r, const struct ser *before)
{
    uint32_t n = 0;
    const uint32_t *columns = r->key && *r->key ? numbers(w, member(node->json, r->key, w->a), &n) : NULL;
    if (!r->key)
        return before;
    if (!*r->key || !member(node->json, r->key, w->a))
        return row_of(w, NULL, 0);
    const struct ser *key = columns ? columns_ser(w, node, 0, columns, n) : NULL;
    return key ? key : before;
}

static void closed(struct work *w, struct layout_op *op, const struct cplan_node *node, const struct row *r,
                   const struct layout_op *old)
{
    uint32_t certain = 0;
    for (const struct row *s = r + 1; s < rows + ROWS && s->name; s++)
        certain += s->certain;
    op->states = arena_array(w->a, (old ? old->n : 0) + certain, sizeof *op->states);
    for (uint32_t i = 0; old && i < old->n; i++) {
        const struct row *s = wanted(r, &old->states[i]);
        if (old->states[i].kind == KIND_TIMERS)
            op->states[op->n++] = old->states[i];
        else if (s)
            op->states[op->n++] = state_of(w, node, s, &old->states[i]);
    }
    for (const struct row *s = r + 1; s < rows + ROWS && s->name; s++)
        if (s->certain && !(old && layout_state_by_name(old, s->name, KIND_VALUE)))
            op->states[op->n++] = missing_state(w, node, s);
}

static void add(struct work *w, const struct cplan_node *node, const struct row *r, const char *uid)
{
    struct layout_op *op = add_operator(w, uid);
    const struct layout_op *old = layout_op_by_id(w->old, op->id);
    if (old) {
        op->max_parallelism = old->max_parallelism;
        op->key = old->key;
        op->n = r->open ? old->n : 0;
        op->states = old->states;
    }
    if (!r->open) {
        op->key = old && old->key ? key_of(w, node, r, old->key) : NULL;
        closed(w, op, node, r, old);
    }
    if (!old && r->open)
        w->l->n--; /* whether it has state is not told */
}

/* Nodes do without some of their operators. */
static bool is_made(struct work *w, const struct cplan_node *node, const char *transformation)
{
    const struct value *bounds = member(node->json, "intervalJoinSpec.windowBounds", w->a);
    const struct value *low = bounds ? cplan_member(bounds, "leftLowerBound") : NULL;
    const struct value *high = bounds ? cplan_member(bounds, "leftUpperBound") : NULL;
    if (low && high && low->kind == VAL_INT && high->kind == VAL_INT && low->i > high->i)
        return false; /* an empty interval */
    return strcmp(transformation, "upsert-materialize") != 0 || is_true(node, "requireUpsertMaterialize") ||
        cplan_member(node->json, "conflictStrategy");
}

static void node_operators(struct work *w, const struct cplan_node *node)
{
    static const struct row anything = {.open = true};
    for (const struct row *r = rows; r < rows + ROWS; r++) {
        if (!r->type || strcmp(r->type, node->type) != 0)
            continue;
        const char *uid = uid_of(w, node, r->transformation);
        if (!is_made(w, node, r->transformation))
            continue;
        add(w, node, r, uid);
        if (!strcmp(r->transformation, "sink"))
            add(w, node, &anything, arena_printf(w->a, "Sink Committer: %s", uid));
    }
    const char *own = cplan_text(node->json, "uid", NULL, w->e);
    if (own)
        add(w, node, &anything, own);
}

static int by_label(const void *a, const void *b)
{
    const struct layout_op *x = a, *y = b;
    int c = strcmp(x->label, y->label);
    return c ? c : strcmp(x->id, y->id);
}

bool layout_of_plan(struct layout *l, struct bytes text, const struct layout *old, const char *name, struct err *e)
{
    *l = (struct layout){.name = name};
    struct work w = {.a = &l->arena, .l = l, .old = old, .e = e};
    struct cplan plan;
    if (!cplan_read(&plan, &l->arena, (const char *)text.p, text.n, e)) {
        layout_free(l);
        return err_in(e, "%s", name);
    }
    for (uint32_t i = 0; i < plan.n && e->kind == ERR_NONE; i++)
        node_operators(&w, &plan.nodes[i]);
    if (e->kind != ERR_NONE) {
        layout_free(l);
        return err_in(e, "%s", name);
    }
    if (l->n)
        qsort(l->ops, l->n, sizeof *l->ops, by_label);
    return true;
}
