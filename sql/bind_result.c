/* The types of results: rules that are more than a name. */
#include <string.h>

#include "sql/signature.h"

struct given {
    struct bind *at;
    const struct rex *const *args;
    uint32_t n;
};

static const struct ltype *of(const struct given *g, uint32_t i) { return g->args[i]->type; }

static const struct ltype *arg0(const struct given *g) { return of(g, 0); }

static const struct ltype *varying(const struct given *g)
{
    return of(g, 0)->root == L_CHAR ? type_length(g->at->a, L_VARCHAR, of(g, 0)->length, false) : of(g, 0);
}

static const struct ltype *mod(const struct given *g)
{
    bool decimal = of(g, 0)->root == L_DECIMAL || of(g, 1)->root == L_DECIMAL;
    return decimal ? type_decimal_rest(g->at->a, of(g, 0), of(g, 1)) : of(g, 1);
}

static const struct ltype *rounded(const struct given *g)
{
    struct number v;
    int64_t digits = 0;
    if (of(g, 0)->root != L_DECIMAL)
        return of(g, 0);
    if (g->n == 2 && (!rex_number(g->at->a, g->args[1], &v) || !number_int(&v, &digits)))
        return of(g, 0);
    return type_decimal_rounded(g->at->a, of(g, 0), digits > 1000 ? 1000 : digits < -1000 ? -1000 : (int32_t)digits);
}

static const struct ltype *whole(const struct given *g)
{
    const struct ltype *t = of(g, 0);
    return t->root == L_DECIMAL && t->scale ? type_decimal(g->at->a, t->precision, 0, false) : t;
}

/* Lengths added, without a limit when there is none; CHAR when all are. */
static const struct ltype *joined_from(const struct given *g, uint32_t from, uint32_t to)
{
    int64_t length = 0;
    bool fixed = true, text = type_is_text(of(g, from));
    for (uint32_t i = from; i < to; i++) {
        length += of(g, i)->length;
        fixed = fixed && (of(g, i)->root == L_CHAR || of(g, i)->root == L_BINARY);
    }
    length = length > TYPE_MAX_LENGTH ? TYPE_MAX_LENGTH : length;
    return type_length(g->at->a, text ? (fixed ? L_CHAR : L_VARCHAR) : (fixed ? L_BINARY : L_VARBINARY), (int32_t)length, false);
}

static const struct ltype *joined(const struct given *g) { return joined_from(g, 0, g->n); }
/* OVERLAY: as long as both together, never CHAR. */
static const struct ltype *overlaid(const struct given *g)
{
    const struct ltype *t = joined_from(g, 0, 2);
    return type_length(g->at->a, L_VARCHAR, t->length, false);
}

static const struct ltype *common_from(const struct given *g, uint32_t from)
{
    const struct ltype **types = arena_array(g->at->a, g->n + 1, sizeof *types);
    for (uint32_t i = from; i < g->n; i++)
        types[i - from] = of(g, i);
    return type_common(g->at->a, types, g->n - from);
}

static const struct ltype *common(const struct given *g) { return common_from(g, 0); }
static const struct ltype *common_behind(const struct given *g) { return common_from(g, 1); }

static const struct ltype *ifnull(const struct given *g)
{
    const struct ltype *t = common(g);
    bool nullable = of(g, 0)->nullable && of(g, 1)->nullable;
    return t ? type_nullable(g->at->a, of(g, 0)->nullable ? t : of(g, 0), nullable) : NULL;
}

static const struct ltype *if_result(const struct given *g)
{
    const struct ltype *const both[] = {of(g, 1), of(g, 2)};
    for (int i = 0; i < 2; i++)
        if (!type_is_number(both[i]) && !type_is_text(both[i]) && !type_is_bytes(both[i]))
            return both[0];
    return type_least(g->at->a, both, 2);
}

static const struct ltype *element(const struct given *g) { return of(g, 0)->kids[0]; }
static const struct ltype *value_of_map(const struct given *g) { return of(g, 0)->kids[1]; }

static const struct ltype *keys(const struct given *g) { return type_of_kids(g->at->a, L_ARRAY, element(g), NULL, false); }
static const struct ltype *values(const struct given *g) { return type_of_kids(g->at->a, L_ARRAY, value_of_map(g), NULL, false); }

static const struct ltype *entries(const struct given *g)
{
    const char **names = arena_array(g->at->a, 2, sizeof *names);
    const struct ltype **kids = arena_array(g->at->a, 2, sizeof *kids);
    names[0] = "key";
    names[1] = "value";
    kids[0] = element(g);
    kids[1] = value_of_map(g);
    return type_of_kids(g->at->a, L_ARRAY, type_row(g->at->a, names, kids, 2, true), NULL, false);
}

