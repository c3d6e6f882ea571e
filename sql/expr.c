#include "sql/expr.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sql/cell_json.h"
#include "sql/fn.h"

/* --- the table of functions --- */

static const struct function {
    const char *name;      /* without Flink's "$…$1" */
    const char *signature; /* see functions.def */
    bind_fn bind;
    row_fn row;
    bool strict;
} functions[] = {
#define ROW(name, ident, signature, strict) {name, signature, NULL, row_##ident, strict},
#define BIND(name, ident, signature) {name, signature, bind_##ident, NULL, false},
#include "sql/functions.def"
#undef ROW
#undef BIND
};

enum { FUNCTIONS = sizeof functions / sizeof *functions };

static const struct function *find(const char *internal)
{
    size_t n = strlen(internal);
    if (n < 4 || internal[0] != '$' || strcmp(internal + n - 2, "$1"))
        return NULL;
    for (size_t i = 0; i < FUNCTIONS; i++)
        if (strlen(functions[i].name) == n - 3 && !memcmp(functions[i].name, internal + 1, n - 3))
            return &functions[i];
    return NULL;
}

static bool fits(char letter, const struct expr *x)
{
    const struct ltype *t = x->type;
    union cell v;
    if (x->constant && t->nullable && !expr_literal(x, &v)) /* NULL fits everywhere */
        return true;
    switch (letter) {
    case 's':
        return type_is_text(t);
    case 'x':
        return type_is_bytes(t);
    case 'z':
        return type_is_bytes(t) || type_is_text(t);
    case 'u':
        return type_is_timestamp(t) || type_is_text(t);
    case 'h':
        return type_is_integer(t) || type_is_text(t);
    case 'b':
        return t->root == L_BOOLEAN;
    case 'i':
        return type_is_integer(t);
    case 'n':
        return type_is_number(t);
    case 't':
        return type_is_timestamp(t);
    case 'D':
        return t->root == L_DATE;
    case 'a':
        return t->root == L_ARRAY;
    case 'q':
        return t->root == L_ARRAY || t->root == L_MAP || t->root == L_MULTISET;
    case 'm':
        return t->root == L_MAP || t->root == L_MULTISET;
    case 'y':
        return t->root == L_SYMBOL;
    case 'B':
        return t->root == L_BITMAP;
    default:
        return letter == '.';
    }
}

/* "s:si?n*": the result, then the operands; '?' makes the ones behind it optional, '*' repeats the one in front of it. */
static bool signature_fits(const char *signature, const struct expr *x)
{
    const char *s = strchr(signature, ':') + 1;
    bool optional = false;
    uint32_t i = 0;
    for (; *s && i < x->n; i++) {
        if (*s == '?') {
            optional = true;
            s++;
        }
        if (!*s || !fits(*s, x->args[i]))
            return false;
        if (s[1] != '*')
            s++;
    }
    if (i < x->n)
        return false;
    return !*s || *s == '?' || optional || s[1] == '*' || s[0] == '*';
}

/* --- making them --- */

struct expr *expr_node(struct binding *b, const struct ltype *type, struct expr **args, uint32_t n)
{
    struct expr *x = arena_alloc(b->a, sizeof *x);
    x->type = type;
    x->args = args;
    x->n = n;
    x->name = "";
    x->out = vec_new(b->a, BATCH_ROWS);
    x->a = arena_array(b->a, n + 1, sizeof *x->a);
    x->null = arena_alloc(b->a, n + 1);
    return x;
}

static void run_input(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n)
{
    (void)sel;
    (void)n;
    x->out = ev->cols[x->k];
}

static void run_constant(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n)
{
    (void)x;
    (void)ev;
    (void)sel;
    (void)n;
}

bool expr_literal(const struct expr *x, union cell *v)
{
    if (!x->constant || x->out.null[0])
        return false;
    *v = x->out.v[0];
    return true;
}

static void fill(struct expr *x, union cell v, uint8_t null)
{
    x->constant = true;
    x->run = run_constant;
    for (uint32_t i = 0; i < BATCH_ROWS; i++)
        x->out.v[i] = v;
    memset(x->out.null, null, BATCH_ROWS);
}

