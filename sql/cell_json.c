#include "sql/cell_json.h"

#include <math.h>
#include <stdlib.h>

#include "savepoint/javaio.h"
#include "sql/base64.h"
#include "sql/civil.h"
#include "sql/dec.h"

static void put_real(struct jsonw *w, double d, bool single)
{
    char text[40];
    size_t n = java_real(text, d, single);
    if (isfinite(d))
        jsonw_raw(w, text, n);
    else
        jsonw_strn(w, text, n);
}

static void put_base64(struct jsonw *w, struct bytes b)
{
    struct buf text = {0};
    base64_put(&text, b);
    jsonw_strn(w, text.p, text.n);
    buf_free(&text);
}

static void put_wrapped(struct jsonw *w, const char *name, struct bytes b)
{
    jsonw_object(w);
    jsonw_key(w, name);
    put_base64(w, b);
    jsonw_end_object(w);
}

/* An entry's text, to be sorted. */
struct entry {
    size_t from, n;
    const uint8_t *base;
};

static int entry_order(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    size_t n = a->n < b->n ? a->n : b->n;
    int r = memcmp(a->base + a->from, b->base + b->from, n);
    return r ? r : (a->n > b->n) - (a->n < b->n);
}

static void put_pairs(struct jsonw *w, const struct ltype *t, const struct seq *q)
{
    struct buf text = {0};
    struct entry *entries = mem_alloc((q->n + 1) * sizeof *entries);
    for (uint32_t i = 0; i < q->n; i++) {
        struct jsonw one = {.out = &text};
        size_t from = text.n;
        jsonw_array(&one);
        cell_json(&one, CELL_JSON_TYPED, t->kids[0], q->v[i], q->null[i]);
        cell_json(&one, CELL_JSON_TYPED, t->kids[1], q->v[q->n + i], q->null[q->n + i]);
        jsonw_end_array(&one);
        entries[i] = (struct entry){from, text.n - from, NULL};
    }
    for (uint32_t i = 0; i < q->n; i++)
        entries[i].base = text.p;
    qsort(entries, q->n, sizeof *entries, entry_order);
    jsonw_array(w);
    for (uint32_t i = 0; i < q->n; i++)
        jsonw_raw(w, text.p + entries[i].from, entries[i].n);
    jsonw_end_array(w);
    free(entries);
    buf_free(&text);
}

static void put_members(struct jsonw *w, const struct ltype *t, const struct seq *q)
{
    jsonw_object(w);
    for (uint32_t i = 0; i < q->n; i++) {
        struct buf name = {0};
        if (!q->null[i] && type_is_text(t->kids[0]))
            buf_put(&name, q->v[i].s.p, q->v[i].s.n);
        jsonw_key(w, buf_cstr(&name));
        buf_free(&name);
        cell_json(w, CELL_JSON_FLINK, t->kids[1], q->v[q->n + i], q->null[q->n + i]);
    }
    jsonw_end_object(w);
}

/* A name that has been there gets its place: typed rows lose nothing. */
static void put_name(struct jsonw *w, const struct ltype *t, uint32_t i)
{
    uint32_t before = 0;
    while (before < i && strcmp(t->names[before], t->names[i]))
        before++;
    if (before == i) {
        jsonw_key(w, t->names[i]);
        return;
    }
    struct buf name = {0};
    buf_printf(&name, "%s#%u", t->names[i], i);
    jsonw_key(w, buf_cstr(&name));
    buf_free(&name);
}

static void put_row(struct jsonw *w, enum cell_json_form form, const struct ltype *t, const struct seq *q)
{
    jsonw_object(w);
    for (uint32_t i = 0; i < q->n; i++) {
        if (form == CELL_JSON_TYPED)
            put_name(w, t, i);
        else
            jsonw_key(w, t->names[i]);
        cell_json(w, form, t->kids[i], q->v[i], q->null[i]);
    }
    jsonw_end_object(w);
}

static void put_time(struct jsonw *w, enum cell_json_form form, const struct ltype *t, int64_t ms)
{
    char text[48];
    int precision = form == CELL_JSON_TYPED ? t->precision : ms % 1000 ? 3 : 0;
    size_t n = civil_put_stamp(text, (struct stamp){floor_mod(ms, MS_DAY), 0}, precision);
    jsonw_strn(w, text + 11, n - 11);
}

