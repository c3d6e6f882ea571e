/* JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_OBJECT, JSON_ARRAY: their clauses are symbols in plans. */
#include <string.h>
#include <strings.h>

#include "sql/binder.h"

struct json {
    struct bind *at;
    const struct ast *x;
    const struct rex **v;
    uint32_t n;
};

static void put(struct json *j, const struct rex *v) { j->v[j->n++] = v; }
static void put_symbol(struct json *j, const char *cls, const char *word) { put(j, rex_symbol(j->at->a, cls, word)); }

static bool ends(const char *s, const char *with)
{
    size_t n = strlen(s), m = strlen(with);
    return n >= m && !strcmp(s + n - m, with);
}

/* The clause that ends so, or NULL. */
static const struct ast *clause(const struct json *j, const char *end)
{
    for (uint32_t i = 0; i < j->x->n; i++)
        if (j->x->kids[i]->kind == AST_CLAUSE && ends(j->x->kids[i]->text, end))
            return j->x->kids[i];
    return NULL;
}

/* "EMPTY ARRAY ON ERROR": "EMPTY_ARRAY". */
static const char *behaviour(struct json *j, const struct ast *c)
{
    size_t n = (size_t)(strstr(c->text, " ON ") - c->text);
    char *word = arena_strn(j->at->a, c->text, n);
    for (size_t i = 0; i < n; i++)
        word[i] = word[i] == ' ' ? '_' : word[i];
    return word;
}

static const struct ltype *returning(struct json *j)
{
    const struct ast *c = clause(j, "RETURNING");
    return c ? type_nullable(j->at->a, c->type, true) : type_length(j->at->a, L_VARCHAR, TYPE_MAX_LENGTH, true);
}

/* The two values in front: a document and a path. */
static bool document(struct json *j)
{
    uint32_t n = 0;
    while (n < j->x->n && j->x->kids[n]->kind != AST_CLAUSE)
        n++;
    const struct rex **v = bind_kids(j->at, j->x, 0, n);
    for (uint32_t i = 0; v && i < n; i++)
        if (v[i]->type->root == L_NULL)
            v[i] = rex_null(j->at->a, type_length(j->at->a, L_VARCHAR, TYPE_MAX_LENGTH, true));
    if (!v)
        return false;
    if (n != 2 || !type_is_text(v[0]->type) || !type_is_text(v[1]->type))
        return bind_misfit(j->at, j->x, j->x->text, v, n) != NULL;
    put(j, v[0]);
    put(j, v[1]);
    return true;
}

static const struct rex *done(struct json *j, const struct ltype *type)
{
    return rex_call(j->at->a, j->x->text, NULL, type, j->v, j->n);
}

static const struct rex *exists(struct json *j)
{
    const struct ast *c = clause(j, " ON ERROR");
    if (!document(j))
        return NULL;
    if (c)
        put_symbol(j, "JSON_EXISTS_ON_ERROR", behaviour(j, c));
    return done(j, type_simple(j->at->a, L_BOOLEAN, true));
}

static const struct rex *value(struct json *j)
{
    const struct ltype *type = returning(j);
    if (!document(j))
        return NULL;
    for (uint32_t i = 0; i < j->x->n; i++) {
        const struct ast *c = j->x->kids[i];
        if (c->kind != AST_CLAUSE || !strcmp(c->text, "RETURNING"))
            continue;
        put_symbol(j, "JSON_VALUE_ON_EMPTY_OR_ERROR", behaviour(j, c));
        if (c->kids[0]) {
            const struct rex *v = bind_one(j->at, c->kids[0]);
            if (!v)
                return NULL;
            put(j, v->type->root == L_NULL ? rex_null(j->at->a, type) : v);
        }
        put_symbol(j, "JSON_EMPTY_OR_ERROR", ends(c->text, "ERROR") ? "ERROR" : "EMPTY");
    }
    return done(j, type);
}

