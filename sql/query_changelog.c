/* TO_CHANGELOG and FROM_CHANGELOG: changes as rows with a column that says what they are, and the other way (flink-table-common 2.3,
 * ToChangelogTypeStrategy, FromChangelogTypeStrategy). */
#include <string.h>
#include <strings.h>

#include "sql/query.h"
#include "sql/rex_make.h"

static const char *const kinds[] = {"INSERT", "UPDATE_BEFORE", "UPDATE_AFTER", "DELETE"};

struct making {
    struct query *q;
    const struct ast *call;
    struct rel_changelog *to;
    unsigned seen; /* bits of kinds */
    struct err *e;
};

/* Which kind of change the n bytes name, blanks around them aside; -1: none. */
static int kind_of(const char *s, size_t n)
{
    while (n && s[0] == ' ')
        s++, n--;
    while (n && s[n - 1] == ' ')
        n--;
    for (int k = 0; k < 4; k++)
        if (strlen(kinds[k]) == n && !memcmp(kinds[k], s, n))
            return k;
    return -1;
}

/* Names of changes with commas between them (or, FROM_CHANGELOG, one), none of which was there before. */
static bool take_kinds(struct making *m, const struct ast *x, const char *names)
{
    for (;;) {
        size_t n = m->to->from ? strlen(names) : strcspn(names, ",");
        int k = kind_of(names, n);
        if (k < 0)
            return query_wrong(m->q, x->at, m->e, "'%.*s' is no change: INSERT, UPDATE_BEFORE, UPDATE_AFTER or DELETE", (int)n,
                               names);
        if (m->seen & 1u << k)
            return query_wrong(m->q, x->at, m->e, "op_mapping has %s twice", kinds[k]);
        m->seen |= 1u << k;
        if (!names[n])
            return true;
        names += n + 1;
    }
}

static const char *text_literal(const struct rex *x)
{
    while (rex_is_call(x, "CAST"))
        x = x->operands[0];
    return x->kind == REX_LITERAL && type_is_text(x->type) && x->json->kind == VAL_TEXT ? x->json->text : NULL;
}

static bool mapping(struct making *m, const struct ast *x)
{
    struct binder b = query_binder(m->q);
    struct scope none = {0};
    const struct rex *map = bind_expr(&b, &none, x, m->e);
    if (!map)
        return false;
    if (!rex_is_call(map, "MAP"))
        return query_wrong(m->q, x->at, m->e, "op_mapping is a MAP of literals");
    for (uint32_t i = 0; i + 1 < map->n; i += 2) {
        const char *key = text_literal(map->operands[i]), *value = text_literal(map->operands[i + 1]);
        if (!key || !value)
            return query_wrong(m->q, x->at, m->e, "op_mapping is a MAP of literals");
        if (!take_kinds(m, x, m->to->from ? value : key))
            return false;
    }
    if (m->to->from && (m->seen & 4) && !(m->seen & 2))
        return query_wrong(m->q, x->at, m->e, "op_mapping has UPDATE_AFTER without UPDATE_BEFORE");
    m->to->mapping = map;
    return true;
}

static bool given(const struct ast *x) { return x && x->kind != AST_DEFAULT; }

static bool arguments(struct making *m, const struct ast *args)
{
    static const char *const names[] = {"input", "op", "op_mapping", "on_time", "uid"};
    const struct ast *op = query_argument(args, 1, "op"), *map = query_argument(args, 2, "op_mapping");
    const struct ast *time = query_argument(args, 3, "on_time"), *uid = query_argument(args, 4, "uid");
    for (uint32_t i = 0; i < args->n; i++) {
        bool known = i < 5 && args->kids[i]->kind != AST_ARGUMENT;
        for (int k = 0; k < 5 && args->kids[i]->kind == AST_ARGUMENT; k++)
            known = known || !strcasecmp(args->kids[i]->text, names[k]);
        if (!known)
            return query_wrong(m->q, args->kids[i]->at, m->e, "it takes input, op, op_mapping, on_time and uid");
    }
    m->to->op = "op";
    if (given(op)) {
        if (op->kind != AST_DESCRIPTOR || op->n != 1)
            return query_wrong(m->q, op->at, m->e, "op is a DESCRIPTOR of exactly one column");
        m->to->op = op->kids[0]->kind == AST_NAME ? op->kids[0]->kids[op->kids[0]->n - 1]->text : op->kids[0]->text;
        m->to->named = true;
    }
    if (given(time))
        return query_wrong(m->q, time->at, m->e, "on_time is not there yet: weir help sql");
    if (given(uid)) {
        if (uid->kind != AST_TEXT)
            return query_wrong(m->q, uid->at, m->e, "uid is a text");
        m->to->uid = uid->text;
    }
    return !given(map) || mapping(m, map);
}

/* The columns that come out. */
static bool columns(struct making *m, struct rel *r)
{
    const struct ltype *in = r->inputs[0]->row;
    struct arena *a = m->q->a;
    const char **names = arena_array(a, in->n + 2u, sizeof *names);
    const struct ltype **types = arena_array(a, in->n + 2u, sizeof *types);
    uint32_t n = 0, op = 0;
    while (op < in->n && strcmp(in->names[op], m->to->op) != 0)
        op++;
    if (m->to->from && op == in->n)
        return query_wrong(m->q, m->call->at, m->e, "its input has no column '%s'", m->to->op);
    if (m->to->from && !type_is_text(in->kids[op]))
        return query_wrong(m->q, m->call->at, m->e, "column '%s' is %s, not a text", m->to->op, type_label(a, in->kids[op]));
    if (!m->to->from) {
        names[n] = m->to->op;
        types[n++] = type_length(a, L_VARCHAR, TYPE_MAX_LENGTH, true);
    }
    for (uint32_t i = 0; i < in->n; i++)
        if (!m->to->from || i != op) {
            const struct ltype *t = in->kids[i];
            names[n] = in->names[i];
            types[n++] = type_is_timestamp(t) ? type_time(a, t->root, t->precision, NULL, t->nullable) : t;
        }
    r->row = type_row(a, names, types, n, false);
    return true;
}

struct rel *query_changelog(struct query *q, const struct ast *call, bool from, struct err *e)
{
    struct making m = {q, call, arena_alloc(q->a, sizeof *m.to), 0, e};
    const struct ast *args = call->kids[1], *table = args ? query_argument(args, 0, "input") : NULL;
    struct from in;
    m.to->from = from;
    if (!table || (table->kind != AST_TABLE_ARG && table->kind != AST_SUBQUERY))
        return query_wrong(q, call->at, e, "its first argument is a table: input => TABLE name"), NULL;
    if (table->kind == AST_TABLE_ARG && (ast_kid(table, 1) || ast_kid(table, 2)))
        return query_wrong(q, table->at, e, "it takes a table without PARTITION BY and ORDER BY"), NULL;
    if (!arguments(&m, args) || !query_from(q, table->kind == AST_TABLE_ARG ? table->kids[0] : table, &in, e))
        return NULL;
    struct rel *r = rel_of(q->a, REL_CHANGELOG, call->at, 1, &in.rel);
    r->changelog = m.to;
    return columns(&m, r) ? r : NULL;
}