static struct expr *make_literal(struct binding *b, const struct rex *rex, struct err *e)
{
    struct expr *x = expr_node(b, rex->type, NULL, 0);
    struct scratch heap = {0};
    union cell v = {0};
    uint8_t null = 0;
    if (!cell_of_json(&heap, rex->type, rex->json, &v, &null, e)) {
        scratch_free(&heap);
        return NULL;
    }
    if (!null && cell_points(rex->type)) { /* into the arena: a literal lives as long as the expression */
        if (type_is_text(rex->type) || type_is_bytes(rex->type) || rex->type->root == L_BITMAP)
            v.s = (struct bytes){(uint8_t *)arena_strn(b->a, (const char *)v.s.p, v.s.n), v.s.n};
        else
            null = 2;
    }
    scratch_free(&heap);
    if (null == 2)
        return err_set(e, ERR_UNSUPPORTED, "literals of type %s are not there yet", type_label(b->a, rex->type)), NULL;
    fill(x, v, null);
    return x;
}

static struct expr *make_input(struct binding *b, const struct rex *rex, struct err *e)
{
    if (rex->input >= b->n_inputs)
        return err_set(e, ERR_CORRUPT, "an expression takes column %u of %u", rex->input, b->n_inputs), NULL;
    const struct ltype *have = b->inputs[rex->input];
    if (have->slot != rex->type->slot || (have->root == L_DECIMAL && have->scale != rex->type->scale) ||
        (have->n && !type_same(have, rex->type, true)))
        return err_set(e, ERR_CORRUPT, "an expression takes column %u as %s, which is %s", rex->input, type_label(b->a, rex->type),
                       type_label(b->a, have)),
               NULL;
    struct expr *x = arena_alloc(b->a, sizeof *x);
    x->type = rex->type;
    x->name = "";
    x->k = rex->input;
    x->run = run_input;
    return x;
}

static enum got row_field(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    (void)ev;
    (void)null;
    const struct seq *q = a[0].q;
    if (x->k >= q->n || q->null[x->k])
        return GOT_NULL;
    *out = q->v[x->k];
    return GOT_VALUE;
}

static struct expr *make(struct binding *b, const struct rex *rex, struct err *e);

/* JSON(…) is what JSON_OBJECT and JSON_ARRAY put as it is, and stands nowhere else (JsonCallGen of flink-table-planner 2.3). */
static bool json_stands(const struct rex *in, uint32_t operand, const struct rex *x, struct err *e)
{
    if (x->kind != REX_CALL || strcmp(x->name, "$JSON$1") != 0)
        return true;
    bool array = in && !strcmp(in->name, "$JSON_ARRAY$1"), object = in && !strcmp(in->name, "$JSON_OBJECT$1");
    return (array && operand) || (object && operand && operand % 2 == 0) ||
        err_set(e, ERR_USAGE, "JSON(…) is for the values of JSON_OBJECT and JSON_ARRAY");
}

static struct expr *make_field(struct binding *b, const struct rex *rex, struct err *e)
{
    struct expr **args = arena_array(b->a, 1, sizeof *args);
    if (!(args[0] = make(b, rex->operands[0], e)))
        return NULL;
    struct expr *x = expr_node(b, rex->type, args, 1);
    x->k = rex->input;
    x->strict = true;
    x->row = row_field;
    x->run = run_rows;
    return x;
}

static struct expr *make_symbol(struct binding *b, const struct rex *rex)
{
    struct expr *x = expr_node(b, rex->type, NULL, 0);
    fill(x, (union cell){.s = {(const uint8_t *)rex->name, strlen(rex->name)}}, 0);
    return x;
}

static struct expr *make_call(struct binding *b, const struct rex *rex, struct err *e)
{
    const struct function *f = rex->lookup == REX_INTERNAL ? find(rex->name) : NULL;
    if (!f) {
        static const char *const kinds[] = {"function", "function", "catalog function", "Java function", "function"};
        size_t n = strlen(rex->name);
        bool dollars = rex->lookup == REX_INTERNAL && n > 3;
        err_set(e, ERR_UNSUPPORTED, "%s %.*s is not there yet", kinds[rex->lookup], (int)(dollars ? n - 3 : n),
                rex->name + dollars);
        return NULL;
    }
    struct expr **args = arena_array(b->a, rex->n + 1, sizeof *args);
    bool constant = rex->n > 0;
    for (uint32_t i = 0; i < rex->n; i++) {
        if (!json_stands(rex, i, rex->operands[i], e) || !(args[i] = make(b, rex->operands[i], e)))
            return NULL;
        constant = constant && args[i]->constant;
    }
    struct expr *x = expr_node(b, rex->type, args, rex->n);
    x->name = f->name;
    x->strict = f->strict;
    x->row = f->row;
    x->run = run_rows;
    if (!signature_fits(f->signature, x))
        return fn_refuse(x, e), NULL;
    if (f->bind && !f->bind(b, x, rex, e))
        return NULL;
    return x;
}

