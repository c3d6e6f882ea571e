/* java.time in Kryo: serializers of its own in Kryo 5 (TimeSerializers); in Kryo 2 the fields of the JDK's classes (8 to 21) by
 * FieldSerializer, in the order of their names, ints and longs zigzag, objects of final classes behind a reference mark. */
#include <stdio.h>
#include <string.h>

#include "savepoint/codec_kryo.h"
#include "savepoint/javaio.h"

/* Kryo 2: a field of a final class, which may refer to an object that was read before; then r goes back there. */
struct field {
    bool there;
    uint32_t id;
    const uint8_t *back; /* where r went on, when it is a reference */
};

static struct field enter(struct kryo_in *k, const struct kryo_class *c)
{
    struct rd *r = k->r;
    uint32_t mark = kryo_varint(r);
    struct field f = {.there = rd_ok(r) && mark > 0};
    if (mark == 0)
        rd_fail(r, "a java.time value without a part that it must have");
    if (!f.there)
        return f;
    if (mark == 1) {
        f.id = kryo_new_object(k, c);
        return f;
    }
    f.id = mark - 2;
    if (f.id >= k->n_objects || !k->objects[f.id].end || k->objects[f.id].cls.form != c->form) {
        rd_fail(r, "a Kryo reference to an object that is not there");
        f.there = false;
        return f;
    }
    f.back = r->p;
    r->p = k->objects[f.id].body;
    return f;
}

static void leave(struct kryo_in *k, const struct field *f)
{
    if (!f->there || !rd_ok(k->r))
        return;
    if (f->back)
        k->r->p = f->back;
    else
        k->objects[f->id].end = k->r->p;
}

static struct kryo_class class_of(const struct kryo_in *k, const char *name)
{
    return kryo_class_of(k->k, name, (uint32_t)strlen(name));
}

static int32_t int2(struct kryo_in *k) { return kryo_zigzag(kryo_varint(k->r)); }

static void check(struct kryo_in *k, bool good, const char *why)
{
    if (!good)
        rd_fail(k->r, why);
}

static void date(struct kryo_in *k, struct buf *b)
{
    int32_t year, month, day;
    if (k->k->v5) {
        year = (int32_t)kryo_varint(k->r);
        month = rd_i8(k->r);
        day = rd_i8(k->r);
    } else {
        day = (int16_t)kryo_16(k);
        month = (int16_t)kryo_16(k);
        year = int2(k);
    }
    check(k, month >= 1 && month <= 12 && day >= 1 && day <= 31, "not a date");
    if (b && rd_ok(k->r))
        java_local_date(b, year, month, day);
}

static void time_of_day(struct kryo_in *k, struct buf *b)
{
    int32_t part[3] = {0}, nanos = 0;
    if (k->k->v5) { /* the last part that is not zero is written as its complement */
        int i = 0;
        while (i < 3 && (part[i] = rd_i8(k->r)) >= 0)
            i++;
        if (i < 3)
            part[i] = ~part[i];
        else
            nanos = (int32_t)kryo_varint(k->r);
    } else {
        part[0] = rd_i8(k->r);
        part[1] = rd_i8(k->r);
        nanos = int2(k);
        part[2] = rd_i8(k->r);
    }
    check(k,
          part[0] >= 0 && part[0] <= 23 && part[1] >= 0 && part[1] <= 59 && part[2] >= 0 && part[2] <= 59 && nanos >= 0 &&
              nanos <= 999999999,
          "not a time of day");
    if (b && rd_ok(k->r))
        java_local_time(b, part[0], part[1], part[2], nanos);
}

static int32_t offset(struct kryo_in *k)
{
    int32_t seconds;
    if (k->k->v5) {
        int8_t quarters = rd_i8(k->r);
        seconds = quarters == 127 ? (int32_t)kryo_32(k) : quarters * 900;
    } else {
        seconds = int2(k);
    }
    check(k, seconds >= -18 * 3600 && seconds <= 18 * 3600, "not an offset from UTC");
    return rd_ok(k->r) ? seconds : 0;
}

