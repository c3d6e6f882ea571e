/* REGEXP and its family, SIMILAR TO. A pattern that is a literal is compiled once; others for each row, in the batch's memory. */
#include <string.h>
#include <strings.h>

#include "sql/fn.h"
#include "sql/regex.h"

struct pattern {
    struct regex *regex; /* of a literal; NULL: malformed, or no literal */
    bool fixed;
};

static void *from_arena(size_t n, void *a) { return arena_alloc(a, n); }
static void *from_heap(size_t n, void *heap) { return scratch_alloc(heap, n); }

static bool prepare(struct binding *b, struct expr *x, row_fn row, struct err *e)
{
    struct pattern *p = arena_alloc(b->a, sizeof *p);
    struct regex_memory memory = {from_arena, b->a};
    union cell v;
    x->row = row;
    x->strict = true;
    x->data = p;
    if (!expr_literal(x->args[1], &v))
        return true;
    p->fixed = true;
    if (regex_make(&memory, v.s, false, &p->regex) != REGEX_REFUSED)
        return true;
    return err_set(e, ERR_UNSUPPORTED, "%s with classes inside classes is not there yet", x->name);
}

/* The row's pattern, or NULL: malformed, or *got is GOT_FAILED. */
static struct regex *pattern_of(struct eval *ev, const struct expr *x, struct bytes text, enum got *got)
{
    const struct pattern *p = x->data;
    struct regex_memory memory = {from_heap, &ev->heap};
    struct regex *r = NULL;
    *got = GOT_NULL;
    if (p->fixed)
        return p->regex;
    enum regex_made made = regex_make(&memory, text, false, &r);
    if (made == REGEX_REFUSED)
        *got = got_failed(ev, "%s with classes inside classes is not there yet", x->name);
    return made == REGEX_MADE ? r : NULL;
}

static enum got too_much(struct eval *ev, const struct expr *x)
{
    return got_failed(ev, "%s: the pattern takes too many steps", x->name);
}

/* Where Matcher#find goes on behind a match. */
static size_t next_from(struct bytes s, struct regex_span m)
{
    if (m.to > m.from)
        return m.to;
    return m.to + (m.to < s.n ? text_char(s.p + m.to, s.p + s.n) : 1);
}

#define FN(ident) \
    static enum got ident(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)

FN(regexp)
{
    enum got got;
    (void)null;
    struct regex *r = pattern_of(ev, x, a[1].s, &got);
    if (!r || !a[1].s.n)
        return got == GOT_FAILED ? got : got_bool(out, false);
    enum regex_found found = regex_find(r, a[0].s, 0);
    return found == REGEX_TOO_MUCH ? too_much(ev, x) : got_bool(out, found == REGEX_YES);
}

static enum got group_text(struct eval *ev, const struct regex *r, int64_t group, struct bytes s, union cell *out)
{
    struct regex_span g;
    if (group < 0 || group > regex_groups(r) || !regex_group(r, (uint32_t)group, &g))
        return GOT_NULL;
    return got_text(ev, out, s.p + g.from, g.to - g.from);
}

FN(extract)
{
    enum got got;
    (void)null;
    struct regex *r = pattern_of(ev, x, a[1].s, &got);
    if (!r)
        return got;
    enum regex_found found = regex_find(r, a[0].s, 0);
    if (found != REGEX_YES)
        return found == REGEX_NO ? GOT_NULL : too_much(ev, x);
    return group_text(ev, r, x->n > 2 ? a[2].i : 0, a[0].s, out);
}

FN(replace)
{
    enum got got;
    struct regex_span m;
    size_t from = 0, copied = 0;
    (void)null;
    struct regex *r = pattern_of(ev, x, a[1].s, &got);
    struct buf *b = fn_buf(ev);
    enum regex_found found = REGEX_NO;
    for (; r && (found = regex_find(r, a[0].s, from)) == REGEX_YES && regex_group(r, 0, &m); from = next_from(a[0].s, m)) {
        buf_put(b, a[0].s.p + copied, m.from - copied);
        buf_put(b, a[2].s.p, a[2].s.n);
        copied = m.to;
    }
    if (!r || found == REGEX_TOO_MUCH)
        return r ? too_much(ev, x) : got;
    buf_put(b, a[0].s.p + copied, a[0].s.n - copied);
    return got_buf(ev, out);
}