static void put_stamp(struct jsonw *w, enum cell_json_form form, const struct ltype *t, struct stamp v)
{
    char text[48];
    int needed = v.ns ? 9 : floor_mod(v.ms, 1000) ? 3 : 0;
    size_t n = civil_put_stamp(text, v, form == CELL_JSON_TYPED ? t->precision : needed);
    while (form == CELL_JSON_FLINK && n > 20 && text[n - 1] == '0')
        n--;
    if (t->root == L_TIMESTAMP_LTZ)
        text[n++] = 'Z';
    jsonw_strn(w, text, n);
}

void cell_json(struct jsonw *w, enum cell_json_form form, const struct ltype *t, union cell v, bool null)
{
    char text[48];
    if (null) {
        jsonw_null(w);
        return;
    }
    switch (t->root) {
    case L_BOOLEAN:
        jsonw_bool(w, v.b);
        break;
    case L_FLOAT:
    case L_DOUBLE:
        put_real(w, v.d, t->root == L_FLOAT);
        break;
    case L_DECIMAL:
        if (form == CELL_JSON_TYPED)
            jsonw_strn(w, text, dec_text(text, v.dec, t->scale));
        else
            jsonw_raw(w, text, dec_text(text, v.dec, t->scale));
        break;
    case L_CHAR:
    case L_VARCHAR:
        jsonw_strn(w, v.s.p, v.s.n);
        break;
    case L_BINARY:
    case L_VARBINARY:
        put_base64(w, v.s);
        break;
    case L_DATE:
        jsonw_strn(w, text, civil_put_date(text, v.i));
        break;
    case L_TIME:
        put_time(w, form, t, v.i);
        break;
    case L_TIMESTAMP:
    case L_TIMESTAMP_LTZ:
        put_stamp(w, form, t, v.t);
        break;
    case L_ARRAY:
        jsonw_array(w);
        for (uint32_t i = 0; i < v.q->n; i++)
            cell_json(w, form, t->kids[0], v.q->v[i], v.q->null[i]);
        jsonw_end_array(w);
        break;
    case L_MAP:
    case L_MULTISET:
        if (form == CELL_JSON_TYPED)
            put_pairs(w, t, v.q);
        else
            put_members(w, t, v.q);
        break;
    case L_ROW:
    case L_STRUCTURED:
        put_row(w, form, t, v.q);
        break;
    case L_BITMAP:
        put_wrapped(w, "$bitmap", v.s);
        break;
    default:
        jsonw_int(w, v.i);
        break;
    }
}

/* --- reading --- */

static bool wrong(const struct ltype *t, struct err *e) { return err_set(e, ERR_CORRUPT, "a value is no %s", lroot_name(t->root)); }

static struct bytes text_of(const struct value *v) { return (struct bytes){(const uint8_t *)v->text, v->n}; }

static bool read_int(const struct value *v, int64_t *i)
{
    if (v->kind == VAL_INT)
        *i = v->i;
    if (v->kind != VAL_TEXT || !v->n)
        return v->kind == VAL_INT;
    char *end;
    *i = strtoll(v->text, &end, 10);
    return !*end;
}

static bool read_real(const struct value *v, bool single, double *d)
{
    if (v->kind == VAL_INT)
        *d = (double)v->i;
    else if (v->kind == VAL_REAL)
        *d = v->d;
    else if (v->kind == VAL_TEXT && v->n) {
        char *end;
        *d = single ? (double)strtof(v->text, &end) : strtod(v->text, &end);
        return !*end;
    } else
        return false;
    if (single)
        *d = (double)(float)*d;
    return true;
}

static bool read_decimal(const struct ltype *t, const struct value *v, i128 *out)
{
    bool malformed;
    if (v->kind == VAL_INT)
        return dec_of_int(v->i, t->precision, t->scale, out);
    return v->kind == VAL_TEXT && dec_of_text(text_of(v), t->precision, t->scale, out, &malformed);
}

static bool read_bytes(struct scratch *to, const struct value *v, struct bytes *out)
{
    struct buf b = {0};
    bool ok = v->kind == VAL_TEXT && base64_read(&b, text_of(v));
    if (ok)
        *out = scratch_copy(to, b.p, b.n);
    buf_free(&b);
    return ok;
}

