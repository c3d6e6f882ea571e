#include "sql/coerce.h"

#include <string.h>

static int32_t most(int32_t a, int32_t b) { return a > b ? a : b; }
static int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }

bool type_is_interval(const struct ltype *t) { return t->root == L_INTERVAL_YEAR_MONTH || t->root == L_INTERVAL_DAY_TIME; }
bool type_is_moment(const struct ltype *t) { return t->root == L_DATE || t->root == L_TIME || type_is_timestamp(t); }

/* --- decimals --- */

/* Digits of the integers, from TINYINT on. */
static const int32_t integer_digits[] = {3, 5, 10, 19};

static int32_t digits_of(const struct ltype *t)
{
    if (t->root == L_DECIMAL)
        return t->precision;
    return type_is_integer(t) ? integer_digits[t->root - L_TINYINT] : 15;
}

static int32_t scale_of(const struct ltype *t) { return t->root == L_DECIMAL ? t->scale : 0; }

const struct ltype *type_as_decimal(struct arena *a, const struct ltype *t)
{
    return t->root == L_DECIMAL ? t : type_decimal(a, digits_of(t), 0, t->nullable);
}

/* Beyond 38 digits the scale gives way, but not below 6. */
static const struct ltype *adjusted(struct arena *a, int32_t precision, int32_t scale)
{
    if (precision <= 38)
        return type_decimal(a, precision, scale, false);
    return type_decimal(a, 38, most(38 - (precision - scale), least(scale, 6)), false);
}

const struct ltype *type_decimal_sum(struct arena *a, const struct ltype *x, const struct ltype *y)
{
    int32_t scale = most(scale_of(x), scale_of(y));
    return adjusted(a, most(digits_of(x) - scale_of(x), digits_of(y) - scale_of(y)) + scale + 1, scale);
}

const struct ltype *type_decimal_product(struct arena *a, const struct ltype *x, const struct ltype *y)
{
    return adjusted(a, digits_of(x) + digits_of(y) + 1, scale_of(x) + scale_of(y));
}

const struct ltype *type_decimal_quotient(struct arena *a, const struct ltype *x, const struct ltype *y)
{
    int32_t scale = most(6, scale_of(x) + digits_of(y) + 1);
    return adjusted(a, digits_of(x) - scale_of(x) + scale_of(y) + scale, scale);
}

const struct ltype *type_decimal_rest(struct arena *a, const struct ltype *x, const struct ltype *y)
{
    int32_t scale = most(scale_of(x), scale_of(y));
    if (!scale)
        return type_nullable(a, y, false);
    return adjusted(a, least(digits_of(x) - scale_of(x), digits_of(y) - scale_of(y)) + scale, scale);
}

const struct ltype *type_decimal_rounded(struct arena *a, const struct ltype *x, int32_t digits)
{
    if (digits >= x->scale)
        return type_nullable(a, x, false);
    int32_t whole = 1 + x->precision - x->scale;
    return digits < 0 ? type_decimal(a, least(38, whole), 0, false) : type_decimal(a, whole + digits, digits, false);
}

/* --- what both rules do alike --- */

static const struct ltype *wide_decimal(struct arena *a, const struct ltype *x, const struct ltype *y)
{
    int32_t whole = least(38, most(digits_of(x) - scale_of(x), digits_of(y) - scale_of(y)));
    int32_t scale = least(most(scale_of(x), scale_of(y)), 38 - whole);
    return type_decimal(a, whole + scale, scale, false);
}

/* FLOAT stays FLOAT beside an integer, not beside a DECIMAL. `flink`: a DOUBLE wins over a FLOAT, which in Calcite has as many digits. */
static const struct ltype *wide_number(struct arena *a, const struct ltype *x, const struct ltype *y, bool flink)
{
    if (type_is_real(x) && type_is_real(y))
        return flink && y->root == L_DOUBLE ? y : x;
    if (type_is_real(x) || type_is_real(y)) {
        const struct ltype *real = type_is_real(x) ? x : y, *other = type_is_real(x) ? y : x;
        return other->root == L_DECIMAL ? type_simple(a, L_DOUBLE, false) : real;
    }
    if (x->root == L_DECIMAL || y->root == L_DECIMAL)
        return type_same(x, y, true) ? x : wide_decimal(a, x, y);
    return y->root > x->root ? y : x;
}

static const struct ltype *wide_string(struct arena *a, const struct ltype *x, const struct ltype *y)
{
    enum lroot varying = type_is_text(x) ? L_VARCHAR : L_VARBINARY;
    int32_t length = most(x->length, y->length);
    if (x->root == varying)
        return type_length(a, varying, length, false);
    return type_length(a, x->length != y->length ? varying : y->root, length, false);
}

/* From the larger unit of both to the smaller one. */
static const char *wide_kind(struct arena *a, const char *x, const char *y)
{
    static const char *const units[] = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"};
    int first = 6, last = -1;
    for (int i = 0; i < 6; i++)
        if (strstr(x, units[i]) || strstr(y, units[i])) {
            first = i < first ? i : first;
            last = i;
        }
    return first == last ? units[first] : arena_printf(a, "%s_TO_%s", units[first], units[last]);
}

