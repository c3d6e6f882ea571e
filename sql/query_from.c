/* What stands behind FROM: tables, views, queries, joins, window table functions. */
#include <string.h>
#include <strings.h>

#include "sql/query.h"
#include "sql/rex_make.h"

enum { VIEWS_MAX = 32 /* views that are made of views */, TERMS_MAX = 512 };

/* --- tables --- */

static const struct ltype *without_rowtime(struct arena *a, const struct ltype *t)
{
    return type_is_rowtime(t) ? type_time(a, t->root, t->precision, NULL, t->nullable) : t;
}

/* The columns that the connector gives, metadata behind the others; place[i]: where column i of the table is among them. */
static struct rel *scan(struct query *q, const struct table *t, struct place at, uint32_t *place, struct err *e)
{
    struct rel *r = rel_of(q->a, REL_SCAN, at, 0, NULL);
    const char **names = arena_array(q->a, t->t.n + 1u, sizeof *names);
    const struct ltype **types = arena_array(q->a, t->t.n + 1u, sizeof *types);
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->t.n; i++)
        if (t->t.columns[i].kind == COLUMN_PHYSICAL) {
            place[i] = n;
            names[n] = t->t.columns[i].name;
            types[n++] = without_rowtime(q->a, t->t.columns[i].type);
        }
    for (uint32_t i = 0; i < t->t.n; i++)
        if (t->t.columns[i].kind == COLUMN_METADATA) {
            const char *key = cplan_metadata_key(&t->t.columns[i]);
            const struct ltype *given = q->tables->metadata(q->a, &t->t, key), *want = without_rowtime(q->a, t->t.columns[i].type);
            if (!given)
                return query_wrong(q, at, e, "connector '%s' of table '%s' has no metadata '%s' (column '%s')",
                                   cplan_option(&t->t, "connector", ""), t->t.name, key, t->t.columns[i].name),
                       NULL;
            if (!type_casts(given, want))
                return query_wrong(q, at, e, "metadata '%s' is %s, which is no %s of column '%s'", key, type_label(q->a, given),
                                   type_label(q->a, want), t->t.columns[i].name),
                       NULL;
            place[i] = n;
            names[n] = t->t.columns[i].name;
            types[n++] = given;
        }
    r->table = t;
    r->row = type_row(q->a, names, types, n, false);
    return r;
}

/* All columns of the table in its order; computed ones are computed. */
static struct rel *compute(struct query *q, const struct table *t, struct rel *r, const uint32_t *place)
{
    const struct rex **columns = arena_array(q->a, t->t.n + 1u, sizeof *columns),
                     **exprs = arena_array(q->a, t->t.n + 1u, sizeof *exprs);
    const char **names = arena_array(q->a, t->t.n + 1u, sizeof *names);
    for (uint32_t i = 0; i < t->t.n; i++)
        if (t->t.columns[i].kind != COLUMN_COMPUTED)
            columns[i] = rel_column(q->a, r, place[i]);
    for (uint32_t i = 0; i < t->t.n; i++)
        if (t->t.columns[i].kind == COLUMN_METADATA) {
            const struct ltype *want = without_rowtime(q->a, t->t.columns[i].type);
            if (!type_same(columns[i]->type, want, false))
                columns[i] = rex_cast_to(q->a, columns[i], want);
        }
    for (uint32_t i = 0; i < t->t.n; i++) {
        names[i] = t->t.columns[i].name;
        exprs[i] = columns[i] ? columns[i] : rex_simplify(&q->simplify, rex_over(q->a, t->t.columns[i].expression, columns));
    }
    return rel_project(q->a, r, exprs, names, t->t.n);
}

