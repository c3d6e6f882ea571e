/* Binding: which value a path means, what a function takes, what an expression gives. */
#include <string.h>

#include "base/nearest.h"
#include "migrate/cast.h"

enum { TYPE_SHOWN = 50 };

static const char *const part_names[] = {"key", "namespace", "user_key", "value", "timestamp", "last_access", NULL};

struct binding {
    struct script *s;
    const struct scope *scope;
    bool *needs;
    struct err *e;
};

/* --- paths --- */

static const char *name_at(const void *ctx, size_t i) { return ((const char *const *)ctx)[i]; }

static const char **field_names(struct typing t, struct arena *a)
{
    uint32_t n = typing_fields(t);
    const char **names = arena_array(a, n + (size_t)1, sizeof(char *));
    for (uint32_t i = 0; i < n; i++) {
        char made[16];
        names[i] = arena_str(a, typing_field_name(t, i, made));
    }
    return names;
}

bool field_unknown(struct script *s, const char *name, struct place_in where, struct typing t, struct err *e)
{
    struct buf type = {0};
    const char *meant = nearest_name(name, name_at, field_names(t, &s->arena));
    typing_text(t, &type);
    bool cut = type.n > TYPE_SHOWN;
    script_fault(s, where, e, "%.*s%s has no field '%s'%s%s%s", cut ? TYPE_SHOWN : (int)type.n, buf_cstr(&type), cut ? "…" : "",
                 name, meant ? "; did you mean '" : "", meant ? meant : "", meant ? "'?" : "");
    buf_free(&type);
    return false;
}

static bool bind_step(struct script *s, const struct path_part *p, struct bound *b, struct err *e)
{
    struct bound_step *step = &b->steps[b->n++];
    enum typing_class cls = typing_class(b->type);
    *step = (struct bound_step){.parent = b->type};
    if (!p->field) {
        step->kind = STEP_INDEX;
        step->i = (uint32_t)p->index;
        if (cls != CLASS_LIST)
            return script_fault(s, p->where, e, "an index into what is not a list");
        b->type = typing_item(b->type);
        return true;
    }
    if (cls == CLASS_MAP) {
        step->kind = STEP_KEY;
        step->key = p->field;
        b->type = typing_item(b->type);
        return true;
    }
    step->kind = STEP_FIELD;
    if (!typing_find(b->type, p->field, &step->i))
        return field_unknown(s, p->field, p->where, b->type, e);
    b->type = typing_field(b->type, step->i);
    return true;
}

static bool find_root(struct script *s, const struct path *p, const struct scope *scope, struct bound *b, uint32_t *from,
                      struct err *e)
{
    const struct path_part *first = &p->parts[0];
    uint32_t i;
    *from = 1;
    for (b->root = 0; b->root < ROW_PARTS; b->root++)
        if (!strcmp(first->field, part_names[b->root]) || (b->root == ROW_NS && !strcmp(first->field, "ns")))
            break;
    if (b->root < ROW_PARTS && scope->has[b->root])
        return true;
    if (scope->has[ROW_VALUE] && typing_find(scope->types[ROW_VALUE], first->field, &i)) {
        b->root = ROW_VALUE;
        *from = 0;
        return true;
    }
    if (b->root < ROW_PARTS)
        return script_fault(s, first->where, e, "the state has no %s", part_names[b->root]);
    if (typing_fields(scope->types[ROW_VALUE]))
        return field_unknown(s, first->field, first->where, scope->types[ROW_VALUE], e);
    return script_fault(s, first->where, e, "'%s' is nothing that the state's rows have: key, value, …", first->field);
}

bool path_bind(struct script *s, const struct path *p, const struct scope *scope, struct bound *b, struct err *e)
{
    uint32_t from;
    *b = (struct bound){0};
    if (!find_root(s, p, scope, b, &from, e))
        return false;
    b->type = scope->types[b->root];
    b->steps = arena_array(&s->arena, p->n, sizeof *b->steps);
    for (uint32_t i = from; i < p->n; i++)
        if (!bind_step(s, &p->parts[i], b, e))
            return false;
    return true;
}

