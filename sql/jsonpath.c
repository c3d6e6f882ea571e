#include "sql/jsonpath.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { STEPS = 64, FOUND_MAX = 1 << 20, DEPTH = 200 };

struct step {
    enum { MEMBER, ELEMENT, RANGE, ALL } kind;
    bool deep; /* behind "..": at any depth */
    const char *name;
    int64_t from, to; /* RANGE: to INT64_MAX: the end */
};

struct jsonpath {
    bool strict, several;
    uint32_t n;
    struct step steps[STEPS];
};

struct text {
    const char *p, *end;
};

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '$' ||
        (c & 0x80);
}

static bool number(struct text *x, int64_t *v)
{
    const char *from = x->p;
    bool minus = x->p < x->end && *x->p == '-';
    x->p += minus;
    for (*v = 0; x->p < x->end && *x->p >= '0' && *x->p <= '9' && *v < INT32_MAX; x->p++)
        *v = *v * 10 + (*x->p - '0');
    if (minus)
        *v = -*v;
    return x->p > from + minus;
}

static bool bracket(struct text *x, struct arena *a, struct step *s, struct err *e)
{
    while (x->p < x->end && *x->p == ' ')
        x->p++;
    if (x->p < x->end && (*x->p == '\'' || *x->p == '"')) {
        char quote = *x->p++;
        const char *from = x->p;
        while (x->p < x->end && *x->p != quote)
            x->p++;
        s->kind = MEMBER;
        s->name = arena_strn(a, from, (size_t)(x->p - from));
        x->p += x->p < x->end;
    } else if (x->p < x->end && *x->p == '*') {
        s->kind = ALL;
        x->p++;
    } else if (x->p < x->end && *x->p == '?') {
        return err_set(e, ERR_UNSUPPORTED, "filters of JSON paths are not there yet");
    } else {
        bool first = number(x, &s->from);
        s->kind = ELEMENT;
        if (x->p < x->end && *x->p == ':') {
            x->p++;
            s->kind = RANGE;
            if (!first)
                s->from = 0;
            if (!number(x, &s->to))
                s->to = INT64_MAX;
        } else if (!first)
            return err_set(e, ERR_CORRUPT, "a JSON path has a malformed index");
    }
    while (x->p < x->end && *x->p == ' ')
        x->p++;
    if (x->p == x->end || *x->p != ']')
        return err_set(e, *(x->p == x->end ? "" : x->p) == ',' ? ERR_UNSUPPORTED : ERR_CORRUPT,
                       "a JSON path has several indexes, or no ']'");
    x->p++;
    return true;
}

static bool step(struct text *x, struct arena *a, struct step *s, struct err *e)
{
    if (*x->p == '.') {
        x->p++;
        s->deep = x->p < x->end && *x->p == '.';
        x->p += s->deep;
        if (x->p < x->end && *x->p == '*') {
            s->kind = ALL;
            x->p++;
            return true;
        }
        if (!s->deep || (x->p < x->end && *x->p != '[')) {
            const char *from = x->p;
            while (x->p < x->end && name_char(*x->p))
                x->p++;
            s->kind = MEMBER;
            s->name = arena_strn(a, from, (size_t)(x->p - from));
            return x->p > from || err_set(e, ERR_CORRUPT, "a JSON path has an empty name");
        }
    }
    if (x->p == x->end || *x->p != '[')
        return err_set(e, ERR_CORRUPT, "a JSON path goes on with something that is no '.' and no '['");
    x->p++;
    return bracket(x, a, s, e);
}

const struct jsonpath *jsonpath_parse(struct arena *a, const char *text, size_t n, struct err *e)
{
    struct jsonpath *p = arena_alloc(a, sizeof *p);
    struct text x = {text, text + n};
    p->strict = true;
    while (x.p < x.end && *x.p == ' ')
        x.p++;
    if (x.end - x.p > 4 && !strncasecmp(x.p, "lax ", 4)) {
        p->strict = false;
        x.p += 4;
    } else if (x.end - x.p > 7 && !strncasecmp(x.p, "strict ", 7)) {
        x.p += 7;
    }
    while (x.p < x.end && *x.p == ' ')
        x.p++;
    while (x.end > x.p && x.end[-1] == ' ')
        x.end--;
    if (x.p == x.end || *x.p++ != '$') {
        err_set(e, ERR_CORRUPT, "a JSON path must begin with '$'");
        return NULL;
    }
    while (x.p < x.end) {
        if (p->n == STEPS) {
            err_set(e, ERR_LIMIT, "a JSON path has more than %d steps", STEPS);
            return NULL;
        }
        struct step *s = &p->steps[p->n++];
        if (!step(&x, a, s, e))
            return NULL;
        p->several = p->several || s->deep || s->kind == RANGE || s->kind == ALL;
    }
    return p;
}

bool jsonpath_strict(const struct jsonpath *p) { return p->strict; }

struct found {
    const struct value **v;
    uint32_t n, cap;
};

static void take(struct found *f, const struct value *v)
{
    if (f->n == FOUND_MAX)
        return;
    if (f->n == f->cap)
        f->v = mem_grow(f->v, f->cap = f->cap ? f->cap * 2 : 8, sizeof *f->v);
    f->v[f->n++] = v;
}

static void apply(const struct step *s, const struct value *v, struct found *to, int depth)
{
    bool list = v->kind == VAL_LIST, object = v->kind == VAL_OBJECT;
    if (!depth || (!list && !object))
        return;
    if (s->kind == MEMBER && object) {
        const struct value *m = value_member(v, s->name);
        if (m)
            take(to, m);
    } else if (s->kind == ALL) {
        for (uint32_t i = 0; i < v->n; i++)
            take(to, &v->items[i]);
    } else if (s->kind == ELEMENT && list) {
        int64_t i = s->from < 0 ? s->from + v->n : s->from;
        if (i >= 0 && i < v->n)
            take(to, &v->items[i]);
    } else if (s->kind == RANGE && list) {
        int64_t from = s->from < 0 ? s->from + v->n : s->from, end = s->to == INT64_MAX ? v->n : s->to < 0 ? s->to + v->n : s->to;
        for (int64_t i = from < 0 ? 0 : from; i < end && i < v->n; i++)
            take(to, &v->items[i]);
    }
    for (uint32_t i = 0; s->deep && i < v->n; i++)
        apply(s, &v->items[i], to, depth - 1);
}

bool jsonpath_find(const struct jsonpath *p, struct arena *a, const struct value *v, struct value *to)
{
    struct found now = {0};
    bool definite = true; /* no step yet that may find several: what is not there then, is nowhere */
    take(&now, v);
    for (uint32_t i = 0; i < p->n && now.n; i++) {
        struct found next = {0};
        const struct step *s = &p->steps[i];
        bool scalar = now.v[0]->kind != VAL_LIST && now.v[0]->kind != VAL_OBJECT;
        if (definite && (s->deep || s->kind == RANGE || s->kind == ALL) && !scalar)
            definite = false;
        for (uint32_t k = 0; k < now.n; k++)
            apply(&p->steps[i], now.v[k], &next, DEPTH);
        free(now.v);
        now = next;
    }
    bool some = now.n || !definite;
    if (some && p->several) {
        *to = value_list(a, VAL_LIST, now.n);
        for (uint32_t k = 0; k < now.n; k++)
            to->items[k] = *now.v[k];
    } else if (some) {
        *to = *now.v[0];
    }
    free(now.v);
    return some;
}