FN(count)
{
    enum got got;
    struct regex_span m;
    int64_t n = 0;
    size_t from = 0;
    (void)null;
    struct regex *r = pattern_of(ev, x, a[1].s, &got);
    enum regex_found found = REGEX_NO;
    for (; r && (found = regex_find(r, a[0].s, from)) == REGEX_YES && regex_group(r, 0, &m); n++)
        from = next_from(a[0].s, m);
    if (!r || found == REGEX_TOO_MUCH)
        return r ? too_much(ev, x) : got;
    return got_int(out, n);
}

/* From 1, in characters; 0: nowhere. */
FN(instr)
{
    enum got got;
    struct regex_span m;
    (void)null;
    struct regex *r = pattern_of(ev, x, a[1].s, &got);
    enum regex_found found = r ? regex_find(r, a[0].s, 0) : REGEX_NO;
    if (!r || found == REGEX_TOO_MUCH)
        return r ? too_much(ev, x) : got;
    if (found == REGEX_NO || !regex_group(r, 0, &m))
        return got_int(out, 0);
    return got_int(out, 1 + (int64_t)text_chars((struct bytes){a[0].s.p, m.from}));
}

/* All that a group has matched, NULL where it took no part. */
FN(extract_all)
{
    enum got got;
    struct regex_span m, g;
    size_t from = 0;
    struct buf spans = {0};
    int64_t group = x->n > 2 ? a[2].i : 1;
    (void)null;
    struct regex *r = group < 0 ? NULL : pattern_of(ev, x, a[1].s, &got);
    if (!r || group > regex_groups(r))
        return group >= 0 && !r ? got : GOT_NULL;
    enum regex_found found;
    for (; (found = regex_find(r, a[0].s, from)) == REGEX_YES && regex_group(r, 0, &m); from = next_from(a[0].s, m)) {
        if (!regex_group(r, (uint32_t)group, &g))
            g = (struct regex_span){1, 0};
        buf_put(&spans, &g, sizeof g);
    }
    union cell *v;
    uint8_t *nulls;
    uint32_t n = (uint32_t)(spans.n / sizeof g);
    struct seq *q = seq_new(&ev->heap, n, n, &v, &nulls);
    for (uint32_t i = 0; i < n; i++) {
        memcpy(&g, spans.p + i * sizeof g, sizeof g);
        nulls[i] = g.from > g.to;
        v[i].s = nulls[i] ? (struct bytes){NULL, 0} : (struct bytes){a[0].s.p + g.from, g.to - g.from};
    }
    buf_free(&spans);
    out->q = q;
    return found == REGEX_TOO_MUCH ? too_much(ev, x) : GOT_VALUE;
}

#define BINDS(ident, row)                                                                      \
    bool bind_##ident(struct binding *b, struct expr *x, const struct rex *rex, struct err *e) \
    {                                                                                          \
        (void)rex;                                                                             \
        return prepare(b, x, row, e);                                                          \
    }
BINDS(regexp, regexp)
BINDS(regexp_extract, extract)
BINDS(regexp_replace, replace)
BINDS(regexp_count, count)
BINDS(regexp_instr, instr)
BINDS(regexp_substr, extract)
BINDS(regexp_extract_all, extract_all)

/* --- SIMILAR TO: SQL's own expressions, rewritten to Java's as Calcite's Like does --- */

static bool in(char c, const char *set) { return c && strchr(set, c); }

static const char java_signs[] = "[]()|^-+*?{}$\\.", sql_signs[] = "[]()|^-+*_%?{}";

