#include "sql/cast.h"

#include <math.h>
#include <stdlib.h>

#include "sql/fn.h"

/* --- numbers --- */

/* Java's narrowing of a double. */
static int64_t real_int(enum lroot to, double d)
{
    int64_t v = isnan(d) ? 0 : d >= 9223372036854775807.0 ? INT64_MAX : d <= -9223372036854775808.0 ? INT64_MIN : (int64_t)d;
    if (to == L_BIGINT)
        return v;
    int32_t i = isnan(d) ? 0 : d >= 2147483647.0 ? INT32_MAX : d <= -2147483648.0 ? INT32_MIN : (int32_t)d;
    return to == L_TINYINT ? (int8_t)i : to == L_SMALLINT ? (int16_t)i : i;
}

static int64_t narrowed(enum lroot to, int64_t v)
{
    return to == L_TINYINT                               ? (int8_t)v
        : to == L_SMALLINT                               ? (int16_t)v
        : to == L_INTEGER || to == L_INTERVAL_YEAR_MONTH ? (int32_t)v
                                                         : v;
}

static enum got to_narrow(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    (void)ev;
    return got_int(out, narrowed(c->to->root, v.i));
}

static enum got real_to_int(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    (void)ev;
    return got_int(out, real_int(c->to->root, v.d));
}

static enum got int_to_real(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    (void)ev;
    return got_real(out, c->to->root == L_FLOAT ? (double)(float)v.i : (double)v.i);
}

static enum got real_to_float(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    (void)ev;
    (void)c;
    return got_real(out, (double)(float)v.d);
}

static enum got overflow(struct eval *ev, const struct caster *c)
{
    (void)ev;
    (void)c;
    return GOT_NULL; /* DecimalDataUtils#castFrom gives null */
}

static enum got int_to_decimal(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    return dec_of_int(v.i, c->to->precision, c->to->scale, &out->dec) ? GOT_VALUE : overflow(ev, c);
}

static enum got real_to_decimal(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    if (!isfinite(v.d))
        return got_failed(ev, "Infinite or NaN");
    return dec_of_double(v.d, c->to->precision, c->to->scale, &out->dec) ? GOT_VALUE : overflow(ev, c);
}

static enum got decimal_to_decimal(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    out->dec = v.dec;
    return dec_rescale(&out->dec, c->from->scale, c->to->scale, c->to->precision) ? GOT_VALUE : overflow(ev, c);
}

static enum got decimal_to_int(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    (void)ev;
    return got_int(out, narrowed(c->to->root, (int64_t)dec_whole(v.dec, c->from->scale)));
}

static enum got decimal_to_real(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    (void)ev;
    double d = dec_double(v.dec, c->from->scale);
    return got_real(out, c->to->root == L_FLOAT ? (double)(float)d : d);
}

static enum got number_to_boolean(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    (void)ev;
    return got_bool(out, c->from->root == L_DECIMAL ? v.dec != 0 : type_is_real(c->from) ? v.d != 0 : v.i != 0);
}

static enum got boolean_to_number(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    (void)ev;
    if (c->to->root == L_DECIMAL)
        return dec_of_int(v.b, c->to->precision, c->to->scale, &out->dec) ? GOT_VALUE : GOT_NULL;
    return type_is_real(c->to) ? got_real(out, v.b) : got_int(out, v.b);
}

/* --- out of texts --- */

static struct bytes trimmed(struct bytes s) /* BinaryStringData#trim: blanks only */
{
    while (s.n && s.p[0] == ' ')
        s = (struct bytes){s.p + 1, s.n - 1};
    while (s.n && s.p[s.n - 1] == ' ')
        s.n--;
    return s;
}

static enum got bad_text(struct eval *ev, const struct caster *c, struct bytes s)
{
    return got_failed(ev, "'%.*s' is no %s", (int)(s.n > 100 ? 100 : s.n), (const char *)s.p, lroot_name(c->to->root));
}

/* BinaryStringDataUtil#toLong: digits, and behind a point any that are dropped. */
static bool whole_number(struct bytes s, int64_t min, int64_t max, int64_t *v)
{
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
    bool minus = s.n && s.p[0] == '-';
    i128 n = 0;
    if (i == s.n)
        return false;
    for (; i < s.n && s.p[i] != '.'; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || n > INT64_MAX)
            return false;
        n = n * 10 + (s.p[i] - '0');
    }
    for (i++; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    n = minus ? -n : n;
    *v = (int64_t)n;
    return n >= min && n <= max;
}

