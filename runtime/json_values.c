#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/json_values.h"
#include "sql/base64.h"
#include "sql/civil.h"
#include "sql/dec.h"

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

static int64_t int_max(const struct ltype *t)
{
    static const int64_t max[] = {[SLOT_I8] = INT8_MAX, [SLOT_I16] = INT16_MAX, [SLOT_I32] = INT32_MAX, [SLOT_I64] = INT64_MAX};
    return max[t->slot];
}

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

/* A number with a fraction: what stands before it, of the two larger types. */
static bool whole_part(struct json_in *in, const struct ltype *t, struct bytes s, int64_t *v)
{
    char copy[64], *end;
    if (!s.n || s.n >= sizeof copy || int_max(t) < INT32_MAX)
        return json_wrong(in, "no integer where one must be");
    memcpy(copy, s.p, s.n);
    copy[s.n] = 0;
    double d = strtod(copy, &end);
    if (*end || !(d >= -(double)int_max(t) - 1 && d <= (double)int_max(t)))
        return json_wrong(in, "no integer of its column's size where one must be");
    *v = d >= 0x1p63 ? INT64_MAX : (int64_t)d;
    return true;
}

static bool read_int(struct json_in *in, const struct ltype *t, int64_t *v)
{
    struct bytes s;
    if (plain_int(in, int_max(t), v))
        return true;
    bool text = *in->p == '"';
    if (!number_text(in, &s))
        return false;
    for (size_t i = 0; i < s.n && !text; i++)
        if (s.p[i] == '.' || (s.p[i] | 32) == 'e')
            return whole_part(in, t, s, v);
    while (s.n && s.p[0] == ' ')
        s = (struct bytes){s.p + 1, s.n - 1};
    while (s.n && s.p[s.n - 1] == ' ')
        s.n--;
    bool minus = s.n && s.p[0] == '-';
    size_t i = minus || (s.n && s.p[0] == '+');
    uint64_t n = 0, limit = (uint64_t)int_max(t) + minus;
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

/* Boolean.parseBoolean of what is no boolean. */
static bool read_boolean(struct json_in *in, bool *b)
{
    struct bytes s;
    *b = json_word(in, "true", 4);
    if (*b || json_word(in, "false", 5))
        return true;
    if (!number_text(in, &s))
        return json_wrong(in, "no boolean where one must be");
    while (s.n && s.p[0] <= ' ')
        s = (struct bytes){s.p + 1, s.n - 1};
    while (s.n && s.p[s.n - 1] <= ' ')
        s.n--;
    *b = s.n == 4 && !strncasecmp((const char *)s.p, "true", 4);
    return true;
}

/* Without the blanks between its parts. */
static struct bytes compact(struct json_in *in, struct bytes s)
{
    uint8_t *to = scratch_alloc(in->heap, s.n + 1);
    size_t n = 0;
    bool text = false;
    for (size_t i = 0; i < s.n; i++) {
        if (!text && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\r' || s.p[i] == '\n'))
            continue;
        if (s.p[i] == '"')
            text = !text;
        to[n++] = s.p[i];
        if (text && s.p[i] == '\\' && i + 1 < s.n)
            to[n++] = s.p[++i];
    }
    return (struct bytes){to, n};
}

/* What is no text becomes the text that it is written as (JsonParser#getText, JsonNode#toString). */
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
    if (*from == '{' || *from == '[')
        *s = compact(in, *s);
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
        if (!json_value(in, t->kids[0], &g.v[g.n], &g.null[g.n]))
            return false;
        g.n++;
    }
    struct seq *q = scratch_alloc(in->heap, sizeof *q);
    *q = (struct seq){g.n, g.v, g.null};
    out->q = q;
    return true;
}

/* Of equal keys the last one counts. */
struct entry {
    struct bytes key;
    uint32_t at;
};

static int by_key(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    size_t n = x->key.n < y->key.n ? x->key.n : y->key.n;
    int r = n ? memcmp(x->key.p, y->key.p, n) : 0;
    return r ? r : x->key.n != y->key.n ? (x->key.n > y->key.n) - (x->key.n < y->key.n) : (x->at > y->at) - (x->at < y->at);
}

