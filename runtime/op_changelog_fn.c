/* stream-exec-process-table-function of Flink's own functions: FROM_CHANGELOG makes changes of rows that say in a column what they are, TO_CHANGELOG
 * rows of changes (FromChangelogFunction, ToChangelogFunction of flink-table-runtime 2.3). Functions of users stay Java. */
#include <string.h>

#include "runtime/op.h"

enum { CODES = 64 };

struct changelog_fn {
    bool from;
    uint32_t op; /* FROM: the column of the code */
    uint32_t n;
    struct code {
        struct bytes text;
        enum row_kind kind;
    } codes[CODES];
};

static const char *const kinds[] = {"INSERT", "UPDATE_BEFORE", "UPDATE_AFTER", "DELETE"};

static bool kind_named(struct bytes name, enum row_kind *to)
{
    for (int k = 0; k < 4; k++)
        if (strlen(kinds[k]) == name.n && !memcmp(kinds[k], name.p, name.n)) {
            *to = (enum row_kind)k;
            return true;
        }
    return false;
}

static struct bytes trimmed(struct bytes b)
{
    while (b.n && b.p[0] <= ' ')
        b = (struct bytes){b.p + 1, b.n - 1};
    while (b.n && b.p[b.n - 1] <= ' ')
        b.n--;
    return b;
}

/* The one of a list with commas that begins at *b; *b is what is behind it. */
static struct bytes next_name(struct bytes *b)
{
    const uint8_t *comma = memchr(b->p, ',', b->n);
    size_t n = comma ? (size_t)(comma - b->p) : b->n;
    struct bytes one = {b->p, n};
    *b = comma ? (struct bytes){comma + 1, b->n - n - 1} : (struct bytes){b->p, 0};
    return trimmed(one);
}

static bool is_call(const struct value *v, const char *name, struct err *e)
{
    return !strcmp(cplan_text(v, "internalName", "", e), name);
}

static const struct value *operand(const struct value *call, uint32_t i)
{
    const struct value *list = cplan_member(call, "operands");
    return list && list->kind == VAL_LIST && i < list->n ? &list->items[i] : NULL;
}

static const char *literal(const struct value *call, uint32_t i)
{
    const struct value *v = operand(call, i), *text = v ? cplan_member(v, "value") : NULL;
    return text && text->kind == VAL_TEXT ? text->text : NULL;
}

/* A pair of op_mapping: change kinds, and the code that stands for them; either may be a list with commas. */
static bool add_pair(struct op *o, struct changelog_fn *f, const char *key, const char *value, struct err *e)
{
    struct bytes names = {(const uint8_t *)key, strlen(key)}, other = {(const uint8_t *)value, strlen(value)};
    do {
        struct bytes name = next_name(&names);
        struct code *c = &f->codes[f->n];
        if (f->n == CODES)
            return op_refuse(o, e, "an op_mapping of more than 64 codes");
        c->text = f->from ? name : other;
        if (!kind_named(f->from ? trimmed(other) : name, &c->kind))
            return err_set(e, ERR_CORRUPT, "its op_mapping names a change that there is not: '%s' to '%s'", key, value);
        f->n++;
    } while (names.n);
    return true;
}

static bool read_mapping(struct op *o, struct changelog_fn *f, const struct value *v, struct err *e)
{
    while (v && is_call(v, "$CAST$1", e))
        v = operand(v, 0);
    if (!v || is_call(v, "$DEFAULT$1", e)) {
        for (int k = 0; k < 4; k++)
            f->codes[f->n++] = (struct code){{(const uint8_t *)kinds[k], strlen(kinds[k])}, (enum row_kind)k};
        return true;
    }
    const struct value *list = cplan_member(v, "operands");
    if (!is_call(v, "$MAP$1", e) || !list || list->kind != VAL_LIST)
        return op_refuse(o, e, "an op_mapping that is no MAP of literals");
    for (uint32_t i = 0; i + 1 < list->n; i += 2) {
        const char *key = literal(v, i), *value = literal(v, i + 1);
        if (!key || !value)
            return op_refuse(o, e, "an op_mapping that is no MAP of literals");
        if (!add_pair(o, f, key, value, e))
            return false;
    }
    return true;
}