static enum got text_to_int(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    static const int64_t max[] = {INT8_MAX, INT16_MAX, INT32_MAX, INT64_MAX};
    int64_t m = max[c->to->root - L_TINYINT];
    return whole_number(trimmed(v.s), -m - 1, m, &out->i) ? GOT_VALUE : bad_text(ev, c, v.s);
}

/* Double#parseDouble. */
static bool java_double(struct bytes s, bool single, double *d)
{
    char text[400], *end;
    while (s.n && s.p[0] <= ' ')
        s = (struct bytes){s.p + 1, s.n - 1};
    while (s.n && s.p[s.n - 1] <= ' ')
        s.n--;
    if (!s.n || s.n >= sizeof text)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    const char *p = text + (text[0] == '-' || text[0] == '+');
    bool word = !strcmp(p, "NaN") || !strcmp(p, "Infinity");
    if (!word && !strchr("0123456789.", *p))
        return false;
    if (!word && strchr("dDfF", text[s.n - 1]) && p[1] != 'x' && p[1] != 'X')
        text[s.n - 1] = 0;
    if (strchr(p, 'x') || strchr(p, 'X'))
        if (!strchr(p, 'p') && !strchr(p, 'P'))
            return false;
    *d = single ? (double)strtof(text, &end) : strtod(text, &end);
    return end != text && !*end;
}

static enum got text_to_real(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    return java_double(trimmed(v.s), c->to->root == L_FLOAT, &out->d) ? GOT_VALUE : bad_text(ev, c, v.s);
}

static enum got text_to_decimal(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    struct bytes s = v.s;
    bool malformed;
    while (s.n && strchr(" \n\t", s.p[0]) && s.p[0])
        s = (struct bytes){s.p + 1, s.n - 1};
    while (s.n && strchr(" \n\t", s.p[s.n - 1]) && s.p[s.n - 1])
        s.n--;
    return dec_of_text(s, c->to->precision, c->to->scale, &out->dec, &malformed) ? GOT_VALUE : bad_text(ev, c, v.s);
}

static enum got text_to_boolean(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    static const char *const words[] = {"t", "true", "y", "yes", "1", "f", "false", "n", "no", "0"};
    struct bytes s = trimmed(v.s);
    for (size_t i = 0; i < 10; i++)
        if (strlen(words[i]) == s.n && !strncasecmp(words[i], (const char *)s.p, s.n))
            return got_bool(out, i < 5);
    return bad_text(ev, c, v.s);
}

static enum got text_to_date(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    return civil_parse_date(v.s, &out->i) ? GOT_VALUE : bad_text(ev, c, v.s);
}

static enum got text_to_time(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    static const int units[] = {1000, 100, 10};
    if (!civil_parse_time(v.s, &out->i))
        return bad_text(ev, c, v.s);
    if (c->to->precision < 3)
        out->i -= out->i % units[c->to->precision];
    return GOT_VALUE;
}

static enum got text_to_stamp(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    struct stamp t;
    if (!civil_parse_stamp(v.s, c->to->precision, &t))
        return bad_text(ev, c, v.s);
    if (c->to->root == L_TIMESTAMP_LTZ && ev->zone)
        t.ms = zone_utc(ev->zone, t.ms);
    out->t = t;
    return GOT_VALUE;
}

/* --- texts and bytes --- */

/* Cut and padded as the target says (CharVarCharTrimPadCastRule). */
static enum got fit_text(struct eval *ev, const struct ltype *to, struct bytes s, union cell *out)
{
    if (ev->legacy_cast || to->length == TYPE_MAX_LENGTH)
        return got_bytes(out, s);
    size_t chars = text_chars(s), want = (size_t)to->length;
    if (chars > want)
        return got_bytes(out, (struct bytes){s.p, text_prefix(s, want)});
    if (to->root != L_CHAR || chars == want)
        return got_bytes(out, s);
    uint8_t *p = scratch_alloc(&ev->heap, s.n + want - chars);
    if (s.n)
        memcpy(p, s.p, s.n);
    memset(p + s.n, ' ', want - chars);
    return got_bytes(out, (struct bytes){p, s.n + want - chars});
}

static enum got text_to_text(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    return fit_text(ev, c->to, v.s, out);
}

static enum got any_to_text(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    cell_text(fn_buf(ev), ev, c->from, v, false);
    got_buf(ev, out);
    return fit_text(ev, c->to, out->s, out);
}

