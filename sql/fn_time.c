/* Parts of dates and times, and rounding to them, as the code that flink-table-planner 2.3 generates (ExtractCallGen, FloorCeilCallGen) and
 * DateTimeUtils compute: divisions are Java's, so moments before 1970 come out as they do there. */
#include "sql/fn.h"

#define FN(ident) \
    enum got row_##ident(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)

enum unit {
    MILLENNIUM,
    CENTURY,
    DECADE,
    YEAR,
    ISOYEAR,
    QUARTER,
    MONTH,
    WEEK,
    DAY,
    DOW,
    ISODOW,
    DOY,
    EPOCH, /* up to here parts of a date */
    HOUR,
    MINUTE,
    SECOND,
    MILLISECOND,
    MICROSECOND,
    NANOSECOND,
    UNITS
};

static const char *const unit_words[UNITS] = {
    "MILLENNIUM", "CENTURY", "DECADE", "YEAR", "ISOYEAR", "QUARTER", "MONTH",       "WEEK",        "DAY",       "DOW",
    "ISODOW",     "DOY",     "EPOCH",  "HOUR", "MINUTE",  "SECOND",  "MILLISECOND", "MICROSECOND", "NANOSECOND"};

static uint32_t unit_of(const char *word)
{
    uint32_t u = 0;
    while (u < UNITS && strcmp(unit_words[u], word))
        u++;
    return u;
}

static int64_t date_part(enum unit u, int64_t days)
{
    struct civil c;
    int64_t iso, week;
    civil_of_days(days, &c);
    switch (u) {
    case MILLENNIUM:
        return c.year > 0 ? (c.year + 999) / 1000 : (c.year - 999) / 1000;
    case CENTURY:
        return c.year > 0 ? (c.year + 99) / 100 : (c.year - 99) / 100;
    case DECADE:
        return c.year / 10;
    case YEAR:
        return c.year;
    case QUARTER:
        return (c.month + 2) / 3;
    case MONTH:
        return c.month;
    case DAY:
        return c.day;
    case DOW:
        return floor_mod(days + 4, 7) + 1;
    case ISODOW:
        return floor_mod(days + 3, 7) + 1;
    case DOY:
        return days - civil_days(c.year, 1, 1) + 1;
    case ISOYEAR:
        civil_iso_week(days, &iso);
        return iso;
    case WEEK:
        week = civil_iso_week(days, &iso);
        return week;
    default:
        return days * 86400;
    }
}

/* A part of milliseconds: what is below the unit above it, counted in units. */
static int64_t clock_part(enum unit u, int64_t ms, int64_t nanos)
{
    switch (u) {
    case HOUR:
        return ms % MS_DAY / 3600000;
    case MINUTE:
        return ms % 3600000 / 60000;
    case SECOND:
        return ms % 60000 / 1000;
    case MILLISECOND:
        return ms % 1000;
    case MICROSECOND:
        return ms % 1000 * 1000 + nanos / 1000;
    default:
        return ms % 1000 * 1000000 + nanos;
    }
}

/* Parts of intervals: months, or milliseconds. */
static int64_t interval_part(enum unit u, const struct ltype *t, int64_t v)
{
    if (t->root == L_INTERVAL_YEAR_MONTH)
        return u == YEAR ? v / 12 : u == MONTH ? v % 12 : u == QUARTER ? (v % 12 - 1) / 3 + 1 : 0;
    return u == DAY ? v / MS_DAY : u >= HOUR && u <= MILLISECOND ? clock_part(u, v, 0) : 0;
}

static enum got row_extract(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)null;
    const struct ltype *t = x->args[1]->type;
    enum unit u = x->k;
    if (t->root == L_DATE)
        return got_int(out, u <= EPOCH ? date_part(u, a[1].i) : clock_part(u, a[1].i, 0)); /* of the days' number, as in Flink */
    if (t->root == L_TIME)
        return got_int(out, clock_part(u, a[1].i, 0));
    if (!type_is_timestamp(t))
        return got_int(out, interval_part(u, t, a[1].i));
    int64_t ms = a[1].t.ms + (t->root == L_TIMESTAMP_LTZ && ev->zone ? zone_offset(ev->zone, a[1].t.ms) : 0);
    if (u == EPOCH)
        return got_int(out, ms / 1000);
    return got_int(out, u < EPOCH ? date_part(u, ms / MS_DAY) : clock_part(u, ms, a[1].t.ns));
}

bool bind_extract(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)b;
    const struct ltype *t = x->args[1]->type;
    x->k = unit_of(rex_word(rex, 0));
    x->strict = true;
    x->row = row_extract;
    bool interval = t->root == L_INTERVAL_DAY_TIME || t->root == L_INTERVAL_YEAR_MONTH;
    bool no_part = interval && (x->k == ISOYEAR || x->k == WEEK || x->k == DECADE || (x->k >= DOW && x->k <= EPOCH));
    if (x->k == UNITS || no_part || ((t->root == L_DATE || interval) && x->k > MILLISECOND) ||
        (t->root == L_TIME && (x->k <= EPOCH || x->k > MILLISECOND)) ||
        (!type_is_timestamp(t) && t->root != L_DATE && t->root != L_TIME && !interval))
        return fn_refuse(x, e);
    return true;
}

/* --- FLOOR, CEIL --- */

