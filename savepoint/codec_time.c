/* Dates and times of flink-core (org.apache.flink.api.common.typeutils.base): java.util.Date, java.sql.*, java.time.*. */
#include "savepoint/codec.h"
#include "savepoint/javaio.h"

static void text(struct sink *out) { sink_text(out, (const char *)out->scratch.p, out->scratch.n); }

void read_date(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    int64_t ms = rd_i64(r);
    if (ms == INT64_MIN)
        sink_null(out);
    else
        sink_textf(out, "ms:%lld", (long long)ms);
}

/* The milliseconds and the nanos of the second, which hold the milliseconds once more. */
void read_sql_timestamp(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    int64_t ms = rd_i64(r);
    int32_t nanos = rd_i32(r);
    if (ms == INT64_MIN)
        sink_null(out);
    else
        sink_textf(out, "ts:%lld:%d", (long long)ms, nanos);
}

void read_instant(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    int64_t seconds = rd_i64(r);
    int32_t nanos = rd_i32(r);
    if (seconds == INT64_MIN && nanos == INT32_MIN) {
        sink_null(out);
        return;
    }
    if (nanos < 0 || nanos > 999999999)
        rd_fail(r, "not an instant");
    if (out) {
        out->scratch.n = 0;
        java_instant(&out->scratch, seconds, nanos);
        text(out);
    }
}

struct date {
    int32_t year, month, day;
    bool null;
};
struct time {
    int32_t h, m, s, nanos;
    bool null;
};

static struct date date(struct rd *r)
{
    struct date d = {.year = rd_i32(r)};
    d.month = rd_i8(r);
    d.day = rd_i8(r);
    d.null = d.year == INT32_MIN;
    if (!d.null && rd_ok(r) && (d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31))
        rd_fail(r, "not a date");
    return d;
}

static struct time time_of_day(struct rd *r)
{
    struct time t = {.h = rd_i8(r)};
    t.null = t.h == INT8_MIN;
    t.m = rd_i8(r);
    t.s = rd_i8(r);
    t.nanos = rd_i32(r);
    if (!t.null && rd_ok(r) &&
        (t.h < 0 || t.h > 23 || t.m < 0 || t.m > 59 || t.s < 0 || t.s > 59 || t.nanos < 0 || t.nanos > 999999999))
        rd_fail(r, "not a time of day");
    return t;
}

void read_local_date(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    struct date d = date(r);
    if (d.null) {
        sink_null(out);
    } else if (out) {
        out->scratch.n = 0;
        java_local_date(&out->scratch, d.year, d.month, d.day);
        text(out);
    }
}

void read_local_time(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    struct time t = time_of_day(r);
    if (t.null) {
        sink_null(out);
    } else if (out) {
        out->scratch.n = 0;
        java_local_time(&out->scratch, t.h, t.m, t.s, t.nanos);
        text(out);
    }
}

void read_local_datetime(const struct ser *s, struct rd *r, struct sink *out)
{
    (void)s;
    struct date d = date(r);
    struct time t = time_of_day(r);
    if (d.null) {
        sink_null(out);
    } else if (out) {
        out->scratch.n = 0;
        java_local_date(&out->scratch, d.year, d.month, d.day);
        buf_putc(&out->scratch, 'T');
        java_local_time(&out->scratch, t.h, t.m, t.s, t.nanos);
        text(out);
    }
}