static struct rel *table_rel(struct query *q, const struct table *t, struct place at, struct err *e)
{
    uint32_t *place = arena_array(q->a, t->t.n + 1u, sizeof *place);
    bool plain = true;
    struct rel *r = scan(q, t, at, place, e);
    if (!r)
        return NULL;
    for (uint32_t i = 0; i < t->t.n; i++)
        plain = plain && t->t.columns[i].kind == COLUMN_PHYSICAL;
    if (!plain)
        r = compute(q, t, r, place);
    if (t->watermark < 0)
        return r;
    struct rel *w = rel_of(q->a, REL_WATERMARK, at, 1, &r);
    const struct ltype **types = arena_array(q->a, r->row->n + 1u, sizeof *types);
    memcpy(types, r->row->kids, r->row->n * sizeof(*types));
    types[t->watermark] = t->t.columns[t->watermark].type;
    w->column = (uint32_t)t->watermark;
    w->condition = t->watermark_rex;
    w->row = type_row(q->a, r->row->names, types, r->row->n, false);
    return w;
}

/* The query's columns under other names. */
static bool rename(struct query *q, struct rel *r, const char *const *names, uint32_t n, struct place at, struct err *e)
{
    if (!n)
        return true;
    if (n != r->row->n)
        return query_wrong(q, at, e, "%u names for %u columns", n, r->row->n);
    const char **own = arena_array(q->a, n + 1u, sizeof *own);
    memcpy(own, names, n * sizeof(*own));
    r->row = type_row(q->a, own, r->row->kids, n, false);
    return true;
}

static struct rel *view_rel(struct query *q, const struct table *t, const struct ast *x, struct err *e)
{
    const struct named_query *named = q->named;
    const struct scope *outer = q->outer;
    if (q->views >= VIEWS_MAX)
        return query_wrong(q, x->at, e, "views are nested deeper than %d", VIEWS_MAX), NULL;
    q->views++;
    q->named = NULL;
    q->outer = NULL;
    struct rel *r = query_rel(q, t->view, e);
    q->named = named;
    q->outer = outer;
    q->views--;
    return r && rename(q, r, t->names, t->n_names, x->at, e) ? r : NULL;
}

/* Of a name its last part; or one part. */
static const char *last(const struct ast *name) { return name->kind == AST_NAME ? name->kids[name->n - 1]->text : name->text; }

static struct rel *named_rel(struct query *q, const struct ast *name, struct err *e)
{
    for (const struct named_query *k = q->named; k && name->n == 1; k = k->before) {
        if (strcmp(k->name, last(name)) != 0)
            continue;
        const struct named_query *named = q->named;
        const struct scope *outer = q->outer;
        const char **names = arena_array(q->a, (k->columns ? k->columns->n : 0) + 1u, sizeof *names);
        for (uint32_t i = 0; k->columns && i < k->columns->n; i++)
            names[i] = last(k->columns->kids[i]);
        q->named = k->before;
        q->outer = NULL;
        struct rel *r = query_rel(q, k->query, e);
        q->named = named;
        q->outer = outer;
        return r && rename(q, r, names, k->columns ? k->columns->n : 0, name->at, e) ? r : NULL;
    }
    const struct table *t = catalog_need(q->c, name, e);
    if (!t)
        return NULL;
    if (t->view)
        return view_rel(q, t, name, e);
    return table_rel(q, t, name->at, e);
}

static bool from_rel(struct query *q, struct rel *r, const char *alias, struct from *to)
{
    if (!r)
        return false;
    *to = (struct from){.rel = r, .scope = query_scope(q, r->row, alias), .name = alias};
    return true;
}

/* --- window table functions: TUMBLE, HOP, CUMULATE, SESSION --- */

const struct ast *query_argument(const struct ast *args, uint32_t place, const char *name)
{
    for (uint32_t i = 0; i < args->n; i++)
        if (args->kids[i]->kind == AST_ARGUMENT) {
            if (!strcasecmp(args->kids[i]->text, name))
                return args->kids[i]->kids[0];
        } else if (i == place) {
            return args->kids[i];
        }
    return NULL;
}

