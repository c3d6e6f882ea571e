/* Literals: casts of them computed, two of them compared. */
#include <stdio.h>
#include <string.h>

#include "sql/base64.h"
#include "sql/cell_json.h"
#include "sql/expr.h"
#include "sql/simplify.h"

static bool has_literals(const struct ltype *t)
{
    return type_is_number(t) || type_is_text(t) || type_is_bytes(t) || t->root == L_BOOLEAN || t->root == L_DATE ||
        t->root == L_TIME || type_is_timestamp(t) || t->root == L_INTERVAL_YEAR_MONTH || t->root == L_INTERVAL_DAY_TIME;
}

static void without_zeros(struct number *x, int32_t least)
{
    while (x->scale > least && x->n > 1 && x->digits[x->n - 1] == '0') {
        x->n--;
        x->scale--;
    }
    if (x->n == 1 && *x->digits == '0')
        x->scale = 0;
}

/* A DOUBLE is written out to its last binary digit (new BigDecimal(double)), a FLOAT as Java prints it without zeros behind. NaN and the infinities have
 * no literal. */
static const struct rex *real_literal(struct simplify *s, struct value v, const struct ltype *t)
{
    struct number x;
    char text[1500];
    double d = v.kind == VAL_INT ? (double)v.i : v.d;
    if (v.kind != VAL_INT && v.kind != VAL_REAL)
        return NULL;
    if (t->root == L_DOUBLE) {
        snprintf(text, sizeof text, "%.1074f", d);
    } else {
        struct buf b = {0};
        struct jsonw w = {.out = &b};
        v = value_float((float)d);
        value_put_json(&w, &v);
        snprintf(text, sizeof text, "%s", buf_cstr(&b));
        buf_free(&b);
    }
    if (!number_parse(s->a, text, strlen(text), &x))
        return NULL;
    without_zeros(&x, t->root == L_DOUBLE ? 0 : INT32_MIN + 1);
    const char *out = number_text(s->a, &x);
    return rex_literal(s->a, value_text(s->a, out, strlen(out)), t);
}

/* A cell's JSON as a literal has it. */
static const struct rex *as_literal(struct simplify *s, struct value v, const struct ltype *t)
{
    const struct ltype *plain = type_nullable(s->a, t, false);
    if (v.kind == VAL_NULL)
        return rex_null(s->a, t);
    if (type_is_timestamp(t) || t->root == L_TIME) {
        size_t n = v.n;
        if (n && v.text[n - 1] == 'Z')
            n--;
        if (memchr(v.text, '.', n)) {
            while (v.text[n - 1] == '0')
                n--;
            n -= v.text[n - 1] == '.';
        }
        return rex_literal(s->a, value_text(s->a, v.text, n), plain);
    }
    if (type_is_real(t))
        return real_literal(s, v, plain);
    if (v.kind == VAL_INT && !type_is_integer(t)) {
        const char *text = arena_printf(s->a, "%lld", (long long)v.i);
        v = value_text(s->a, text, strlen(text));
    }
    return rex_literal(s->a, v, plain);
}

const struct rex *rex_fold_cast(struct simplify *s, const struct rex *cast)
{
    struct err e = {0};
    struct eval ev = {.zone = s->zone, .legacy_cast = s->legacy_cast, .watermark = INT64_MIN};
    struct binding b = {.a = s->a, .ev = &ev};
    const struct rex *result = NULL;
    struct expr *x = has_literals(cast->type) && cast->operands[0]->kind == REX_LITERAL ? expr_make(&b, cast, &e) : NULL;
    if (x) {
        expr_run(x, &ev, NULL, 1);
        struct buf out = {0};
        struct jsonw w = {.out = &out};
        struct value v;
        if (ev.e.kind == ERR_NONE) {
            cell_json(&w, CELL_JSON_TYPED, cast->type, x->out.v[0], x->out.null[0]);
            if (value_from_json(&v, out.p, out.n, s->a, &e))
                result = v.kind == VAL_NULL && !cast->type->nullable ? NULL : as_literal(s, v, cast->type);
        }
        buf_free(&out);
    }
    scratch_free(&ev.heap);
    buf_free(&ev.text);
    return result;
}

