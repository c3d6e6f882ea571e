#include <math.h>
#include <string.h>

#include "base/nearest.h"
#include "runtime/state_sql.h"
#include "savepoint/javaio.h"
#include "savepoint/timetext.h"
#include "sql/civil.h"
#include "sql/dec.h"

struct state_cells {
    const struct ltype *type;
    const struct state_cells **kids; /* of fields, elements, keys and values */
    const char **names;              /* rows: the fields' names in the value … */
    uint32_t *from;                  /* … and their places */
    uint32_t n_from;
};

/* --- what fits --- */

static enum lroot family(const struct ltype *t)
{
    if (type_is_integer(t))
        return L_BIGINT;
    if (type_is_real(t))
        return L_DOUBLE;
    if (type_is_bytes(t) || t->root == L_BITMAP)
        return L_VARBINARY;
    return t->root == L_STRUCTURED ? L_ROW : t->root == L_MULTISET ? L_MAP : t->root;
}

static bool fits(const struct ltype *wanted, const struct ltype *has)
{
    enum lroot w = family(wanted), h = family(has);
    return w == h || (w == L_DOUBLE && h == L_BIGINT) || (w == L_DECIMAL && h == L_BIGINT);
}

static const char *field_at(const void *ctx, size_t i)
{
    const struct ltype *t = ctx;
    return i < t->n ? t->names[i] : NULL;
}

