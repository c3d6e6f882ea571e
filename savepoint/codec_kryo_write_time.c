/* java.time in Kryo: the other side of codec_kryo_time.c. In Kryo 2 a part of another value is a field, behind the mark of a new object. */
#include <string.h>

#include "savepoint/codec_kryo_out.h"
#include "savepoint/timetext.h"

static bool v5(const struct kryo_out *o) { return o->k->v5; }

/* --- text --- */

struct cursor {
    const char *p, *end;
};

/* [-]digits; false: none, or too many. */
static bool number(struct cursor *c, int64_t *v)
{
    bool minus = c->p < c->end && *c->p == '-';
    const char *from = c->p += minus;
    for (*v = 0; c->p < c->end && *c->p >= '0' && *c->p <= '9' && c->p - from < 18; c->p++)
        *v = *v * 10 + (*c->p - '0');
    bool some = c->p > from;
    *v = minus ? -*v : *v;
    return some;
}

static bool take(struct cursor *c, char what)
{
    if (c->p == c->end || *c->p != what)
        return false;
    c->p++;
    return true;
}

/* What stands in `text`, or in "$string". */
static struct cursor text_of(const struct value *v)
{
    const struct value *shown = enc_member(v, "$string");
    v = shown ? shown : v;
    return v->kind == VAL_TEXT ? (struct cursor){v->text, v->text + v->n} : (struct cursor){"", ""};
}

static struct bytes rest(const struct cursor *c) { return (struct bytes){(const uint8_t *)c->p, (size_t)(c->end - c->p)}; }

/* Duration#toString: PT[hH][mM][s[.fraction]S], each with a sign of its own. */
static bool duration_of(struct cursor c, int64_t *seconds, int32_t *nanos)
{
    *seconds = *nanos = 0;
    if (!take(&c, 'P') || !take(&c, 'T'))
        return false;
    while (c.p < c.end) {
        bool minus = *c.p == '-';
        int64_t v, factor;
        if (!number(&c, &v))
            return false;
        if (take(&c, '.')) {
            int32_t fraction = 0, unit = 100000000;
            for (; c.p < c.end && *c.p >= '0' && *c.p <= '9'; c.p++, unit /= 10)
                fraction += (*c.p - '0') * unit;
            *nanos = minus ? -fraction : fraction;
        }
        factor = take(&c, 'H') ? 3600 : take(&c, 'M') ? 60 : take(&c, 'S') ? 1 : 0;
        if (!factor || __builtin_mul_overflow(v, factor, &v) || __builtin_add_overflow(*seconds, v, seconds))
            return false;
    }
    if (*nanos < 0) {
        *nanos += 1000000000;
        --*seconds;
    }
    return true;
}

/* Period#toString: P[yY][mM][dD] */
static bool period_of(struct cursor c, int32_t part[3])
{
    memset(part, 0, 3 * sizeof *part);
    if (!take(&c, 'P'))
        return false;
    while (c.p < c.end) {
        int64_t v;
        if (!number(&c, &v) || v < INT32_MIN || v > INT32_MAX)
            return false;
        int i = take(&c, 'Y') ? 0 : take(&c, 'M') ? 1 : take(&c, 'D') ? 2 : 3;
        if (i == 3)
            return false;
        part[i] = (int32_t)v;
    }
    return true;
}

/* ZoneOffset#getId, up to `end`. */
static bool offset_of(struct cursor *c, int32_t *seconds)
{
    int64_t v;
    *seconds = 0;
    if (take(c, 'Z'))
        return true;
    bool minus = take(c, '-');
    if (!minus && !take(c, '+'))
        return false;
    int32_t unit = 3600;
    do {
        if (c->end - c->p < 2 || !number(&(struct cursor){c->p, c->p + 2}, &v) || v < 0 || !unit)
            return false;
        c->p += 2;
        *seconds += (int32_t)v * unit;
        unit /= 60;
    } while (take(c, ':'));
    *seconds = minus ? -*seconds : *seconds;
    return *seconds >= -18 * 3600 && *seconds <= 18 * 3600;
}

/* Where the offset begins behind a time: its sign, or Z. */
static const char *zone_at(const struct cursor *c)
{
    const char *t = memchr(c->p, 'T', (size_t)(c->end - c->p));
    for (t = t ? t : c->p; t < c->end; t++)
        if (*t == '+' || *t == '-' || *t == 'Z' || *t == '[')
            return t;
    return c->end;
}

/* --- parts --- */

static void mark(struct kryo_out *o)
{
    if (!v5(o))
        kryo_put_varint(o, 1); /* a new object */
}