static bool same_columns(const struct op *o, const struct changelog_fn *f)
{
    const struct ltype *in = o->in[0], *row = o->out;
    if (f->from ? row->n + 1 != in->n : row->n != in->n + 1)
        return false;
    for (uint32_t i = 0; i < in->n; i++) {
        uint32_t to = f->from ? i - (i > f->op) : i + 1;
        if ((!f->from || i != f->op) && in->kids[i]->slot != row->kids[to]->slot)
            return false;
    }
    return f->from ? in->kids[f->op]->slot == SLOT_TEXT : row->kids[0]->slot == SLOT_TEXT;
}

static bool open_op(struct op *o, struct err *e)
{
    struct changelog_fn *f = o->self = arena_alloc(o->a, sizeof *f);
    const struct value *call = cplan_member(o->node->json, "functionCall");
    const char *name =
        cplan_text(call, "internalName", cplan_text(call, "catalogName", cplan_text(call, "systemName", "", e), e), e);
    const struct value *descriptor = operand(call, 1);
    f->from = !strcmp(name, "$FROM_CHANGELOG$1");
    if (!f->from && strcmp(name, "$TO_CHANGELOG$1"))
        return op_refuse(o, e, arena_printf(o->a, "process table function %s", name));
    const char *column = descriptor ? literal(descriptor, 0) : NULL;
    column = column ? column : "op";
    while (f->from && f->op < o->in[0]->n && strcmp(o->in[0]->names[f->op], column))
        f->op++;
    if (f->from && f->op == o->in[0]->n)
        return err_set(e, ERR_CORRUPT, "its input has no column '%s'", column);
    if (!same_columns(o, f))
        return op_refuse(o, e, arena_printf(o->a, "%s with partitions or time", f->from ? "FROM_CHANGELOG" : "TO_CHANGELOG"));
    return read_mapping(o, f, operand(call, 2), e) && e->kind == ERR_NONE;
}

static const struct code *code_of(const struct changelog_fn *f, struct bytes text)
{
    for (uint32_t i = 0; i < f->n; i++)
        if (f->codes[i].text.n == text.n && !memcmp(f->codes[i].text.p, text.p, text.n))
            return &f->codes[i];
    return NULL;
}

static void from_rows(struct op *o, const struct changelog_fn *f, const struct batch *b)
{
    const struct vec *op = &b->cols[f->op];
    for (uint32_t i = 0; i < b->n; i++) {
        const struct code *c = op->null[i] ? NULL : code_of(f, op->v[i].s);
        if (!c && op->null[i])
            op_fail(o, ERR_CONVERT, "the code of a change is NULL; every row of a changelog must carry one");
        else if (!c)
            op_fail(o, ERR_CONVERT, "the code of a change is none of op_mapping's: '%.*s'",
                    op->v[i].s.n > 100 ? 100 : (int)op->v[i].s.n, (const char *)op->v[i].s.p);
        if (!c)
            return;
        uint32_t row = op_row(o, c->kind);
        for (uint32_t k = 0; k < b->n_cols; k++)
            if (k != f->op)
                op_put(o, row, k - (k > f->op), b->cols[k].v[i], b->cols[k].null[i]);
    }
}

static void to_rows(struct op *o, const struct changelog_fn *f, const struct batch *b)
{
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t c = f->n;
        while (c && f->codes[c - 1].kind != batch_kind(b, i)) /* the last one counts, as in a map that is filled */
            c--;
        if (!c)
            continue;
        uint32_t row = op_row(o, ROW_INSERT);
        op_put(o, row, 0, (union cell){.s = f->codes[c - 1].text}, 0);
        for (uint32_t k = 0; k < b->n_cols; k++)
            op_put(o, row, k + 1, b->cols[k].v[i], b->cols[k].null[i]);
    }
}

static void batch(struct op *o, uint32_t input, const struct batch *b)
{
    const struct changelog_fn *f = o->self;
    (void)input;
    if (f->from)
        from_rows(o, f, b);
    else
        to_rows(o, f, b);
}

const struct op_class op_changelog_fn = {.stateless = true, .open = open_op, .batch = batch, .min_inputs = 1, .max_inputs = 1};
