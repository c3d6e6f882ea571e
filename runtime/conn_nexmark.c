/* Connector nexmark: persons, auctions and bids of an online auction house, the events of the Nexmark benchmark, with the options of its source for
 * Flink (NexmarkSourceOptions of nexmark-flink 0.3). How events follow each other, how ids, prices and times are spread is that source's (which has
 * it from Apache Beam's); the texts are not.
 *
 * What an event is depends on its number alone, so that it is the same one whoever makes it. Subtasks take the numbers in turn. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/conn.h"
#include "runtime/generate.h"
#include "base/duration.h"

enum { PERSON, AUCTION, BID, TYPE, COLUMNS };
enum {
    FIRST_ID = 1000,
    FIRST_CATEGORY = 10,
    CATEGORIES = 5,
    HOT_SHARE = 100,
    OPEN_AUCTIONS = 100,
    ACTIVE_PEOPLE = 1000,
    LEAD = 10
};
enum { EXTRA_MAX = 1 << 20 };

static const char *const names[COLUMNS] = {"person", "auction", "bid", "event_type"};
static const char *const row_types[COLUMNS] = {
    "ROW<`id` BIGINT, `name` STRING, `emailAddress` STRING, `creditCard` STRING, `city` STRING, `state` STRING, "
    "`dateTime` TIMESTAMP(3), `extra` STRING>",
    "ROW<`id` BIGINT, `itemName` STRING, `description` STRING, `initialBid` BIGINT, `reserve` BIGINT, `dateTime` TIMESTAMP(3), "
    "`expires` TIMESTAMP(3), `seller` BIGINT, `category` BIGINT, `extra` STRING>",
    "ROW<`auction` BIGINT, `bidder` BIGINT, `price` BIGINT, `channel` STRING, `url` STRING, `dateTime` TIMESTAMP(3), `extra` STRING>",
    "INT"};

struct nexmark {
    int64_t events;           /* in all; INT64_MAX: no end */
    int64_t rate;             /* events in a second of event time, and of the clock when it is limited */
    int64_t base;             /* milliseconds: the first one's time */
    int64_t share[3], shares; /* of each kind, among so many events that follow each other */
    int64_t hot_auctions, hot_bidders, hot_sellers;
    int64_t size[3]; /* bytes of an event of each kind, about */
    int32_t col[COLUMNS];
    struct pace pace;
    bool limited;
    int64_t made; /* by this subtask */
};

/* --- chance --- */

static int64_t below(uint64_t *d, int64_t n) { return (int64_t)(dice(d) % (uint64_t)n); }

/* From 1.00 to a million, in cents; each power of ten as often as the others. */
static int64_t price(uint64_t *d) { return llround(pow(10, dice_share(d) * 6) * 100); }

static struct bytes letters(struct scratch *heap, uint64_t *d, int64_t n)
{
    static const char of[] = "abcdefghijklmnopqrstuvwxyz aeiou";
    uint8_t *p = scratch_alloc(heap, (size_t)n + 1);
    uint64_t bits = 0;
    for (int64_t i = 0; i < n; i++, bits >>= 5) {
        if (i % 12 == 0)
            bits = dice(d);
        p[i] = (uint8_t)of[bits & 31];
    }
    return (struct bytes){p, (size_t)n};
}

/* What an event of `size` bytes lacks so far, a fifth more or less. */
static struct bytes extra(struct scratch *heap, uint64_t *d, int64_t size, int64_t now)
{
    int64_t lacks = size - now, fifth = lacks / 5;
    return letters(heap, d, lacks <= 0 ? 0 : lacks - fifth + below(d, 2 * fifth + 1));
}

static struct bytes pick(uint64_t *d, const char *const *list, int64_t n)
{
    const char *one = list[below(d, n)];
    return (struct bytes){(const uint8_t *)one, strlen(one)};
}
#define PICK(d, list) pick(d, list, (int64_t)(sizeof(list) / sizeof *(list)))