static bool milliseconds(struct query *q, const struct ast *x, const struct ast *call, const char *what, int64_t *to, struct err *e)
{
    struct binder b = query_binder(q);
    struct scope none = {0};
    if (!x)
        return query_wrong(q, call->at, e, "the window needs %s: an interval", what);
    const struct rex *r = bind_expr(&b, &none, x, e);
    if (!r)
        return false;
    return rex_milliseconds(r, to) || query_wrong(q, x->at, e, "%s is no interval of days to seconds", what);
}

struct tvf_row {
    const char *name;
    int kind;
    const char *first, *second; /* the intervals' names */
};
static const struct tvf_row tvfs[] = {{"TUMBLE", WINDOW_TUMBLE, NULL, "SIZE"},
                                      {"HOP", WINDOW_HOP, "SLIDE", "SIZE"},
                                      {"CUMULATE", WINDOW_CUMULATE, "STEP", "SIZE"},
                                      {"SESSION", WINDOW_SESSION, NULL, "GAP"}};

static bool window_spans(struct query *q, const struct tvf_row *f, const struct ast *x, const struct ast *args,
                         struct rel_window *w, struct err *e)
{
    uint32_t at = 2;
    w->kind = f->kind;
    if (f->first && !milliseconds(q, query_argument(args, at++, f->first), x, f->first, &w->step, e))
        return false;
    if (!milliseconds(q, query_argument(args, at++, f->second), x, f->second, &w->size, e))
        return false;
    const struct ast *offset = f->kind == WINDOW_SESSION ? NULL : query_argument(args, at, "OFFSET");
    w->has_offset = offset;
    if (offset && !milliseconds(q, offset, x, "OFFSET", &w->offset, e))
        return false;
    if (w->size <= 0 || (f->first && w->step <= 0))
        return query_wrong(q, x->at, e, "a window's length must be more than nothing");
    if (f->kind == WINDOW_CUMULATE && w->size % w->step)
        return query_wrong(q, x->at, e, "CUMULATE's size must be a multiple of its step");
    return true;
}

static int column_of(const struct ltype *row, const struct ast *name)
{
    for (uint32_t i = 0; i < row->n; i++)
        if (!strcmp(row->names[i], last(name)))
            return (int)i;
    return -1;
}

static bool window_columns(struct query *q, const struct ast *table, const struct ast *time, struct rel *in, struct rel_window *w,
                           struct err *e)
{
    int c = time && time->kind == AST_DESCRIPTOR && time->n == 1 ? column_of(in->row, time->kids[0]) : -1;
    if (c < 0)
        return query_wrong(q, (time ? time : table)->at, e, "the window needs its time: DESCRIPTOR(column)");
    if (!type_is_rowtime(in->row->kids[c]) && !type_is_proctime(in->row->kids[c]))
        return query_wrong(q, time->at, e,
                           "a window needs a time attribute (a column with a WATERMARK, or PROCTIME()), which '%s' is not",
                           in->row->names[c]);
    w->time = (uint32_t)c;
    const struct ast *keys = ast_kid(table, 1);
    w->keys = arena_array(q->a, (keys ? keys->n : 0) + 1u, sizeof *w->keys);
    for (uint32_t i = 0; keys && i < keys->n; i++) {
        int k = keys->kids[i]->kind == AST_NAME ? column_of(in->row, keys->kids[i]) : -1;
        if (k < 0)
            return query_wrong(q, keys->kids[i]->at, e, "PARTITION BY needs columns of the table");
        w->keys[w->n_keys++] = (uint32_t)k;
    }
    return true;
}

