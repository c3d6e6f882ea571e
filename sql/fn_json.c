/* JSON: SqlJsonUtils of flink-table-runtime 2.3. */
#include <stdlib.h>

#include "base/jsonw.h"
#include "savepoint/javaio.h"
#include "sql/cast.h"
#include "sql/fn.h"
#include "sql/jsonpath.h"

#define FN(ident) \
    enum got row_##ident(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)

static bool scalar(const struct value *v) { return v->kind != VAL_LIST && v->kind != VAL_OBJECT; }

/* String#valueOf of a scalar. */
static void put_plain(struct buf *b, const struct value *v)
{
    struct jsonw w = {.out = b};
    if (v->kind == VAL_TEXT)
        buf_put(b, v->text, v->n);
    else
        value_put_json(&w, v);
}

/* --- JSON_EXISTS, JSON_VALUE, JSON_QUERY --- */

enum behaviour { ON_NULL, ON_ERROR, ON_DEFAULT, ON_TRUE, ON_FALSE, ON_EMPTY_ARRAY, ON_EMPTY_OBJECT };
enum wrapper { WITHOUT, CONDITIONAL, UNCONDITIONAL };

struct json_call {
    const struct jsonpath *path; /* NULL: it is malformed, which is an error of each row */
    enum behaviour on_empty, on_error;
    uint32_t default_empty, default_error; /* operands */
    enum wrapper wrapper;
    const struct caster *cast; /* of the text to the result's type */
};

static bool word_behaviour(const char *word, enum behaviour *b)
{
    static const struct {
        const char *word;
        enum behaviour b;
    } words[] = {{"NULL", ON_NULL},   {"ERROR", ON_ERROR},  {"DEFAULT", ON_DEFAULT},         {"TRUE", ON_TRUE},
                 {"FALSE", ON_FALSE}, {"UNKNOWN", ON_NULL}, {"EMPTY_ARRAY", ON_EMPTY_ARRAY}, {"EMPTY_OBJECT", ON_EMPTY_OBJECT}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i].word, word)) {
            *b = words[i].b;
            return true;
        }
    return false;
}

/* The path is a literal; what the rest of the operands says differs by function. */
static struct json_call *json_call(struct binding *b, struct expr *x, row_fn row, struct err *e)
{
    struct json_call *c = arena_alloc(b->a, sizeof *c);
    union cell path;
    if (!expr_literal(x->args[1], &path)) {
        err_set(e, ERR_UNSUPPORTED, "%s with a path that is no literal is not there yet", x->name);
        return NULL;
    }
    struct err bad = {0};
    c->path = jsonpath_parse(b->a, (const char *)path.s.p, path.s.n, &bad);
    if (!c->path && bad.kind == ERR_UNSUPPORTED) {
        *e = bad;
        return NULL;
    }
    x->data = c;
    x->row = row;
    return c;
}

enum lookup { LOOKUP_FOUND, LOOKUP_EMPTY, LOOKUP_ERROR };

static enum lookup look(const struct json_call *c, struct arena *a, struct bytes json, struct value *to)
{
    struct err e = {0};
    struct value v;
    if (!c->path)
        return LOOKUP_ERROR;
    if (!value_from_json(&v, json.p, json.n, a, &e))
        return jsonpath_strict(c->path) ? LOOKUP_ERROR : LOOKUP_EMPTY;
    if (!jsonpath_find(c->path, a, &v, to))
        return jsonpath_strict(c->path) ? LOOKUP_ERROR : LOOKUP_EMPTY;
    return to->kind == VAL_NULL ? LOOKUP_EMPTY : LOOKUP_FOUND;
}

static enum got row_json_exists(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    const struct json_call *c = x->data;
    struct arena mine = {0};
    struct value v;
    if (null[0])
        return GOT_NULL;
    enum lookup found = look(c, &mine, a[0].s, &v);
    arena_free(&mine);
    if (found != LOOKUP_ERROR)
        return got_bool(out, found == LOOKUP_FOUND);
    if (c->on_error == ON_ERROR)
        return got_failed(ev, "JSON_EXISTS finds nothing, in strict mode");
    return c->on_error == ON_NULL ? GOT_NULL : got_bool(out, c->on_error == ON_TRUE);
}

