#include "sql/signature.h"

#include <string.h>
#include <strings.h>

static const struct signature all[] = {
#define SIG(name, plan, syntax, arguments, result) {name, plan, syntax, arguments, result},
#include "sql/signatures.def"
#undef SIG
};

const struct signature *signature_at(size_t i) { return i < sizeof all / sizeof *all ? &all[i] : NULL; }

const struct signature *signature_named(const char *name)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcasecmp(all[i].name, name))
            return &all[i];
    return NULL;
}

/* --- one argument --- */

/* What Flink orders: ARRAY_SORT, ARRAY_MAX. */
static bool ordered(const struct ltype *t) { return !t->n && t->root != L_RAW; }

/* A value of that letter as it is. */
static bool belongs(char letter, const struct ltype *t)
{
    switch (letter) {
    case 's':
        return type_is_text(t);
    case 'z':
        return type_is_text(t) || type_is_bytes(t);
    case 'x':
        return type_is_bytes(t);
    case 'b':
        return t->root == L_BOOLEAN;
    case 'n':
        return type_is_number(t);
    case 'e':
        return type_is_integer(t) || t->root == L_DECIMAL;
    case 'i':
        return type_is_integer(t);
    case 't':
        return type_is_timestamp(t);
    case 'd':
        return t->root == L_DATE;
    case 'T':
        return t->root == L_TIME;
    case 'D':
        return type_is_moment(t);
    case 'v':
        return type_is_interval(t);
    case 'q':
        return t->root == L_ARRAY || t->root == L_MAP || t->root == L_MULTISET;
    case 'I':
        return t->root == L_INTEGER;
    case 'A':
        return t->root == L_ARRAY;
    case 'M':
        return t->root == L_MAP;
    case 'B':
        return t->root == L_BITMAP;
    case 'r':
        return type_is_rowtime(t);
    case 'S':
        return t->root == L_ARRAY && type_is_text(t->kids[0]);
    case 'O':
        return t->root == L_ARRAY && ordered(t->kids[0]);
    case 'N':
        return t->root == L_ARRAY && t->kids[0]->root == L_INTEGER;
    default:
        return true;
    }
}

/* What Calcite casts a value to for that letter; NULL: it does not. */
static const struct ltype *calcite_cast(struct bind *at, char letter, const struct ltype *t)
{
    bool null = t->root == L_NULL, text = type_is_text(t);
    bool atom = type_is_number(t) || type_is_moment(t) || t->root == L_BOOLEAN || type_is_bytes(t) || type_is_interval(t);
    switch (letter) {
    case 's':
    case 'z':
        return null || atom ? type_length(at->a, L_VARCHAR, TYPE_MAX_LENGTH, t->nullable) : NULL;
    case 'x':
        return null || text ? type_length(at->a, L_VARBINARY, TYPE_MAX_LENGTH, t->nullable) : NULL;
    case 'n':
        return null || text ? type_decimal(at->a, 38, 38, t->nullable) : NULL;
    case 'e':
        return null || text ? type_decimal(at->a, 38, 38, t->nullable) : NULL;
    case 'i':
        return null || text ? type_simple(at->a, L_BIGINT, t->nullable) : NULL;
    case 't':
        return null || text || t->root == L_DATE ? type_time(at->a, L_TIMESTAMP, 6, NULL, t->nullable) : NULL;
    case 'd':
        return null || text || type_is_timestamp(t) ? type_simple(at->a, L_DATE, t->nullable) : NULL;
    case 'T':
        return null || text ? type_time(at->a, L_TIME, 0, NULL, t->nullable) : NULL;
    case 'b':
        return null ? type_simple(at->a, L_BOOLEAN, true) : NULL;
    default:
        return NULL;
    }
}

