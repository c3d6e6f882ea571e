#include "runtime/json_rows.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/json_scan.h"
#include "sql/base64.h"
#include "sql/civil.h"
#include "sql/dec.h"

/* --- values by their types --- */

/* A number, or a text that holds one. */
static bool number_text(struct json_in *in, struct bytes *s)
{
    if (*in->p == '"') {
        in->p++;
        return json_text(in, s);
    }
    *s = json_digits(in);
    return s->n || json_wrong(in, "no number where one must be");
}

static const int64_t int_max[] = {INT8_MAX, INT16_MAX, INT32_MAX, INT64_MAX}; /* from TINYINT on */

/* Digits alone, as nearly all integers are. False: nothing has been taken. */
static bool plain_int(struct json_in *in, int64_t most, int64_t *v)
{
    const uint8_t *p = in->p, *end = in->end - in->p > 18 ? in->p + 18 : in->end;
    int64_t n = 0;
    for (; p < end && (uint8_t)(*p - '0') < 10; p++)
        n = n * 10 + (*p - '0');
    if (p == in->p || p == end || (*p != ',' && *p != '}') || n > most)
        return false;
    in->p = p;
    *v = n;
    return true;
}

static bool read_int(struct json_in *in, const struct ltype *t, int64_t *v)
{
    struct bytes s;
    if (plain_int(in, int_max[t->root - L_TINYINT], v))
        return true;
    if (!number_text(in, &s))
        return false;
    while (s.n && s.p[0] == ' ')
        s = (struct bytes){s.p + 1, s.n - 1};
    while (s.n && s.p[s.n - 1] == ' ')
        s.n--;
    bool minus = s.n && s.p[0] == '-';
    size_t i = minus || (s.n && s.p[0] == '+');
    uint64_t n = 0, limit = (uint64_t)int_max[t->root - L_TINYINT] + minus;
    if (i == s.n)
        return json_wrong(in, "no integer where one must be");
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
        if (n > (limit - (s.p[i] - '0')) / 10)
            return json_wrong(in, "an integer that is too large for its column");
        n = n * 10 + (s.p[i] - '0');
    }
    if (i < s.n)
        return json_wrong(in, "no integer where one must be");
    *v = (int64_t)(minus ? -n : n);
    return true;
}

static bool read_real(struct json_in *in, bool single, double *d)
{
    struct bytes s;
    char copy[64], *end;
    if (!number_text(in, &s))
        return false;
    if (!s.n || s.n >= sizeof copy)
        return json_wrong(in, "no number where one must be");
    /* digits that a double holds exactly, by a power of ten that it holds exactly: one rounding, as strtod's */
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    uint64_t n = 0;
    size_t i = s.p[0] == '-', point = 0, some = 0;
    for (; i < s.n && s.n <= 16; i++) {
        if (s.p[i] == '.' && !point)
            point = i + 1;
        else if (s.p[i] < '0' || s.p[i] > '9')
            break;
        else {
            n = n * 10 + (s.p[i] - '0');
            some++;
        }
    }
    if (i == s.n && some && !single) {
        double v = (double)n / powers[point ? s.n - point : 0];
        *d = s.p[0] == '-' ? -v : v;
        return true;
    }
    memcpy(copy, s.p, s.n);
    copy[s.n] = 0;
    *d = single ? (double)strtof(copy, &end) : strtod(copy, &end);
    return !*end || json_wrong(in, "no number where one must be");
}

static bool read_stamp(struct json_in *in, const struct ltype *t, struct stamp *v)
{
    struct bytes s;
    char copy[40];
    if (!json_mark(in, '"') || !json_text(in, &s))
        return json_wrong(in, "no timestamp where one must be");
    if (t->root == L_TIMESTAMP_LTZ) {
        if (!s.n || s.p[s.n - 1] != 'Z')
            return json_wrong(in, "a timestamp with local time zone must end in Z");
        s.n--;
    }
    if (in->iso && s.n > 10 && s.n < sizeof copy && s.p[10] == 'T') {
        memcpy(copy, s.p, s.n);
        copy[10] = ' ';
        s.p = (const uint8_t *)copy;
    }
    return (s.n > 10 && civil_parse_stamp(s, 9, v)) || json_wrong(in, "no timestamp where one must be");
}