static bool read_stamp(const struct value *v, struct stamp *t)
{
    struct bytes s = text_of(v);
    if (v->kind != VAL_TEXT)
        return false;
    if (s.n && s.p[s.n - 1] == 'Z')
        s.n--;
    return civil_parse_stamp(s, 9, t);
}

static bool read_list(struct scratch *to, const struct ltype *t, const struct value *v, union cell *out, struct err *e)
{
    union cell *cells;
    uint8_t *null;
    if (v->kind != VAL_LIST)
        return wrong(t, e);
    out->q = seq_new(to, v->n, v->n, &cells, &null);
    for (uint32_t i = 0; i < v->n; i++)
        if (!cell_of_json(to, t->kids[0], &v->items[i], &cells[i], &null[i], e))
            return false;
    return true;
}

static bool read_map(struct scratch *to, const struct ltype *t, const struct value *v, union cell *out, struct err *e)
{
    union cell *cells;
    uint8_t *null;
    if (v->kind != VAL_LIST)
        return wrong(t, e);
    out->q = seq_new(to, v->n, v->n * 2, &cells, &null);
    for (uint32_t i = 0; i < v->n; i++) {
        const struct value *pair = &v->items[i];
        if (pair->kind != VAL_LIST || pair->n != 2)
            return wrong(t, e);
        for (uint32_t j = 0; j < 2; j++)
            if (!cell_of_json(to, t->kids[j], &pair->items[j], &cells[j * v->n + i], &null[j * v->n + i], e))
                return false;
    }
    return true;
}

static bool read_row(struct scratch *to, const struct ltype *t, const struct value *v, union cell *out, struct err *e)
{
    union cell *cells;
    uint8_t *null;
    if (v->kind != VAL_OBJECT || v->n != t->n)
        return wrong(t, e);
    out->q = seq_new(to, t->n, t->n, &cells, &null);
    for (uint32_t i = 0; i < t->n; i++)
        if (!cell_of_json(to, t->kids[i], &v->items[i], &cells[i], &null[i], e))
            return false;
    return true;
}

static bool read_wrapped(struct scratch *to, const char *name, const struct value *v, struct bytes *out)
{
    const struct value *m = v->kind == VAL_OBJECT ? value_member(v, name) : NULL;
    return m && read_bytes(to, m, out);
}

bool cell_of_json(struct scratch *to, const struct ltype *t, const struct value *v, union cell *out, uint8_t *null, struct err *e)
{
    if ((*null = v->kind == VAL_NULL))
        return true;
    bool ok;
    switch (t->root) {
    case L_BOOLEAN:
        ok = v->kind == VAL_BOOL;
        out->b = ok && v->b;
        break;
    case L_FLOAT:
    case L_DOUBLE:
        ok = read_real(v, t->root == L_FLOAT, &out->d);
        break;
    case L_DECIMAL:
        ok = read_decimal(t, v, &out->dec);
        break;
    case L_CHAR:
    case L_VARCHAR:
        ok = v->kind == VAL_TEXT;
        if (ok)
            out->s = text_of(v);
        break;
    case L_BINARY:
    case L_VARBINARY:
        ok = read_bytes(to, v, &out->s);
        break;
    case L_DATE:
        ok = v->kind == VAL_TEXT && civil_parse_date(text_of(v), &out->i);
        break;
    case L_TIME:
        ok = v->kind == VAL_TEXT && civil_parse_time(text_of(v), &out->i);
        break;
    case L_TIMESTAMP:
    case L_TIMESTAMP_LTZ:
        ok = read_stamp(v, &out->t);
        break;
    case L_ARRAY:
        return read_list(to, t, v, out, e);
    case L_MAP:
    case L_MULTISET:
        return read_map(to, t, v, out, e);
    case L_ROW:
    case L_STRUCTURED:
        return read_row(to, t, v, out, e);
    case L_BITMAP:
        ok = read_wrapped(to, "$bitmap", v, &out->s);
        break;
    case L_TINYINT:
    case L_SMALLINT:
    case L_INTEGER:
    case L_BIGINT:
    case L_INTERVAL_YEAR_MONTH:
    case L_INTERVAL_DAY_TIME:
        ok = read_int(v, &out->i);
        break;
    default:
        ok = false;
        break;
    }
    return ok || wrong(t, e);
}
