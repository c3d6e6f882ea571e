/* Times from texts and to texts, by patterns. */
#include <math.h>

#include "sql/fn.h"
#include "sql/timefmt.h"

#define FN(ident) \
    enum got row_##ident(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)

static const struct bytes plain = {(const uint8_t *)"yyyy-MM-dd HH:mm:ss", 19};

static int64_t offset_at(const struct eval *ev, int64_t ms) { return ev->zone ? zone_offset(ev->zone, ms) : 0; }
static int64_t utc_of(const struct eval *ev, int64_t local) { return ev->zone ? zone_utc(ev->zone, local) : local; }

/* DATE_FORMAT: of a text, SimpleDateFormat both ways; of a timestamp, DateTimeFormatter. */
FN(date_format)
{
    (void)null;
    const struct ltype *t = x->args[0]->type;
    struct civil c;
    struct buf *b = fn_buf(ev);
    if (type_is_text(t)) {
        if (!timefmt_read(a[0].s, plain, TIMEFMT_LENIENT, &c))
            return GOT_NULL;
        return timefmt_put(b, a[1].s, TIMEFMT_LENIENT, &c) ? got_buf(ev, out) : got_failed(ev, "no pattern of a date");
    }
    struct stamp s = a[0].t;
    if (t->root == L_TIMESTAMP_LTZ)
        s.ms += offset_at(ev, s.ms);
    c = civil_of(s);
    return timefmt_put(b, a[1].s, TIMEFMT_STRICT, &c) ? got_buf(ev, out) : got_failed(ev, "no pattern of a date");
}

/* The digits of seconds that a pattern ends in, 3 to 9. */
static int pattern_precision(struct bytes pattern)
{
    int n = 0;
    while ((size_t)n < pattern.n && pattern.p[pattern.n - 1 - (size_t)n] == 'S')
        n++;
    return n < 3 ? 3 : n > 9 ? 9 : n;
}

static bool read_by(struct bytes text, struct bytes pattern, int precision, struct stamp *t)
{
    struct civil c;
    if (timefmt_read(text, pattern, TIMEFMT_STRICT, &c)) {
        *t = civil_cut(civil_stamp(&c), precision);
        return true;
    }
    while (text.n && text.p[0] <= ' ')
        text = (struct bytes){text.p + 1, text.n - 1};
    while (text.n && text.p[text.n - 1] <= ' ')
        text.n--;
    return civil_parse_stamp(text, 9, t); /* Timestamp#valueOf, Date#valueOf */
}

FN(to_timestamp)
{
    (void)ev;
    (void)null;
    bool ok = x->n == 1 ? civil_parse_stamp(a[0].s, 3, &out->t) : read_by(a[0].s, a[1].s, x->type->precision, &out->t);
    return ok ? GOT_VALUE : GOT_NULL;
}

/* TO_TIMESTAMP_LTZ(number[, precision]): DateTimeUtils#epochToTimestampData. */
static bool of_epoch(int64_t epoch, int64_t precision, struct stamp *t)
{
    int64_t factor = (int64_t)dec_power((int)precision), seconds = floor_div(epoch, factor), rest = floor_mod(epoch, factor);
    if (seconds < -62167219200 || seconds > 253402300799)
        return false;
    int64_t nanos = rest * (int64_t)dec_power((int)(9 - precision));
    *t = (struct stamp){seconds * 1000 + nanos / 1000000, (int32_t)(nanos % 1000000)};
    return true;
}

static enum got row_ltz_number(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)null;
    const struct ltype *t = x->args[0]->type;
    int64_t precision = x->n > 1 ? a[1].i : 3;
    if (precision < 0 || precision > 9)
        return got_failed(ev, "a precision of TO_TIMESTAMP_LTZ is 0 to 9");
    if (type_is_integer(t) || t->root == L_DECIMAL)
        return of_epoch(type_is_integer(t) ? a[0].i : (int64_t)dec_whole(a[0].dec, t->scale), precision, &out->t) ? GOT_VALUE
                                                                                                                  : GOT_NULL;
    double seconds = a[0].d / pow(10, (double)precision), nanos = a[0].d * pow(10, (double)(9 - precision));
    if (seconds < -62167219200.0 || seconds > 253402300799.0)
        return GOT_NULL;
    int64_t n = isnan(nanos)              ? 0
        : nanos >= 9.2233720368547758e18  ? INT64_MAX
        : nanos <= -9.2233720368547758e18 ? INT64_MIN
                                          : (int64_t)nanos;
    return of_epoch(n, 9, &out->t) ? GOT_VALUE : GOT_NULL;
}