bool bind_json_exists(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    struct json_call *c = json_call(b, x, row_json_exists, e);
    if (!c)
        return false;
    c->on_error = ON_FALSE;
    return x->n < 3 || word_behaviour(rex_word(rex, 2), &c->on_error) || fn_refuse(x, e);
}

static enum got by_default(struct eval *ev, const struct expr *x, enum behaviour b, uint32_t operand, const union cell *a,
                           const uint8_t *null, union cell *out)
{
    if (b == ON_NULL)
        return GOT_NULL;
    if (b == ON_ERROR)
        return got_failed(ev, "%s finds no value of that kind", x->name);
    if (null[operand])
        return GOT_NULL;
    *out = a[operand];
    return GOT_VALUE;
}

static enum got row_json_value(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    const struct json_call *c = x->data;
    struct arena mine = {0};
    struct value v;
    if (null[0])
        return GOT_NULL;
    enum lookup found = look(c, &mine, a[0].s, &v);
    if (found == LOOKUP_FOUND && !scalar(&v))
        found = jsonpath_strict(c->path) ? LOOKUP_ERROR : LOOKUP_EMPTY;
    bool other = found == LOOKUP_FOUND && x->type->root == L_BOOLEAN && v.kind != VAL_BOOL;
    if (found == LOOKUP_FOUND && !other)
        put_plain(fn_buf(ev), &v);
    arena_free(&mine);
    if (other) /* Flink's code casts the object */
        return got_failed(ev, "JSON_VALUE finds what is no BOOLEAN");
    if (found == LOOKUP_EMPTY)
        return by_default(ev, x, c->on_empty, c->default_empty, a, null, out);
    if (found == LOOKUP_ERROR)
        return by_default(ev, x, c->on_error, c->default_error, a, null, out);
    union cell text;
    got_buf(ev, &text);
    return cast_run(ev, c->cast, text, out);
}

/* Behaviours come as (word, [default], EMPTY or ERROR). */
bool bind_json_value(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    struct json_call *c = json_call(b, x, row_json_value, e);
    if (!c)
        return false;
    for (uint32_t i = 2; i < x->n;) {
        enum behaviour behaviour;
        uint32_t with = 0;
        if (!word_behaviour(rex_word(rex, i++), &behaviour))
            return fn_refuse(x, e);
        if (behaviour == ON_DEFAULT)
            with = i++;
        if (with >= x->n || i >= x->n || (with && !(x->args[with] = expr_cast(b, x->args[with], x->type, e))))
            return fn_refuse(x, e);
        bool empty = !strcmp(rex_word(rex, i++), "EMPTY");
        *(empty ? &c->on_empty : &c->on_error) = behaviour;
        *(empty ? &c->default_empty : &c->default_error) = with;
    }
    return (c->cast = cast_make(b->a, type_length(b->a, L_VARCHAR, TYPE_MAX_LENGTH, true), x->type, e));
}

static enum got query_default(struct eval *ev, const struct expr *x, enum behaviour b, union cell *out)
{
    union cell *v;
    uint8_t *n;
    if (b == ON_NULL)
        return GOT_NULL;
    if (b == ON_ERROR || (b == ON_EMPTY_OBJECT && x->type->root == L_ARRAY))
        return got_failed(ev, "JSON_QUERY finds nothing of that kind");
    if (x->type->root != L_ARRAY)
        return got_text(ev, out, b == ON_EMPTY_ARRAY ? "[]" : "{}", 2);
    out->q = seq_new(&ev->heap, 0, 0, &v, &n);
    return GOT_VALUE;
}