static void date(struct kryo_out *o, const struct date_text *d)
{
    if (v5(o)) {
        kryo_put_varint(o, (uint32_t)d->year);
        wr_u8(o->w->out, (uint8_t)d->month);
        wr_u8(o->w->out, (uint8_t)d->day);
    } else { /* the fields by their names: day, month, year */
        kryo_put_16(o, (uint16_t)d->day);
        kryo_put_16(o, (uint16_t)d->month);
        kryo_put_varint(o, kryo_to_zigzag(d->year));
    }
}

static void time_of_day(struct kryo_out *o, const struct time_text *t)
{
    struct buf *b = o->w->out;
    if (!v5(o)) { /* hour, minute, nano, second */
        wr_u8(b, (uint8_t)t->h);
        wr_u8(b, (uint8_t)t->m);
        kryo_put_varint(o, kryo_to_zigzag(t->nanos));
        wr_u8(b, (uint8_t)t->s);
        return;
    }
    const int part[] = {t->h, t->m, t->s};
    int last = t->nanos ? 3 : t->s ? 2 : t->m ? 1 : 0; /* the last part that is not zero, as its complement */
    for (int i = 0; i < 3 && i <= last; i++)
        wr_u8(b, (uint8_t)(i == last ? ~part[i] : part[i]));
    if (t->nanos)
        kryo_put_varint(o, (uint32_t)t->nanos);
}

static void offset(struct kryo_out *o, int32_t seconds)
{
    if (!v5(o)) {
        kryo_put_varint(o, kryo_to_zigzag(seconds));
    } else if (seconds % 900 == 0) {
        wr_u8(o->w->out, (uint8_t)(seconds / 900));
    } else {
        wr_u8(o->w->out, 127);
        kryo_put_32(o, (uint32_t)seconds);
    }
}

static void date_time(struct kryo_out *o, const struct date_text *d, const struct time_text *t)
{
    mark(o);
    date(o, d);
    mark(o);
    time_of_day(o, t);
}

static void instant(struct kryo_out *o, int64_t seconds, int32_t nanos, bool fixed)
{
    if (!v5(o)) {
        kryo_put_varint(o, kryo_to_zigzag(nanos));
        kryo_put_varlong(o, kryo_to_zigzag64(seconds));
        return;
    }
    if (fixed)
        kryo_put_64(o, (uint64_t)seconds);
    else
        kryo_put_varlong(o, (uint64_t)seconds);
    kryo_put_varint(o, (uint32_t)nanos);
}

/* --- values; false: the text is none --- */

static bool period(struct kryo_out *o, struct cursor c)
{
    int32_t part[3];
    if (!period_of(c, part))
        return false;
    for (int i = 0; i < 3; i++)
        kryo_put_varint(o, v5(o) ? (uint32_t)part[i] : kryo_to_zigzag(part[2 - i]));
    return true;
}

static bool year(struct kryo_out *o, struct cursor c, bool month)
{
    int64_t y, m = 0;
    if (!number(&c, &y) || y < INT32_MIN || y > INT32_MAX || (month && (!take(&c, '-') || !number(&c, &m) || m < 1 || m > 12)) ||
        c.p != c.end)
        return false;
    if (month && !v5(o))
        kryo_put_varint(o, kryo_to_zigzag((int32_t)m));
    kryo_put_varint(o, v5(o) ? (uint32_t)y : kryo_to_zigzag((int32_t)y));
    if (month && v5(o))
        wr_u8(o->w->out, (uint8_t)m);
    return true;
}

static bool month_day(struct kryo_out *o, struct cursor c)
{
    int64_t m, d;
    if (!take(&c, '-') || !take(&c, '-') || !number(&c, &m) || !take(&c, '-') || !number(&c, &d) || m < 1 || m > 12 || d < 1 ||
        d > 31)
        return false;
    if (v5(o)) {
        wr_u8(o->w->out, (uint8_t)m);
        wr_u8(o->w->out, (uint8_t)d);
    } else {
        kryo_put_varint(o, kryo_to_zigzag((int32_t)d));
        kryo_put_varint(o, kryo_to_zigzag((int32_t)m));
    }
    return c.p == c.end;
}

static bool offset_time(struct kryo_out *o, struct cursor c)
{
    struct cursor zone = {zone_at(&c), c.end}, time = {c.p, zone.p};
    struct time_text t;
    int32_t seconds;
    if (!time_of_text(rest(&time), &t) || !offset_of(&zone, &seconds) || zone.p != zone.end)
        return false;
    if (!v5(o)) { /* the fields by their names */
        mark(o);
        offset(o, seconds);
    }
    mark(o);
    time_of_day(o, &t);
    if (v5(o))
        offset(o, seconds);
    return true;
}