/* … and has the place of the first: entries that are gone are marked. */
static uint32_t single_keys(struct json_in *in, struct growing *g, uint8_t *gone)
{
    uint32_t n = g->n / 2, left = n;
    struct entry *e = scratch_alloc(in->heap, n * sizeof *e);
    for (uint32_t i = 0; i < n; i++)
        e[i] = (struct entry){g->v[i * 2].s, i};
    if (n)
        qsort(e, n, sizeof *e, by_key);
    for (uint32_t i = 0, k; i < n; i = k) {
        for (k = i + 1; k < n && e[k].key.n == e[i].key.n && !memcmp(e[k].key.p, e[i].key.p, e[i].key.n); k++) {
            g->v[e[i].at * 2 + 1] = g->v[e[k].at * 2 + 1];
            g->null[e[i].at * 2 + 1] = g->null[e[k].at * 2 + 1];
            gone[e[k].at] = 1;
            left--;
        }
    }
    return left;
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
            !json_value(in, t->kids[1], &g.v[g.n + 1], &g.null[g.n + 1]))
            return json_wrong(in, "a malformed object");
        g.null[g.n] = 0;
        g.n += 2;
    }
    union cell *v;
    uint8_t *null;
    uint8_t *gone = scratch_alloc(in->heap, g.n / 2 + 1);
    memset(gone, 0, g.n / 2 + 1);
    uint32_t n = single_keys(in, &g, gone), at = 0;
    struct seq *q = seq_new(in->heap, n, n * 2, &v, &null);
    for (uint32_t i = 0; i < g.n / 2; i++) {
        if (gone[i])
            continue;
        v[at] = g.v[i * 2];
        null[at] = 0;
        v[n + at] = g.v[i * 2 + 1];
        null[n + at++] = g.null[i * 2 + 1];
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
    uint32_t seen = 0;
    out->q = seq_new(in->heap, t->n, t->n, &v, &null);
    memset(null, 1, t->n);
    for (bool first = true; !json_mark(in, '}'); first = false) {
        if (!first && !json_mark(in, ','))
            return json_wrong(in, "no comma between members");
        if (!json_mark(in, '"') || !json_text(in, &name) || !json_mark(in, ':'))
            return json_wrong(in, "a malformed object");
        uint32_t i = seen < t->n || !in->by_count ? 0 : t->n;
        while (i < t->n && (strlen(t->names[i]) != name.n || memcmp(t->names[i], name.p, name.n)))
            i++;
        seen += i < t->n;
        if (i < t->n ? !json_value(in, t->kids[i], &v[i], &null[i]) : !json_skip(in))
            return false;
    }
    return seen >= t->n || !in->all_fields || json_wrong(in, "a member is missing");
}

static bool boxed(struct json_in *in, const struct ltype *t, union cell *v)
{
    if (++in->depth > JSON_IN_DEPTH)
        return json_wrong(in, "values nested deeper than 64");
    bool ok = t->root == L_ARRAY ? read_list(in, t, v) : t->root == L_ROW ? read_row(in, t, v) : read_map(in, t, v);
    in->depth--;
    return ok;
}

static bool strict_value(struct json_in *in, const struct ltype *t, union cell *v, uint8_t *null)
{
    struct bytes s;
    if (in->p == in->end)
        return json_wrong(in, "no value where one must be");
    if (*in->p == 'n' && json_word(in, "null", 4)) {
        *null = 1;
        return true;
    }
    *null = 0;
    switch (t->root) {
    case L_BOOLEAN:
        return read_boolean(in, &v->b);
    case L_TINYINT:
    case L_SMALLINT:
    case L_INTEGER:
    case L_BIGINT:
    case L_INTERVAL_YEAR_MONTH:
    case L_INTERVAL_DAY_TIME:
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

bool json_value(struct json_in *in, const struct ltype *t, union cell *v, uint8_t *null)
{
    json_blanks(in);
    const uint8_t *from = in->p;
    int depth = in->depth;
    if (strict_value(in, t, v, null))
        return true;
    if (!in->lenient)
        return false;
    in->p = from;
    in->why = NULL;
    in->depth = depth;
    *null = 1;
    return json_skip(in);
}

bool json_can(const struct ltype *t, struct err *e)
{
    static const uint64_t can = 1u << L_INTERVAL_YEAR_MONTH | 1u << L_INTERVAL_DAY_TIME | 1u << L_MULTISET | 1u << L_BOOLEAN |
        1u << L_TINYINT | 1u << L_SMALLINT | 1u << L_INTEGER | 1u << L_BIGINT | 1u << L_FLOAT | 1u << L_DOUBLE | 1u << L_DECIMAL |
        1u << L_CHAR | 1u << L_VARCHAR | 1u << L_BINARY | 1u << L_VARBINARY | 1u << L_DATE | 1u << L_TIME | 1u << L_TIMESTAMP |
        1u << L_TIMESTAMP_LTZ | 1u << L_ARRAY | 1u << L_MAP | 1u << L_ROW;
    if ((t->root == L_MAP || t->root == L_MULTISET) && !type_is_text(t->kids[0]))
        return err_set(e, ERR_USAGE, "JSON's names are texts: a %s whose keys are %s cannot be read from it", lroot_name(t->root),
                       lroot_name(t->kids[0]->root));
    if (!(can >> t->root & 1))
        return err_set(e, ERR_UNSUPPORTED, "reading %s from JSON is not there yet", lroot_name(t->root));
    for (uint32_t i = 0; i < t->n; i++)
        if (!json_can(t->kids[i], e))
            return false;
    return true;
}