/* [a-z[:alpha:]]; *i stands on the "[". */
static bool enumeration(struct bytes p, size_t *i, char escape, struct buf *b)
{
    static const char *const sets[][2] = {{"[:ALPHA:]", "\\p{Alpha}"}, {"[:UPPER:]", "\\p{Upper}"}, {"[:LOWER:]", "\\p{Lower}"},
                                          {"[:DIGIT:]", "\\d"},        {"[:SPACE:]", " "},          {"[:WHITESPACE:]", "\\s"},
                                          {"[:ALNUM:]", "\\p{Alnum}"}};
    buf_putc(b, '[');
    for (++*i; *i < p.n && p.p[*i] != ']'; ++*i) {
        char c = (char)p.p[*i];
        bool known = c != '[';
        for (size_t k = 0; !known && k < sizeof sets / sizeof *sets; k++) {
            size_t n = strlen(sets[k][0]);
            if (p.n - *i >= n && !strncasecmp((const char *)p.p + *i, sets[k][0], n)) {
                buf_puts(b, sets[k][1]);
                *i += n - 1;
                known = true;
            }
        }
        if (c == '[' && known)
            continue;
        if (escape && c == escape && ++*i < p.n) {
            c = (char)p.p[*i];
            if (!in(c, sql_signs) && c != escape)
                return false;
            if (in(c, java_signs))
                buf_putc(b, '\\');
        } else if (!known || (c != '-' && c != '^' && in(c, sql_signs))) {
            return false;
        }
        buf_putc(b, (uint8_t)c);
    }
    buf_putc(b, ']');
    return *i < p.n;
}

static bool similar_pattern(struct bytes p, char escape, struct buf *b)
{
    for (size_t i = 0; i < p.n; i++) {
        char c = (char)p.p[i];
        if (escape && c == escape) {
            if (++i == p.n || (!in((char)p.p[i], sql_signs) && (char)p.p[i] != escape))
                return false;
            if (in((char)p.p[i], java_signs))
                buf_putc(b, '\\');
            buf_putc(b, p.p[i]);
        } else if (c == '_') {
            buf_putc(b, '.');
        } else if (c == '%') {
            buf_puts(b, "(?s:.*)");
        } else if (c == '[') {
            if (!enumeration(p, &i, escape, b))
                return false;
        } else if (c == ']') {
            return false;
        } else {
            if (c == '\\' || c == '$')
                buf_putc(b, '\\');
            buf_putc(b, (uint8_t)c);
        }
    }
    return true;
}

static enum got row_similar(struct eval *ev, const struct expr *x, const union cell *a, const uint8_t *null, union cell *out)
{
    struct regex_memory memory = {from_heap, &ev->heap};
    struct regex *r = (struct regex *)x->data;
    struct bytes escape = x->n > 2 ? a[2].s : (struct bytes){NULL, 0};
    (void)null;
    if (!r) {
        struct buf *b = fn_buf(ev);
        if (escape.n > 1)
            return got_failed(ev, "an escape of SIMILAR TO is one character");
        if (!similar_pattern(a[1].s, escape.n ? (char)*escape.p : 0, b) ||
            regex_make(&memory, (struct bytes){b->p, b->n}, true, &r) != REGEX_MADE)
            return got_failed(ev, "'%.*s' is no pattern of SIMILAR TO", a[1].s.n < 80 ? (int)a[1].s.n : 80, (const char *)a[1].s.p);
    }
    enum regex_found found = regex_find(r, a[0].s, 0);
    return found == REGEX_TOO_MUCH ? too_much(ev, x) : got_bool(out, found == REGEX_YES);
}

/* A pattern that is a literal and right is compiled once; what is wrong with one a row says. */
bool bind_similar(struct binding *b, struct expr *x, const struct rex *rex, struct err *e)
{
    struct regex_memory memory = {from_arena, b->a};
    union cell v, escape = {.i = 0};
    struct buf text = {0};
    struct regex *r = NULL;
    (void)rex;
    (void)e;
    x->row = row_similar;
    x->strict = true;
    if (expr_literal(x->args[1], &v) && (x->n < 3 || (expr_literal(x->args[2], &escape) && escape.s.n == 1)) &&
        similar_pattern(v.s, x->n < 3 ? 0 : (char)*escape.s.p, &text) &&
        regex_make(&memory, (struct bytes){text.p, text.n}, true, &r) == REGEX_MADE)
        x->data = r;
    buf_free(&text);
    return true;
}
