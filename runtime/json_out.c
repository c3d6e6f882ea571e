#include "runtime/json_out.h"

#include <math.h>

#include "savepoint/javaio.h"
#include "sql/base64.h"
#include "sql/civil.h"
#include "sql/dec.h"

static void put_stamp(struct jsonw *w, const struct ltype *t, struct stamp v)
{
    char text[48];
    size_t n = civil_put_stamp(text, v, v.ns ? 9 : floor_mod(v.ms, 1000) ? 3 : 0);
    while (n > 20 && text[n - 1] == '0')
        n--;
    if (t->root == L_TIMESTAMP_LTZ)
        text[n++] = 'Z';
    jsonw_strn(w, text, n);
}

static void put_real(struct jsonw *w, double d, bool single)
{
    char text[40];
    size_t n = java_real(text, d, single);
    if (isfinite(d))
        jsonw_raw(w, text, n);
    else
        jsonw_strn(w, text, n);
}

static void put_base64(struct jsonw *w, struct bytes b)
{
    struct buf text = {0};
    base64_put(&text, b);
    jsonw_strn(w, text.p, text.n);
    buf_free(&text);
}

static void put_map(struct jsonw *w, const struct ltype *t, const struct seq *q)
{
    jsonw_object(w);
    for (uint32_t i = 0; i < q->n; i++) {
        struct buf name = {0};
        if (!q->null[i] && type_is_text(t->kids[0]))
            buf_put(&name, q->v[i].s.p, q->v[i].s.n);
        jsonw_key(w, buf_cstr(&name));
        buf_free(&name);
        json_out_cell(w, t->kids[1], q->v[q->n + i], q->null[q->n + i]);
    }
    jsonw_end_object(w);
}

void json_out_cell(struct jsonw *w, const struct ltype *t, union cell v, bool null)
{
    char text[48];
    size_t n;
    if (null) {
        jsonw_null(w);
        return;
    }
    switch (t->root) {
    case L_BOOLEAN:
        jsonw_bool(w, v.b);
        break;
    case L_FLOAT:
    case L_DOUBLE:
        put_real(w, v.d, t->root == L_FLOAT);
        break;
    case L_DECIMAL:
        jsonw_raw(w, text, dec_text(text, v.dec, t->scale));
        break;
    case L_CHAR:
    case L_VARCHAR:
        jsonw_strn(w, v.s.p, v.s.n);
        break;
    case L_BINARY:
    case L_VARBINARY:
        put_base64(w, v.s);
        break;
    case L_DATE:
        jsonw_strn(w, text, civil_put_date(text, v.i));
        break;
    case L_TIME:
        n = civil_put_stamp(text, (struct stamp){floor_mod(v.i, MS_DAY), 0}, v.i % 1000 ? 3 : 0);
        jsonw_strn(w, text + 11, n - 11);
        break;
    case L_TIMESTAMP:
    case L_TIMESTAMP_LTZ:
        put_stamp(w, t, v.t);
        break;
    case L_ARRAY:
        jsonw_array(w);
        for (uint32_t i = 0; i < v.q->n; i++)
            json_out_cell(w, t->kids[0], v.q->v[i], v.q->null[i]);
        jsonw_end_array(w);
        break;
    case L_MAP:
    case L_MULTISET:
        put_map(w, t, v.q);
        break;
    case L_ROW:
    case L_STRUCTURED:
        jsonw_object(w);
        for (uint32_t i = 0; i < v.q->n; i++) {
            jsonw_key(w, t->names[i]);
            json_out_cell(w, t->kids[i], v.q->v[i], v.q->null[i]);
        }
        jsonw_end_object(w);
        break;
    default:
        jsonw_int(w, v.i);
        break;
    }
}