static enum got fit_bytes(struct eval *ev, const struct ltype *to, struct bytes s, union cell *out)
{
    size_t want = (size_t)to->length;
    if (ev->legacy_cast || to->length == TYPE_MAX_LENGTH || s.n == want || (s.n < want && to->root != L_BINARY))
        return got_bytes(out, s);
    if (s.n > want)
        return got_bytes(out, (struct bytes){s.p, want});
    uint8_t *p = scratch_alloc(&ev->heap, want);
    if (s.n)
        memcpy(p, s.p, s.n);
    memset(p + s.n, 0, want - s.n);
    return got_bytes(out, (struct bytes){p, want});
}

static enum got to_bytes(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    return fit_bytes(ev, c->to, v.s, out);
}

/* --- times --- */

static int64_t local_ms(struct eval *ev, const struct ltype *t, struct stamp v)
{
    return t->root == L_TIMESTAMP_LTZ && ev->zone ? v.ms + zone_offset(ev->zone, v.ms) : v.ms;
}

/* DateTimeUtils#truncate: towards 1970, not into the past as texts are cut. */
static struct stamp truncated(struct stamp t, int precision)
{
    static const int64_t units[] = {1000, 100, 10, 1};
    return precision > 3 ? civil_cut(t, precision) : (struct stamp){t.ms / units[precision] * units[precision], 0};
}

static enum got stamp_to_stamp(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    struct stamp t = v.t;
    if (c->from->root != c->to->root && ev->zone)
        t.ms = c->to->root == L_TIMESTAMP ? local_ms(ev, c->from, t) : zone_utc(ev->zone, t.ms);
    int precision = c->to->precision;
    if (c->from->root == L_TIMESTAMP && c->to->root == L_TIMESTAMP &&
        (type_is_rowtime(c->from) || type_is_rowtime(c->to) || type_is_proctime(c->from) || type_is_proctime(c->to)))
        precision = 3;
    out->t = c->from->precision <= precision ? t : truncated(t, precision);
    return GOT_VALUE;
}

static enum got stamp_to_date(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    return got_int(out, floor_div(local_ms(ev, c->from, v.t), MS_DAY));
}

static enum got stamp_to_time(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    static const int units[] = {1000, 100, 10, 1};
    int64_t ms = local_ms(ev, c->from, v.t);
    ms = c->from->root == L_TIMESTAMP ? ms % MS_DAY : floor_mod(ms, MS_DAY);
    return got_int(out, ms - ms % units[c->to->precision < 3 ? c->to->precision : 3]);
}

static enum got date_to_stamp(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    int64_t ms = v.i * MS_DAY;
    out->t = (struct stamp){c->to->root == L_TIMESTAMP_LTZ && ev->zone ? zone_utc(ev->zone, ms) : ms, 0};
    return GOT_VALUE;
}

static enum got time_to_stamp(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    out->t = (struct stamp){c->to->root == L_TIMESTAMP_LTZ && ev->zone ? zone_utc(ev->zone, v.i) : v.i, 0};
    return GOT_VALUE;
}

static enum got time_to_time(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    static const int units[] = {1000, 100, 10, 1};
    (void)ev;
    return got_int(out, v.i - v.i % units[c->to->precision < 3 ? c->to->precision : 3]);
}

/* --- the table: which cast from what to what --- */

static bool interval(const struct ltype *t) { return t->root == L_INTERVAL_DAY_TIME || t->root == L_INTERVAL_YEAR_MONTH; }

static cast_fn from_text(const struct ltype *to)
{
    if (type_is_integer(to))
        return text_to_int;
    if (type_is_real(to))
        return text_to_real;
    switch (to->root) {
    case L_DECIMAL:
        return text_to_decimal;
    case L_BOOLEAN:
        return text_to_boolean;
    case L_DATE:
        return text_to_date;
    case L_TIME:
        return text_to_time;
    case L_TIMESTAMP:
    case L_TIMESTAMP_LTZ:
        return text_to_stamp;
    case L_BINARY:
    case L_VARBINARY:
        return to_bytes;
    default:
        return NULL;
    }
}

static cast_fn from_number(const struct ltype *from, const struct ltype *to)
{
    if (to->root == L_BOOLEAN)
        return number_to_boolean;
    if (from->root == L_DECIMAL)
        return type_is_integer(to)  ? decimal_to_int
            : type_is_real(to)      ? decimal_to_real
            : to->root == L_DECIMAL ? decimal_to_decimal
                                    : NULL;
    if (to->root == L_DECIMAL)
        return type_is_integer(from) ? int_to_decimal : real_to_decimal;
    if (type_is_integer(to))
        return type_is_integer(from) ? to_narrow : real_to_int;
    if (type_is_real(to))
        return type_is_integer(from) ? int_to_real : real_to_float;
    return type_is_integer(from) && interval(to) ? to_narrow : NULL;
}