/* --- comparing --- */

static int sign(int v) { return (v > 0) - (v < 0); }

static int compare_magnitudes(struct arena *a, const struct number *x, const struct number *y)
{
    int32_t scale = x->scale > y->scale ? x->scale : y->scale;
    uint64_t nx = x->n + (uint64_t)(scale - x->scale), ny = y->n + (uint64_t)(scale - y->scale);
    bool zx = x->n == 1 && *x->digits == '0', zy = y->n == 1 && *y->digits == '0';
    (void)a;
    if (zx || zy)
        return zy - zx;
    if (nx != ny)
        return nx < ny ? -1 : 1;
    for (uint64_t i = 0; i < nx && (i < x->n || i < y->n); i++) {
        char cx = i < x->n ? x->digits[i] : '0', cy = i < y->n ? y->digits[i] : '0';
        if (cx != cy)
            return cx < cy ? -1 : 1;
    }
    return 0;
}

static int compare_numbers(struct arena *a, const struct number *x, const struct number *y)
{
    if (x->minus != y->minus)
        return x->minus ? -1 : 1;
    int order = compare_magnitudes(a, x, y);
    return x->minus ? -order : order;
}

/* Texts as Java orders them: by UTF-16 units. */
static int compare_texts(const struct value *x, const struct value *y)
{
    size_t n = x->n < y->n ? x->n : y->n;
    for (size_t i = 0; i < n; i++) {
        uint8_t a = (uint8_t)x->text[i], b = (uint8_t)y->text[i];
        if (a != b) {
            bool high_a = a >= 0xf0, high_b = b >= 0xf0; /* surrogates lie below U+E000 */
            if (high_a != high_b && (a >= 0xee && b >= 0xee))
                return high_a ? -1 : 1;
            return a < b ? -1 : 1;
        }
    }
    return (x->n > y->n) - (x->n < y->n);
}

bool rex_compare_literals(struct arena *a, const struct rex *x, const struct rex *y, int *order)
{
    struct number nx, ny;
    const struct value *vx = x->json, *vy = y->json;
    bool interval = x->type->root == L_INTERVAL_YEAR_MONTH || x->type->root == L_INTERVAL_DAY_TIME;
    if (x->kind != REX_LITERAL || y->kind != REX_LITERAL || !type_same(x->type, y->type, true) || vx->kind == VAL_NULL ||
        vy->kind == VAL_NULL)
        return false;
    if (type_is_number(x->type)) {
        if (!rex_number(a, x, &nx) || !rex_number(a, y, &ny))
            return false;
        *order = compare_numbers(a, &nx, &ny);
        return true;
    }
    if (interval) {
        if (!number_parse(a, vx->text, vx->n, &nx) || !number_parse(a, vy->text, vy->n, &ny))
            return false;
        *order = compare_numbers(a, &nx, &ny);
        return true;
    }
    if (vx->kind == VAL_BOOL && vy->kind == VAL_BOOL) {
        *order = vx->b - vy->b;
        return true;
    }
    if (vx->kind != VAL_TEXT || vy->kind != VAL_TEXT)
        return false;
    if (type_is_bytes(x->type)) {
        struct buf bx = {0}, by = {0};
        bool ok = base64_read(&bx, (struct bytes){(const uint8_t *)vx->text, vx->n}) &&
            base64_read(&by, (struct bytes){(const uint8_t *)vy->text, vy->n});
        size_t n = bx.n < by.n ? bx.n : by.n;
        *order = ok && n ? sign(memcmp(bx.p, by.p, n)) : 0;
        *order = *order ? *order : (bx.n > by.n) - (bx.n < by.n);
        buf_free(&bx);
        buf_free(&by);
        return ok;
    }
    *order = compare_texts(vx, vy);
    return true;
}
