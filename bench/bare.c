/* What a loop of C's does for a query of Nexmark, when it does nothing else: bare QUERY FILE, bids as JSON lines, one value behind the other.
 *
 *   q0   all values that the query hands on
 *   q2   auction and price of every 123rd auction
 *   q17  for each auction and day: bids, bids in three ranges of prices, the lowest, the highest, their average and sum
 *
 * It is as quick as a plain program is: it knows the table, names are compared as they come, keys are in an open hash table, and rows that
 * would be written are summed up instead. It prints how many there were and that sum. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 20, TEXT = 4096 };

struct bid {
    int64_t auction, bidder, price, time; /* time: milliseconds since 1970 */
    char extra[TEXT];
    size_t n_extra;
};

struct stats {
    int64_t auction, day, n, low, middle, high, least, most, sum;
    bool used;
};

static uint64_t rows, sum;
static struct stats *table;
static size_t n_table, mask;

static void written(int64_t v) { sum = sum * 31 + (uint64_t)v; }

static const char *blank(const char *p)
{
    while (*p == ' ')
        p++;
    return p;
}

static const char *number(const char *p, int64_t *v)
{
    bool minus = *p == '-';
    int64_t n = 0;
    for (p += minus; *p >= '0' && *p <= '9'; p++)
        n = n * 10 + (*p - '0');
    *v = minus ? -n : n;
    return p;
}

static const char *with_escapes(const char *p, char *to, size_t *n)
{
    for (*n = 0; *p && *p != '"'; p++) {
        if (*p == '\\' && p[1])
            p++; /* the generator's texts have no others than \" and \\ */
        if (to && *n < TEXT)
            to[(*n)++] = *p;
    }
    return p;
}

/* Behind the text whose first quote p is at; to: where it goes, NULL: nowhere. */
static const char *text(const char *p, char *to, size_t *n)
{
    const char *end = strchr(++p, '"');
    *n = end ? (size_t)(end - p) : 0;
    if (!end || memchr(p, '\\', *n))
        end = with_escapes(p, to, n);
    else if (to)
        memcpy(to, p, *n = *n < TEXT ? *n : TEXT);
    return *end ? end + 1 : end;
}

static int two(const char *p) { return (p[0] - '0') * 10 + p[1] - '0'; }

/* 2024-01-01 00:00:00.000 */
static int64_t time_of(const char *p, size_t n)
{
    if (n < 19)
        return 0;
    int64_t y = two(p) * 100 + two(p + 2), m = two(p + 5), d = two(p + 8);
    y -= m <= 2;
    int64_t era = y / 400, year = y - era * 400, day = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t days = era * 146097 + year * 365 + year / 4 - year / 100 + day - 719468, ms = 0;
    for (size_t i = 20, unit = 100; i < n && unit; i++, unit /= 10)
        ms += (p[i] - '0') * (int64_t)unit;
    return ((days * 24 + two(p + 11)) * 60 + two(p + 14)) * 60000 + two(p + 17) * 1000 + ms;
}

static bool is(const char *name, size_t n, const char *other) { return n == strlen(other) && !memcmp(name, other, n); }

static void read_bid(const char *p, struct bid *b, bool extra)
{
    char moment[TEXT];
    size_t n;
    for (p = blank(p); *p == '{' || *p == ','; p = blank(p)) {
        const char *name = p = blank(p + 1);
        p = text(p, NULL, &n);
        n = (size_t)(p - name) - 2;
        name++;
        p = blank(p);
        if (*p == ':')
            p = blank(p + 1);
        if (is(name, n, "auction"))
            p = number(p, &b->auction);
        else if (is(name, n, "bidder"))
            p = number(p, &b->bidder);
        else if (is(name, n, "price"))
            p = number(p, &b->price);
        else if (is(name, n, "dateTime"))
            p = text(p, moment, &n), b->time = time_of(moment, n);
        else if (is(name, n, "extra"))
            p = text(p, extra ? b->extra : NULL, &b->n_extra);
        else if (*p == '"')
            p = text(p, NULL, &n);
        else
            while (*p && *p != ',' && *p != '}')
                p++;
    }
}

/* --- queries --- */

static void q0(const struct bid *b)
{
    rows++;
    written(b->auction);
    written(b->bidder);
    written(b->price);
    written(b->time);
    written(b->n_extra ? b->extra[b->n_extra - 1] : 0);
}

static void q2(const struct bid *b)
{
    if (b->auction % 123)
        return;
    rows++;
    written(b->auction);
    written(b->price);
}

static struct stats *slot(struct stats *in, int64_t auction, int64_t day)
{
    size_t i = ((uint64_t)auction * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)day * 31) >> 20 & mask;
    while (in[i].used && (in[i].auction != auction || in[i].day != day))
        i = (i + 1) & mask;
    return &in[i];
}

static void grow(void)
{
    size_t before = table ? mask + 1 : 0;
    struct stats *old = table;
    mask = before ? before * 2 - 1 : 1023;
    if (!(table = calloc(mask + 1, sizeof *table)))
        abort();
    for (size_t i = 0; i < before; i++)
        if (old[i].used)
            *slot(table, old[i].auction, old[i].day) = old[i];
    free(old);
}

static void stats_written(const struct stats *s)
{
    rows++;
    written(s->auction);
    written(s->day);
    written(s->n);
    written(s->low);
    written(s->middle);
    written(s->high);
    written(s->least);
    written(s->most);
    written(s->sum / s->n);
    written(s->sum);
}

static void q17(const struct bid *b)
{
    if (n_table >= mask / 2)
        grow();
    struct stats *s = slot(table, b->auction, b->time / 86400000);
    if (s->used)
        stats_written(s); /* what was there is taken back */
    else
        *s = (struct stats){.auction = b->auction, .day = b->time / 86400000, .least = INT64_MAX, .most = INT64_MIN, .used = true},
        n_table++;
    s->n++;
    s->low += b->price < 10000;
    s->middle += b->price >= 10000 && b->price < 1000000;
    s->high += b->price >= 1000000;
    s->least = b->price < s->least ? b->price : s->least;
    s->most = b->price > s->most ? b->price : s->most;
    s->sum += b->price;
    stats_written(s);
}

static const struct query {
    const char *name;
    void (*row)(const struct bid *b);
    bool extra;
} queries[] = {{"q0", q0, true}, {"q2", q2, false}, {"q17", q17, false}};

int main(int argc, char **argv)
{
    const struct query *q = queries, *end = queries + sizeof queries / sizeof *queries;
    FILE *f = argc == 3 ? fopen(argv[2], "re") : NULL;
    while (f && q < end && strcmp(q->name, argv[1]) != 0)
        q++;
    if (!f || q == end) {
        fprintf(stderr, "usage: bare q0|q2|q17 FILE\n");
        return 2;
    }
    static char buffer[CHUNK + 1];
    static struct bid b;
    for (size_t n = 0, got; (got = fread(buffer + n, 1, CHUNK - n, f)) > 0;) {
        char *p = buffer, *line_end;
        n += got;
        for (; (line_end = memchr(p, '\n', (size_t)(buffer + n - p))); p = line_end + 1) {
            *line_end = 0;
            read_bid(p, &b, q->extra);
            q->row(&b);
        }
        n -= (size_t)(p - buffer);
        memmove(buffer, p, n);
    }
    fclose(f);
    free(table);
    printf("%llu rows, %llx\n", (unsigned long long)rows, (unsigned long long)sum);
    return 0;
}