static bool offset_date_time(struct kryo_out *o, struct cursor c)
{
    struct cursor zone = {zone_at(&c), c.end}, time = {c.p, zone.p};
    struct date_text d;
    struct time_text t;
    int32_t seconds;
    if (!datetime_of_text(rest(&time), &d, &t) || !offset_of(&zone, &seconds) || zone.p != zone.end)
        return false;
    mark(o);
    date_time(o, &d, &t);
    mark(o);
    offset(o, seconds);
    return true;
}

/* Kryo 5 writes no offset, only the zone's id. Kryo 2: dateTime, offset, zone, so that the text must have the offset. */
static bool zoned(struct kryo_out *o, struct cursor c)
{
    struct cursor zone = {zone_at(&c), c.end}, time = {c.p, zone.p}, fixed = zone;
    struct date_text d;
    struct time_text t;
    int32_t seconds;
    bool has_offset = offset_of(&zone, &seconds);
    struct bytes id = {(const uint8_t *)fixed.p, (size_t)(zone.p - fixed.p)};
    bool region = take(&zone, '[');
    if (region && (zone.p == zone.end || zone.end[-1] != ']'))
        return false;
    if (region)
        id = (struct bytes){(const uint8_t *)zone.p, (size_t)(zone.end - 1 - zone.p)};
    if (!datetime_of_text(rest(&time), &d, &t) || !id.n || (!region && zone.p != zone.end) || (!v5(o) && !has_offset))
        return false;
    mark(o);
    date_time(o, &d, &t);
    if (v5(o)) {
        kryo_put_string(o, id);
        return true;
    }
    mark(o);
    offset(o, seconds);
    const char *cls = region ? "java.time.ZoneRegion" : "java.time.ZoneOffset";
    struct kryo_class zone_class = kryo_class_of(o->k, cls, (uint32_t)strlen(cls));
    kryo_put_class(o, &zone_class);
    mark(o);
    if (!region) {
        offset(o, seconds);
        return true;
    }
    mark(o);
    kryo_put_string(o, id);
    return true;
}

static bool put(struct kryo_out *o, uint8_t form, struct cursor c)
{
    struct date_text d;
    struct time_text t;
    int64_t seconds;
    int32_t nanos, ahead;
    bool ok;
    switch ((enum kryo_form)form) {
    case K_INSTANT:
        if ((ok = instant_of_text(rest(&c), &seconds, &nanos)))
            instant(o, seconds, nanos, false);
        return ok;
    case K_DURATION:
        if ((ok = duration_of(c, &seconds, &nanos)))
            instant(o, seconds, nanos, true);
        return ok;
    case K_PERIOD:
        return period(o, c);
    case K_LOCAL_DATE:
        if ((ok = date_of_text(rest(&c), &d)))
            date(o, &d);
        return ok;
    case K_LOCAL_TIME:
        if ((ok = time_of_text(rest(&c), &t)))
            time_of_day(o, &t);
        return ok;
    case K_LOCAL_DATE_TIME:
        if ((ok = datetime_of_text(rest(&c), &d, &t)))
            date_time(o, &d, &t);
        return ok;
    case K_ZONE_OFFSET:
        if ((ok = offset_of(&c, &ahead) && c.p == c.end))
            offset(o, ahead);
        return ok;
    case K_ZONE_REGION:
        mark(o);
        kryo_put_string(o, rest(&c));
        return c.p < c.end;
    case K_OFFSET_TIME:
        return offset_time(o, c);
    case K_OFFSET_DATE_TIME:
        return offset_date_time(o, c);
    case K_ZONED_DATE_TIME:
        return zoned(o, c);
    case K_YEAR:
    case K_YEAR_MONTH:
        return year(o, c, form == K_YEAR_MONTH);
    default: /* K_MONTH_DAY */
        return month_day(o, c);
    }
}

void kryo_put_time(struct kryo_out *o, const struct kryo_class *c, const struct value *v)
{
    bool time = c->form >= K_INSTANT && c->form <= K_MONTH_DAY;
    char name[300];
    (void)kryo_name(c, name, sizeof name);
    if (!time)
        enc_unsupported(o->w, "weir cannot write values of %s in Kryo's form", name);
    else if (!put(o, c->form, text_of(v)))
        enc_wrong(o->w, v, name);
}
