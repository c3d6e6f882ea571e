#include "sql/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

enum { MATCH_LIMIT = 2000000, HEAP_LIMIT_KIB = 16384, MAX_PATTERN = 1 << 16 };

struct regex {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *limits;
    uint32_t groups;
};

/* --- from Java's spelling to PCRE2's --- */

struct rewriting {
    const char *p, *end;
    struct buf out;
    bool in_class;
    enum regex_made state;
};

static const struct {
    const char *java, *members; /* of a class */
} classes[] = {
    {"Lower", "a-z"},
    {"Upper", "A-Z"},
    {"ASCII", "\\x00-\\x7F"},
    {"Alpha", "a-zA-Z"},
    {"Digit", "0-9"},
    {"Alnum", "0-9a-zA-Z"},
    {"Punct", "!-\\/:-@\\[-`{-~"},
    {"Graph", "!-~"},
    {"Print", " -~"},
    {"Blank", " \\t"},
    {"Cntrl", "\\x00-\\x1F\\x7F"},
    {"XDigit", "0-9a-fA-F"},
    {"Space", " \\t\\n\\x0B\\f\\r"},
};

static void stop(struct rewriting *w, enum regex_made why)
{
    if (w->state == REGEX_MADE)
        w->state = why;
    w->p = w->end;
}

/* \p{Alpha}, \p{L}, \p{IsLatin}, \pL; p is behind the p. */
static void property(struct rewriting *w, bool not )
{
    const char *from = w->p, *close = w->p < w->end && *w->p == '{' ? memchr(w->p, '}', (size_t)(w->end - w->p)) : NULL;
    size_t n = close ? (size_t)(close - from) - 1 : 1;
    const char *name = close ? from + 1 : from;
    if (w->p == w->end || (*w->p == '{' && !close))
        return stop(w, REGEX_MALFORMED);
    w->p = close ? close + 1 : from + 1;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strlen(classes[i].java) == n && !memcmp(classes[i].java, name, n)) {
            if (not &&w->in_class)
                return stop(w, REGEX_REFUSED);
            buf_printf(&w->out, w->in_class ? "%s%s" : "[%s%s]", not ? "^" : "", classes[i].members);
            return;
        }
    if (n > 2 && !memcmp(name, "Is", 2)) {
        name += 2;
        n -= 2;
    } else if (n > 4 || memchr(name, '=', n)) {
        return stop(w, REGEX_REFUSED); /* blocks, scripts by "script=", java.lang.Character's */
    }
    buf_printf(&w->out, "\\%c{%.*s}", not ? 'P' : 'p', (int)n, name);
}

/* \u00e4 */
static void unicode(struct rewriting *w)
{
    size_t n = 0;
    while (n < 4 && w->p + n < w->end && strchr("0123456789abcdefABCDEF", w->p[n]))
        n++;
    if (n < 4)
        return stop(w, REGEX_MALFORMED);
    buf_printf(&w->out, "\\x{%.4s}", w->p);
    w->p += 4;
}

static void escape(struct rewriting *w)
{
    static const char known[] = "aAbBcdDefGhHknQrRsStvVwWxXzZ";
    w->p++;
    if (w->p == w->end)
        return stop(w, REGEX_MALFORMED);
    char c = *w->p++;
    if (c == 'p' || c == 'P')
        return property(w, c == 'P');
    if (c == 'u')
        return unicode(w);
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter && !strchr(known, c))
        return stop(w, REGEX_MALFORMED);
    buf_printf(&w->out, "\\%c", c);
    if (c != 'Q')
        return;
    for (; w->p < w->end; w->p++) { /* quoted up to \E */
        buf_putc(&w->out, (uint8_t)*w->p);
        if (w->p[0] == 'E' && w->p[-1] == '\\') {
            w->p++;
            return;
        }
    }
}

/* What only Perl has behind "(": verbs, recursion, conditions, code. */
static bool perls(const struct rewriting *w)
{
    const char *p = w->p + 1;
    if (p < w->end && *p == '*')
        return true;
    if (p + 1 >= w->end || *p != '?')
        return false;
    if (p[1] == '<') /* (?<name>, (?<=, (?<! */
        return false;
    return !strchr(":=!>idmsuxU-", p[1]);
}