static struct rel *window_rel(struct query *q, const struct ast *call, struct err *e)
{
    const struct ast *args = call->kids[1];
    const struct tvf_row *f = NULL;
    if (!strcasecmp(last(call->kids[0]), "TO_CHANGELOG") || !strcasecmp(last(call->kids[0]), "FROM_CHANGELOG"))
        return query_changelog(q, call, *last(call->kids[0]) == 'F' || *last(call->kids[0]) == 'f', e);
    for (size_t i = 0; i < sizeof tvfs / sizeof *tvfs; i++)
        f = !strcasecmp(tvfs[i].name, last(call->kids[0])) ? &tvfs[i] : f;
    if (!f || !args)
        return query_wrong(q, call->at, e, "weir does not have the table function '%s' yet: weir help sql", last(call->kids[0])),
               NULL;
    const struct ast *table = query_argument(args, 0, "DATA");
    if (!table || table->kind != AST_TABLE_ARG)
        return query_wrong(q, call->at, e, "'%s' needs a table: TABLE name", f->name), NULL;
    struct from in;
    if (!query_from(q, table->kids[0]->kind == AST_NAME ? table->kids[0] : table->kids[0], &in, e))
        return NULL;
    struct rel *r = rel_of(q->a, REL_WINDOW, call->at, 1, &in.rel);
    const struct ltype *row = in.rel->row;
    if (!window_spans(q, f, call, args, &r->window, e) ||
        !window_columns(q, table, query_argument(args, 1, "TIMECOL"), in.rel, &r->window, e))
        return NULL;
    const char **names = arena_array(q->a, row->n + 4u, sizeof *names);
    const struct ltype **types = arena_array(q->a, row->n + 4u, sizeof *types), *time = row->kids[r->window.time];
    memcpy(names, row->names, row->n * sizeof(*names));
    memcpy(types, row->kids, row->n * sizeof(*types));
    names[row->n] = "window_start";
    names[row->n + 1] = "window_end";
    names[row->n + 2] = "window_time";
    types[row->n] = types[row->n + 1] = type_time(q->a, L_TIMESTAMP, 3, NULL, false);
    types[row->n + 2] = type_time(q->a, time->root, 3, time->kind, false);
    r->row = type_row(q->a, names, types, row->n + 3, false);
    return r;
}

/* --- joins --- */

static const struct {
    const char *word;
    enum rel_join join;
} joins[] = {{"INNER", JOIN_INNER}, {"LEFT", JOIN_LEFT},   {"RIGHT", JOIN_RIGHT},
             {"FULL", JOIN_FULL},   {"CROSS", JOIN_INNER}, {"COMMA", JOIN_INNER}};

/* The columns of both sides, each under the name of its table. */
static struct scope both(struct query *q, const struct from *l, const struct from *r, const struct ltype *row)
{
    struct scope_column *c = arena_array(q->a, l->scope.n + r->scope.n + 1u, sizeof *c);
    struct scope s = {.outer = q->outer, .columns = c};
    for (int side = 0; side < 2; side++) {
        const struct from *f = side ? r : l;
        for (uint32_t i = 0; i < f->scope.n; i++) {
            c[s.n] = f->scope.columns[i];
            c[s.n].input += side ? l->rel->row->n : 0;
            c[s.n].type = row->kids[c[s.n].input];
            s.n++;
        }
    }
    return s;
}

static const struct rex *using_condition(struct query *q, const struct from *l, const struct from *r, const char *name,
                                         struct place at, struct err *e)
{
    struct ast part = {.kind = AST_PART, .at = at, .text = name}, *kids[] = {&part};
    struct ast x = {.kind = AST_NAME, .at = at, .n = 1, .kids = kids};
    struct binder b = query_binder(q);
    const struct rex *left = bind_expr(&b, &l->scope, &x, e), *right = left ? bind_expr(&b, &r->scope, &x, e) : NULL;
    if (!right)
        return NULL;
    const struct rex *moved = rex_moved(q->a, right, (int)l->rel->row->n);
    return rex_call(q->a, "=", "BINARY", type_simple(q->a, L_BOOLEAN, left->type->nullable || right->type->nullable),
                    REX_OPS(left, moved));
}

