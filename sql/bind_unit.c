/* Forms with a unit of time: EXTRACT, FLOOR and CEIL … TO, TIMESTAMPADD, TIMESTAMPDIFF; TRIM; OVERLAPS. As Calcite's convertlets write them. */
#include <string.h>
#include <strings.h>

#include "sql/binder.h"

static const struct rex *unit_symbol(struct bind *at, const char *unit) { return rex_symbol(at->a, "TIME_UNIT_RANGE", unit); }

static bool fraction(const char *unit)
{
    return !strcmp(unit, "MILLISECOND") || !strcmp(unit, "MICROSECOND") || !strcmp(unit, "NANOSECOND");
}

/* Hours and below. */
static bool unit_is_small(const char *unit)
{
    return fraction(unit) || !strcmp(unit, "HOUR") || !strcmp(unit, "MINUTE") || !strcmp(unit, "SECOND") || !strcmp(unit, "EPOCH");
}

const struct rex *form_extract(struct bind *at, const struct ast *x, const char *unit, const struct rex *v)
{
    const struct ltype *t = v->type;
    static const char *const of_months[] = {"YEAR", "QUARTER", "MONTH", "MILLENNIUM", "CENTURY", "DECADE", "EPOCH", NULL};
    static const char *const of_days[] = {"DAY",         "HOUR",       "MINUTE", "SECOND", "MILLISECOND",
                                          "MICROSECOND", "NANOSECOND", "EPOCH",  NULL};
    const char *const *units = t->root == L_INTERVAL_YEAR_MONTH ? of_months : of_days;
    if (t->root == L_NULL)
        v = rex_null(at->a, type_time(at->a, L_TIMESTAMP, 3, NULL, true));
    else if (!type_is_moment(t) && !type_is_interval(t))
        return bind_misfit(at, x, "EXTRACT", &v, 1);
    if (t->root == L_TIME && !unit_is_small(unit))
        return bind_wrong(at, x, "a TIME has no %s", unit);
    while (type_is_interval(t) && *units && strcmp(*units, unit) != 0)
        units++;
    if (!*units)
        return bind_wrong(at, x, "an %s has no %s", type_label(at->a, t), unit);
    return rex_call(at->a, "EXTRACT", NULL, type_simple(at->a, L_BIGINT, v->type->nullable), REX_OPS(unit_symbol(at, unit), v));
}

static const struct rex *floor_to(struct bind *at, const struct ast *x, const struct rex *v)
{
    if (v->type->root == L_NULL)
        v = rex_null(at->a, type_time(at->a, L_TIMESTAMP, 3, NULL, true));
    if (!type_is_moment(v->type))
        return bind_misfit(at, x, x->text, &v, 1);
    return rex_call(at->a, x->text, NULL, v->type, REX_OPS(v, unit_symbol(at, x->word)));
}

/* --- TIMESTAMPADD --- */

static const struct rex *add(struct bind *at, const struct ast *x, const struct rex *n, const struct rex *to)
{
    bool months;
    int64_t size = fraction(x->word) ? 1 : form_unit_size(x->word, &months);
    const struct ltype *type = form_interval_type(at->a, fraction(x->word) ? "SECOND" : x->word);
    if (n->type->root == L_NULL)
        n = rex_null(at->a, type_simple(at->a, L_INTEGER, true));
    if (!size || !type || !type_is_integer(n->type) || !type_is_moment(to->type) || (fraction(x->word) && *x->word != 'M'))
        return bind_misfit(at, x, x->text, (const struct rex *const[]){n, to}, 2);
    const struct rex *interval = form_months_or_ms(at->a, size, type);
    interval = rex_call(at->a, "*", "BINARY", type_nullable(at->a, type, n->type->nullable), REX_OPS(interval, n));
    const struct rex *sum = form_arithmetic(at, x, "+", to, interval);
    if (!sum)
        return NULL;
    bool stamp = to->type->root == L_DATE && unit_is_small(x->word);
    const struct ltype *t = stamp ? type_time(at->a, L_TIMESTAMP, 6, NULL, sum->type->nullable) : sum->type;
    return rex_call(at->a, "+", "SPECIAL", t, sum->operands, 2);
}

/* --- TIMESTAMPDIFF --- */

static const struct rex *divided(struct bind *at, const struct rex *x, int64_t by)
{
    return by == 1 ? x : rex_call(at->a, "/INT", "BINARY", x->type, REX_OPS(x, rex_int(at->a, by)));
}

/* months or milliseconds between, as whole units of that size, an INT. */
static const struct rex *between(struct bind *at, const char *unit, int64_t size, const struct rex *from, const struct rex *to)
{
    bool nullable = from->type->nullable || to->type->nullable;
    const struct ltype *interval = type_nullable(at->a, form_interval_type(at->a, unit), nullable);
    const struct rex *minus = rex_call(at->a, "-", "SPECIAL", interval, REX_OPS(to, from));
    const struct rex *raw = rex_call(at->a, "REINTERPRET", "SPECIAL", type_simple(at->a, L_BIGINT, nullable), REX_OPS(minus));
    return rex_cast(at->a, divided(at, raw, size), type_simple(at->a, L_INTEGER, nullable));
}