/* ZoneOffset#getId */
static void put_offset(struct buf *b, int32_t seconds)
{
    unsigned s = (unsigned)(seconds < 0 ? -seconds : seconds);
    if (!b)
        return;
    if (!s) {
        buf_putc(b, 'Z');
        return;
    }
    buf_printf(b, "%c%02u:%02u", seconds < 0 ? '-' : '+', s / 3600, s / 60 % 60);
    if (s % 60)
        buf_printf(b, ":%02u", s % 60);
}

/* A part of another value: in Kryo 5 as it is, in Kryo 2 as a field. */
static void part(struct kryo_in *k, const char *cls, void (*read)(struct kryo_in *, struct buf *), struct buf *b)
{
    if (k->k->v5) {
        read(k, b);
        return;
    }
    struct kryo_class c = class_of(k, cls);
    struct field f = enter(k, &c);
    if (f.there)
        read(k, b);
    leave(k, &f);
}

static int32_t part_offset(struct kryo_in *k)
{
    if (k->k->v5)
        return offset(k);
    struct kryo_class c = class_of(k, "java.time.ZoneOffset");
    struct field f = enter(k, &c);
    int32_t seconds = f.there ? offset(k) : 0;
    leave(k, &f);
    return seconds;
}

static void date_time(struct kryo_in *k, struct buf *b)
{
    part(k, "java.time.LocalDate", date, b);
    if (b)
        buf_putc(b, 'T');
    part(k, "java.time.LocalTime", time_of_day, b);
}

/* Kryo 2: the one field of a ZoneRegion, a string behind a reference mark. */
static void region(struct kryo_in *k, struct buf *b)
{
    struct kryo_class c = class_of(k, "java.lang.String");
    if (k->k->v5) {
        (void)kryo_string(k->r, b);
        return;
    }
    struct field f = enter(k, &c);
    if (f.there)
        (void)kryo_string(k->r, b);
    leave(k, &f);
}

/* ZonedDateTime. Kryo 5 writes no offset, which the rules of a region then decide: it is left out. Kryo 2: dateTime, offset, zone. */
static void zoned(struct kryo_in *k, struct buf *b)
{
    size_t at;
    if (k->k->v5) {
        date_time(k, b);
        at = b ? b->n : 0;
        if (b)
            buf_putc(b, '[');
        region(k, b);
        if (b && b->n > at + 1 && strchr("+-Z", b->p[at + 1]) &&
            (b->p[at + 1] != 'Z' || b->n == at + 2)) { /* a fixed offset: no brackets */
            memmove(b->p + at, b->p + at + 1, b->n - at - 1);
            b->n--;
        } else if (b) {
            buf_putc(b, ']');
        }
        return;
    }
    part(k, "java.time.LocalDateTime", date_time, b);
    put_offset(b, part_offset(k));
    struct kryo_class c;
    if (!kryo_read_class(k, &c)) {
        rd_fail(k->r, "a ZonedDateTime without a zone");
        return;
    }
    struct field f = enter(k, &c);
    if (f.there && c.form == K_ZONE_REGION) {
        if (b)
            buf_putc(b, '[');
        region(k, b);
        if (b)
            buf_putc(b, ']');
    } else if (f.there && c.form == K_ZONE_OFFSET) {
        (void)offset(k);
    } else {
        rd_fail(k->r, "a ZonedDateTime in a zone of an unknown class");
    }
    leave(k, &f);
}

static void seconds_and_nanos(struct kryo_in *k, bool instant, int64_t *seconds, int32_t *nanos)
{
    if (!k->k->v5) {
        *nanos = int2(k);
        *seconds = kryo_zigzag64(kryo_varlong(k->r));
    } else {
        *seconds = (int64_t)(instant ? kryo_varlong(k->r) : kryo_64(k));
        *nanos = (int32_t)kryo_varint(k->r);
    }
    check(k, *nanos >= 0 && *nanos <= 999999999, "nanos outside a second");
}

