#include "savepoint/timetext.h"

#include <string.h>

#include "base/jsonr.h"

enum { MAX_YEAR = 999999999 };

struct cursor {
    const uint8_t *p, *end;
};

/* min to max digits. */
static bool digits(struct cursor *c, int min, int max, int64_t *v)
{
    int n = 0;
    for (*v = 0; n < max && c->p < c->end && *c->p >= '0' && *c->p <= '9'; n++)
        *v = *v * 10 + (*c->p++ - '0');
    return n >= min;
}

static bool character(struct cursor *c, char what)
{
    if (c->p == c->end || *c->p != (uint8_t)what)
        return false;
    c->p++;
    return true;
}

static int days_of(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

static bool date(struct cursor *c, struct date_text *d)
{
    int64_t year, month, day;
    bool minus = character(c, '-');
    if (!minus)
        (void)character(c, '+');
    if (!digits(c, 4, 10, &year) || year > MAX_YEAR + 1 || !character(c, '-') || !digits(c, 2, 2, &month) || !character(c, '-') ||
        !digits(c, 2, 2, &day) || month < 1 || month > 12)
        return false;
    *d = (struct date_text){(int32_t)(minus ? -year : year), (int)month, (int)day};
    return day >= 1 && day <= days_of(d->year, d->month);
}

static bool time_of_day(struct cursor *c, struct time_text *t)
{
    int64_t h, m, s = 0, fraction = 0;
    if (!digits(c, 2, 2, &h) || !character(c, ':') || !digits(c, 2, 2, &m))
        return false;
    bool seconds = character(c, ':');
    if (seconds && !digits(c, 2, 2, &s))
        return false;
    if (seconds && character(c, '.')) {
        const uint8_t *from = c->p;
        if (!digits(c, 1, 9, &fraction))
            return false;
        for (long n = c->p - from; n < 9; n++)
            fraction *= 10;
    }
    *t = (struct time_text){(int)h, (int)m, (int)s, (int32_t)fraction};
    return h <= 23 && m <= 59 && s <= 59;
}

static struct cursor over(struct bytes b) { return (struct cursor){b.p, b.p + b.n}; }

/* An Instant may be a year further than a date. */
static bool in_years(const struct date_text *d) { return d->year >= -MAX_YEAR && d->year <= MAX_YEAR; }

bool date_of_text(struct bytes text, struct date_text *d)
{
    struct cursor c = over(text);
    return date(&c, d) && c.p == c.end && in_years(d);
}

bool time_of_text(struct bytes text, struct time_text *t)
{
    struct cursor c = over(text);
    return time_of_day(&c, t) && c.p == c.end;
}

static bool both(struct cursor *c, struct date_text *d, struct time_text *t)
{
    return date(c, d) && (character(c, 'T') || character(c, ' ')) && time_of_day(c, t);
}

bool datetime_of_text(struct bytes text, struct date_text *d, struct time_text *t)
{
    struct cursor c = over(text);
    return both(&c, d, t) && c.p == c.end && in_years(d);
}

bool instant_of_text(struct bytes text, int64_t *seconds, int32_t *nanos)
{
    struct cursor c = over(text);
    struct date_text d;
    struct time_text t;
    if (!both(&c, &d, &t) || !character(&c, 'Z') || c.p != c.end)
        return false;
    *seconds = epoch_second_of(&d, &t);
    *nanos = t.nanos;
    return true;
}

/* In 400-year cycles that begin on 1 March, as javaio.c goes the other way. */
int64_t epoch_day_of(const struct date_text *d)
{
    int64_t year = (int64_t)d->year - (d->month <= 2);
    int64_t era = year / 400 - (year % 400 < 0);
    int64_t yoe = year - era * 400;
    int64_t doy = (153 * (d->month + (d->month > 2 ? -3 : 9)) + 2) / 5 + d->day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int64_t epoch_second_of(const struct date_text *d, const struct time_text *t)
{
    return epoch_day_of(d) * 86400 + t->h * 3600 + t->m * 60 + t->s;
}

static bool starts(struct bytes b, const char *with) { return b.n >= strlen(with) && !memcmp(b.p, with, strlen(with)); }

bool ms_of_text(struct bytes text, int64_t *ms)
{
    if (starts(text, "ms:"))
        text = (struct bytes){text.p + 3, text.n - 3};
    return jsonr_to_int(text, ms);
}

bool ts_of_text(struct bytes text, int64_t *ms, int32_t *nanos)
{
    const uint8_t *colon = starts(text, "ts:") ? memchr(text.p + 3, ':', text.n - 3) : NULL;
    int64_t n;
    if (!colon || !jsonr_to_int((struct bytes){text.p + 3, (size_t)(colon - text.p - 3)}, ms) ||
        !jsonr_to_int((struct bytes){colon + 1, (size_t)(text.p + text.n - colon - 1)}, &n))
        return false;
    *nanos = (int32_t)n;
    return n >= 0 && n <= 999999999;
}