/* The same for Flink: what NULL becomes, and casts that nobody has to ask for. */
static const struct ltype *flink_cast(struct bind *at, char letter, const struct ltype *t, const struct ltype *first)
{
    const struct ltype *to = NULL;
    if (letter == 'E' && first->root == L_ARRAY) {
        to = first->kids[0]->nullable || !t->nullable ? first->kids[0] : type_nullable(at->a, first->kids[0], true);
        return type_casts_implicitly(t, to) ? to : NULL;
    }
    switch (letter) {
    case 's':
        to = type_length(at->a, L_VARCHAR, 1, t->nullable);
        break;
    case 'x':
        to = type_length(at->a, L_VARBINARY, 1, t->nullable);
        break;
    case 'i':
    case 'n':
        to = type_simple(at->a, L_TINYINT, t->nullable);
        break;
    case 'I':
        to = type_simple(at->a, L_INTEGER, t->nullable);
        break;
    case 'b':
        to = type_simple(at->a, L_BOOLEAN, t->nullable);
        break;
    case 'B':
        to = type_simple(at->a, L_BITMAP, t->nullable);
        break;
    default:
        return NULL;
    }
    return type_casts_implicitly(t, to) ? to : NULL;
}

/* --- all of them --- */

/* The letter for the i-th of n arguments by the alternative [p, end); 0: it takes another number of them. */
static char letter_of(const char *p, const char *end, uint32_t i, uint32_t n)
{
    size_t letters = (size_t)(end - p);
    bool repeat = letters && (end[-1] == '*' || end[-1] == '+');
    uint32_t fixed = (uint32_t)(letters - repeat), least = fixed - (repeat && end[-1] == '*');
    if (repeat ? n < least : n != fixed)
        return 0;
    return n == 0 ? '0' : p[i < fixed ? i : fixed - 1];
}

static bool fit(struct bind *at, bool flink, bool coerce, const char *p, const char *end, const struct rex **args, uint32_t n)
{
    const struct ltype **to = arena_array(at->a, n + 1, sizeof *to);
    if (!letter_of(p, end, 0, n))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        char letter = letter_of(p, end, i, n);
        const struct ltype *t = args[i]->type;
        bool own = strchr("EckamJjy.", letter), null = t->root == L_NULL;
        if (letter == 'E')
            to[i] = flink_cast(at, letter, t, to[0] ? to[0] : args[0]->type);
        else if (own)
            to[i] = t;
        else if (!null && belongs(letter, t))
            to[i] = t;
        else
            to[i] = !coerce ? NULL : flink ? flink_cast(at, letter, t, args[0]->type) : calcite_cast(at, letter, t);
        if (!to[i])
            return false;
    }
    for (uint32_t i = 0; i < n; i++)
        if (args[i]->type->root == L_NULL && to[i]->root != L_NULL)
            args[i] = rex_null(at->a, to[i]);
        else if (!type_same(args[i]->type, to[i], true) && !(flink && type_needs_no_cast(args[i]->type, to[i])))
            args[i] = rex_cast_to(at->a, args[i], to[i]);
    return true;
}

/* Arguments that must be of one type: c and k, a, m. */
static bool level(struct bind *at, const char *letters, const struct rex **args, uint32_t n)
{
    const char *of = strpbrk(letters, "ckam");
    if (!of || !n)
        return true;
    const struct ltype **types = arena_array(at->a, n, sizeof *types);
    for (uint32_t i = 0; i < n; i++) {
        types[i] = args[i]->type;
        if ((*of == 'a' && types[i]->root != L_ARRAY) || (*of == 'm' && types[i]->root != L_MAP))
            return false;
    }
    const struct ltype *t = type_common(at->a, types, n);
    for (uint32_t i = 0; t && i < n; i++) {
        const struct ltype *mine = type_nullable(at->a, t, types[i]->nullable);
        if (types[i]->root == L_NULL)
            args[i] = rex_null(at->a, t);
        else if (*of != 'k' && !type_needs_no_cast(types[i], mine))
            args[i] = rex_cast_to(at->a, args[i], mine);
    }
    return t != NULL;
}

bool signature_fit(struct bind *at, const struct signature *s, const struct rex **args, uint32_t n)
{
    bool flink = *s->arguments == '!';
    const char *from = s->arguments + flink;
    for (int coerce = flink; coerce < 2; coerce++)
        for (const char *p = from, *end; p; p = *end ? end + 1 : NULL) {
            end = p + strcspn(p, "|");
            if (fit(at, flink, coerce, p, end, args, n))
                return !flink || level(at, from, args, n);
        }
    return false;
}