/* Duration#toString */
static void put_duration(struct buf *b, int64_t seconds, int32_t nanos)
{
    bool below = seconds < 0 && nanos > 0;
    int64_t whole = seconds + below, hours = whole / 3600;
    int minutes = (int)(whole % 3600 / 60), rest = (int)(whole % 60);
    if (!seconds && !nanos) {
        buf_puts(b, "PT0S");
        return;
    }
    buf_puts(b, "PT");
    if (hours)
        buf_printf(b, "%lldH", (long long)hours);
    if (minutes)
        buf_printf(b, "%dM", minutes);
    if (!rest && !nanos)
        return;
    buf_printf(b, "%s%d", below && !rest ? "-" : "", rest);
    if (nanos) {
        buf_printf(b, ".%09d", seconds < 0 ? 1000000000 - nanos : nanos);
        while (b->p[b->n - 1] == '0')
            b->n--;
    }
    buf_putc(b, 'S');
}

static void period(struct kryo_in *k, struct buf *b)
{
    int32_t v[3]; /* years, months, days */
    for (int i = 0; i < 3; i++) {
        if (k->k->v5)
            v[i] = (int32_t)kryo_varint(k->r);
        else
            v[2 - i] = int2(k);
    }
    if (!b)
        return;
    buf_putc(b, 'P');
    for (int i = 0; i < 3; i++)
        if (v[i])
            buf_printf(b, "%d%c", v[i], "YMD"[i]);
    if (b->n == 1)
        buf_puts(b, "0D");
}

static void year_month(struct kryo_in *k, struct buf *b)
{
    int32_t year, month;
    if (k->k->v5) {
        year = (int32_t)kryo_varint(k->r);
        month = rd_i8(k->r);
    } else {
        month = int2(k);
        year = int2(k);
    }
    if (b)
        buf_printf(b, "%s%04lld-%02d", year < 0 ? "-" : "", year < 0 ? -(long long)year : (long long)year, month);
}

static void month_day(struct kryo_in *k, struct buf *b)
{
    int32_t month, day;
    if (k->k->v5) {
        month = rd_i8(k->r);
        day = rd_i8(k->r);
    } else {
        day = int2(k);
        month = int2(k);
    }
    if (b)
        buf_printf(b, "--%02d-%02d", month, day);
}

void kryo_time(struct kryo_in *k, const struct kryo_class *c)
{
    struct buf *b = k->out ? &k->out->scratch : NULL;
    int64_t seconds = 0;
    int32_t nanos = 0, ahead;
    bool temporal = true; /* shown as text; the others as class and toString */
    if (b)
        b->n = 0;
    switch ((enum kryo_form)c->form) {
    case K_INSTANT:
        seconds_and_nanos(k, true, &seconds, &nanos);
        if (b && rd_ok(k->r))
            java_instant(b, seconds, nanos);
        break;
    case K_DURATION:
        seconds_and_nanos(k, false, &seconds, &nanos);
        temporal = false;
        if (b && rd_ok(k->r))
            put_duration(b, seconds, nanos);
        break;
    case K_PERIOD:
        period(k, b);
        temporal = false;
        break;
    case K_LOCAL_DATE:
        date(k, b);
        break;
    case K_LOCAL_TIME:
        time_of_day(k, b);
        break;
    case K_LOCAL_DATE_TIME:
        date_time(k, b);
        break;
    case K_ZONE_OFFSET:
        put_offset(b, offset(k));
        temporal = false;
        break;
    case K_ZONE_REGION:
        region(k, b);
        temporal = false;
        break;
    case K_OFFSET_TIME: /* Kryo 2: offset, time; Kryo 5: time, offset */
        ahead = k->k->v5 ? 0 : part_offset(k);
        part(k, "java.time.LocalTime", time_of_day, b);
        put_offset(b, k->k->v5 ? offset(k) : ahead);
        break;
    case K_OFFSET_DATE_TIME:
        if (k->k->v5)
            date_time(k, b);
        else
            part(k, "java.time.LocalDateTime", date_time, b);
        put_offset(b, part_offset(k));
        break;
    case K_ZONED_DATE_TIME:
        zoned(k, b);
        break;
    case K_YEAR:
        ahead = k->k->v5 ? (int32_t)kryo_varint(k->r) : int2(k);
        if (b)
            buf_printf(b, "%d", ahead);
        break;
    case K_YEAR_MONTH:
        year_month(k, b);
        break;
    default: /* K_MONTH_DAY */
        month_day(k, b);
        temporal = false;
    }
    if (!temporal)
        kryo_shown(k, c->row->cls);
    else if (b)
        sink_text(k->out, (const char *)b->p, b->n);
}