static const struct ltype *wide_interval(struct arena *a, const struct ltype *x, const struct ltype *y)
{
    if (type_same(x, y, true))
        return x;
    struct ltype *t = arena_alloc(a, sizeof *t);
    *t = *x;
    t->precision = most(x->precision, y->precision);
    t->scale = most(x->scale, y->scale);
    if (strcmp(x->kind, y->kind) != 0)
        t->kind = wide_kind(a, x->kind, y->kind);
    return t;
}

/* --- containers: the rule again for what they hold --- */

typedef const struct ltype *(*rule)(struct arena *a, const struct ltype *const *types, uint32_t n);

static const struct ltype *kid(struct arena *a, rule r, const struct ltype *const *types, uint32_t n, uint32_t i)
{
    const struct ltype **kids = arena_array(a, n, sizeof *kids);
    for (uint32_t k = 0; k < n; k++)
        kids[k] = types[k]->kids[i];
    return r(a, kids, n);
}

static const struct ltype *wide_container(struct arena *a, rule r, const struct ltype *const *types, uint32_t n)
{
    const struct ltype *first = types[0];
    for (uint32_t k = 1; k < n; k++)
        if (types[k]->root != first->root || types[k]->n != first->n)
            return NULL;
    const struct ltype **kids = arena_array(a, first->n + 1, sizeof *kids);
    for (uint32_t i = 0; i < first->n; i++)
        if (!(kids[i] = kid(a, r, types, n, i)))
            return NULL;
    return first->root == L_ROW ? type_row(a, first->names, kids, first->n, false)
                                : type_of_kids(a, first->root, kids[0], first->n > 1 ? kids[1] : NULL, false);
}

static bool holds(const struct ltype *t)
{
    return t->root == L_ARRAY || t->root == L_MAP || t->root == L_MULTISET || t->root == L_ROW;
}

static bool any_nullable(const struct ltype *const *types, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (types[i]->nullable)
            return true;
    return false;
}

static bool all_same(const struct ltype *const *types, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        if (!type_same(types[0], types[i], false))
            return false;
    return true;
}

/* --- Calcite's --- */

enum { FAMILY_OTHER = 100, FAMILY_NUMBER, FAMILY_TEXT, FAMILY_BYTES, FAMILY_TIMESTAMP };

static int family(const struct ltype *t)
{
    return type_is_number(t)   ? FAMILY_NUMBER
        : type_is_text(t)      ? FAMILY_TEXT
        : type_is_bytes(t)     ? FAMILY_BYTES
        : type_is_timestamp(t) ? FAMILY_TIMESTAMP
                               : (int)t->root;
}

bool type_same_family(const struct ltype *x, const struct ltype *y)
{
    if (x->root == L_ROW && y->root == L_ROW) {
        if (x->n != y->n)
            return false;
        for (uint32_t i = 0; i < x->n; i++)
            if (!type_same_family(x->kids[i], y->kids[i]))
                return false;
        return true;
    }
    return holds(x) || holds(y) ? type_same(x, y, false) : family(x) == family(y);
}

static const struct ltype *least_of_two(struct arena *a, const struct ltype *x, const struct ltype *y)
{
    if (family(x) != family(y))
        return NULL;
    if (type_is_number(x))
        return wide_number(a, x, y, false);
    if (type_is_text(x) || type_is_bytes(x))
        return wide_string(a, x, y);
    if (type_is_interval(x))
        return wide_interval(a, x, y);
    if (type_is_timestamp(x) || x->root == L_TIME)
        return x->precision == y->precision ? x : type_time(a, y->root, most(x->precision, y->precision), NULL, false);
    return x->root == L_DATE || x->root == L_BOOLEAN || type_same(x, y, true) ? x : NULL;
}

const struct ltype *type_least(struct arena *a, const struct ltype *const *types, uint32_t n)
{
    const struct ltype *found = NULL;
    bool nullable = any_nullable(types, n);
    if (n && all_same(types, n))
        return types[0]->root == L_NULL ? NULL : types[0];
    for (uint32_t i = 0; i < n; i++) {
        if (types[i]->root == L_NULL)
            continue;
        if (!found && holds(types[i])) {
            found = wide_container(a, type_least, types, n);
            return found ? type_nullable(a, found, nullable) : NULL;
        }
        if (!(found = found ? least_of_two(a, found, types[i]) : types[i]))
            return NULL;
    }
    return found ? type_nullable(a, found, nullable) : NULL;
}

static const struct ltype *tightest(struct arena *a, const struct ltype *x, const struct ltype *y)
{
    const struct ltype *both[] = {x, y};
    if (type_same(x, y, true))
        return x->nullable ? x : y;
    if (x->root == L_NULL || y->root == L_NULL)
        return x->root == L_NULL ? y : x;
    if (type_is_number(x) && type_is_number(y))
        return x->root == L_DECIMAL || y->root == L_DECIMAL ? NULL : type_least(a, both, 2);
    if (family(x) == family(y) && (type_is_text(x) || type_is_bytes(x)))
        return type_least(a, both, 2);
    if (x->root == L_DATE && type_is_timestamp(y))
        return y;
    return y->root == L_DATE && type_is_timestamp(x) ? x : NULL;
}