static enum got query_array(struct eval *ev, const struct value *list, union cell *out)
{
    union cell *v;
    uint8_t *n;
    out->q = seq_new(&ev->heap, list->n, list->n, &v, &n);
    for (uint32_t i = 0; i < list->n; i++) {
        if ((n[i] = list->items[i].kind == VAL_NULL))
            continue;
        put_plain(fn_buf(ev), &list->items[i]);
        got_buf(ev, &v[i]);
    }
    return GOT_VALUE;
}

static enum got row_json_query(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    const struct json_call *c = x->data;
    struct arena mine = {0};
    struct value v, whole;
    if (null[0])
        return GOT_NULL;
    enum lookup found = look(c, &mine, a[0].s, &v);
    if (found == LOOKUP_FOUND && (c->wrapper == UNCONDITIONAL || (c->wrapper == CONDITIONAL && v.kind != VAL_LIST))) {
        whole = value_list(&mine, VAL_LIST, 1);
        whole.items[0] = v;
        v = whole;
    }
    bool array = x->type->root == L_ARRAY;
    if (found == LOOKUP_FOUND && scalar(&v))
        found = jsonpath_strict(c->path) ? LOOKUP_ERROR : LOOKUP_EMPTY;
    if (found == LOOKUP_FOUND && array && v.kind != VAL_LIST)
        found = LOOKUP_ERROR;
    enum got got = GOT_VALUE;
    if (found != LOOKUP_FOUND)
        got = query_default(ev, x, found == LOOKUP_EMPTY ? c->on_empty : c->on_error, out);
    else if (array)
        got = query_array(ev, &v, out);
    else {
        struct jsonw w = {.out = fn_buf(ev)};
        value_put_json(&w, &v);
        got_buf(ev, out);
    }
    arena_free(&mine);
    return got;
}

bool bind_json_query(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    struct json_call *c = json_call(b, x, row_json_query, e);
    if (!c)
        return false;
    const char *wrapper = rex_word(rex, 2);
    c->wrapper = !strcmp(wrapper, "CONDITIONAL_ARRAY") || !strcmp(wrapper, "WITH_CONDITIONAL_ARRAY") ? CONDITIONAL
        : !strcmp(wrapper, "WITHOUT_ARRAY")                                                          ? WITHOUT
                                                                                                     : UNCONDITIONAL;
    bool array = x->type->root == L_ARRAY && type_is_text(x->type->kids[0]);
    return ((array || type_is_text(x->type)) && word_behaviour(rex_word(rex, 3), &c->on_empty) &&
            word_behaviour(rex_word(rex, 4), &c->on_error)) ||
        fn_refuse(x, e);
}

/* --- IS JSON --- */

static bool is_json(struct bytes json, uint8_t *kind)
{
    struct arena mine = {0};
    struct err e = {0};
    struct value v;
    bool ok = value_from_json(&v, json.p, json.n, &mine, &e);
    *kind = ok ? v.kind : 0;
    arena_free(&mine);
    return ok;
}

#define IS_JSON(ident, condition)                       \
    FN(ident)                                           \
    {                                                   \
        uint8_t kind;                                   \
        (void)ev;                                       \
        (void)x;                                        \
        bool json = !null[0] && is_json(a[0].s, &kind); \
        return got_bool(out, condition);                \
    }
IS_JSON(is_json_value, json)
IS_JSON(is_json_object, json &&kind == VAL_OBJECT)
IS_JSON(is_json_array, json &&kind == VAL_LIST)
IS_JSON(is_json_scalar, json &&kind != VAL_OBJECT && kind != VAL_LIST)
IS_JSON(is_not_json_value, !json)
IS_JSON(is_not_json_object, !(json && kind == VAL_OBJECT))
IS_JSON(is_not_json_array, !(json && kind == VAL_LIST))
IS_JSON(is_not_json_scalar, !(json && kind != VAL_OBJECT && kind != VAL_LIST))
#undef IS_JSON