struct value *bound_find(const struct bound *b, struct row *row)
{
    struct value *v = &row->parts[b->root];
    for (uint32_t i = 0; v && i < b->n; i++) {
        const struct bound_step *step = &b->steps[i];
        struct value *found = NULL;
        if (step->kind == STEP_FIELD)
            found = typing_member(step->parent, v, step->i);
        else if (step->kind == STEP_INDEX)
            found = v->kind == VAL_LIST ? value_item(v, step->i) : NULL;
        else
            for (uint32_t k = 0; v->kind == VAL_MAP && k + 1 < v->n && !found; k += 2)
                if (v->items[k].kind == VAL_TEXT && v->items[k].n == strlen(step->key) &&
                    !memcmp(v->items[k].text, step->key, v->items[k].n))
                    found = &v->items[k + 1];
        v = found;
    }
    return v;
}

/* --- expressions --- */

static bool bind(struct binding *b, struct expr *x);

static bool is_number(enum typing_class c) { return c == CLASS_INT || c == CLASS_REAL || c == CLASS_DECIMAL; }
static bool is_time(enum typing_class c) { return c >= CLASS_DATE && c <= CLASS_INSTANT; }
static bool is_open(enum typing_class c) { return c == CLASS_ANY || c == CLASS_NULL; }

static bool wrong(struct binding *b, const struct expr *x, const char *wanted)
{
    return script_fault(b->s, x->where, b->e, "expected %s, not %s", wanted, typing_class_name((enum typing_class)x->cls));
}

static bool need_number(struct binding *b, const struct expr *x)
{
    return is_number(x->cls) || is_open(x->cls) || wrong(b, x, "a number");
}

static bool need_truth(struct binding *b, const struct expr *x)
{
    return x->cls == CLASS_BOOL || is_open(x->cls) || wrong(b, x, "a condition");
}

/* What can be compared: numbers, texts, truth values, bytes; times with each other and with texts. */
static bool comparable(enum typing_class a, enum typing_class b)
{
    if (is_open(a) || is_open(b) || a == b)
        return a != CLASS_LIST && a != CLASS_MAP && a != CLASS_STRUCT;
    if (is_number(a) || is_number(b))
        return is_number(a) && is_number(b);
    return (is_time(a) || a == CLASS_TEXT) && (is_time(b) || b == CLASS_TEXT);
}

static bool need_comparable(struct binding *b, const struct expr *x, const struct expr *l, const struct expr *r)
{
    return comparable(l->cls, r->cls) ||
        script_fault(b->s, x->where, b->e, "%s cannot be compared with %s", typing_class_name((enum typing_class)l->cls),
                     typing_class_name((enum typing_class)r->cls));
}

/* The class that both become. */
static enum typing_class wider(enum typing_class a, enum typing_class b)
{
    if (a == CLASS_NULL || a == b)
        return b;
    if (b == CLASS_NULL)
        return a;
    if (is_number(a) && is_number(b))
        return a == CLASS_REAL || b == CLASS_REAL ? CLASS_REAL : CLASS_DECIMAL;
    return CLASS_ANY;
}

static bool bind_binary(struct binding *b, struct expr *x)
{
    const struct expr *l = x->kids[0], *r = x->kids[1];
    x->cls = CLASS_BOOL;
    if (x->op <= OP_AND)
        return need_truth(b, l) && need_truth(b, r);
    if (x->op <= OP_GE)
        return need_comparable(b, x, l, r);
    if (x->op == OP_CONCAT) {
        x->cls = CLASS_TEXT;
        return true;
    }
    x->cls = wider(l->cls, r->cls);
    return need_number(b, l) && need_number(b, r);
}

static bool bind_case(struct binding *b, struct expr *x)
{
    x->cls = x->kids[x->n - 1]->cls;
    for (uint32_t i = 0; i + 1 < x->n; i += 2) {
        if (!need_truth(b, x->kids[i]))
            return false;
        x->cls = wider(x->cls, x->kids[i + 1]->cls);
    }
    return true;
}

static bool bind_cast(struct binding *b, struct expr *x)
{
    x->cls = (uint8_t)class_of_type(x->type);
    return x->cls != CLASS_ANY ||
        script_fault(b->s, x->type->word.where, b->e,
                     "CAST knows no type %s; INT, BIGINT, DOUBLE, DECIMAL, STRING, BOOLEAN, DATE, … it does", x->type->word.text);
}