static const struct ltype *map(const struct given *g)
{
    return type_of_kids(g->at->a, L_MAP, of(g, 0)->kids[0], of(g, 1)->kids[0], false);
}

/* An array that can hold NULL once one has been put into it. */
static const struct ltype *appended(const struct given *g)
{
    const struct ltype *t = of(g, 0)->kids[0];
    return type_of_kids(g->at->a, L_ARRAY, type_nullable(g->at->a, t, t->nullable || of(g, 1)->nullable), NULL, false);
}

static const struct ltype *proctime(const struct given *g) { return type_time(g->at->a, L_TIMESTAMP_LTZ, 3, "PROCTIME", false); }

/* Of a number: the precision that is said. Of a text: as many digits as its pattern has. */
static const struct ltype *ltz(const struct given *g)
{
    struct number v;
    int64_t precision = 3;
    bool literal = g->n > 1 && g->args[1]->kind == REX_LITERAL;
    if (literal && type_is_number(of(g, 0)) && (!rex_number(g->at->a, g->args[1], &v) || !number_int(&v, &precision)))
        precision = 3;
    if (literal && type_is_text(of(g, 0)) && g->args[1]->json->kind == VAL_TEXT) {
        int64_t digits = 0;
        for (const char *p = g->args[1]->json->text; *p; p++)
            digits += *p == 'S';
        precision = digits > 3 ? digits : 3;
    }
    if (precision < 0 || precision > 9)
        return NULL;
    return type_time(g->at->a, L_TIMESTAMP_LTZ, precision < 3 ? 3 : (int32_t)precision, NULL, true);
}

static const struct ltype *sum(const struct given *g)
{
    return of(g, 0)->root == L_DECIMAL ? type_decimal(g->at->a, 38, of(g, 0)->scale, false) : of(g, 0);
}

/* Sums are divided by a DECIMAL(20, 0). */
static const struct ltype *average(const struct given *g)
{
    const struct ltype *t = of(g, 0);
    if (t->root != L_DECIMAL)
        return t;
    return type_decimal_quotient(g->at->a, type_decimal(g->at->a, 38, t->scale, false), type_decimal(g->at->a, 20, 0, false));
}

static const struct ltype *multiset(const struct given *g) { return type_of_kids(g->at->a, L_MULTISET, of(g, 0), NULL, false); }
static const struct ltype *array(const struct given *g) { return type_of_kids(g->at->a, L_ARRAY, of(g, 0), NULL, false); }

/* NULL comes from beyond the window, unless a default stands for it. */
static const struct ltype *lag(const struct given *g)
{
    bool nullable = g->n < 3 || of(g, 0)->nullable || of(g, 2)->nullable;
    return type_nullable(g->at->a, of(g, 0), nullable);
}

static const struct ltype *watermark(const struct given *g) { return type_time(g->at->a, of(g, 0)->root, 3, NULL, true); }

static const struct {
    const char *name;
    const struct ltype *(*find)(const struct given *g);
} rules[] = {
    {"arg0", arg0},
    {"varying", varying},
    {"mod", mod},
    {"round", rounded},
    {"whole", whole},
    {"joined", joined},
    {"overlay", overlaid},
    {"common", common},
    {"ifnull", ifnull},
    {"if", if_result},
    {"element", element},
    {"keys", keys},
    {"values", values},
    {"entries", entries},
    {"map", map},
    {"appended", appended},
    {"proctime", proctime},
    {"ltz", ltz},
    {"watermark", watermark},
    {"joined_arguments", common_behind},
    {"sum", sum},
    {"avg", average},
    {"multiset", multiset},
    {"array", array},
    {"lag", lag},
};

static const struct ltype *found(struct bind *at, const char *text, const struct given *g)
{
    struct err ignored = {0};
    if (*text != '@')
        return type_parse(at->a, text, strlen(text), &ignored);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!strcmp(rules[i].name, text + 1))
            return rules[i].find(g);
    return NULL;
}

const struct ltype *signature_result(struct bind *at, const struct signature *s, const struct rex *const *args, uint32_t n)
{
    struct given g = {at, args, n};
    const struct ltype *t = found(at, s->result + 1, &g);
    bool any = false, all = n > 0;
    for (uint32_t i = 0; i < n; i++) {
        any |= args[i]->type->nullable;
        all &= args[i]->type->nullable;
    }
    if (!t || *s->result == '=')
        return t;
    if (*s->result == '?' && *s->arguments != '!' && s->result[1] == '@')
        any |= t->nullable; /* Calcite's rules never take nullability away */
    bool first = n && args[0]->type->nullable;
    return type_nullable(at->a, t,
                         *s->result == '?' || *s->result == '%' ? any
                             : *s->result == '0'                ? first
                             : *s->result == '&'                ? all
                                                                : *s->result == '~');
}
