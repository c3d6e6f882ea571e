#include "sql/zone.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rd.h"
#include "sql/civil.h"

struct zone {
    int64_t fixed; /* milliseconds; when there are no transitions */
    uint32_t n;
    const int64_t *at;     /* seconds, UTC */
    const int32_t *offset; /* n + 1: before the first, from the first on … */
    bool has_rule;         /* daylight saving goes on behind the last one */
    int32_t standard, daylight;
    struct zone_rule {
        int month, week, day; /* Mm.w.d */
        int32_t time;         /* seconds, local */
    } start, end;
};

const struct zone zone_of_utc;

/* --- the text behind a TZif file: "CET-1CEST,M3.5.0,M10.5.0/3" --- */

static bool posix_name(const char **p)
{
    const char *s = *p;
    if (*s == '<')
        while (*s && *s++ != '>')
            ;
    else
        while ((*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z'))
            s++;
    bool any = s > *p;
    *p = s;
    return any;
}

static int32_t posix_time(const char **p)
{
    int32_t sign = **p == '-' ? -1 : 1, v = 0, unit = 3600;
    if (**p == '-' || **p == '+')
        ++*p;
    for (int i = 0; i < 3; i++, unit /= 60) {
        v += (int32_t)(strtol(*p, (char **)p, 10) % 1000) * unit;
        if (**p != ':')
            break;
        ++*p;
    }
    return sign * v;
}

static bool posix_rule(const char **p, struct zone_rule *r)
{
    if (strncmp(*p, ",M", 2))
        return false;
    *p += 2;
    r->month = (int)strtol(*p, (char **)p, 10);
    r->week = **p == '.' ? (int)strtol(*p + 1, (char **)p, 10) : 0;
    r->day = **p == '.' ? (int)strtol(*p + 1, (char **)p, 10) : -1;
    r->time = 7200;
    if (**p == '/') {
        ++*p;
        r->time = posix_time(p);
    }
    return r->month >= 1 && r->month <= 12 && r->week >= 1 && r->week <= 5 && r->day >= 0 && r->day <= 6;
}

static void posix_text(struct zone *z, const char *p)
{
    if (!posix_name(&p))
        return;
    z->standard = -posix_time(&p);
    if (!posix_name(&p))
        return;
    z->daylight = *p && *p != ',' ? -posix_time(&p) : z->standard + 3600;
    z->has_rule = posix_rule(&p, &z->start) && posix_rule(&p, &z->end);
}

/* Seconds, local, at which a rule applies in a year. */
static int64_t rule_at(const struct zone_rule *r, int64_t year)
{
    int64_t first = civil_days(year, r->month, 1), day = first + floor_mod(r->day - (first + 4), 7) + (r->week - 1) * 7;
    while (day >= first + civil_month_days(year, r->month))
        day -= 7;
    return day * 86400 + r->time;
}

static int32_t by_rule(const struct zone *z, int64_t seconds)
{
    struct civil c;
    civil_of_days(floor_div(seconds + z->standard, 86400), &c);
    int64_t start = rule_at(&z->start, c.year) - z->standard, end = rule_at(&z->end, c.year) - z->daylight;
    bool summer = start < end ? seconds >= start && seconds < end : seconds >= start || seconds < end;
    return summer ? z->daylight : z->standard;
}

/* --- TZif --- */

struct counts {
    uint32_t isut, isstd, leap, time, type, chars;
};

static bool head(struct rd *r, struct counts *c)
{
    const uint8_t *magic = rd_take(r, 4);
    if (!magic || memcmp(magic, "TZif", 4))
        return false;
    rd_take(r, 16);
    c->isut = rd_u32(r);
    c->isstd = rd_u32(r);
    c->leap = rd_u32(r);
    c->time = rd_u32(r);
    c->type = rd_u32(r);
    c->chars = rd_u32(r);
    return rd_ok(r) && c->time < 100000 && c->type < 256 && c->chars < 100000 && c->leap < 100000 && c->isut < 256 &&
        c->isstd < 256;
}

static bool tzif(struct zone *z, struct arena *a, struct rd *r)
{
    struct counts c;
    if (!head(r, &c))
        return false;
    rd_take(r, c.time * 5 + c.type * 6 + c.chars + c.leap * 8 + c.isstd + c.isut); /* the old form with 32 bits */
    if (!head(r, &c) || !c.type)
        return false;
    int64_t *at = arena_array(a, c.time + 1, sizeof *at);
    int32_t *offset = arena_array(a, c.time + 1, sizeof *offset);
    for (uint32_t i = 0; i < c.time; i++)
        at[i] = rd_i64(r);
    const uint8_t *index = rd_take(r, c.time), *types = rd_take(r, (size_t)c.type * 6);
    rd_take(r, c.chars + (size_t)c.leap * 12 + c.isstd + c.isut);
    if (!rd_ok(r))
        return false;
    offset[0] = (int32_t)be32(types);
    for (uint32_t i = 0; i < c.time; i++) {
        if (index[i] >= c.type)
            return false;
        offset[i + 1] = (int32_t)be32(types + index[i] * 6);
    }
    z->n = c.time;
    z->at = at;
    z->offset = offset;
    char text[128] = {0};
    size_t n = rd_left(r);
    if (n > 2 && n < sizeof text) {
        memcpy(text, r->p + 1, n - 2);
        posix_text(z, text);
    }
    return true;
}

/* "GMT+8", "GMT-08:00", "UTC+0130", "+08:00". */
static bool offset_name(const char *s, int64_t *ms)
{
    if (!strncmp(s, "GMT", 3) || !strncmp(s, "UTC", 3))
        s += 3;
    if (!*s) {
        *ms = 0;
        return true;
    }
    int sign = *s == '-' ? -1 : 1;
    if (*s != '-' && *s != '+')
        return false;
    const char *from = ++s;
    int64_t h = 0, m = 0;
    while (*s >= '0' && *s <= '9' && s - from < 4)
        h = h * 10 + (*s++ - '0');
    if (s == from)
        return false;
    if (s - from > 2) {
        m = h % 100;
        h /= 100;
    } else if (*s == ':') {
        from = ++s;
        while (*s >= '0' && *s <= '9' && s - from < 2)
            m = m * 10 + (*s++ - '0');
        if (s - from != 2)
            return false;
    }
    *ms = sign * (h * 60 + m) * 60000;
    return !*s && h < 24 && m < 60;
}

static bool plain_name(const char *s)
{
    if (!*s || *s == '/' || strstr(s, "..") || strlen(s) > 64)
        return false;
    for (; *s; s++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-", *s))
            return false;
    return true;
}

const struct zone *zone_load(struct arena *a, const char *text, size_t n, struct err *e)
{
    const char *name = arena_strn(a, text, n);
    struct zone *z = arena_alloc(a, sizeof *z);
    if (offset_name(name, &z->fixed) || !strcmp(name, "Z"))
        return z;
    const char *dir = getenv("TZDIR");
    const char *path = arena_printf(a, "%s/%s", dir ? dir : "/usr/share/zoneinfo", name);
    uint8_t file[32 << 10];
    int fd = plain_name(name) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t got = fd < 0 ? -1 : read(fd, file, sizeof file);
    if (fd >= 0)
        close(fd);
    if (got < 0) {
        err_set(e, ERR_UNSUPPORTED, "there is no time zone '%.80s' in %s", name, dir ? dir : "/usr/share/zoneinfo");
        return NULL;
    }
    struct rd r = rd_of(file, (size_t)got, 0);
    if (!tzif(z, a, &r)) {
        err_set(e, ERR_CORRUPT, "%s is no time zone file", path);
        return NULL;
    }
    return z;
}

int64_t zone_offset(const struct zone *z, int64_t utc_ms)
{
    int64_t seconds = floor_div(utc_ms, 1000);
    if (!z->n)
        return z->has_rule ? by_rule(z, seconds) * 1000 : z->offset ? z->offset[0] * 1000 : z->fixed;
    if (z->has_rule && seconds >= z->at[z->n - 1])
        return by_rule(z, seconds) * 1000;
    uint32_t low = 0, high = z->n; /* transitions at or before it */
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (z->at[mid] <= seconds)
            low = mid + 1;
        else
            high = mid;
    }
    return (int64_t)z->offset[low] * 1000;
}

int64_t zone_utc(const struct zone *z, int64_t local_ms)
{
    int64_t before = zone_offset(z, local_ms - MS_DAY), after = zone_offset(z, local_ms + MS_DAY);
    if (zone_offset(z, local_ms - before) == before)
        return local_ms - before;
    if (zone_offset(z, local_ms - after) == after)
        return local_ms - after;
    return local_ms - before; /* in a gap */
}