static cast_fn from_time(const struct ltype *from, const struct ltype *to)
{
    if (type_is_timestamp(from))
        return type_is_timestamp(to) ? stamp_to_stamp
            : to->root == L_DATE     ? stamp_to_date
            : to->root == L_TIME     ? stamp_to_time
                                     : NULL;
    if (from->root == L_DATE)
        return type_is_timestamp(to) ? date_to_stamp : NULL;
    if (from->root == L_TIME)
        return type_is_timestamp(to) ? time_to_stamp : to->root == L_TIME ? time_to_time : NULL;
    return interval(from) && type_is_integer(to) ? to_narrow : NULL;
}

static cast_fn scalar(const struct ltype *from, const struct ltype *to)
{
    if (type_is_text(to))
        return type_is_text(from)                                                      ? text_to_text
            : from->root == L_RAW || from->root == L_VARIANT || from->root == L_BITMAP ? NULL
                                                                                       : any_to_text;
    if (type_is_text(from))
        return from_text(to);
    if (type_is_number(from))
        return from_number(from, to);
    if (from->root == L_BOOLEAN)
        return type_is_number(to) ? boolean_to_number : NULL;
    if (type_is_bytes(from))
        return type_is_bytes(to) ? to_bytes : NULL;
    return from_time(from, to);
}

/* The cells are the same, without looking. */
static bool same(const struct ltype *from, const struct ltype *to)
{
    if (type_same(from, to, true) || from->root == L_NULL)
        return true;
    if (type_is_text(from) && type_is_text(to)) /* wide enough, and no padding */
        return to->length == TYPE_MAX_LENGTH || (to->root == L_VARCHAR && from->length <= to->length);
    if (type_is_bytes(from) && to->root == L_VARBINARY)
        return from->length <= to->length;
    if (type_is_integer(from) && type_is_integer(to))
        return from->root <= to->root;
    if (from->root == L_FLOAT && to->root == L_DOUBLE)
        return true;
    if (from->root == L_DECIMAL && to->root == L_DECIMAL)
        return from->scale == to->scale && from->precision <= to->precision;
    if (from->root == to->root && (type_is_timestamp(from) || from->root == L_TIME))
        return from->precision <= to->precision;
    if (interval(from) && from->root == to->root)
        return true;
    return interval(from) && to->root == L_BIGINT;
}

/* --- arrays, maps, rows: each part by a caster of its own --- */

static enum got seq_to_seq(struct eval *ev, const struct caster *c, union cell v, union cell *out)
{
    union cell *cells;
    uint8_t *null;
    const struct seq *q = v.q;
    uint32_t n = seq_cells(c->from, q);
    out->q = seq_new(&ev->heap, q->n, n, &cells, &null);
    for (uint32_t i = 0; i < n; i++) {
        const struct caster *kid = c->kids[type_is_row(c->from) ? i : c->from->root != L_ARRAY && i >= q->n];
        if ((null[i] = q->null[i]))
            continue;
        enum got got = cast_run(ev, kid, q->v[i], &cells[i]);
        if (got == GOT_FAILED)
            return got;
        null[i] = got == GOT_NULL;
    }
    return GOT_VALUE;
}

const struct caster *cast_make(struct arena *a, const struct ltype *from, const struct ltype *to, struct err *e)
{
    struct caster *c = arena_alloc(a, sizeof *c);
    c->from = from;
    c->to = to;
    if (same(from, to))
        return c;
    bool seq =
        from->n && ((type_is_row(from) && type_is_row(to) && from->n == to->n) || (from->root == to->root && !type_is_row(from)));
    if (!seq) {
        c->cast = scalar(from, to);
        if (c->cast)
            return c;
        err_set(e, ERR_UNSUPPORTED, "casting %s to %s is not there yet", type_label(a, from), type_label(a, to));
        return NULL;
    }
    c->cast = seq_to_seq;
    c->kids = arena_array(a, from->n + 1, sizeof *c->kids);
    for (uint32_t i = 0; i < from->n; i++)
        if (!(c->kids[i] = cast_make(a, from->kids[i], to->kids[i], e)))
            return NULL;
    return c;
}