static struct expr *make(struct binding *b, const struct rex *rex, struct err *e)
{
    switch (rex->kind) {
    case REX_LITERAL:
        return make_literal(b, rex, e);
    case REX_SYMBOL:
        return make_symbol(b, rex);
    case REX_INPUT:
        return make_input(b, rex, e);
    case REX_FIELD:
        return make_field(b, rex, e);
    case REX_CALL:
        return make_call(b, rex, e);
    case REX_SARG: /* SEARCH reads it from the rex */
        return expr_node(b, rex->type, NULL, 0);
    default:
        err_set(e, ERR_UNSUPPORTED, "expressions of kind %s are not there yet", rex->name);
        return NULL;
    }
}

struct expr *expr_make(struct binding *b, const struct rex *rex, struct err *e)
{
    return json_stands(NULL, 0, rex, e) ? make(b, rex, e) : NULL;
}

/* --- running them --- */

void run_rows(struct expr *x, struct eval *ev, const uint32_t *sel, uint32_t n)
{
    for (uint32_t j = 0; j < x->n; j++)
        if (!x->args[j]->constant)
            x->args[j]->run(x->args[j], ev, sel, n);
    if (ev->e.kind != ERR_NONE)
        return;
    EACH(i)
    {
        uint8_t any = 0;
        for (uint32_t j = 0; j < x->n; j++) {
            x->a[j] = x->args[j]->out.v[i];
            any |= x->null[j] = x->args[j]->out.null[i];
        }
        if (any && x->strict) {
            x->out.null[i] = 1;
            continue;
        }
        enum got got = x->row(ev, x, x->a, x->null, &x->out.v[i]);
        if (got == GOT_FAILED)
            return;
        x->out.null[i] = got == GOT_NULL;
    }
}

uint32_t expr_filter(struct expr *condition, struct eval *ev, const uint32_t *sel, uint32_t n, uint32_t *to)
{
    uint32_t kept = 0;
    condition->run(condition, ev, sel, n);
    if (ev->e.kind != ERR_NONE)
        return 0;
    const struct vec *v = &condition->out;
    EACH(i)
    {
        to[kept] = i;
        kept += !v->null[i] && v->v[i].b;
    }
    return kept;
}

/* --- for functions --- */

bool fn_refuse(const struct expr *x, struct err *e)
{
    struct arena a = {0};
    struct buf b = {0};
    for (uint32_t i = 0; i < x->n && b.n < 300; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", type_label(&a, x->args[i]->type));
    err_set(e, ERR_UNSUPPORTED, "%s(%s) is not there yet", x->name, buf_cstr(&b));
    buf_free(&b);
    arena_free(&a);
    return false;
}

enum got got_text(struct eval *ev, union cell *out, const void *p, size_t n)
{
    out->s = scratch_copy(&ev->heap, p, n);
    return GOT_VALUE;
}

enum got got_failed(struct eval *ev, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    err_set(&ev->e, ERR_CONVERT, "%s", text);
    return GOT_FAILED;
}

const char *rex_word(const struct rex *rex, uint32_t operand)
{
    return operand < rex->n && rex->operands[operand]->kind == REX_SYMBOL ? rex->operands[operand]->name : "";
}

double number_real(const struct ltype *t, union cell v)
{
    if (type_is_real(t))
        return v.d;
    return t->root == L_DECIMAL ? dec_double(v.dec, t->scale) : (double)v.i;
}

unsigned text_char(const uint8_t *p, const uint8_t *end)
{
    unsigned n = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
    return (size_t)(end - p) < n ? (unsigned)(end - p) : n;
}

size_t text_chars(struct bytes s)
{
    size_t chars = 0;
    for (const uint8_t *p = s.p, *end = p + s.n; p < end; p += text_char(p, end))
        chars++;
    return chars;
}

size_t text_prefix(struct bytes s, size_t chars)
{
    const uint8_t *p = s.p, *end = p + s.n;
    for (; p < end && chars; chars--)
        p += text_char(p, end);
    return (size_t)(p - s.p);
}

ptrdiff_t bytes_find(struct bytes a, struct bytes b, size_t from)
{
    if (from > a.n)
        return -1;
    if (!b.n)
        return (ptrdiff_t)from;
    const uint8_t *at = memmem(a.p + from, a.n - from, b.p, b.n);
    return at ? at - a.p : -1;
}