static bool join_unnest(struct query *q, const struct from *l, const struct ast *x, enum rel_join j, struct from *to, struct err *e)
{
    const struct ast *on = ast_kid(x, 2);
    struct binder b = query_binder(q);
    bool always = !on || (on->kind == AST_BOOL && !strcmp(on->text, "TRUE"));
    if (ast_kid(x, 3) || (j != JOIN_INNER && (j != JOIN_LEFT || !always)))
        return query_wrong(q, x->at, e, "UNNEST is joined by CROSS JOIN, JOIN … ON or LEFT JOIN … ON TRUE");
    if (!query_unnest(q, l, x->kids[1], j, to, e))
        return false;
    const struct rex *c = always ? NULL : bind_condition(&b, &to->scope, on, "ON", e);
    if (c)
        to->rel = rel_filter(q->a, to->rel, rex_simplify_condition(&q->simplify, c));
    return e->kind == ERR_NONE;
}

/* table FOR SYSTEM_TIME AS OF time, with its alias or without. NULL: it is none. */
static const struct ast *version_of(const struct ast *x)
{
    x = x->kind == AST_AS ? x->kids[0] : x;
    return x->kind == AST_SNAPSHOT ? x : NULL;
}

/* The condition that versions of the right side are those of a time of the left one (LogicalCorrelateToJoinFromTemporalTableRule). */
static const struct rex *version_condition(struct query *q, const struct ast *version, enum rel_join j, const struct from *l,
                                           const struct from *r, struct err *e)
{
    struct binder b = query_binder(q);
    const struct rex *time = bind_expr(&b, &l->scope, version->kids[1], e);
    uint32_t c = 0;
    if (!time)
        return NULL;
    if (j != JOIN_INNER && j != JOIN_LEFT)
        return query_wrong(q, version->at, e, "versions of a table are joined by JOIN and LEFT JOIN"), NULL;
    if (type_is_proctime(time->type))
        return query_wrong(q, version->at, e, "a table as it is at processing time (a lookup join) is not there yet"), NULL;
    if (time->kind != REX_INPUT || !type_is_rowtime(time->type))
        return query_wrong(q, version->kids[1]->at, e, "FOR SYSTEM_TIME AS OF needs a column of event time of the left side"), NULL;
    while (c < r->rel->row->n && !type_is_rowtime(r->rel->row->kids[c]))
        c++;
    if (c == r->rel->row->n)
        return query_wrong(q, version->at, e, "versions of a table need event time: a column with a WATERMARK"), NULL;
    return rex_call(q->a, REX_VERSION_AT, NULL, type_simple(q->a, L_BOOLEAN, false),
                    REX_OPS(time, rex_input(q->a, l->rel->row->n + c, r->rel->row->kids[c])));
}