/* What is no text becomes the text that it is written as (JsonNode#asText, toString). */
static bool read_text(struct json_in *in, struct bytes *s)
{
    if (*in->p == '"') {
        in->p++;
        return json_text(in, s);
    }
    const uint8_t *from = in->p;
    if (!json_skip(in))
        return false;
    *s = (struct bytes){from, (size_t)(in->p - from)};
    return true;
}

static bool read_bytes(struct json_in *in, struct bytes *s)
{
    struct buf b = {0};
    bool ok = json_mark(in, '"') && json_text(in, s) && base64_read(&b, *s);
    if (ok)
        *s = scratch_copy(in->heap, b.p, b.n);
    buf_free(&b);
    return ok || json_wrong(in, "no Base64 where it must be");
}

static bool read_decimal(struct json_in *in, const struct ltype *t, union cell *v, uint8_t *null)
{
    struct bytes s;
    bool malformed;
    if (!number_text(in, &s))
        return false;
    *null = !dec_of_text(s, t->precision, t->scale, &v->dec, &malformed);
    return !malformed || json_wrong(in, "no decimal where one must be");
}

static bool value(struct json_in *in, const struct ltype *t, union cell *v, uint8_t *null);

/* Elements gather in a list that doubles; entries of a map are two. */
struct growing {
    union cell *v;
    uint8_t *null;
    uint32_t n, cap;
};

static void grow(struct json_in *in, struct growing *g, uint32_t by)
{
    if (g->n + by <= g->cap)
        return;
    uint32_t cap = g->cap ? g->cap * 2 : 8;
    union cell *v = scratch_alloc(in->heap, cap * sizeof *v);
    uint8_t *null = scratch_alloc(in->heap, cap);
    if (g->n) {
        memcpy(v, g->v, g->n * sizeof *v);
        memcpy(null, g->null, g->n);
    }
    g->v = v;
    g->null = null;
    g->cap = cap;
}

static bool read_list(struct json_in *in, const struct ltype *t, union cell *out)
{
    struct growing g = {0};
    if (!json_mark(in, '['))
        return json_wrong(in, "no array where one must be");
    for (bool first = true; !json_mark(in, ']'); first = false) {
        if (!first && !json_mark(in, ','))
            return json_wrong(in, "no comma between elements");
        grow(in, &g, 1);
        if (!value(in, t->kids[0], &g.v[g.n], &g.null[g.n]))
            return false;
        g.n++;
    }
    struct seq *q = scratch_alloc(in->heap, sizeof *q);
    *q = (struct seq){g.n, g.v, g.null};
    out->q = q;
    return true;
}

static bool read_map(struct json_in *in, const struct ltype *t, union cell *out)
{
    struct growing g = {0};
    if (!json_mark(in, '{'))
        return json_wrong(in, "no object where one must be");
    for (bool first = true; !json_mark(in, '}'); first = false) {
        if (!first && !json_mark(in, ','))
            return json_wrong(in, "no comma between members");
        grow(in, &g, 2);
        if (!json_mark(in, '"') || !json_text(in, &g.v[g.n].s) || !json_mark(in, ':') ||
            !value(in, t->kids[1], &g.v[g.n + 1], &g.null[g.n + 1]))
            return json_wrong(in, "a malformed object");
        g.null[g.n] = 0;
        g.n += 2;
    }
    union cell *v;
    uint8_t *null;
    uint32_t n = g.n / 2;
    struct seq *q = seq_new(in->heap, n, n * 2, &v, &null);
    for (uint32_t i = 0; i < n * 2; i++) {
        v[i % 2 * n + i / 2] = g.v[i];
        null[i % 2 * n + i / 2] = g.null[i];
    }
    out->q = q;
    return true;
}

