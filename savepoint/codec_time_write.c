/* Writes what codec_time.c reads. */
#include "savepoint/codec.h"
#include "savepoint/encode.h"
#include "savepoint/timetext.h"

static bool is_null(const struct value *v) { return v->kind == VAL_NULL; }

static struct bytes text_of(const struct value *v)
{
    return v->kind == VAL_TEXT ? (struct bytes){(const uint8_t *)v->text, v->n} : (struct bytes){(const uint8_t *)"", 0};
}

void write_date(const struct ser *s, const struct value *v, struct enc *w)
{
    int64_t ms = v->i;
    (void)s;
    if (is_null(v))
        wr_i64(w->out, INT64_MIN);
    else if (v->kind == VAL_INT || ms_of_text(text_of(v), &ms))
        wr_i64(w->out, ms);
    else
        enc_wrong(w, v, "a date \"ms:…\"");
}

void write_sql_timestamp(const struct ser *s, const struct value *v, struct enc *w)
{
    int64_t ms;
    int32_t nanos;
    (void)s;
    if (is_null(v)) {
        wr_i64(w->out, INT64_MIN);
        wr_i32(w->out, 0);
    } else if (ts_of_text(text_of(v), &ms, &nanos)) {
        wr_i64(w->out, ms);
        wr_i32(w->out, nanos);
    } else {
        enc_wrong(w, v, "a timestamp \"ts:…:…\"");
    }
}

void write_instant(const struct ser *s, const struct value *v, struct enc *w)
{
    int64_t seconds = INT64_MIN;
    int32_t nanos = INT32_MIN;
    (void)s;
    if (!is_null(v) && !instant_of_text(text_of(v), &seconds, &nanos))
        enc_wrong(w, v, "an instant");
    wr_i64(w->out, seconds);
    wr_i32(w->out, nanos);
}

static void put_date(struct enc *w, const struct date_text *d)
{
    wr_i32(w->out, d->year);
    wr_u8(w->out, (uint8_t)d->month);
    wr_u8(w->out, (uint8_t)d->day);
}

static void put_time(struct enc *w, const struct time_text *t)
{
    wr_u8(w->out, (uint8_t)t->h);
    wr_u8(w->out, (uint8_t)t->m);
    wr_u8(w->out, (uint8_t)t->s);
    wr_i32(w->out, t->nanos);
}

static void null_date(struct enc *w)
{
    wr_i32(w->out, INT32_MIN);
    wr_u16(w->out, 0x8000);
}

static void null_time(struct enc *w)
{
    wr_u8(w->out, 0x80);
    wr_u16(w->out, 0x8000);
    wr_i32(w->out, INT32_MIN);
}

void write_local_date(const struct ser *s, const struct value *v, struct enc *w)
{
    struct date_text d;
    (void)s;
    if (is_null(v))
        null_date(w);
    else if (date_of_text(text_of(v), &d))
        put_date(w, &d);
    else
        enc_wrong(w, v, "a date");
}

void write_local_time(const struct ser *s, const struct value *v, struct enc *w)
{
    struct time_text t;
    (void)s;
    if (is_null(v))
        null_time(w);
    else if (time_of_text(text_of(v), &t))
        put_time(w, &t);
    else
        enc_wrong(w, v, "a time of day");
}

void write_local_datetime(const struct ser *s, const struct value *v, struct enc *w)
{
    struct date_text d;
    struct time_text t;
    (void)s;
    if (is_null(v)) {
        null_date(w);
        null_time(w);
    } else if (datetime_of_text(text_of(v), &d, &t)) {
        put_date(w, &d);
        put_time(w, &t);
    } else {
        enc_wrong(w, v, "a date and time");
    }
}
