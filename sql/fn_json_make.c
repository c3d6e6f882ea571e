/* JSON_STRING, JSON_OBJECT, JSON_ARRAY: values of SQL as JSON (SqlJsonUtils of flink-table-runtime 2.3). */
#include <math.h>

#include "base/jsonw.h"
#include "sql/base64.h"
#include "sql/cast.h"
#include "sql/fn.h"

#define FN(ident) \
    enum got row_##ident(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)

static void put_cell(struct jsonw *w, struct eval *ev, const struct ltype *t, union cell v, bool null)
{
    struct buf text = {0};
    if (null) {
        jsonw_null(w);
        return;
    }
    switch (t->root) {
    case L_BOOLEAN:
        jsonw_bool(w, v.b);
        break;
    case L_TINYINT:
    case L_SMALLINT:
    case L_INTEGER:
    case L_BIGINT:
    case L_FLOAT:
    case L_DOUBLE:
    case L_DECIMAL:
        cell_text(&text, ev, t, v, false);
        if (type_is_real(t) && !isfinite(v.d))
            jsonw_strn(w, text.p, text.n);
        else
            jsonw_raw(w, text.p, text.n);
        break;
    case L_BINARY:
    case L_VARBINARY:
        base64_put(&text, v.s);
        jsonw_strn(w, text.p, text.n);
        break;
    case L_ARRAY:
        jsonw_array(w);
        for (uint32_t i = 0; i < v.q->n; i++)
            put_cell(w, ev, t->kids[0], v.q->v[i], v.q->null[i]);
        jsonw_end_array(w);
        break;
    case L_ROW:
    case L_STRUCTURED:
        jsonw_object(w);
        for (uint32_t i = 0; i < v.q->n; i++) {
            jsonw_key(w, t->names[i]);
            put_cell(w, ev, t->kids[i], v.q->v[i], v.q->null[i]);
        }
        jsonw_end_object(w);
        break;
    case L_MAP:
    case L_MULTISET:
        jsonw_object(w);
        for (uint32_t i = 0; i < v.q->n; i++) {
            struct buf name = {0};
            cell_text(&name, ev, t->kids[0], v.q->v[i], v.q->null[i]);
            jsonw_key(w, buf_cstr(&name));
            buf_free(&name);
            put_cell(w, ev, t->kids[1], v.q->v[v.q->n + i], v.q->null[v.q->n + i]);
        }
        jsonw_end_object(w);
        break;
    case L_TIMESTAMP:
    case L_TIMESTAMP_LTZ:
        cell_text(&text, ev, t, (union cell){.t = v.t}, false);
        if (text.n > 10)
            text.p[10] = 'T';
        if (t->root == L_TIMESTAMP_LTZ)
            buf_putc(&text, 'Z');
        jsonw_strn(w, text.p, text.n);
        break;
    default:
        cell_text(&text, ev, t, v, false);
        jsonw_strn(w, text.p, text.n);
        break;
    }
    buf_free(&text);
}

FN(json_string)
{
    (void)null;
    struct jsonw w = {.out = fn_buf(ev)};
    struct buf text = {0};
    w.out = &text; /* put_cell makes texts of its own */
    put_cell(&w, ev, x->args[0]->type, a[0], false);
    got_text(ev, out, text.p, text.n);
    buf_free(&text);
    return GOT_VALUE;
}

/* Which operands are JSON already: those that another function of JSON has made. */
static bool makes_json(const struct rex *rex)
{
    static const char *const names[] = {"$JSON_OBJECT$1", "$JSON_ARRAY$1", "$JSON$1"};
    for (size_t i = 0; rex->kind == REX_CALL && i < 3; i++)
        if (!strcmp(names[i], rex->name))
            return true;
    return false;
}

static void put_operand(struct jsonw *w, struct eval *ev, const struct expr *x, uint32_t i, const union cell *a,
                        const uint8_t *null)
{
    const bool *raw = x->data;
    if (raw[i] && !null[i])
        jsonw_raw(w, a[i].s.p, a[i].s.n);
    else
        put_cell(w, ev, x->args[i]->type, a[i], null[i]);
}

static enum got row_json_object(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    struct buf text = {0};
    struct jsonw w = {.out = &text};
    jsonw_object(&w);
    for (uint32_t i = 1; i + 1 < x->n; i += 2) {
        if (null[i] || (null[i + 1] && x->k))
            continue;
        struct buf name = {0};
        buf_put(&name, a[i].s.p, a[i].s.n);
        jsonw_key(&w, buf_cstr(&name));
        buf_free(&name);
        put_operand(&w, ev, x, i + 1, a, null);
    }
    jsonw_end_object(&w);
    got_text(ev, out, text.p, text.n);
    buf_free(&text);
    return GOT_VALUE;
}

static enum got row_json_array(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    struct buf text = {0};
    struct jsonw w = {.out = &text};
    jsonw_array(&w);
    for (uint32_t i = 1; i < x->n; i++)
        if (!null[i] || !x->k)
            put_operand(&w, ev, x, i, a, null);
    jsonw_end_array(&w);
    got_text(ev, out, text.p, text.n);
    buf_free(&text);
    return GOT_VALUE;
}

static bool maker(struct binding *b, struct expr *x, const struct rex *rex, row_fn row)
{
    bool *raw = arena_alloc(b->a, x->n + 1);
    for (uint32_t i = 0; i < x->n; i++)
        raw[i] = makes_json(rex->operands[i]);
    x->data = raw;
    x->k = !strcmp(rex_word(rex, 0), "ABSENT");
    x->row = row;
    return true;
}

/* Times of day and days have no JSON (JsonGenerateUtils of flink-table-planner 2.3). */
static bool has_json(const struct ltype *t)
{
    return t->root != L_DATE && t->root != L_TIME && t->root != L_INTERVAL_DAY_TIME && t->root != L_INTERVAL_YEAR_MONTH;
}

bool bind_json_object(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    for (uint32_t i = 1; i < x->n; i += 2)
        if (!type_is_text(x->args[i]->type) || (i + 1 < x->n && !has_json(x->args[i + 1]->type)))
            return fn_refuse(x, e);
    return maker(b, x, rex, row_json_object);
}

bool bind_json_array(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    for (uint32_t i = 1; i < x->n; i++)
        if (!has_json(x->args[i]->type))
            return fn_refuse(x, e);
    return maker(b, x, rex, row_json_array);
}