static const struct rex *query(struct json *j)
{
    const struct ast *wrapper = clause(j, "WRAPPER"), *on[] = {clause(j, " ON EMPTY"), clause(j, " ON ERROR")};
    const char *how = !wrapper || strstr(wrapper->text, "WITHOUT") ? "WITHOUT_ARRAY"
        : strstr(wrapper->text, "WITH CONDITIONAL")                ? "CONDITIONAL_ARRAY"
                                                                   : "WITH_UNCONDITIONAL_ARRAY";
    const struct ltype *type = returning(j);
    if (!document(j))
        return NULL;
    put_symbol(j, "JSON_QUERY_WRAPPER", how);
    for (int i = 0; i < 2; i++) {
        if (on[i] && type->root == L_ARRAY && strstr(on[i]->text, "EMPTY OBJECT"))
            return bind_wrong(j->at, on[i], "an EMPTY OBJECT is no %s", type_label(j->at->a, type));
        put_symbol(j, "JSON_QUERY_ON_EMPTY_OR_ERROR", on[i] ? behaviour(j, on[i]) : "NULL");
    }
    return done(j, type);
}

/* What can be written as JSON. */
static bool writable(const struct ltype *t)
{
    if (t->root == L_DATE || t->root == L_TIME || type_is_interval(t) || t->root == L_RAW || t->root == L_NULL)
        return false;
    for (uint32_t i = 0; i < t->n; i++)
        if (!writable(t->kids[i]))
            return false;
    return true;
}

/* JSON('…') stands only here: its text is put in as it is. */
static bool put_value(struct json *j, const struct ast *x)
{
    const struct rex *v;
    bool json = x->kind == AST_CALL && x->kids[0]->n == 1 && !strcasecmp(x->kids[0]->kids[0]->text, "JSON") && x->kids[1];
    if (json) {
        const struct rex **args = bind_kids(j->at, x->kids[1], 0, x->kids[1]->n);
        v = args ? form_function(j->at, x, "JSON", args, x->kids[1]->n) : NULL;
    } else {
        v = bind_one(j->at, x);
    }
    if (!v)
        return false;
    if (!writable(v->type))
        return bind_wrong(j->at, x,
                          v->type->root == L_NULL ? "NULL has no type here; write CAST(NULL AS …)"
                                                  : "%s is no JSON; cast it to STRING",
                          type_label(j->at->a, v->type)) != NULL;
    put(j, v);
    return true;
}

static bool member(struct json *j, const struct ast *pair)
{
    const struct rex *key = bind_one(j->at, pair->kids[0]);
    if (!key)
        return false;
    if (!type_is_text(key->type))
        return bind_misfit(j->at, pair, "a key of JSON_OBJECT", &key, 1) != NULL;
    put(j, key);
    return put_value(j, pair->kids[1]);
}

static const struct rex *make(struct json *j)
{
    const struct ast *c = clause(j, " ON NULL");
    bool object = !strcmp(j->x->text, "JSON_OBJECT");
    put_symbol(j, "JSON_ON_NULL", c ? behaviour(j, c) : object ? "NULL" : "ABSENT");
    for (uint32_t i = 0; i < j->x->n; i++) {
        const struct ast *kid = j->x->kids[i];
        if (kid->kind == AST_CLAUSE)
            continue;
        if (kid->kind == AST_PAIR ? !member(j, kid) : !put_value(j, kid))
            return NULL;
    }
    return done(j, type_length(j->at->a, L_VARCHAR, TYPE_MAX_LENGTH, false));
}

const struct rex *form_json(struct bind *at, const struct ast *x)
{
    struct json j = {at, x, arena_array(at->a, 3 * (size_t)x->n + 5, sizeof(struct rex *)), 0};
    if (!strcmp(x->text, "JSON_EXISTS"))
        return exists(&j);
    if (!strcmp(x->text, "JSON_VALUE"))
        return value(&j);
    return !strcmp(x->text, "JSON_QUERY") ? query(&j) : make(&j);
}