const struct ltype *type_wider(struct arena *a, const struct ltype *x, const struct ltype *y)
{
    const struct ltype *found = tightest(a, x, y);
    if (found)
        return found;
    if (type_is_number(x) && type_is_number(y)) {
        if (type_is_real(x) || type_is_real(y))
            return type_simple(a, L_DOUBLE, false);
        return wide_decimal(a, x, y);
    }
    if (!holds(x) && !holds(y) && type_is_text(x) != type_is_text(y))
        return type_length(a, L_VARCHAR, TYPE_MAX_LENGTH, false);
    if (x->root == L_ARRAY && y->root == L_ARRAY && (found = type_wider(a, x->kids[0], y->kids[0])))
        return type_of_kids(a, L_ARRAY, found, NULL, false);
    return NULL;
}

/* --- Flink's --- */

static const struct ltype *common_of_two(struct arena *a, const struct ltype *x, const struct ltype *y)
{
    bool whole_x = type_is_integer(x) || x->root == L_DECIMAL, whole_y = type_is_integer(y) || y->root == L_DECIMAL;
    if (type_is_moment(x) && (type_is_interval(y) || (whole_y && x->root != L_TIME)))
        return x;
    if (type_is_moment(y) && (type_is_interval(x) || (whole_x && y->root != L_TIME)))
        return y;
    if (family(x) != family(y))
        return NULL;
    if (type_is_number(x))
        return wide_number(a, x, y, true);
    if (type_is_text(x) || type_is_bytes(x))
        return wide_string(a, x, y);
    if (type_is_interval(x))
        return wide_interval(a, x, y);
    if (type_is_timestamp(x) || x->root == L_TIME) {
        enum lroot root = x->root == L_TIMESTAMP_LTZ || y->root == L_TIMESTAMP_LTZ ? L_TIMESTAMP_LTZ : x->root;
        return type_same(x, y, true) ? x : type_time(a, root, most(x->precision, y->precision), NULL, false);
    }
    return x->root == L_DATE ? x : NULL;
}

/* The one that all others can be cast to without a word. */
static const struct ltype *castable(struct arena *a, const struct ltype *const *types, uint32_t n)
{
    const struct ltype *found = type_nullable(a, types[0], true);
    for (uint32_t i = 0; i < n; i++) {
        const struct ltype *t = type_nullable(a, types[i], true);
        if (t->root == L_NULL)
            continue;
        if (type_casts_implicitly(found, t))
            found = t;
        else if (!type_casts_implicitly(t, found))
            return NULL;
    }
    return found;
}

static const struct ltype *common(struct arena *a, const struct ltype *const *types, uint32_t n)
{
    const struct ltype *found = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (types[i]->root == L_NULL)
            continue;
        if (holds(types[i]))
            return wide_container(a, type_common, types, n);
        if (!(found = common_of_two(a, found ? found : types[i], types[i])))
            return NULL;
    }
    return found;
}

const struct ltype *type_common(struct arena *a, const struct ltype *const *types, uint32_t n)
{
    const struct ltype *found = n ? common(a, types, n) : NULL;
    if (n && !found)
        found = castable(a, types, n);
    return found && found->root != L_NULL ? type_nullable(a, found, any_nullable(types, n)) : NULL;
}

const struct ltype *type_planned(struct arena *a, const struct ltype *t)
{
    const char *months = "INTERVAL YEAR(2) TO MONTH", *days = "INTERVAL DAY(2) TO SECOND(6)";
    struct err ignored = {0};
    bool changed = false;
    if (type_is_interval(t)) {
        const char *text = t->root == L_INTERVAL_YEAR_MONTH ? months : days;
        return type_nullable(a, type_parse(a, text, strlen(text), &ignored), t->nullable);
    }
    const struct ltype **kids = arena_array(a, t->n + 1, sizeof *kids);
    for (uint32_t i = 0; i < t->n; i++) {
        kids[i] = type_planned(a, t->kids[i]);
        changed = changed || kids[i] != t->kids[i];
    }
    if (!changed)
        return t;
    struct ltype *copy = arena_alloc(a, sizeof *copy);
    *copy = *t;
    copy->kids = kids;
    return copy;
}

bool type_needs_no_cast(const struct ltype *from, const struct ltype *to)
{
    if (from->nullable && !to->nullable)
        return false;
    bool strings = (type_is_text(from) && to->root == L_VARCHAR) || (type_is_bytes(from) && to->root == L_VARBINARY);
    if (strings)
        return from->length <= to->length;
    if (from->root != to->root || from->n != to->n)
        return false;
    if (!holds(from))
        return type_same(from, to, true);
    for (uint32_t i = 0; i < from->n; i++)
        if (!type_needs_no_cast(from->kids[i], to->kids[i]))
            return false;
    return true;
}