static bool read_row(struct json_in *in, const struct ltype *t, union cell *out)
{
    union cell *v;
    uint8_t *null;
    struct bytes name;
    if (!json_mark(in, '{'))
        return json_wrong(in, "no object where one must be");
    out->q = seq_new(in->heap, t->n, t->n, &v, &null);
    memset(null, 1, t->n);
    for (bool first = true; !json_mark(in, '}'); first = false) {
        if (!first && !json_mark(in, ','))
            return json_wrong(in, "no comma between members");
        if (!json_mark(in, '"') || !json_text(in, &name) || !json_mark(in, ':'))
            return json_wrong(in, "a malformed object");
        uint32_t i = 0;
        while (i < t->n && (strlen(t->names[i]) != name.n || memcmp(t->names[i], name.p, name.n)))
            i++;
        if (i < t->n ? !value(in, t->kids[i], &v[i], &null[i]) : !json_skip(in))
            return false;
    }
    return true;
}

static bool boxed(struct json_in *in, const struct ltype *t, union cell *v)
{
    if (++in->depth > JSON_IN_DEPTH)
        return json_wrong(in, "values nested deeper than 64");
    bool ok = t->root == L_ARRAY ? read_list(in, t, v) : t->root == L_MAP ? read_map(in, t, v) : read_row(in, t, v);
    in->depth--;
    return ok;
}

static bool value(struct json_in *in, const struct ltype *t, union cell *v, uint8_t *null)
{
    struct bytes s;
    json_blanks(in);
    if (in->p == in->end)
        return json_wrong(in, "no value where one must be");
    if (*in->p == 'n' && json_word(in, "null", 4)) {
        *null = 1;
        return true;
    }
    *null = 0;
    switch (t->root) {
    case L_BOOLEAN:
        v->b = json_word(in, "true", 4) || json_word(in, "\"true\"", 6);
        return v->b || json_word(in, "false", 5) || json_word(in, "\"false\"", 7) || json_wrong(in, "no boolean where one must be");
    case L_TINYINT:
    case L_SMALLINT:
    case L_INTEGER:
    case L_BIGINT:
        return read_int(in, t, &v->i);
    case L_FLOAT:
    case L_DOUBLE:
        return read_real(in, t->root == L_FLOAT, &v->d);
    case L_DECIMAL:
        return read_decimal(in, t, v, null);
    case L_CHAR:
    case L_VARCHAR:
        return read_text(in, &v->s);
    case L_BINARY:
    case L_VARBINARY:
        return read_bytes(in, &v->s);
    case L_DATE:
        return (json_mark(in, '"') && json_text(in, &s) && civil_parse_date(s, &v->i)) ||
            json_wrong(in, "no date where one must be");
    case L_TIME:
        return (json_mark(in, '"') && json_text(in, &s) && civil_parse_time(s, &v->i)) ||
            json_wrong(in, "no time where one must be");
    case L_TIMESTAMP:
    case L_TIMESTAMP_LTZ:
        return read_stamp(in, t, &v->t);
    default:
        return boxed(in, t, v);
    }
}

bool json_rows_can(const struct ltype *t, struct err *e)
{
    static const uint64_t can = 1u << L_BOOLEAN | 1u << L_TINYINT | 1u << L_SMALLINT | 1u << L_INTEGER | 1u << L_BIGINT |
        1u << L_FLOAT | 1u << L_DOUBLE | 1u << L_DECIMAL | 1u << L_CHAR | 1u << L_VARCHAR | 1u << L_BINARY | 1u << L_VARBINARY |
        1u << L_DATE | 1u << L_TIME | 1u << L_TIMESTAMP | 1u << L_TIMESTAMP_LTZ | 1u << L_ARRAY | 1u << L_MAP | 1u << L_ROW;
    if (!(can >> t->root & 1) || (t->root == L_MAP && !type_is_text(t->kids[0])))
        return err_set(e, ERR_UNSUPPORTED, "reading %s from JSON is not there yet", lroot_name(t->root));
    for (uint32_t i = 0; i < t->n; i++)
        if (!json_rows_can(t->kids[i], e))
            return false;
    return true;
}

/* --- a row --- */