static bool join_from(struct query *q, const struct ast *x, struct from *to, struct err *e)
{
    struct from l, r;
    const struct ast *version = version_of(x->kids[1]);
    enum rel_join j = JOIN_INNER;
    const struct ast *using = ast_kid(x, 3);
    for (size_t i = 0; i < sizeof joins / sizeof *joins; i++)
        j = !strcmp(joins[i].word, x->text) ? joins[i].join : j;
    if (x->word)
        return query_wrong(q, x->at, e, "NATURAL JOIN is not there yet: say ON or USING");
    if (!query_from(q, x->kids[0], &l, e))
        return false;
    if (query_is_unnest(x->kids[1]))
        return join_unnest(q, &l, x, j, to, e);
    q->version = version;
    if (!query_from(q, x->kids[1], &r, e))
        return false;
    struct rel *rel = rel_of(q->a, REL_JOIN, x->at, 2, (struct rel *const[]){l.rel, r.rel});
    rel->join = j;
    rel->row = rel_joined_row(q->a, l.rel->row, r.rel->row, j);
    rel->ttl[0] = query_ttl(q, l.name);
    rel->ttl[1] = query_ttl(q, r.name);
    const struct ltype *inner = rel_joined_row(q->a, l.rel->row, r.rel->row, JOIN_INNER);
    struct binder b = query_binder(q);
    struct scope s = both(q, &l, &r, inner);
    if (ast_kid(x, 2)) {
        rel->condition = bind_condition(&b, &s, x->kids[2], "ON", e);
        if (!rel->condition)
            return false;
        rel->condition = rex_simplify_condition(&q->simplify, rel->condition);
    }
    for (uint32_t i = 0; using && i < using->n; i++) {
        const char *name = last(using->kids[i]);
        const struct rex *equal = using_condition(q, &l, &r, name, using->at, e);
        if (!equal)
            return false;
        rel->condition = rel->condition ? rex_and(q->a, (const struct rex *const[]){rel->condition, equal}, 2) : equal;
    }
    if (version) {
        const struct rex *at = version_condition(q, version, j, &l, &r, e);
        if (!at)
            return false;
        rel->condition = rel->condition ? rex_and(q->a, (const struct rex *const[]){rel->condition, at}, 2) : at;
    }
    *to = (struct from){.rel = rel, .scope = both(q, &l, &r, rel->row)};
    /* a column of USING is one column: the left one's (a right join's: the right one's) */
    for (uint32_t i = 0; using && i < using->n; i++) {
        const char *name = last(using->kids[i]);
        struct scope_column *c = (struct scope_column *)to->scope.columns;
        bool keep_right = j == JOIN_RIGHT;
        if (j == JOIN_FULL)
            return query_wrong(q, using->at, e, "FULL JOIN … USING is not there yet: say ON");
        for (uint32_t k = 0, n = 0; k < to->scope.n; k++) {
            bool right = c[k].input >= l.rel->row->n;
            if (strcmp(c[k].name, name) != 0 || right == keep_right)
                c[n++] = c[k];
            if (k + 1 == to->scope.n) {
                to->scope.n = n;
                break;
            }
        }
    }
    return true;
}

bool query_from(struct query *q, const struct ast *x, struct from *to, struct err *e)
{
    struct from inner;
    if (query_is_unnest(x))
        return query_unnest(q, NULL, x, JOIN_INNER, to, e);
    switch (x->kind) {
    case AST_NAME:
        return from_rel(q, named_rel(q, x, e), last(x), to);
    case AST_TABLE:
        if (ast_kid(x, 1))
            return query_wrong(q, x->kids[1]->at, e, "hints behind a table are not there yet");
        return query_from(q, x->kids[0], to, e);
    case AST_SNAPSHOT:
        if (x != q->version)
            return query_wrong(q, x->at, e, "FOR SYSTEM_TIME AS OF is for the right side of a join");
        return query_from(q, x->kids[0], to, e);
    case AST_AS:
        if (!query_from(q, x->kids[0], &inner, e))
            return false;
        if (x->kids[1]) {
            const char **names = arena_array(q->a, x->kids[1]->n + 1u, sizeof *names);
            for (uint32_t i = 0; i < x->kids[1]->n; i++)
                names[i] = last(x->kids[1]->kids[i]);
            if (!rename(q, inner.rel, names, x->kids[1]->n, x->at, e))
                return false;
        }
        return from_rel(q, inner.rel, x->text, to);
    case AST_JOIN:
        return join_from(q, x, to, e);
    case AST_TABLE_FN:
        return from_rel(q, window_rel(q, x->kids[0], e), NULL, to);
    case AST_SELECT:
    case AST_SET_OP:
    case AST_VALUES:
    case AST_ORDER:
    case AST_WITH:
    case AST_SUBQUERY:
        return from_rel(q, query_rel(q, x, e), NULL, to);
    default:
        return query_wrong(q, x->at, e, "this is not there yet behind FROM: weir help sql");
    }
}