static int64_t date_round(enum unit u, int64_t days, bool up)
{
    struct civil c;
    civil_of_days(days, &c);
    int64_t y = c.year, m = c.month;
    switch (u) {
    case MILLENNIUM:
        return civil_days(1000 * ((y + 999) / 1000) + (up ? 1 : -999), 1, 1);
    case CENTURY:
        return civil_days(100 * ((y + 99) / 100) + (up ? 1 : -99), 1, 1);
    case DECADE:
        return civil_days(10 * (y / 10 + up), 1, 1);
    case YEAR:
        return civil_days(y + (up && (m > 1 || c.day > 1)), 1, 1);
    case QUARTER:
        m = (m + 2) / 3 + (up && (m > 1 || c.day > 1));
        return civil_days(y + (m > 4), (int)(m > 4 ? 1 : m * 3 - 2), 1);
    case MONTH:
        m += up && c.day > 1;
        return civil_days(y + (m > 12), (int)(m > 12 ? 1 : m), 1);
    case WEEK: {
        int64_t into = floor_mod(days + 4, 7);
        return days - (up && into ? into - 7 : into);
    }
    default:
        return days + up;
    }
}

static int64_t unit_ms(enum unit u)
{
    static const int64_t ms[] = {3600000, 60000, 1000, 1};
    return u == DAY ? MS_DAY : u >= HOUR && u <= MILLISECOND ? ms[u - HOUR] : 1;
}

static int64_t clock_round(enum unit u, int64_t ms, bool up)
{
    int64_t by = unit_ms(u);
    return floor_div(up ? ms + by - 1 : ms, by) * by;
}

static enum got rounded_time(struct eval *ev, const struct expr *x, const union cell *a, bool up, union cell *out)
{
    const struct ltype *t = x->args[0]->type;
    enum unit u = x->k;
    if (t->root == L_DATE)
        return got_int(out, u <= DAY ? date_round(u, a[0].i, up) : a[0].i);
    if (t->root == L_TIME)
        return got_int(out, clock_round(u, a[0].i, up));
    int64_t offset = t->root == L_TIMESTAMP_LTZ && ev->zone ? zone_offset(ev->zone, a[0].t.ms) : 0, ms = a[0].t.ms + offset;
    if (u == MILLISECOND && up)
        ms += a[0].t.ns > 0;
    else if (u < DAY)
        ms = date_round(u, ms / MS_DAY, up) * MS_DAY;
    else
        ms = clock_round(u, ms, up);
    out->t = (struct stamp){ms - offset, 0};
    return GOT_VALUE;
}

static enum got rounded(struct eval *ev, const struct expr *x, const union cell *a, bool up, union cell *out)
{
    const struct ltype *t = x->args[0]->type;
    if (x->n > 1)
        return rounded_time(ev, x, a, up, out);
    if (t->root == L_DECIMAL) {
        i128 unit = dec_power(t->scale), v = a[0].dec / unit, rest = a[0].dec % unit;
        out->dec = v + (up ? rest > 0 : -(rest < 0));
        return dec_rescale(&out->dec, 0, x->type->scale, x->type->precision) ? GOT_VALUE : GOT_NULL;
    }
    if (type_is_real(t))
        return got_real(out, up ? __builtin_ceil(a[0].d) : __builtin_floor(a[0].d));
    *out = a[0];
    return GOT_VALUE;
}

static enum got row_floor(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)null;
    return rounded(ev, x, a, false, out);
}

static enum got row_ceil(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)null;
    return rounded(ev, x, a, true, out);
}

static bool prepare_round(struct expr *x, const struct rex *rex, row_fn row, struct err *e)
{
    const struct ltype *t = x->args[0]->type;
    x->strict = true;
    x->row = row;
    if (x->n == 1)
        return type_is_number(t) || fn_refuse(x, e);
    x->k = unit_of(rex_word(rex, 1));
    bool date = t->root == L_DATE || type_is_timestamp(t);
    bool known = x->k <= DAY ? x->k != ISOYEAR && date : x->k >= HOUR && x->k <= MILLISECOND;
    return (known && (date || t->root == L_TIME)) || fn_refuse(x, e);
}

bool bind_floor(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)b;
    return prepare_round(x, rex, row_floor, e);
}

bool bind_ceil(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    (void)b;
    return prepare_round(x, rex, row_ceil, e);
}

/* --- now --- */

static enum got stamp_now(struct eval *ev, bool local, union cell *out)
{
    int64_t ms = ev->now ? ev->now(ev->clock) : 0;
    out->t = (struct stamp){ms + (local && ev->zone ? zone_offset(ev->zone, ms) : 0), 0};
    return GOT_VALUE;
}

FN(now)
{
    (void)a;
    (void)null;
    return stamp_now(ev, x->type->root == L_TIMESTAMP, out);
}

/* A column of processing time: who needs the time asks for it (ExprCodeGenerator: generateNullLiteral). */
FN(proctime)
{
    (void)ev;
    (void)x;
    (void)a;
    (void)null;
    (void)out;
    return GOT_NULL;
}

FN(current_date)
{
    (void)x;
    (void)a;
    (void)null;
    stamp_now(ev, true, out);
    return got_int(out, floor_div(out->t.ms, MS_DAY));
}

FN(current_time)
{
    (void)x;
    (void)a;
    (void)null;
    stamp_now(ev, true, out);
    int64_t ms = floor_mod(out->t.ms, MS_DAY);
    return got_int(out, ms - ms % 1000);
}

/* The watermark that has come so far; NULL before the first one. */
FN(current_watermark)
{
    (void)a;
    (void)null;
    (void)x;
    if (ev->watermark == INT64_MIN)
        return GOT_NULL;
    out->t = (struct stamp){ev->watermark, 0};
    return GOT_VALUE;
}
