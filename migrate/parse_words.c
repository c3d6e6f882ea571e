#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "migrate/parse.h"

bool parse_advance(struct parser *p)
{
    p->end = p->t.where.at + p->t.where.n;
    return lex(p->s, p->end, &p->t, p->e);
}

bool parse_is(const struct parser *p, const char *word)
{
    return (p->t.kind == TOKEN_WORD || p->t.kind == TOKEN_SIGN) && !strcasecmp(p->t.text, word);
}

bool parse_take(struct parser *p, const char *word, bool *taken)
{
    *taken = parse_is(p, word);
    return !*taken || parse_advance(p);
}

bool parse_expected(struct parser *p, const char *what)
{
    if (p->t.kind == TOKEN_END)
        return script_fault(p->s, p->t.where, p->e, "expected %s, not the end of the script", what);
    return script_fault(p->s, p->t.where, p->e, "expected %s, not %.*s", what, p->t.where.n > 60 ? 60 : (int)p->t.where.n,
                        (const char *)p->s->text.p + p->t.where.at);
}

bool parse_need(struct parser *p, const char *word) { return parse_is(p, word) ? parse_advance(p) : parse_expected(p, word); }

static const char *word_at(const void *ctx, size_t i) { return ((const char *const *)ctx)[i]; }

bool parse_one_of(struct parser *p, const char *const *words, const char *what, size_t *which)
{
    char upper[40];
    for (*which = 0; words[*which]; ++*which)
        if (parse_is(p, words[*which]))
            return parse_advance(p);
    size_t n = 0;
    for (; p->t.kind == TOKEN_WORD && n < p->t.n && n < sizeof upper - 1; n++)
        upper[n] = (char)(p->t.text[n] >= 'a' && p->t.text[n] <= 'z' ? p->t.text[n] - 32 : p->t.text[n]);
    upper[n] = 0;
    const char *meant = n ? nearest_name(upper, word_at, words) : NULL;
    if (meant)
        return script_fault(p->s, p->t.where, p->e, "expected %s, not %s; did you mean %s?", what, p->t.text, meant);
    return parse_expected(p, what);
}

bool parse_name(struct parser *p, const char *what, struct name *to)
{
    if (p->t.kind != TOKEN_WORD && p->t.kind != TOKEN_NAME && p->t.kind != TOKEN_TEXT)
        return parse_expected(p, what);
    if (!p->t.n)
        return script_fault(p->s, p->t.where, p->e, "expected %s, not an empty one", what);
    *to = (struct name){p->t.text, p->t.where};
    return parse_advance(p);
}

bool parse_text(struct parser *p, const char *what, struct name *to)
{
    return p->t.kind == TOKEN_TEXT ? parse_name(p, what, to) : parse_expected(p, what);
}

bool parse_number(struct parser *p, const char *what, int64_t min, int64_t max, int64_t *to)
{
    if (p->t.kind != TOKEN_INT)
        return parse_expected(p, what);
    *to = p->t.n > 18 ? INT64_MAX : strtoll(p->t.text, NULL, 10);
    if (*to < min || *to > max)
        return script_fault(p->s, p->t.where, p->e, "expected %s of %lld to %lld", what, (long long)min, (long long)max);
    return parse_advance(p);
}

struct place_in parse_since(const struct parser *p, uint32_t at) { return (struct place_in){at, p->end - at}; }