static bool fits_letter(char letter, enum typing_class c)
{
    switch (letter) {
    case 't':
        return c == CLASS_TEXT || is_open(c);
    case 'i':
        return c == CLASS_INT || is_open(c);
    case 'n':
        return is_number(c) || is_open(c);
    case 'b':
        return c == CLASS_TEXT || c == CLASS_BYTES || is_open(c);
    case 'l':
        return c == CLASS_LIST || c == CLASS_MAP || is_open(c);
    default:
        return true;
    }
}

static bool bind_call(struct binding *b, struct expr *x)
{
    const struct function *f = x->function = function_find(x->text);
    if (!f) {
        const char *meant = nearest_name(x->text, function_at, NULL);
        return script_fault(b->s, x->path.where, b->e, "there is no function %s%s%s%s", x->text, meant ? "; did you mean " : "",
                            meant ? meant : "", meant ? "?" : "");
    }
    if (x->n < f->min || x->n > f->max)
        return script_fault(b->s, x->where, b->e, "%s takes %u argument%s, not %u", f->name, x->n < f->min ? f->min : f->max,
                            (x->n < f->min ? f->min : f->max) == 1 ? "" : "s", x->n);
    x->cls = f->result == CLASS_ANY ? CLASS_NULL : f->result;
    size_t letters = strlen(f->args);
    for (uint32_t i = 0; i < x->n; i++) {
        char letter = f->args[i < letters ? i : letters - 1];
        if (!fits_letter(letter, x->kids[i]->cls))
            return wrong(b, x->kids[i],
                         letter == 't'       ? "a text"
                             : letter == 'b' ? "a text or bytes"
                             : letter == 'l' ? "a list or a map"
                                             : "a number");
        if (f->result == CLASS_ANY)
            x->cls = (uint8_t)wider(x->cls, x->kids[i]->cls);
    }
    return true;
}

static bool bind_path(struct binding *b, struct expr *x)
{
    struct bound *p = arena_alloc(&b->s->arena, sizeof *p);
    if (!path_bind(b->s, &x->path, b->scope, p, b->e))
        return false;
    x->bound = p;
    b->needs[p->root] = true;
    x->cls = (uint8_t)(p->root == ROW_TIMESTAMP || p->root == ROW_LAST_ACCESS ? CLASS_INT : typing_class(p->type));
    return true;
}

static bool bind_kids(struct binding *b, struct expr *x)
{
    for (uint32_t i = 0; i < x->n; i++)
        if (!bind(b, x->kids[i]))
            return false;
    return true;
}

static bool bind(struct binding *b, struct expr *x)
{
    static const enum typing_class literals[] = {
        [EXPR_NULL] = CLASS_NULL,       [EXPR_BOOL] = CLASS_BOOL, [EXPR_INT] = CLASS_INT,
        [EXPR_DECIMAL] = CLASS_DECIMAL, [EXPR_REAL] = CLASS_REAL, [EXPR_TEXT] = CLASS_TEXT};
    if (!bind_kids(b, x))
        return false;
    switch (x->kind) {
    case EXPR_PATH:
        return bind_path(b, x);
    case EXPR_MINUS:
        x->cls = x->kids[0]->cls;
        return need_number(b, x->kids[0]);
    case EXPR_NOT:
        x->cls = CLASS_BOOL;
        return need_truth(b, x->kids[0]);
    case EXPR_BINARY:
        return bind_binary(b, x);
    case EXPR_CASE:
        return bind_case(b, x);
    case EXPR_CAST:
        return bind_cast(b, x);
    case EXPR_CALL:
        return bind_call(b, x);
    case EXPR_IS_NULL:
    case EXPR_LIKE:
    case EXPR_IN:
    case EXPR_BETWEEN:
        x->cls = CLASS_BOOL;
        for (uint32_t i = 0; x->kind == EXPR_LIKE && i < x->n; i++)
            if (!fits_letter('t', x->kids[i]->cls))
                return wrong(b, x->kids[i], "a text");
        for (uint32_t i = 1; x->kind != EXPR_LIKE && i < x->n; i++)
            if (!need_comparable(b, x->kids[i], x->kids[0], x->kids[i]))
                return false;
        return true;
    default:
        x->cls = (uint8_t)literals[x->kind];
        return true;
    }
}

bool expr_bind(struct script *s, struct expr *x, const struct scope *scope, enum typing_class wanted, bool needs[ROW_PARTS],
               struct err *e)
{
    struct binding b = {s, scope, needs, e};
    return bind(&b, x) && (wanted != CLASS_BOOL || need_truth(&b, x));
}