static void class_begins(struct rewriting *w)
{
    if (w->in_class) /* a class inside a class */
        return stop(w, REGEX_REFUSED);
    w->in_class = true;
    buf_putc(&w->out, '[');
    w->p++;
    if (w->p < w->end && *w->p == '^')
        buf_putc(&w->out, (uint8_t)*w->p++);
    if (w->p < w->end && *w->p == ']')
        stop(w, REGEX_MALFORMED); /* in PCRE2 a member, in Java an end of nothing */
}

static enum regex_made rewrite(struct rewriting *w)
{
    while (w->p < w->end) {
        char c = *w->p;
        if (c == '\\') {
            escape(w);
        } else if (c == '[') {
            class_begins(w);
        } else if (w->in_class && c == '&' && w->p + 1 < w->end && w->p[1] == '&') {
            stop(w, REGEX_REFUSED);
        } else if (!w->in_class && c == '(' && perls(w)) {
            stop(w, REGEX_MALFORMED);
        } else {
            w->in_class = w->in_class && c != ']';
            buf_putc(&w->out, (uint8_t)c);
            w->p++;
        }
    }
    return w->in_class && w->state == REGEX_MADE ? REGEX_MALFORMED : w->state;
}

/* --- making --- */

static void *take(size_t n, void *data)
{
    const struct regex_memory *m = data;
    return m->alloc(n, m->from);
}

static void keep(void *p, void *data)
{
    (void)p;
    (void)data;
}

static enum regex_made compile(const struct regex_memory *memory, const struct buf *pattern, bool whole, struct regex **to)
{
    int code;
    PCRE2_SIZE at;
    struct regex_memory *own = memory->alloc(sizeof *own, memory->from);
    *own = *memory;
    pcre2_general_context *general = pcre2_general_context_create(take, keep, own);
    pcre2_compile_context *how = pcre2_compile_context_create(general);
    pcre2_set_newline(how, PCRE2_NEWLINE_ANYCRLF);
    uint32_t options =
        PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | (whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0);
    struct regex *r = memory->alloc(sizeof *r, memory->from);
    memset(r, 0, sizeof *r);
    r->code = pcre2_compile(pattern->n ? pattern->p : (const uint8_t *)"", pattern->n, options, &code, &at, how);
    if (!r->code)
        return REGEX_MALFORMED;
    r->match = pcre2_match_data_create_from_pattern(r->code, general);
    r->limits = pcre2_match_context_create(general);
    pcre2_set_match_limit(r->limits, MATCH_LIMIT);
    pcre2_set_heap_limit(r->limits, HEAP_LIMIT_KIB);
    pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &r->groups);
    *to = r;
    return REGEX_MADE;
}

enum regex_made regex_make(const struct regex_memory *memory, struct bytes pattern, bool whole, struct regex **to)
{
    if (pattern.n > MAX_PATTERN)
        return REGEX_REFUSED;
    char *text = memory->alloc(pattern.n + 1, memory->from); /* with a 0 behind it */
    if (pattern.n)
        memcpy(text, pattern.p, pattern.n);
    text[pattern.n] = 0;
    struct rewriting w = {.p = text, .end = text + pattern.n};
    enum regex_made made = rewrite(&w);
    if (made == REGEX_MADE)
        made = compile(memory, &w.out, whole, to);
    buf_free(&w.out);
    return made;
}

/* --- matching --- */

enum regex_found regex_find(struct regex *r, struct bytes s, size_t from)
{
    if (from > s.n)
        return REGEX_NO;
    int n = pcre2_match(r->code, s.n ? s.p : (const uint8_t *)"", s.n, from, 0, r->match, r->limits);
    return n > 0 ? REGEX_YES : n == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_TOO_MUCH;
}

bool regex_group(const struct regex *r, uint32_t group, struct regex_span *span)
{
    const PCRE2_SIZE *v = pcre2_get_ovector_pointer(r->match);
    if (group > r->groups || v[2 * group] == PCRE2_UNSET || v[2 * group] > v[2 * group + 1])
        return false;
    *span = (struct regex_span){v[2 * group], v[2 * group + 1]};
    return true;
}

uint32_t regex_groups(const struct regex *r) { return r->groups; }
