/* Dates and times from texts, as Flink's DateTimeUtils (flink-table-common 2.3) takes them. */
#include "sql/civil.h"

static struct bytes trimmed(const uint8_t *p, const uint8_t *end)
{
    while (p < end && *p <= ' ')
        p++;
    while (p < end && end[-1] <= ' ')
        end--;
    return (struct bytes){p, (size_t)(end - p)};
}

/* Integer#parseInt of what is between blanks. */
static bool whole(const uint8_t *p, const uint8_t *end, int64_t *v)
{
    struct bytes b = trimmed(p, end);
    bool minus = b.n && b.p[0] == '-';
    size_t i = b.n && (b.p[0] == '-' || b.p[0] == '+');
    if (i == b.n)
        return false;
    for (*v = 0; i < b.n; i++) {
        if (b.p[i] < '0' || b.p[i] > '9' || *v > INT32_MAX)
            return false;
        *v = *v * 10 + (b.p[i] - '0');
    }
    if (minus)
        *v = -*v;
    return *v >= INT32_MIN && *v <= INT32_MAX;
}

static const uint8_t *find(const uint8_t *p, const uint8_t *end, char c)
{
    const uint8_t *at = p < end ? memchr(p, c, (size_t)(end - p)) : NULL;
    return at ? at : end;
}

bool civil_parse_date(struct bytes s, int64_t *days)
{
    const uint8_t *p = s.p, *end = p + s.n, *blank = find(p, end, ' ');
    int64_t year, month = 1, day = 1;
    if (blank > p)
        end = blank;
    const uint8_t *first = find(p, end, '-'), *second = first < end ? find(first + 1, end, '-') : end;
    if (!whole(p, first, &year) || (first < end && !whole(first + 1, second, &month)) ||
        (second < end && !whole(second + 1, end, &day)))
        return false;
    if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 || day > civil_month_days(year, (int)month))
        return false;
    *days = civil_days(year, (int)month, (int)day);
    return true;
}

/* DateTimeUtils#parseFraction: milliseconds, rounded by the fourth digit. */
static int fraction(struct bytes b)
{
    int unit = 100, r = 0;
    for (size_t i = 0; i < b.n; i++) {
        r += unit * (b.p[i] >= '0' && b.p[i] <= '9' ? b.p[i] - '0' : 0);
        if (unit < 10)
            return r + (i + 1 < b.n && b.p[i + 1] >= '5');
        unit /= 10;
    }
    return r;
}

bool civil_parse_time(struct bytes s, int64_t *ms)
{
    const uint8_t *p = s.p, *end = p + s.n, *zone = find(p, end, '-');
    int64_t sign = -1, hour, minute = 0, second = 0, zone_hour = 0, zone_minute = 0;
    int milli = 0;
    if (zone == end) {
        zone = find(p, end, '+');
        sign = 1;
    }
    if (zone < end) {
        const uint8_t *colon = find(zone, end, ':');
        if (!whole(zone + 1, colon, &zone_hour) || (colon < end && !whole(colon + 1, end, &zone_minute)))
            return false;
        end = zone;
    }
    const uint8_t *first = find(p, end, ':'), *second_at = first < end ? find(first + 1, end, ':') : end;
    const uint8_t *dot = second_at < end ? find(second_at, end, '.') : end;
    if (!whole(p, first, &hour) || (first < end && !whole(first + 1, second_at, &minute)) ||
        (second_at < end && !whole(second_at + 1, dot, &second)))
        return false;
    if (dot < end)
        milli = fraction(trimmed(dot + 1, end));
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    *ms = (int32_t)((hour + sign * zone_hour) * 3600000 + (minute + sign * zone_minute) * 60000 + second * 1000 + milli);
    return true;
}

struct at {
    const uint8_t *p, *end;
};

static bool digits(struct at *a, int min, int max, int64_t *v)
{
    int n = 0;
    for (*v = 0; n < max && a->p < a->end && *a->p >= '0' && *a->p <= '9'; n++)
        *v = *v * 10 + (*a->p++ - '0');
    return n >= min;
}

static bool sign_of(struct at *a, char c)
{
    if (a->p == a->end || *a->p != c)
        return false;
    a->p++;
    return true;
}

/* Two digits; what is none makes *wrong. */
static int two(const uint8_t *p, unsigned *wrong)
{
    unsigned tens = p[0] - (unsigned)'0', ones = p[1] - (unsigned)'0';
    *wrong |= (tens > 9) | (ones > 9);
    return (int)(tens * 10 + ones);
}

/* "2026-01-31 23:59:59", with or without a fraction of three digits: the form that nearly all have. */
static bool usual_form(struct bytes s, struct civil *c)
{
    const uint8_t *p = s.p;
    unsigned wrong = 0;
    if ((s.n != 19 && s.n != 23) || p[4] != '-' || p[7] != '-' || p[10] != ' ' || p[13] != ':' || p[16] != ':')
        return false;
    *c = (struct civil){.year = two(p, &wrong) * 100 + two(p + 2, &wrong),
                        .month = two(p + 5, &wrong),
                        .day = two(p + 8, &wrong),
                        .hour = two(p + 11, &wrong),
                        .minute = two(p + 14, &wrong),
                        .second = two(p + 17, &wrong)};
    if (s.n == 23) {
        unsigned ones = p[22] - (unsigned)'0';
        wrong |= (p[19] != '.') | (ones > 9);
        c->nano = (two(p + 20, &wrong) * 10 + (int)ones) * 1000000;
    }
    return !wrong && c->year >= 1 && c->month >= 1 && c->month <= 12 && c->day >= 1 && c->day <= 28 && c->hour <= 23 &&
        c->minute <= 59 && c->second <= 59;
}

bool civil_parse_stamp(struct bytes s, int precision, struct stamp *t)
{
    struct civil usual;
    if (usual_form(s, &usual)) {
        *t = civil_cut(civil_stamp(&usual), precision);
        return true;
    }
    struct at a = {s.p, s.p + s.n};
    int64_t year, month, day, hour = 0, minute = 0, second = 0, nano = 0;
    if (!digits(&a, 4, 4, &year) || !sign_of(&a, '-') || !digits(&a, 1, 2, &month) || !sign_of(&a, '-') || !digits(&a, 1, 2, &day))
        return false;
    if (sign_of(&a, ' ')) {
        if (!digits(&a, 1, 2, &hour) || !sign_of(&a, ':') || !digits(&a, 1, 2, &minute) || !sign_of(&a, ':') ||
            !digits(&a, 1, 2, &second))
            return false;
        if (sign_of(&a, '.')) {
            const uint8_t *from = a.p;
            digits(&a, 0, 9, &nano);
            for (int n = (int)(a.p - from); n < 9; n++)
                nano *= 10;
        }
    }
    if (a.p != a.end || year < 1 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59)
        return false;
    int last = civil_month_days(year, (int)month); /* ResolverStyle.SMART */
    struct civil c = {year, (int)month, (int)(day < last ? day : last), (int)hour, (int)minute, (int)second, (int32_t)nano};
    *t = civil_cut(civil_stamp(&c), precision);
    return true;
}