static struct bytes print(struct scratch *heap, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static struct bytes print(struct scratch *heap, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return scratch_copy(heap, text, n < (int)sizeof text ? (size_t)n : sizeof text - 1);
}

/* --- numbers and ids: how many persons and auctions there have been, counted from 0 --- */

static int64_t last_person(const struct nexmark *x, int64_t event)
{
    int64_t at = event % x->shares;
    return event / x->shares * x->share[PERSON] + (at < x->share[PERSON] ? at : x->share[PERSON] - 1);
}

static int64_t last_auction(const struct nexmark *x, int64_t event)
{
    int64_t round = event / x->shares, at = event % x->shares - x->share[PERSON];
    if (at < 0)
        return round * x->share[AUCTION] - 1;
    return round * x->share[AUCTION] + (at < x->share[AUCTION] ? at : x->share[AUCTION] - 1);
}

/* One of those who are active, or who are about to come. */
static int64_t some_person(const struct nexmark *x, uint64_t *d, int64_t event)
{
    int64_t people = last_person(x, event) + 1, active = people < ACTIVE_PEOPLE ? people : ACTIVE_PEOPLE;
    return people - active + below(d, active + LEAD);
}

static int64_t some_auction(const struct nexmark *x, uint64_t *d, int64_t event)
{
    int64_t last = last_auction(x, event), first = last > OPEN_AUCTIONS ? last - OPEN_AUCTIONS : 0;
    return first + below(d, last - first + 1 + LEAD);
}

static int64_t time_of(const struct nexmark *x, int64_t event) { return x->base + (int64_t)((i128)event * 1000 / x->rate); }

/* --- events --- */

static void person(const struct nexmark *x, struct scratch *heap, uint64_t *d, int64_t event, union cell *v)
{
    static const char *const first[] = {"Ada", "Ben", "Clara", "David", "Emma", "Frank", "Grace", "Hugo", "Ines", "Jonas"};
    static const char *const last[] = {"Archer", "Baker", "Carter", "Dyer", "Fisher", "Mason", "Potter", "Turner", "Weaver"};
    static const char *const cities[] = {"Boise",   "Cheyenne", "Eugene",  "Fresno", "Oakland",
                                         "Phoenix", "Portland", "Seattle", "Spokane"};
    static const char *const states[] = {"AZ", "CA", "ID", "OR", "WA", "WY"};
    struct bytes a = PICK(d, first), b = PICK(d, last);
    uint64_t card = dice(d);
    v[0].i = FIRST_ID + last_person(x, event);
    v[1].s = print(heap, "%.*s %.*s", (int)a.n, (const char *)a.p, (int)b.n, (const char *)b.p);
    v[2].s = print(heap, "%.*s@%.*s.example", (int)a.n, (const char *)a.p, (int)b.n, (const char *)b.p);
    v[3].s = print(heap, "%04u %04u %04u %04u", (unsigned)(card % 10000), (unsigned)((card >> 16) % 10000),
                   (unsigned)((card >> 32) % 10000), (unsigned)((card >> 48) % 10000));
    v[4].s = PICK(d, cities);
    v[5].s = PICK(d, states);
    v[6].t = (struct stamp){time_of(x, event), 0};
    v[7].s = extra(heap, d, x->size[PERSON], (int64_t)(8 + v[1].s.n + v[2].s.n + v[3].s.n + v[4].s.n + v[5].s.n));
}

static void auction(const struct nexmark *x, struct scratch *heap, uint64_t *d, int64_t event, union cell *v)
{
    int64_t now = time_of(x, event);
    /* until about as many others have begun as are open at once */
    int64_t later = time_of(x, event + OPEN_AUCTIONS * x->shares / (x->share[AUCTION] ? x->share[AUCTION] : 1)) - now;
    bool hot = below(d, x->hot_sellers) > 0;
    v[0].i = FIRST_ID + last_auction(x, event);
    v[1].s = letters(heap, d, 3 + below(d, 17));
    v[2].s = letters(heap, d, 3 + below(d, 97));
    v[3].i = price(d);
    v[4].i = v[3].i + price(d);
    v[5].t = (struct stamp){now, 0};
    v[6].t = (struct stamp){now + 1 + below(d, later > 0 ? 2 * later : 1), 0};
    v[7].i = FIRST_ID + (hot ? last_person(x, event) / HOT_SHARE * HOT_SHARE : some_person(x, d, event));
    v[8].i = FIRST_CATEGORY + below(d, CATEGORIES);
    v[9].s = extra(heap, d, x->size[AUCTION], (int64_t)(8 * 6 + v[1].s.n + v[2].s.n));
}

static void bid(const struct nexmark *x, struct scratch *heap, uint64_t *d, int64_t event, union cell *v)
{
    static const char *const channels[] = {"Google", "Facebook", "Baidu", "Apple"};
    bool hot = below(d, x->hot_auctions) > 0, hot_bidder = below(d, x->hot_bidders) > 0, known = below(d, 2);
    int64_t channel = below(d, known ? 4 : 10000);
    uint64_t where = (uint64_t)(known ? channel : channel + 4); /* a channel has one address */
    uint64_t path = dice(&where);
    v[0].i = FIRST_ID + (hot ? last_auction(x, event) / HOT_SHARE * HOT_SHARE : some_auction(x, d, event));
    v[1].i = FIRST_ID + (hot_bidder ? last_person(x, event) / HOT_SHARE * HOT_SHARE + 1 : some_person(x, d, event));
    v[2].i = price(d);
    v[3].s = known ? (struct bytes){(const uint8_t *)channels[channel], strlen(channels[channel])}
                   : print(heap, "channel-%lld", (long long)channel);
    v[4].s = print(heap, "https://www.nexmark.com/%04x/%04x/%04x/item.htm?query=1%s%llu", (unsigned)(path & 0xffff),
                   (unsigned)(path >> 16 & 0xffff), (unsigned)(path >> 32 & 0xffff),
                   known && channel == 3 ? "&channel=" : "&channel_id=", (unsigned long long)(path >> 34));
    v[5].t = (struct stamp){time_of(x, event), 0};
    v[6].s = extra(heap, d, x->size[BID], 8 * 4);
}

static void event_row(struct op *o, struct nexmark *x, int64_t event)
{
    static void (*const makers[])(const struct nexmark *x, struct scratch *heap, uint64_t *d, int64_t event,
                                  union cell *v) = {person, auction, bid};
    static const uint32_t fields[] = {8, 10, 7};
    int64_t at = event % x->shares;
    int kind = at < x->share[PERSON] ? PERSON : at < x->share[PERSON] + x->share[AUCTION] ? AUCTION : BID;
    uint64_t d = (uint64_t)event * UINT64_C(0xd1342543de82ef95);
    uint32_t row = op_row(o, ROW_INSERT);
    for (int c = 0; c < COLUMNS; c++)
        if (x->col[c] >= 0)
            op_put(o, row, (uint32_t)x->col[c], (union cell){.i = kind}, c != TYPE);
    if (x->col[kind] < 0)
        return;
    union cell *v;
    uint8_t *null;
    const struct seq *q = seq_new(&o->ev->heap, fields[kind], fields[kind], &v, &null);
    makers[kind](x, &o->ev->heap, &d, event, v);
    op_put(o, row, (uint32_t)x->col[kind], (union cell){.q = q}, 0);
}

/* --- the connector --- */

static bool read_columns(struct op *o, struct source *s, struct nexmark *x, struct err *e)
{
    for (uint32_t c = 0; c < s->physical->n; c++) {
        int k = 0;
        while (k < COLUMNS && strcmp(names[k], s->physical->names[c]))
            k++;
        if (k == COLUMNS)
            return err_set(e, ERR_USAGE, "column %s of table %s: nexmark has event_type, person, auction and bid",
                           s->physical->names[c], s->table.name);
        const struct ltype *want = type_parse(o->a, row_types[k], strlen(row_types[k]), e);
        if (!want || !type_same(want, s->physical->kids[c], true))
            return err_set(e, ERR_USAGE, "column %s of table %s has to be %s", names[k], s->table.name, row_types[k]);
        x->col[k] = s->column_of[c];
    }
    return true;
}

static bool number(const struct cplan_table *t, const char *name, int64_t otherwise, int64_t least, int64_t *v, struct err *e)
{
    return option_int(t, name, otherwise, v, e) &&
        ((*v >= least && *v <= INT32_MAX) ||
         err_set(e, ERR_USAGE, "option '%s' of table %s is from %lld to %d", name, t->name, (long long)least, INT32_MAX));
}

static bool size(const struct cplan_table *t, const char *name, const char *otherwise, int64_t *v, struct err *e)
{
    uint64_t bytes;
    if (!memory_option(cplan_option(t, name, otherwise), &bytes) || bytes > EXTRA_MAX)
        return err_set(e, ERR_USAGE, "option '%s' of table %s is no size up to 1 mb", name, t->name);
    *v = (int64_t)bytes;
    return true;
}

static bool open_source(struct op *o, struct source *s, struct err *e)
{
    struct nexmark *x = s->self = arena_alloc(o->a, sizeof *x);
    const struct cplan_table *t = &s->table;
    const struct world *w = job_world(o->job);
    int64_t first;
    memset(x->col, 0xff, sizeof x->col);
    if (!read_columns(o, s, x, e) || !number(t, "person.proportion", 1, 1, &x->share[PERSON], e) ||
        !number(t, "auction.proportion", 3, 1, &x->share[AUCTION], e) || !number(t, "bid.proportion", 46, 0, &x->share[BID], e) ||
        !number(t, "bid.hot-ratio.auctions", 2, 1, &x->hot_auctions, e) ||
        !number(t, "bid.hot-ratio.bidders", 4, 1, &x->hot_bidders, e) ||
        !number(t, "auction.hot-ratio.sellers", 4, 1, &x->hot_sellers, e) ||
        !size(t, "person.avg-size", "200 b", &x->size[PERSON], e) || !size(t, "auction.avg-size", "500 b", &x->size[AUCTION], e) ||
        !size(t, "bid.avg-size", "100 b", &x->size[BID], e) || !number(t, "next-event.rate", 10000, 1, &x->rate, e) ||
        !number(t, "first-event.rate", x->rate, 1, &first, e) || !option_int(t, "base-time", w->now(w->ctx), &x->base, e) ||
        !option_int(t, "events.num", 0, &x->events, e))
        return false;
    if (first != x->rate)
        return op_refuse(o, e, "a rate of nexmark that changes (first-event.rate is not next-event.rate)");
    x->events = x->events > 0 ? x->events : INT64_MAX;
    x->shares = x->share[PERSON] + x->share[AUCTION] + x->share[BID];
    x->limited = option_bool(t, "rate.limited", false, e);
    x->pace.per_second = x->rate / o->subtasks + (o->subtask < x->rate % o->subtasks);
    x->pace.per_second = x->pace.per_second ? x->pace.per_second : 1;
    return e->kind == ERR_NONE;
}

static enum step step(struct op *o, struct source *s)
{
    struct nexmark *x = s->self;
    const struct world *w = job_world(o->job);
    int64_t n = job_batch_rows(o->job), event = 0;
    if (x->limited && !(n = pace_due(&x->pace, w->now(w->ctx), n, &o->wake)))
        return STEP_LATER;
    for (; n > 0 && s->left > 0; n--, x->made++, x->pace.counted++, s->left--) {
        event = x->made * o->subtasks + o->subtask;
        if (event >= x->events)
            return STEP_OVER;
        event_row(o, x, event);
        op_count(&o->rows_in, 1);
    }
    return STEP_MORE;
}

static void snapshot_source(struct op *o, struct source *s, struct snap *to)
{
    const struct nexmark *x = s->self;
    position_put(o, to, x->made, x->base);
}

static bool restore_source(struct op *o, struct source *s, const struct snap *of, struct err *e)
{
    struct nexmark *x = s->self;
    return position_take(o, s, of, &x->made, &x->base, e);
}

static const char *const options[] = {"events.num",
                                      "next-event.rate",
                                      "first-event.rate",
                                      "rate.limited",
                                      "base-time",
                                      "person.proportion",
                                      "auction.proportion",
                                      "bid.proportion",
                                      "person.avg-size",
                                      "auction.avg-size",
                                      "bid.avg-size",
                                      "bid.hot-ratio.auctions",
                                      "bid.hot-ratio.bidders",
                                      "auction.hot-ratio.sellers",
                                      NULL};

const struct connector conn_nexmark = {.name = "nexmark",
                                       .options = options,
                                       .open_source = open_source,
                                       .step = step,
                                       .snapshot_source = snapshot_source,
                                       .restore_source = restore_source};
