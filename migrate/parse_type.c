/* Types: WORD [(n [, n])] [<…>] [NOT NULL] */
#include <string.h>

#include "migrate/parse.h"

enum { TYPE_KIDS = 1000 };

static void add_kid(struct parser *p, struct type *t, struct name field, struct type *kid)
{
    if (!(t->n & (t->n - 1))) {
        size_t n = t->n ? (size_t)t->n * 2 : 1;
        struct type **kids = arena_array(p->a, n, sizeof(struct type *));
        struct name *fields = arena_array(p->a, n, sizeof *fields);
        if (t->n) {
            memcpy(kids, t->kids, t->n * sizeof(struct type *));
            memcpy(fields, t->fields, t->n * sizeof *fields);
        }
        t->kids = kids;
        t->fields = fields;
    }
    t->fields[t->n] = field;
    t->kids[t->n++] = kid;
}

static bool numbers(struct parser *p, struct type *t)
{
    bool more;
    do {
        int64_t n;
        if (t->n_numbers == 2)
            return parse_expected(p, ")");
        if (!parse_number(p, "a number", 0, INT32_MAX, &n) || !parse_take(p, ",", &more))
            return false;
        t->numbers[t->n_numbers++] = (int32_t)n;
    } while (more);
    return parse_need(p, ")");
}

/* The words whose parts have names in front. */
static bool has_fields(const struct type *t) { return !strcmp(t->word.text, "ROW") || !strcmp(t->word.text, "POJO"); }

static bool kids(struct parser *p, struct type *t)
{
    bool more;
    do {
        struct name field = {0};
        struct type *kid = NULL;
        if (t->n == TYPE_KIDS)
            return script_fault(p->s, p->t.where, p->e, "a type of more than %d parts", TYPE_KIDS);
        bool constant = !strcmp(t->word.text, "ENUM");
        if ((constant || has_fields(t)) && !parse_name(p, constant ? "a constant" : "a field's name", &field))
            return false;
        if ((!constant && !parse_type(p, &kid)) || !parse_take(p, ",", &more))
            return false;
        add_kid(p, t, field, kid);
    } while (more);
    return parse_need(p, ">");
}

static bool type(struct parser *p, struct type *t)
{
    bool paren, angle, negated;
    if (p->t.kind != TOKEN_WORD)
        return parse_expected(p, "a type, as INT, STRING or LIST<BIGINT>");
    char *upper = arena_str(p->a, p->t.text);
    for (char *c = upper; *c; c++)
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
    t->word = (struct name){upper, p->t.where};
    if (!parse_advance(p))
        return false;
    if ((!strcmp(upper, "POJO") || !strcmp(upper, "ENUM") || !strcmp(upper, "KRYO")) &&
        !parse_text(p, "the class, as 'com.acme.Order'", &t->cls))
        return false;
    if (!parse_take(p, "(", &paren) || (paren && !numbers(p, t)) || !parse_take(p, "<", &angle) || (angle && !kids(p, t)) ||
        !parse_take(p, "NOT", &negated))
        return false;
    t->not_null = negated;
    return !negated || parse_need(p, "NULL");
}

bool parse_type(struct parser *p, struct type **to)
{
    struct type *t = *to = arena_alloc(p->a, sizeof *t);
    uint32_t at = p->t.where.at;
    bool ok =
        ++p->depth <= SCRIPT_DEPTH ? type(p, t) : script_fault(p->s, p->t.where, p->e, "nested more than %d deep", SCRIPT_DEPTH);
    p->depth--;
    t->where = parse_since(p, at);
    return ok;
}
