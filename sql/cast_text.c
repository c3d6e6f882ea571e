/* Values as texts: CAST(… AS STRING). */
#include "base/utf8.h"
#include "savepoint/javaio.h"
#include "sql/cast.h"
#include "sql/civil.h"
#include "sql/dec.h"

/* new String(bytes, UTF_8): what is malformed becomes U+FFFD. */
static void put_decoded(struct buf *to, struct bytes b)
{
    for (size_t i = 0; i < b.n;) {
        uint32_t code;
        unsigned n = utf8_next(b.p + i, b.n - i, &code);
        if (n && !utf8_surrogate(code))
            buf_put(to, b.p + i, n);
        else
            buf_puts(to, "\xef\xbf\xbd");
        i += n ? n : 1;
    }
}

static void put_seq(struct buf *to, struct eval *ev, const struct ltype *t, const struct seq *q, const char *open,
                    const char *close)
{
    buf_puts(to, open);
    for (uint32_t i = 0; i < q->n; i++) {
        if (i)
            buf_puts(to, ev->legacy_cast && type_is_row(t) ? "," : ", ");
        if (t->root == L_STRUCTURED)
            buf_printf(to, "%s=", t->names[i]);
        cell_text(to, ev, seq_type(t, i, q->n), q->v[i], q->null[i]);
    }
    buf_puts(to, close);
}

static void put_map(struct buf *to, struct eval *ev, const struct ltype *t, const struct seq *q)
{
    buf_putc(to, '{');
    for (uint32_t i = 0; i < q->n; i++) {
        if (i)
            buf_puts(to, ", ");
        cell_text(to, ev, t->kids[0], q->v[i], q->null[i]);
        buf_putc(to, '=');
        cell_text(to, ev, t->kids[1], q->v[q->n + i], q->null[q->n + i]);
    }
    buf_putc(to, '}');
}

static void put_stamp(struct buf *to, struct eval *ev, const struct ltype *t, struct stamp v)
{
    char text[48];
    if (t->root == L_TIMESTAMP_LTZ && ev->zone)
        v.ms += zone_offset(ev->zone, v.ms);
    buf_put(to, text, civil_put_stamp(text, v, t->precision));
}

void cell_text(struct buf *to, struct eval *ev, const struct ltype *t, union cell v, bool null)
{
    char text[64];
    if (null) {
        buf_puts(to, ev->legacy_cast ? "null" : "NULL");
        return;
    }
    switch (t->root) {
    case L_BOOLEAN:
        buf_puts(to, v.b ? (ev->legacy_cast ? "true" : "TRUE") : ev->legacy_cast ? "false" : "FALSE");
        break;
    case L_FLOAT:
    case L_DOUBLE:
        buf_put(to, text, java_real(text, v.d, t->root == L_FLOAT));
        break;
    case L_DECIMAL:
        buf_put(to, text, dec_text(text, v.dec, t->scale));
        break;
    case L_CHAR:
    case L_VARCHAR:
        buf_put(to, v.s.p, v.s.n);
        break;
    case L_BINARY:
    case L_VARBINARY:
        put_decoded(to, v.s);
        break;
    case L_DATE:
        buf_put(to, text, civil_put_date(text, v.i));
        break;
    case L_TIME:
        buf_put(to, text, civil_put_time(text, v.i, t->precision));
        break;
    case L_TIMESTAMP:
    case L_TIMESTAMP_LTZ:
        put_stamp(to, ev, t, v.t);
        break;
    case L_INTERVAL_YEAR_MONTH:
        buf_put(to, text, civil_put_months(text, v.i));
        break;
    case L_INTERVAL_DAY_TIME:
        buf_put(to, text, civil_put_interval(text, v.i));
        break;
    case L_ARRAY:
        put_seq(to, ev, t, v.q, "[", "]");
        break;
    case L_ROW:
    case L_STRUCTURED:
        put_seq(to, ev, t, v.q, "(", ")");
        break;
    case L_MAP:
    case L_MULTISET:
        put_map(to, ev, t, v.q);
        break;
    default:
        buf_printf(to, "%lld", (long long)v.i);
        break;
    }
}