static const struct rex *difference(struct bind *at, const struct ast *x, const struct rex *from, const struct rex *to)
{
    bool months;
    int64_t size = form_unit_size(x->word, &months);
    const struct ltype *stamp = type_time(at->a, L_TIMESTAMP, 6, NULL, true);
    from = from->type->root == L_NULL ? rex_null(at->a, stamp) : from;
    to = to->type->root == L_NULL ? rex_null(at->a, stamp) : to;
    if (!type_is_moment(from->type) || !type_is_moment(to->type))
        return bind_misfit(at, x, x->text, (const struct rex *const[]){from, to}, 2);
    if ((from->type->root == L_TIMESTAMP_LTZ) != (to->type->root == L_TIMESTAMP_LTZ))
        return bind_wrong(at, x, "TIMESTAMPDIFF of a TIMESTAMP_LTZ takes another TIMESTAMP_LTZ");
    if (!strcmp(x->word, "MILLISECOND")) {
        const struct rex *seconds = between(at, "SECOND", 1000, from, to);
        return rex_call(at->a, "*", "BINARY", seconds->type, REX_OPS(seconds, rex_int(at->a, 1000)));
    }
    if (!size)
        return bind_wrong(at, x, "TIMESTAMPDIFF takes YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE or SECOND, not %s", x->word);
    if (!strcmp(x->word, "WEEK"))
        return divided(at, between(at, "SECOND", 1000, from, to), size / 1000);
    if (!strcmp(x->word, "QUARTER"))
        return divided(at, between(at, "MONTH", 1, from, to), 3);
    return between(at, x->word, size, from, to);
}

const struct rex *form_unit_call(struct bind *at, const struct ast *x)
{
    const struct rex **v = bind_kids(at, x, 0, x->n);
    if (!v)
        return NULL;
    if (!strcmp(x->text, "EXTRACT"))
        return form_extract(at, x, x->word, v[0]);
    if (x->n == 1)
        return floor_to(at, x, v[0]);
    return !strcmp(x->text, "TIMESTAMPADD") ? add(at, x, v[0], v[1]) : difference(at, x, v[0], v[1]);
}

/* --- TRIM --- */

const struct rex *form_trim(struct bind *at, const struct ast *x)
{
    const struct rex *v[] = {x->kids[0] ? bind_one(at, x->kids[0]) : rex_text(at->a, " ", 1), NULL};
    v[1] = v[0] ? bind_one(at, x->kids[1]) : NULL;
    if (!v[1])
        return NULL;
    for (int i = 0; i < 2; i++) {
        if (v[i]->type->root == L_NULL)
            v[i] = rex_null(at->a, type_length(at->a, L_VARCHAR, TYPE_MAX_LENGTH, true));
        if (!type_is_text(v[i]->type))
            return bind_misfit(at, x, "TRIM", v, 2);
    }
    const struct ltype *t = type_length(at->a, L_VARCHAR, v[1]->type->length, v[0]->type->nullable || v[1]->type->nullable);
    return rex_call(at->a, "TRIM", NULL, t, REX_OPS(rex_symbol(at->a, "TRIM", x->word), v[0], v[1]));
}

/* --- OVERLAPS --- */

/* Beginning and end of a pair, whose second may be how long it lasts. */
static bool span(struct bind *at, const struct ast *x, const struct rex **ends)
{
    const struct rex **v = x->kind == AST_ROW && x->n == 2 ? bind_kids(at, x, 0, 2) : NULL;
    if (!v) {
        if (at->e->kind == ERR_NONE)
            bind_wrong(at, x, "OVERLAPS takes pairs: (begin, end) or (begin, interval)");
        return false;
    }
    if (type_is_interval(v[1]->type) && !(v[1] = form_arithmetic(at, x, "+", v[0], v[1])))
        return false;
    if (!type_is_moment(v[0]->type) || !type_is_moment(v[1]->type))
        return bind_misfit(at, x, "OVERLAPS", v, 2) != NULL;
    ends[0] = v[0];
    ends[1] = v[1];
    return true;
}

static const struct rex *chosen(struct bind *at, const struct rex *when, const struct rex *then, const struct rex *otherwise)
{
    const struct ltype *t = type_least(at->a, (const struct ltype *const[]){then->type, otherwise->type}, 2);
    return rex_call(at->a, "CASE", "SPECIAL", t ? t : then->type, REX_OPS(when, then, otherwise));
}

const struct rex *form_overlaps(struct bind *at, const struct ast *x)
{
    const struct rex *l[2], *r[2];
    if (!span(at, x->kids[0], l) || !span(at, x->kids[1], r))
        return NULL;
    const struct rex *in_order = form_compare(at, "<=", l[0], l[1]), *too = form_compare(at, "<=", r[0], r[1]);
    const struct rex *begin = chosen(at, in_order, l[0], l[1]), *end = chosen(at, in_order, l[1], l[0]);
    const struct rex *begin2 = chosen(at, too, r[0], r[1]), *end2 = chosen(at, too, r[1], r[0]);
    return form_logic(at, "AND", REX_OPS(form_compare(at, ">=", end, begin2), form_compare(at, ">=", end2, begin)));
}