/* By name, or else by place where there are as many. */
static bool fields(struct arena *a, struct state_cells *c, const struct ltype *has, struct err *e)
{
    const struct ltype *t = c->type;
    const char *missing = NULL;
    c->from = arena_array(a, t->n + 1, sizeof *c->from);
    c->names = has->names;
    c->n_from = has->n;
    for (uint32_t i = 0; i < t->n; i++) {
        uint32_t k = 0;
        while (k < has->n && strcmp(has->names[k], t->names[i]) != 0)
            k++;
        missing = k == has->n && !missing ? t->names[i] : missing;
        c->from[i] = k;
    }
    bool places = missing && has->n == t->n && !strcmp(has->names[0], "f0");
    for (uint32_t i = 0; places && i < t->n; i++)
        c->from[i] = i;
    if (!missing || places)
        return true;
    const char *near = nearest_name(missing, field_at, has);
    return err_set(e, ERR_REFUSED, "there is no field '%s' in %s%s%s%s", missing, type_label(a, has),
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

const struct state_cells *state_cells_make(struct arena *a, const struct ltype *wanted, const struct ltype *has, struct err *e)
{
    struct state_cells *c = arena_alloc(a, sizeof *c);
    c->type = wanted;
    if (type_is_text(wanted))
        return c;
    if (!fits(wanted, has))
        return err_set(e, ERR_REFUSED, "it is %s, not %s", type_label(a, has), type_label(a, wanted)), NULL;
    c->kids = arena_array(a, wanted->n + 1, sizeof *c->kids);
    bool row = family(wanted) == L_ROW;
    if (row && !fields(a, c, has, e))
        return NULL;
    for (uint32_t i = 0; i < wanted->n; i++) {
        uint32_t k = row ? c->from[i] : i;
        if (k >= has->n || !(c->kids[i] = state_cells_make(a, wanted->kids[i], has->kids[k], e)))
            return NULL;
    }
    return c;
}

/* --- values --- */

static void put_json(struct jsonw *w, const struct value *v);

static void put_hex(struct jsonw *w, const char *prefix, const struct value *v)
{
    struct buf b = {0};
    buf_puts(&b, prefix);
    for (uint32_t i = 0; i < v->n; i++)
        buf_printf(&b, "%02x", v->bytes[i]);
    jsonw_strn(w, b.p, b.n);
    buf_free(&b);
}

static void put_items(struct jsonw *w, const struct value *v)
{
    uint32_t step = v->kind == VAL_MAP ? 2 : 1;
    jsonw_array(w);
    for (uint32_t i = 0; i + step <= v->n; i += step) {
        if (step == 2)
            jsonw_array(w);
        for (uint32_t k = 0; k < step; k++)
            put_json(w, &v->items[i + k]);
        if (step == 2)
            jsonw_end_array(w);
    }
    jsonw_end_array(w);
}

static void put_members(struct jsonw *w, const struct value *v)
{
    jsonw_object(w);
    if (v->kind == VAL_OBJECT)
        for (uint32_t i = 0; i < v->n; i++) {
            jsonw_key(w, v->names[i].s);
            put_json(w, &v->items[i]);
        }
    else if (v->kind == VAL_MAP) {
        jsonw_key(w, "$map");
        put_items(w, v);
    } else {
        jsonw_member_str(w, "$opaque", v->opaque ? v->opaque->class_name : NULL);
        jsonw_key(w, "$hex");
        put_hex(w, "", v);
    }
    jsonw_end_object(w);
}

static void put_json(struct jsonw *w, const struct value *v)
{
    char digits[40];
    size_t n;
    bool deep = v->kind >= VAL_LIST && w->depth + 4 >= JSONW_DEPTH;
    switch (deep ? VAL_NULL : (enum value_kind)v->kind) {
    case VAL_NULL:
        jsonw_null(w);
        break;
    case VAL_BOOL:
        jsonw_bool(w, v->b);
        break;
    case VAL_INT:
        jsonw_int(w, v->i);
        break;
    case VAL_REAL:
        n = java_real(digits, v->d, v->single);
        if (isfinite(v->d))
            jsonw_raw(w, digits, n);
        else
            jsonw_strn(w, digits, n);
        break;
    case VAL_TEXT:
        jsonw_strn(w, v->text, v->n);
        break;
    case VAL_BYTES:
        put_hex(w, v->prefix ? v->prefix : "", v);
        break;
    case VAL_LIST:
    case VAL_SET:
        put_items(w, v);
        break;
    case VAL_OBJECT:
    case VAL_MAP:
    case VAL_OPAQUE:
        put_members(w, v);
        break;
    }
}

static struct bytes as_text(struct scratch *to, const struct value *v)
{
    if (v->kind == VAL_TEXT)
        return scratch_copy(to, v->text, v->n);
    struct buf b = {0};
    struct jsonw w = {.out = &b};
    put_json(&w, v);
    struct bytes text = scratch_copy(to, b.p, b.n);
    buf_free(&b);
    return text;
}

static bool as_integer(const struct ltype *t, const struct value *v, int64_t *i)
{
    unsigned bits = t->slot == SLOT_I8 ? 8 : t->slot == SLOT_I16 ? 16 : t->slot == SLOT_I32 ? 32 : 64;
    int64_t max = INT64_MAX >> (64 - bits);
    *i = v->i;
    return v->kind == VAL_INT && v->i <= max && v->i >= -max - 1;
}

static bool as_decimal(const struct ltype *t, const struct value *v, i128 *dec, uint8_t *null)
{
    bool malformed = false;
    bool ok = v->kind == VAL_INT ? dec_of_int(v->i, t->precision, t->scale, dec)
        : v->kind == VAL_TEXT ? dec_of_text((struct bytes){(const uint8_t *)v->text, v->n}, t->precision, t->scale, dec, &malformed)
                              : (malformed = true, false);
    *null = !ok && !malformed;
    return ok || !malformed;
}

static bool as_date(const struct value *v, int64_t *days)
{
    struct date_text d;
    if (v->kind == VAL_INT)
        return *days = v->i, true;
    return v->kind == VAL_TEXT && date_of_text((struct bytes){(const uint8_t *)v->text, v->n}, &d) &&
        (*days = epoch_day_of(&d), true);
}

static bool as_time(const struct value *v, int64_t *ms)
{
    struct time_text t;
    if (v->kind == VAL_INT)
        return *ms = v->i, true;
    return v->kind == VAL_TEXT && time_of_text((struct bytes){(const uint8_t *)v->text, v->n}, &t) &&
        (*ms = ((t.h * 60 + t.m) * 60 + t.s) * INT64_C(1000) + t.nanos / 1000000, true);
}

/* As java.time and java.util print them. */
static bool as_stamp(const struct ltype *t, const struct value *v, struct stamp *to)
{
    struct bytes s = {(const uint8_t *)v->text, v->n};
    struct date_text d;
    struct time_text at;
    int64_t ms, seconds;
    int32_t nanos = 0;
    if (v->kind != VAL_TEXT)
        return false;
    if (ms_of_text(s, &ms)) {
        *to = (struct stamp){ms, 0};
    } else if (ts_of_text(s, &ms, &nanos)) { /* the nanoseconds are the second's */
        *to = (struct stamp){ms, nanos % 1000000};
    } else {
        if (datetime_of_text(s, &d, &at)) {
            seconds = epoch_second_of(&d, &at);
            nanos = at.nanos;
        } else if (!instant_of_text(s, &seconds, &nanos)) {
            return false;
        }
        if (__builtin_mul_overflow(seconds, INT64_C(1000), &ms) || __builtin_add_overflow(ms, nanos / 1000000, &ms))
            return false;
        *to = (struct stamp){ms, nanos % 1000000};
    }
    *to = civil_cut(*to, t->precision);
    return true;
}

static bool as_list(struct scratch *to, const struct state_cells *c, const struct value *v, union cell *out, uint32_t *opaque,
                    struct err *e)
{
    union cell *cells;
    uint8_t *null;
    if (v->kind != VAL_LIST && v->kind != VAL_SET)
        return false;
    out->q = seq_new(to, v->n, v->n, &cells, &null);
    for (uint32_t i = 0; i < v->n; i++)
        if (!state_cell(to, c->kids[0], &v->items[i], &cells[i], &null[i], opaque, e))
            return false;
    return true;
}

static bool as_map(struct scratch *to, const struct state_cells *c, const struct value *v, union cell *out, uint32_t *opaque,
                   struct err *e)
{
    union cell *cells;
    uint8_t *null;
    uint32_t n = v->n / 2;
    if (v->kind != VAL_MAP)
        return false;
    out->q = seq_new(to, n, 2 * n, &cells, &null);
    for (uint32_t i = 0; i < 2 * n; i++) {
        uint32_t at = i % 2 * n + i / 2;
        if (!state_cell(to, c->kids[i % 2], &v->items[i], &cells[at], &null[at], opaque, e))
            return false;
    }
    return true;
}

/* Fields that stand in a list, or have names; a name that is not there is a subclass's lack. */
static bool as_row(struct scratch *to, const struct state_cells *c, const struct value *v, union cell *out, uint32_t *opaque,
                   struct err *e)
{
    static const struct value nothing = {.kind = VAL_NULL};
    union cell *cells;
    uint8_t *null;
    const struct value *list = v->kind == VAL_LIST ? v : value_member(v, "$row") ? value_member(v, "fields") : NULL;
    if (!list && v->kind != VAL_OBJECT)
        return false;
    if (list && (list->kind != VAL_LIST || list->n != c->n_from))
        list = NULL;
    out->q = seq_new(to, c->type->n, c->type->n, &cells, &null);
    for (uint32_t i = 0; i < c->type->n; i++) {
        const struct value *field = list ? &list->items[c->from[i]] : value_member(v, c->names[c->from[i]]);
        if (!state_cell(to, c->kids[i], field ? field : &nothing, &cells[i], &null[i], opaque, e))
            return false;
    }
    return true;
}

static bool convert(struct scratch *to, const struct state_cells *c, const struct value *v, union cell *out, uint8_t *null,
                    uint32_t *opaque, struct err *e)
{
    const struct ltype *t = c->type;
    switch (family(t)) {
    case L_CHAR:
    case L_VARCHAR:
        return out->s = as_text(to, v), true;
    case L_BOOLEAN:
        return out->b = v->kind == VAL_BOOL && v->b, v->kind == VAL_BOOL;
    case L_BIGINT:
    case L_INTERVAL_YEAR_MONTH:
    case L_INTERVAL_DAY_TIME:
        return as_integer(t, v, &out->i);
    case L_DOUBLE:
        return out->d = v->kind == VAL_REAL ? v->d : (double)v->i, v->kind == VAL_REAL || v->kind == VAL_INT;
    case L_VARBINARY:
        if (v->kind != VAL_BYTES && v->kind != VAL_OPAQUE)
            return false;
        return out->s = scratch_copy(to, v->bytes, v->n), true;
    case L_DECIMAL:
        return as_decimal(t, v, &out->dec, null);
    case L_DATE:
        return as_date(v, &out->i);
    case L_TIME:
        return as_time(v, &out->i);
    case L_TIMESTAMP:
    case L_TIMESTAMP_LTZ:
        return as_stamp(t, v, &out->t);
    case L_ARRAY:
        return as_list(to, c, v, out, opaque, e);
    case L_MAP:
        return as_map(to, c, v, out, opaque, e);
    case L_ROW:
        return as_row(to, c, v, out, opaque, e);
    default:
        return false;
    }
}

bool state_cell(struct scratch *to, const struct state_cells *c, const struct value *v, union cell *out, uint8_t *null,
                uint32_t *opaque, struct err *e)
{
    if (v->kind == VAL_OBJECT && v->n == 2 && !strcmp(v->names[0].s, "$ttl")) /* when it was last used, and the value */
        v = &v->items[1];
    memset(out, 0, sizeof *out);
    bool undecoded = v->kind == VAL_OPAQUE && !type_is_text(c->type) && !type_is_bytes(c->type);
    *opaque += undecoded;
    *null = v->kind == VAL_NULL || undecoded;
    if (*null || convert(to, c, v, out, null, opaque, e))
        return true;
    return err_set(e, ERR_CONVERT, "a value is no %s", lroot_name(c->type->root));
}