/* JSON('text'): parsed and written again; to stand in JSON_OBJECT and JSON_ARRAY. */
FN(json)
{
    (void)x;
    (void)null;
    struct arena mine = {0};
    struct err e = {0};
    struct value v;
    struct bytes s = a[0].s;
    while (s.n && s.p[0] <= ' ')
        s = (struct bytes){s.p + 1, s.n - 1};
    if (!s.n)
        return GOT_NULL;
    bool ok = value_from_json(&v, s.p, s.n, &mine, &e);
    if (ok) {
        struct jsonw w = {.out = fn_buf(ev)};
        value_put_json(&w, &v);
        got_buf(ev, out);
    }
    arena_free(&mine);
    return ok ? GOT_VALUE : got_failed(ev, "Invalid JSON string in JSON(value) function: %s", e.text);
}

/* --- JSON_UNQUOTE: a text of JSON without its quotes and escapes; anything else as it is (JsonUnquoteFunction) --- */

static bool hex4(const uint8_t *p, const uint8_t *end, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++, p++) {
        int digit = p < end && *p >= '0' && *p <= '9'         ? *p - '0'
            : p < end && (*p | 32) >= 'a' && (*p | 32) <= 'f' ? (*p | 32) - 'a' + 10
                                                              : -1;
        if (digit < 0)
            return false;
        *code = *code << 4 | (uint32_t)digit;
    }
    return true;
}

/* What stands behind a backslash, as bytes of UTF-8; *p is behind it afterwards. False: nothing that may. */
static bool unescape(const uint8_t **p, const uint8_t *end, struct buf *to)
{
    static const char from[] = "\"\\/bfnrt", is[] = "\"\\/\b\f\n\r\t";
    const char *found = *p < end && **p ? strchr(from, **p) : NULL;
    uint32_t code, low;
    if (found) {
        ++*p;
        buf_putc(to, (uint8_t)is[found - from]);
        return true;
    }
    if (*p >= end || **p != 'u' || !hex4(*p + 1, end, &code))
        return false;
    *p += 5;
    if (code >> 10 == 0x36 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u' && hex4(*p + 2, end, &low) && low >> 10 == 0x37) {
        code = 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff));
        *p += 6;
    }
    if (code >> 11 == 0x1b) /* half of a pair */
        code = '?';
    if (code < 0x80) {
        buf_putc(to, (uint8_t)code);
    } else if (code < 0x800) {
        buf_putc(to, (uint8_t)(0xc0 | code >> 6));
        buf_putc(to, (uint8_t)(0x80 | (code & 0x3f)));
    } else {
        if (code >= 0x10000)
            buf_putc(to, (uint8_t)(0xf0 | code >> 18));
        buf_putc(to, (uint8_t)(code >= 0x10000 ? 0x80 | (code >> 12 & 0x3f) : 0xe0 | code >> 12));
        buf_putc(to, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
        buf_putc(to, (uint8_t)(0x80 | (code & 0x3f)));
    }
    return true;
}

/* Whether a text of JSON begins there; what is behind it does not count. */
static bool begins_text(struct bytes s)
{
    struct buf none = {0};
    const uint8_t *p = s.p + 1, *end = s.p + s.n;
    bool ok = s.n > 1 && s.p[0] == '"';
    while (ok && p < end && *p != '"') {
        ok = *p >= 0x20;
        if (*p++ == '\\')
            ok = unescape(&p, end, &none);
    }
    buf_free(&none);
    return ok && p < end;
}

FN(json_unquote)
{
    (void)x;
    (void)null;
    struct bytes s = a[0].s;
    struct buf text = {0};
    bool quoted = begins_text(s) && s.p[s.n - 1] == '"';
    for (const uint8_t *p = s.p + 1, *end = s.p + s.n - 1; quoted && p < end;) {
        uint8_t c = *p++;
        if (c == '\\' && p < end)
            quoted = unescape(&p, end, &text);
        else
            buf_putc(&text, c);
    }
    out->s = s;
    if (quoted)
        got_text(ev, out, text.p, text.n);
    buf_free(&text);
    return GOT_VALUE;
}
