#include "runtime/row_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "savepoint/javaio.h"
#include "sql/civil.h"
#include "sql/dec.h"

/* As many digits as there have to be, by threes. */
static void put_fraction(struct buf *to, int32_t nano)
{
    if (nano % 1000000 == 0)
        buf_printf(to, ".%03d", nano / 1000000);
    else if (nano % 1000 == 0)
        buf_printf(to, ".%06d", nano / 1000);
    else
        buf_printf(to, ".%09d", nano);
}

/* LocalTime: seconds only where there are some. */
static void put_time(struct buf *to, const struct civil *c, bool seconds)
{
    buf_printf(to, "%02d:%02d", c->hour, c->minute);
    if (seconds || c->second || c->nano)
        buf_printf(to, ":%02d", c->second);
    if (c->nano)
        put_fraction(to, c->nano);
}

static void put_date(struct buf *to, const struct civil *c)
{
    buf_printf(to, c->year > 9999 ? "+%lld-%02d-%02d" : "%04lld-%02d-%02d", (long long)c->year, c->month, c->day);
}

static void put_stamp(struct buf *to, struct stamp t, bool instant)
{
    struct civil c = civil_of(t);
    put_date(to, &c);
    buf_putc(to, 'T');
    put_time(to, &c, instant);
    if (instant)
        buf_putc(to, 'Z');
}

/* Period */
static void put_months(struct buf *to, int64_t months)
{
    buf_putc(to, 'P');
    if (months / 12)
        buf_printf(to, "%lldY", (long long)(months / 12));
    if (months % 12)
        buf_printf(to, "%lldM", (long long)(months % 12));
    if (!months)
        buf_puts(to, "0D");
}

/* Duration */
static void put_duration(struct buf *to, int64_t ms)
{
    int64_t seconds = ms / 1000, hours = seconds / 3600, minutes = seconds % 3600 / 60;
    int32_t rest = (int32_t)(ms % 60000); /* milliseconds, of the sign of all */
    buf_puts(to, "PT");
    if (hours)
        buf_printf(to, "%lldH", (long long)hours);
    if (minutes)
        buf_printf(to, "%lldM", (long long)minutes);
    if (!rest && (hours || minutes))
        return;
    buf_printf(to, "%s%d", rest < 0 ? "-" : "", abs(rest) / 1000);
    if (rest % 1000) {
        char digits[8];
        int n = snprintf(digits, sizeof digits, "%03d", abs(rest) % 1000);
        while (digits[n - 1] == '0')
            n--;
        buf_printf(to, ".%.*s", n, digits);
    }
    buf_putc(to, 'S');
}

/* BigDecimal: with an exponent where the number is small. */
static void put_decimal(struct buf *to, i128 unscaled, int scale)
{
    char text[64];
    size_t n = dec_text(text, unscaled, 0);
    int sign = text[0] == '-', digits = (int)n - sign, exponent = digits - 1 - scale;
    if (exponent >= -6) {
        buf_put(to, text, dec_text(text, unscaled, scale));
        return;
    }
    buf_put(to, text, (size_t)sign + 1);
    if (digits > 1) {
        buf_putc(to, '.');
        buf_put(to, text + sign + 1, (size_t)digits - 1);
    }
    buf_printf(to, "E%d", exponent);
}

static void put_bytes(struct buf *to, struct bytes b)
{
    buf_putc(to, '[');
    for (size_t i = 0; i < b.n; i++)
        buf_printf(to, "%s%d", i ? ", " : "", (int)(int8_t)b.p[i]);
    buf_putc(to, ']');
}

static void put_seq(struct buf *to, const struct ltype *t, const struct seq *q, const char *open, const char *close)
{
    bool pairs = t->root == L_MAP || t->root == L_MULTISET;
    buf_puts(to, open);
    for (uint32_t i = 0; i < q->n; i++) {
        if (i)
            buf_puts(to, ", ");
        row_text_value(to, seq_type(t, i, q->n), q->v[i], q->null[i]);
        if (!pairs)
            continue;
        buf_putc(to, '=');
        if (t->root == L_MULTISET)
            buf_printf(to, "%lld", (long long)q->v[q->n + i].i);
        else
            row_text_value(to, t->kids[1], q->v[q->n + i], q->null[q->n + i]);
    }
    buf_puts(to, close);
}

void row_text_value(struct buf *to, const struct ltype *t, union cell v, bool null)
{
    char text[64];
    struct civil c = {0};
    if (null) {
        buf_puts(to, "null");
        return;
    }
    switch (t->root) {
    case L_BOOLEAN:
        buf_puts(to, v.b ? "true" : "false");
        return;
    case L_FLOAT:
    case L_DOUBLE:
        buf_put(to, text, java_real(text, v.d, t->root == L_FLOAT));
        return;
    case L_DECIMAL:
        put_decimal(to, v.dec, t->scale);
        return;
    case L_DATE:
        civil_of_days(v.i, &c);
        put_date(to, &c);
        return;
    case L_TIME:
        c = civil_of((struct stamp){v.i, 0});
        put_time(to, &c, false);
        return;
    case L_TIMESTAMP:
    case L_TIMESTAMP_LTZ:
        put_stamp(to, v.t, t->root == L_TIMESTAMP_LTZ);
        return;
    case L_INTERVAL_YEAR_MONTH:
        put_months(to, v.i);
        return;
    case L_INTERVAL_DAY_TIME:
        put_duration(to, v.i);
        return;
    case L_ARRAY:
        put_seq(to, t, v.q, "[", "]");
        return;
    case L_MAP:
    case L_MULTISET:
        put_seq(to, t, v.q, "{", "}");
        return;
    case L_ROW:
    case L_STRUCTURED:
        put_seq(to, t, v.q, "+I[", "]");
        return;
    case L_CHAR:
    case L_VARCHAR:
    case L_VARIANT:
        buf_put(to, v.s.p, v.s.n);
        return;
    default:
        if (cell_points(t))
            put_bytes(to, v.s);
        else
            buf_printf(to, "%lld", (long long)v.i);
    }
}
