#include "sql/timefmt.h"

#include <stdio.h>
#include <strings.h>

static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

/* The next piece of a pattern: letters of one kind (n of them), or a literal. */
struct piece {
    char letter; /* 0: a literal */
    int n;
    struct bytes literal;
};

/* 1: a piece; 0: the end; -1: malformed. */
static int next_piece(struct bytes *rest, struct piece *p)
{
    if (!rest->n)
        return 0;
    uint8_t c = rest->p[0];
    size_t n = 1;
    *p = (struct piece){0};
    if ((c | 32) >= 'a' && (c | 32) <= 'z') {
        while (n < rest->n && rest->p[n] == c)
            n++;
        p->letter = (char)c;
        p->n = n > 30 ? 30 : (int)n;
    } else if (c == '\'') {
        if (n < rest->n && rest->p[1] == '\'') {
            p->literal = (struct bytes){rest->p, 1};
            n = 2;
        } else {
            while (n < rest->n && rest->p[n] != '\'')
                n++;
            if (n == rest->n)
                return -1;
            p->literal = (struct bytes){rest->p + 1, n - 1};
            n++;
        }
    } else {
        p->literal = (struct bytes){rest->p, 1};
    }
    *rest = (struct bytes){rest->p + n, rest->n - n};
    return 1;
}

static void number(struct buf *to, int64_t v, int width)
{
    char text[24], *p = text + sizeof text;
    if (v < 0 || width > 20) {
        buf_printf(to, "%0*lld", width, (long long)v);
        return;
    }
    do {
        *--p = (char)('0' + v % 10);
        v /= 10;
        width--;
    } while (v || width > 0);
    buf_put(to, p, (size_t)(text + sizeof text - p));
}

static void fraction(struct buf *to, int32_t nano, int n)
{
    char text[10];
    snprintf(text, sizeof text, "%09d", nano);
    buf_put(to, text, (size_t)(n > 9 ? 9 : n));
    for (; n > 9; n--)
        buf_putc(to, '0');
}

static bool put_piece(struct buf *to, const struct piece *p, enum timefmt_kind kind, const struct civil *c)
{
    int64_t day = civil_days(c->year, c->month, c->day), iso;
    int dow = (int)floor_mod(day + 3, 7);
    switch (p->letter) {
    case 'y':
    case 'u':
        if (p->letter == 'u' && kind == TIMEFMT_LENIENT)
            number(to, dow + 1, p->n);
        else if (p->n == 2)
            number(to, floor_mod(c->year, 100), 2);
        else
            number(to, c->year, p->n);
        return true;
    case 'M':
    case 'L':
        if (p->n >= 3)
            buf_printf(to, p->n == 3 ? "%.3s" : "%s", months[c->month - 1]);
        else
            number(to, c->month, p->n);
        return true;
    case 'd':
        number(to, c->day, p->n);
        return true;
    case 'D':
        number(to, day - civil_days(c->year, 1, 1) + 1, p->n);
        return true;
    case 'Q':
        number(to, (c->month + 2) / 3, p->n);
        return kind == TIMEFMT_STRICT;
    case 'w':
        number(to, civil_iso_week(day, &iso), p->n);
        return true;
    case 'E':
        buf_printf(to, p->n <= 3 ? "%.3s" : "%s", days[dow]);
        return true;
    case 'e':
        number(to, (dow + 1) % 7 + 1, p->n);
        return kind == TIMEFMT_STRICT;
    case 'a':
        buf_puts(to, c->hour < 12 ? "AM" : "PM");
        return true;
    case 'H':
        number(to, c->hour, p->n);
        return true;
    case 'k':
        number(to, c->hour ? c->hour : 24, p->n);
        return true;
    case 'K':
        number(to, c->hour % 12, p->n);
        return true;
    case 'h':
        number(to, (c->hour + 11) % 12 + 1, p->n);
        return true;
    case 'm':
        number(to, c->minute, p->n);
        return true;
    case 's':
        number(to, c->second, p->n);
        return true;
    case 'S':
        if (kind == TIMEFMT_STRICT)
            fraction(to, c->nano, p->n);
        else
            number(to, c->nano / 1000000, p->n);
        return true;
    case 'n':
        number(to, c->nano, p->n);
        return kind == TIMEFMT_STRICT;
    case 'G':
        buf_puts(to, c->year > 0 ? "AD" : "BC");
        return true;
    default:
        return false;
    }
}

bool timefmt_put(struct buf *to, struct bytes pattern, enum timefmt_kind kind, const struct civil *c)
{
    struct piece p;
    int got;
    while ((got = next_piece(&pattern, &p)) > 0) {
        if (!p.letter && kind == TIMEFMT_STRICT && p.literal.n == 1 && strchr("{}#", p.literal.p[0]))
            return false; /* reserved */
        if (!p.letter)
            buf_put(to, p.literal.p, p.literal.n);
        else if (!put_piece(to, &p, kind, c))
            return false;
    }
    return !got;
}

/* --- reading --- */

struct reading {
    const uint8_t *p, *end;
    int64_t year, month, day, hour, hour12, minute, second, nano;
    int pm; /* -1: not said */
};

static bool read_number(struct reading *r, int min, int max, int64_t *v)
{
    int n = 0;
    for (*v = 0; n < max && r->p < r->end && *r->p >= '0' && *r->p <= '9'; n++)
        *v = *v * 10 + (*r->p++ - '0');
    return n >= min;
}