static uint32_t column(const struct json_rows *r, struct bytes name)
{
    uint32_t i = 0;
    while (i < r->n && (strlen(r->names[i]) != name.n || memcmp(r->names[i], name.p, name.n)))
        i++;
    return i;
}

/* The next member's name and colon: its column, r->n where it is none. */
static bool key(struct json_rows *r, struct json_in *in, uint32_t at, uint32_t *c)
{
    struct bytes name;
    struct json_key *k = &r->keys[at % JSON_KEYS];
    json_blanks(in);
    if (k->n && (size_t)(in->end - in->p) > k->n && !memcmp(in->p, k->text, k->n)) {
        in->p += k->n;
        *c = k->column;
        return true;
    }
    const uint8_t *from = in->p;
    if (!json_mark(in, '"') || !json_text(in, &name) || !json_mark(in, ':'))
        return json_wrong(in, "a malformed object");
    *c = column(r, name);
    size_t n = (size_t)(in->p - from);
    if (n <= sizeof k->text) {
        *k = (struct json_key){.n = (uint32_t)n, .column = *c};
        memcpy(k->text, from, n);
    }
    return true;
}

static bool members(struct json_rows *r, struct json_in *in, struct vec *cols, uint32_t row)
{
    uint32_t c;
    if (!json_mark(in, '{'))
        return json_wrong(in, "no object where a row must be");
    for (c = 0; c < r->n; c++)
        cols[c].null[row] = 1;
    for (uint32_t at = 0; !json_mark(in, '}'); at++) {
        if (at && !json_mark(in, ','))
            return json_wrong(in, "no comma between members");
        if (!key(r, in, at, &c) || (c < r->n ? !value(in, r->types[c], &cols[c].v[row], &cols[c].null[row]) : !json_skip(in)))
            return false;
    }
    return true;
}

static bool read_kind(struct json_in *in, enum row_kind *kind)
{
    struct bytes s;
    if (!json_mark(in, '"') || !json_text(in, &s) || s.n != 2)
        return json_wrong(in, "no change kind in op");
    for (int k = ROW_INSERT; k <= ROW_DELETE; k++)
        if (!memcmp(row_kind_name((enum row_kind)k), s.p, 2)) {
            *kind = (enum row_kind)k;
            return true;
        }
    return json_wrong(in, "no change kind in op");
}

static bool change(struct json_rows *r, struct json_in *in, struct vec *cols, uint32_t row, enum row_kind *kind)
{
    struct bytes name;
    bool data = false, op = false;
    if (!json_mark(in, '{'))
        return json_wrong(in, "no object where a change must be");
    for (bool first = true; !json_mark(in, '}'); first = false) {
        if (!first && !json_mark(in, ','))
            return json_wrong(in, "no comma between members");
        if (!json_mark(in, '"') || !json_text(in, &name) || !json_mark(in, ':'))
            return json_wrong(in, "a malformed object");
        bool ok;
        if (name.n == 4 && !memcmp(name.p, "data", 4))
            ok = data = members(r, in, cols, row);
        else if (name.n == 2 && !memcmp(name.p, "op", 2))
            ok = op = read_kind(in, kind);
        else
            ok = json_skip(in);
        if (!ok)
            return false;
    }
    return (data && op) || json_wrong(in, "a change without data or op");
}

bool json_rows_line(struct json_rows *r, struct scratch *heap, struct bytes line, struct vec *cols, uint32_t row,
                    enum row_kind *kind, struct err *e)
{
    struct json_in in = {.p = line.p, .end = line.p + line.n, .heap = heap, .iso = r->iso};
    *kind = ROW_INSERT;
    bool ok = r->changelog ? change(r, &in, cols, row, kind) : members(r, &in, cols, row);
    if (ok) {
        json_blanks(&in);
        ok = in.p == in.end || json_wrong(&in, "something behind the row");
    }
    if (ok)
        return true;
    return err_set(e, ERR_CONVERT, "%s: %.*s", in.why, (int)(line.n > 200 ? 200 : line.n), (const char *)line.p);
}
