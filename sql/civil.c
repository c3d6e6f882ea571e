#include "sql/civil.h"

#include <stdio.h>

/* The day that was asked for before, which is mostly the same again. */
static _Thread_local struct {
    int64_t days, year;
    int month, day;
} last = {0, 1970, 1, 1};

int64_t civil_days(int64_t year, int month, int day)
{
    if (day == last.day && month == last.month && year == last.year)
        return last.days;
    int64_t y = month <= 2 ? year - 1 : year, era = floor_div(y, 400), of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    if (month >= 1 && month <= 12 && day >= 1 && day <= 28) { /* the day of a month, and not one that overflows */
        last.days = days;
        last.year = year;
        last.month = month;
        last.day = day;
    }
    return days;
}

void civil_of_days(int64_t days, struct civil *c)
{
    if (days != last.days) {
        int64_t z = days + 719468, era = floor_div(z, 146097), of_era = z - era * 146097;
        int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
        int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
        last.days = days;
        last.day = (int)(of_year - (153 * m + 2) / 5 + 1);
        last.month = (int)(m < 10 ? m + 3 : m - 9);
        last.year = y + era * 400 + (last.month <= 2);
    }
    c->day = last.day;
    c->month = last.month;
    c->year = last.year;
}

struct civil civil_of(struct stamp t)
{
    struct civil c = {0};
    int64_t days = floor_div(t.ms, MS_DAY), ms = t.ms - days * MS_DAY;
    civil_of_days(days, &c);
    c.hour = (int)(ms / 3600000);
    c.minute = (int)(ms / 60000 % 60);
    c.second = (int)(ms / 1000 % 60);
    c.nano = (int32_t)(ms % 1000) * 1000000 + t.ns;
    return c;
}

struct stamp civil_stamp(const struct civil *c)
{
    int64_t seconds = civil_days(c->year, c->month, c->day) * 86400 + c->hour * 3600 + c->minute * 60 + c->second;
    return (struct stamp){seconds * 1000 + c->nano / 1000000, c->nano % 1000000};
}

int civil_month_days(int64_t year, int month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

int civil_iso_week(int64_t days, int64_t *iso_year)
{
    int64_t thursday = days - floor_mod(days + 3, 7) + 3;
    struct civil c;
    civil_of_days(thursday, &c);
    *iso_year = c.year;
    return (int)((thursday - civil_days(c.year, 1, 1)) / 7 + 1);
}

/* Two and four digits, as DateTimeUtils puts them: what does not fit is cut. */
static char *two(char *to, int v)
{
    *to++ = (char)('0' + v / 10 % 10);
    *to++ = (char)('0' + v % 10);
    return to;
}

static char *four(char *to, int64_t v)
{
    to = two(to, (int)(v / 100 % 100));
    return two(to, (int)(v % 100));
}

static char *clock_of(char *to, int h, int m, int s)
{
    to = two(to, h);
    *to++ = ':';
    to = two(to, m);
    *to++ = ':';
    return two(to, s);
}

size_t civil_put_date(char *to, int64_t days)
{
    struct civil c;
    char *p = to;
    civil_of_days(days, &c);
    p = four(p, c.year);
    *p++ = '-';
    p = two(p, c.month);
    *p++ = '-';
    return (size_t)(two(p, c.day) - to);
}

size_t civil_put_time(char *to, int64_t ms, int precision)
{
    ms = floor_mod(ms, MS_DAY);
    char *p = clock_of(to, (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60));
    int rest = (int)(ms % 1000);
    if (precision > 0) {
        *p++ = '.';
        for (; precision > 0; precision--) {
            *p++ = (char)('0' + rest / 100);
            rest = rest % 100 * 10;
            if (!rest)
                break;
        }
    }
    return (size_t)(p - to);
}

size_t civil_put_stamp(char *to, struct stamp t, int precision)
{
    struct civil c = civil_of(t);
    char *p = four(to, c.year);
    *p++ = '-';
    p = two(p, c.month);
    *p++ = '-';
    p = two(p, c.day);
    *p++ = ' ';
    p = clock_of(p, c.hour, c.minute, c.second);
    if (precision > 0) {
        *p++ = '.';
        for (int32_t unit = 100000000, n = c.nano; precision > 0; precision--, n %= unit, unit /= 10)
            *p++ = (char)('0' + n / unit);
    }
    return (size_t)(p - to);
}

size_t civil_put_months(char *to, int64_t months)
{
    uint64_t v = months < 0 ? -(uint64_t)months : (uint64_t)months;
    return (size_t)snprintf(to, 48, "%c%llu-%02llu", months < 0 ? '-' : '+', (unsigned long long)v / 12,
                            (unsigned long long)v % 12);
}

size_t civil_put_interval(char *to, int64_t ms)
{
    uint64_t v = ms < 0 ? -(uint64_t)ms : (uint64_t)ms;
    return (size_t)snprintf(to, 48, "%c%llu %02u:%02u:%02u.%03u", ms < 0 ? '-' : '+', (unsigned long long)v / MS_DAY,
                            (unsigned)(v / 3600000 % 24), (unsigned)(v / 60000 % 60), (unsigned)(v / 1000 % 60),
                            (unsigned)(v % 1000));
}

struct stamp civil_cut(struct stamp t, int precision)
{
    static const int32_t units[] = {1000, 100, 10, 1, 100000, 10000, 1000, 100, 10, 1};
    if (precision <= 3)
        return (struct stamp){t.ms - floor_mod(t.ms, units[precision < 0 ? 0 : precision]), 0};
    if (precision < 9)
        t.ns -= t.ns % units[precision];
    return t;
}
