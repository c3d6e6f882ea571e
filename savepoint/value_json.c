/* JSON into values: what a dump has printed, or what people write for a state that is to be. */
#include <math.h>
#include <string.h>

#include "base/jsonr.h"
#include "savepoint/encode.h"
#include "savepoint/javaio.h"

struct reader {
    struct jsonr j;
    struct sink *out;
    uint32_t depth;
};

static void any(struct reader *r);

static void wrong(struct reader *r, const char *why)
{
    if (!r->j.why)
        r->j.why = why;
}

static bool is(struct bytes b, const char *text) { return b.n == strlen(text) && !memcmp(b.p, text, b.n); }

static void number(struct reader *r)
{
    struct bytes digits;
    int64_t i;
    if (!jsonr_number(&r->j, &digits))
        return;
    bool whole = !memchr(digits.p, '.', digits.n) && !memchr(digits.p, 'e', digits.n) && !memchr(digits.p, 'E', digits.n);
    if (whole && jsonr_to_int(digits, &i)) {
        sink_int(r->out, i);
        return;
    }
    double d = jsonr_to_real(digits);
    if (!isfinite(d))
        wrong(r, "a number beyond what a double can hold");
    else
        sink_real(r->out, d, false);
}

static void array(struct reader *r)
{
    sink_begin(r->out, BOX_ARRAY);
    for (jsonr_array(&r->j); jsonr_next(&r->j);)
        any(r);
    sink_end(r->out, BOX_ARRAY);
}

/* [[key, value], …], behind the member's name. */
static void map(struct reader *r)
{
    if (jsonr_peek(&r->j) != JSONR_ARRAY)
        wrong(r, "a \"$map\" that is no array of pairs");
    sink_begin(r->out, BOX_MAP);
    for (jsonr_array(&r->j); jsonr_next(&r->j);) {
        uint32_t n = 0;
        if (jsonr_peek(&r->j) == JSONR_ARRAY)
            for (jsonr_array(&r->j); jsonr_next(&r->j) && n < 3; n++)
                any(r);
        if (n != 2)
            wrong(r, "a \"$map\" with something that is no pair");
    }
    sink_end(r->out, BOX_MAP);
}

/* The members of an opaque value, behind the name of the first. */
static void opaque(struct reader *r)
{
    struct buf hex = {0}, cls = {0}, why = {0};
    struct bytes name, text;
    if (jsonr_string(&r->j, &text))
        buf_put(&cls, text.p, text.n);
    while (jsonr_key(&r->j, &name)) {
        bool is_hex = is(name, "$hex"), is_why = is(name, "why");
        if (!is_hex && !is_why) {
            jsonr_skip(&r->j);
        } else if (jsonr_string(&r->j, &text)) {
            if (is_why)
                buf_put(&why, text.p, text.n);
            else if (!enc_unhex(&hex, (const char *)text.p, text.n))
                wrong(r, "opaque bytes that are no hex digits");
        }
    }
    sink_opaque(r->out, buf_cstr(&cls), hex.p ? hex.p : (const uint8_t *)"", hex.n, buf_cstr(&why));
    buf_free(&hex);
    buf_free(&cls);
    buf_free(&why);
}

static void object(struct reader *r)
{
    struct bytes name;
    jsonr_object(&r->j);
    bool some = jsonr_key(&r->j, &name);
    if (some && is(name, "$map")) {
        map(r);
        if (jsonr_key(&r->j, &name))
            wrong(r, "a member beside \"$map\"");
        return;
    }
    if (some && is(name, "$opaque")) {
        opaque(r);
        return;
    }
    sink_begin(r->out, BOX_OBJECT);
    for (; some; some = jsonr_key(&r->j, &name)) {
        sink_key(r->out, (const char *)name.p, name.n);
        any(r);
    }
    sink_end(r->out, BOX_OBJECT);
}

static void any(struct reader *r)
{
    struct bytes text;
    bool b;
    if (r->depth >= VALUE_MAX_DEPTH)
        wrong(r, "it is nested too deeply (limit 256)");
    r->depth++;
    switch (jsonr_peek(&r->j)) {
    case JSONR_BOOL:
        if (jsonr_bool(&r->j, &b))
            sink_bool(r->out, b);
        break;
    case JSONR_NUMBER:
        number(r);
        break;
    case JSONR_STRING:
        if (jsonr_string(&r->j, &text))
            sink_text(r->out, (const char *)text.p, text.n);
        break;
    case JSONR_ARRAY:
        array(r);
        break;
    case JSONR_OBJECT:
        object(r);
        break;
    case JSONR_NULL:
        jsonr_skip(&r->j);
        sink_null(r->out);
        break;
    }
    r->depth--;
}

bool value_from_json(struct value *v, const void *text, size_t n, struct arena *a, struct err *e)
{
    struct value_sink to;
    struct reader r = {.out = &to.sink};
    value_sink_init(&to, a);
    jsonr_start(&r.j, text, n);
    r.j.java = true;
    any(&r);
    *v = value_null();
    bool ok = jsonr_end(&r.j) ? value_sink_take(&to, v, e)
                              : err_set(e, ERR_CORRUPT, "no JSON value: %s, at byte %zu", r.j.why, jsonr_at(&r.j));
    value_sink_free(&to);
    jsonr_free(&r.j);
    return ok;
}

void value_put_json(struct jsonw *w, const struct value *v)
{
    char text[40];
    switch (v->kind) {
    case VAL_BOOL:
        jsonw_bool(w, v->b);
        break;
    case VAL_INT:
        jsonw_int(w, v->i);
        break;
    case VAL_REAL:
        jsonw_raw(w, text, java_real(text, v->d, false));
        break;
    case VAL_TEXT:
        jsonw_strn(w, v->text, v->n);
        break;
    case VAL_LIST:
        jsonw_array(w);
        for (uint32_t i = 0; i < v->n; i++)
            value_put_json(w, &v->items[i]);
        jsonw_end_array(w);
        break;
    case VAL_OBJECT:
        jsonw_object(w);
        for (uint32_t i = 0; i < v->n; i++) {
            jsonw_key(w, v->names[i].s);
            value_put_json(w, &v->items[i]);
        }
        jsonw_end_object(w);
        break;
    default:
        jsonw_null(w);
        break;
    }
}