static enum got row_ltz_text(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)null;
    struct stamp t;
    bool ok = x->n == 1 ? civil_parse_stamp(a[0].s, 3, &t) : read_by(a[0].s, a[1].s, pattern_precision(a[1].s), &t);
    if (!ok)
        return GOT_NULL;
    if (x->n > 2) {
        struct arena mine = {0};
        struct err e = {0};
        const struct zone *zone = zone_load(&mine, (const char *)a[2].s.p, a[2].s.n, &e);
        if (zone)
            t.ms = zone_utc(zone, t.ms);
        arena_free(&mine);
        if (!zone)
            return GOT_NULL;
    }
    (void)ev;
    out->t = t;
    return GOT_VALUE;
}

bool bind_to_timestamp_ltz(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)b;
    (void)rex;
    x->strict = true;
    bool text = type_is_text(x->args[0]->type);
    x->row = text ? row_ltz_text : row_ltz_number;
    for (uint32_t i = 1; i < x->n; i++)
        if (text ? !type_is_text(x->args[i]->type) : !type_is_integer(x->args[i]->type))
            return fn_refuse(x, e);
    return type_is_number(x->args[0]->type) || text || x->args[0]->type->root == L_NULL || fn_refuse(x, e);
}

FN(unix_timestamp)
{
    (void)null;
    struct civil c;
    if (!x->n)
        return got_int(out, floor_div(ev->now ? ev->now(ev->clock) : 0, 1000));
    if (!timefmt_read(a[0].s, x->n > 1 ? a[1].s : plain, TIMEFMT_LENIENT, &c))
        return got_int(out, INT64_MIN);
    return got_int(out, utc_of(ev, civil_stamp(&c).ms) / 1000);
}

FN(from_unixtime)
{
    (void)null;
    int64_t ms;
    if (__builtin_mul_overflow(a[0].i, 1000, &ms) || ms > INT64_MAX / 2 || ms < INT64_MIN / 2)
        return GOT_NULL;
    struct civil c = civil_of((struct stamp){ms + offset_at(ev, ms), 0});
    return timefmt_put(fn_buf(ev), x->n > 1 ? a[1].s : plain, TIMEFMT_LENIENT, &c) ? got_buf(ev, out) : GOT_NULL;
}

FN(to_date)
{
    (void)ev;
    (void)x;
    (void)null;
    struct civil c;
    if (x->n == 1)
        return civil_parse_date(a[0].s, &out->i) ? GOT_VALUE : GOT_NULL;
    if (!timefmt_read(a[0].s, a[1].s, TIMEFMT_LENIENT, &c))
        return GOT_NULL;
    return got_int(out, civil_days(c.year, c.month, c.day));
}

/* A zone by its name; one that does not exist is GMT (TimeZone#getTimeZone). */
static const struct zone *zone_or_gmt(struct arena *a, struct bytes name)
{
    struct err e = {0};
    const struct zone *z = zone_load(a, (const char *)name.p, name.n, &e);
    return z ? z : &zone_of_utc;
}

FN(convert_tz)
{
    (void)x;
    (void)null;
    struct civil c;
    if (!timefmt_read(a[0].s, plain, TIMEFMT_LENIENT, &c))
        return GOT_NULL;
    struct arena mine = {0};
    const struct zone *from = zone_or_gmt(&mine, a[1].s), *to = zone_or_gmt(&mine, a[2].s);
    int64_t ms = zone_utc(from, civil_stamp(&c).ms);
    c = civil_of((struct stamp){ms + zone_offset(to, ms), 0});
    arena_free(&mine);
    timefmt_put(fn_buf(ev), plain, TIMEFMT_LENIENT, &c);
    return got_buf(ev, out);
}