static bool read_word(struct reading *r, const char *const *words, int n, int letters, int64_t *v)
{
    for (int i = 0; i < n; i++)
        for (size_t len = letters <= 3 ? 3 : strlen(words[i]); len >= 3; len = len > 3 ? 3 : 0)
            if ((size_t)(r->end - r->p) >= len && !strncasecmp((const char *)r->p, words[i], len)) {
                r->p += len;
                *v = i + 1;
                return true;
            }
    return false;
}

static bool read_fraction(struct reading *r, const struct piece *p, enum timefmt_kind kind, bool adjacent)
{
    const uint8_t *from = r->p;
    if (kind == TIMEFMT_LENIENT) {
        if (!read_number(r, 1, adjacent ? p->n : 9, &r->nano))
            return false;
        r->nano *= 1000000; /* milliseconds, however many */
        return true;
    }
    if (!read_number(r, p->n > 9 ? 9 : p->n, p->n > 9 ? 9 : p->n, &r->nano))
        return false;
    for (int n = (int)(r->p - from); n < 9; n++)
        r->nano *= 10;
    return true;
}

/* A number of that many letters: strict ones have exactly so many digits (from two on), lenient ones as many as there are. */
static bool read_letters(struct reading *r, const struct piece *p, enum timefmt_kind kind, bool adjacent, int64_t *v)
{
    if (kind == TIMEFMT_LENIENT) {
        while (r->p < r->end && *r->p == ' ')
            r->p++;
        bool minus = r->p < r->end && *r->p == '-' && !adjacent;
        if (minus)
            r->p++;
        if (!read_number(r, 1, adjacent ? p->n : 9, v))
            return false;
        *v = minus ? -*v : *v;
        return true;
    }
    return read_number(r, p->n, p->n == 1 ? 19 : p->n, v);
}

static bool read_piece(struct reading *r, const struct piece *p, enum timefmt_kind kind, bool adjacent)
{
    int64_t skip;
    switch (p->letter) {
    case 'y':
    case 'u': {
        const uint8_t *from = r->p;
        bool ok = kind == TIMEFMT_STRICT && p->n >= 4 && !adjacent ? read_number(r, p->n, 10, &r->year)
                                                                   : read_letters(r, p, kind, adjacent, &r->year);
        if (ok && p->n == 2 && r->p - from == 2)
            r->year += kind == TIMEFMT_STRICT || r->year < 46 ? 2000 : 1900;
        return ok;
    }
    case 'M':
    case 'L':
        return p->n >= 3 ? read_word(r, months, 12, p->n, &r->month) : read_letters(r, p, kind, adjacent, &r->month);
    case 'd':
        return read_letters(r, p, kind, adjacent, &r->day);
    case 'D':
        r->month = 1;
        return kind == TIMEFMT_LENIENT && read_letters(r, p, kind, adjacent, &r->day);
    case 'E':
        return read_word(r, days, 7, p->n, &skip);
    case 'H':
    case 'k':
        return read_letters(r, p, kind, adjacent, &r->hour);
    case 'h':
    case 'K':
        return read_letters(r, p, kind, adjacent, &r->hour12);
    case 'm':
        return read_letters(r, p, kind, adjacent, &r->minute);
    case 's':
        return read_letters(r, p, kind, adjacent, &r->second);
    case 'S':
        return read_fraction(r, p, kind, adjacent);
    case 'a': {
        if (r->end - r->p < 2 || strncasecmp((const char *)r->p + 1, "M", 1))
            return false;
        r->pm = (*r->p | 32) == 'p' ? 1 : 0;
        if ((*r->p | 32) != 'p' && (*r->p | 32) != 'a')
            return false;
        r->p += 2;
        return true;
    }
    default:
        return false;
    }
}

static bool settle(const struct reading *r, enum timefmt_kind kind, struct civil *c)
{
    int64_t hour = r->hour12 >= 0 ? r->hour12 % 12 + (r->pm == 1 ? 12 : 0) : r->hour;
    if (kind == TIMEFMT_STRICT) {
        if (r->year < 1 || r->year > 9999 || r->month < 1 || r->month > 12 || r->day < 1 || r->day > 31 || hour > 23 ||
            r->minute > 59 || r->second > 59)
            return false;
        int last = civil_month_days(r->year, (int)r->month); /* ResolverStyle.SMART */
        *c = (struct civil){r->year,        (int)r->month,   (int)(r->day < last ? r->day : last), (int)hour, (int)r->minute,
                            (int)r->second, (int32_t)r->nano};
        return true;
    }
    int64_t m = r->month - 1, first = civil_days(r->year + floor_div(m, 12), (int)floor_mod(m, 12) + 1, 1);
    int64_t seconds = (first + r->day - 1) * 86400 + hour * 3600 + r->minute * 60 + r->second;
    struct stamp t = {seconds * 1000 + r->nano / 1000000, 0};
    *c = civil_of(t);
    return true;
}

bool timefmt_read(struct bytes text, struct bytes pattern, enum timefmt_kind kind, struct civil *c)
{
    struct reading r = {.p = text.p, .end = text.p + text.n, .year = 1970, .month = 1, .day = 1, .hour12 = -1, .pm = -1};
    struct piece p;
    int got;
    while ((got = next_piece(&pattern, &p)) > 0) {
        bool adjacent = pattern.n && ((pattern.p[0] | 32) >= 'a' && (pattern.p[0] | 32) <= 'z');
        if (p.letter) {
            if (!read_piece(&r, &p, kind, adjacent))
                return false;
            continue;
        }
        if ((size_t)(r.end - r.p) < p.literal.n || memcmp(r.p, p.literal.p, p.literal.n))
            return false;
        r.p += p.literal.n;
    }
    return !got && (kind == TIMEFMT_LENIENT || r.p == r.end) && settle(&r, kind, c);
}
