/* Literals: numbers, bytes, dates and times, intervals. */
#include <stdlib.h>
#include <string.h>

#include "sql/base64.h"
#include "sql/binder.h"
#include "sql/civil.h"

/* --- numbers --- */

static const struct rex *number_of(struct bind *at, const struct ast *x, const struct number *v, bool exponent)
{
    int64_t whole;
    const char *text = number_text(at->a, v);
    struct value json = value_text(at->a, text, strlen(text));
    if (exponent)
        return rex_literal(at->a, json, type_simple(at->a, L_DOUBLE, false));
    if (number_int(v, &whole))
        return rex_int(at->a, whole);
    if (!number_int(&(struct number){v->minus, v->digits, v->n, 0}, &whole))
        return bind_wrong(at, x, "a number beyond 64 bits; write CAST('%s' AS DECIMAL(38, …))", text);
    int32_t digits = 0; /* as written, zeros in front included */
    for (const char *s = x->text; *s; s++)
        digits += *s >= '0' && *s <= '9';
    if (digits > 38)
        return bind_wrong(at, x, "a number of %d digits; DECIMAL has at most 38", digits);
    return rex_literal(at->a, json, type_decimal(at->a, digits, v->scale, false));
}

static const struct rex *number(struct bind *at, const struct ast *x, bool minus)
{
    struct number v;
    if (!number_parse(at->a, x->text, strlen(x->text), &v))
        return bind_wrong(at, x, "'%s' is no number", x->text);
    v.minus = minus && !(v.n == 1 && *v.digits == '0');
    return number_of(at, x, &v, strpbrk(x->text, "eE") != NULL);
}

const struct rex *form_number(struct bind *at, const struct ast *x) { return number(at, x, false); }
const struct rex *form_negative(struct bind *at, const struct ast *x) { return number(at, x, true); }

/* --- bytes --- */

static uint8_t nibble(char c) { return (uint8_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10); }

const struct rex *form_binary(struct bind *at, const struct ast *x)
{
    size_t n = strlen(x->text) / 2;
    uint8_t *bytes = arena_alloc(at->a, n + 1);
    struct buf b = {0};
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(nibble(x->text[2 * i]) << 4 | nibble(x->text[2 * i + 1]));
    base64_put(&b, (struct bytes){bytes, n});
    const struct rex *r =
        rex_literal(at->a, value_text(at->a, b.n ? (char *)b.p : "", b.n), type_length(at->a, L_BINARY, (int32_t)n, false));
    buf_free(&b);
    return r;
}

/* --- dates and times --- */

static bool digits(const char **s, int least, int most, int *v)
{
    int n = 0;
    for (*v = 0; n < most && **s >= '0' && **s <= '9'; n++)
        *v = *v * 10 + *(*s)++ - '0';
    return n >= least;
}

static bool sign(const char **s, char c) { return **s == c && (++*s, true); }

static bool date_part(const char **s)
{
    int y, m, d;
    return digits(s, 4, 4, &y) && sign(s, '-') && digits(s, 1, 2, &m) && sign(s, '-') && digits(s, 1, 2, &d) && m >= 1 && m <= 12 &&
        d >= 1 && d <= civil_month_days(y, m);
}

/* *fraction: digits of the second, written out. */
static bool time_part(const char **s, int *fraction)
{
    int h, m, sec, n = 0;
    *fraction = 0;
    if (!digits(s, 1, 2, &h) || !sign(s, ':') || !digits(s, 1, 2, &m) || !sign(s, ':') || !digits(s, 1, 2, &sec) || h > 23 ||
        m > 59 || sec > 59)
        return false;
    if (!sign(s, '.'))
        return true;
    for (; **s >= '0' && **s <= '9'; n++)
        ++*s;
    *fraction = n;
    return n > 0 && n <= 9;
}

/* Calendar's own spelling: two digits for each part, no zeros behind the fraction. */
static const char *spelled(struct arena *a, const char *text)
{
    struct buf b = {0};
    const char *dot = strchr(text, '.');
    size_t n = dot ? (size_t)(dot - text) : strlen(text);
    for (size_t i = 0; i < n; i++) {
        bool first = !i || text[i - 1] < '0' || text[i - 1] > '9', last = i + 1 == n || text[i + 1] < '0' || text[i + 1] > '9';
        if (first && last && text[i] >= '0' && text[i] <= '9')
            buf_putc(&b, '0');
        buf_putc(&b, (uint8_t)text[i]);
    }
    size_t more = dot ? strlen(dot) : 0;
    while (more > 1 && dot[more - 1] == '0')
        more--;
    if (more > 1)
        buf_put(&b, dot, more);
    const char *s = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
    return s;
}

const struct rex *form_time(struct bind *at, const struct ast *x)
{
    const char *s = x->text;
    int fraction = 0;
    bool date = strcmp(x->word, "TIME") != 0, time = strcmp(x->word, "DATE") != 0;
    bool ok = (!date || date_part(&s)) && (!date || !time || sign(&s, ' ')) && (!time || time_part(&s, &fraction)) && !*s;
    if (!ok)
        return bind_wrong(at, x, "'%s' is no %s; write %s'%s%s%s'", x->text, x->word, x->word, date ? "yyyy-MM-dd" : "",
                          date && time ? " " : "", time ? "HH:mm:ss[.fff]" : "");
    const struct ltype *t =
        !time ? type_simple(at->a, L_DATE, false) : type_time(at->a, date ? L_TIMESTAMP : L_TIME, fraction, NULL, false);
    const char *text = spelled(at->a, x->text);
    return rex_literal(at->a, value_text(at->a, text, strlen(text)), t);
}

/* --- intervals --- */

static const struct {
    const char *name;
    int64_t size; /* months, or milliseconds */
    bool months;
} units[] = {{"YEAR", 12, true},       {"QUARTER", 3, true},     {"MONTH", 1, true},       {"WEEK", 7 * 86400000LL, false},
             {"DAY", 86400000, false}, {"HOUR", 3600000, false}, {"MINUTE", 60000, false}, {"SECOND", 1000, false}};

static int unit_at(const char *word)
{
    size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    for (int i = 0; i < (int)(sizeof units / sizeof *units); i++)
        if (strlen(units[i].name) == n && !strncmp(units[i].name, word, n))
            return i;
    return -1;
}

/* What stands between two fields: "1-2", "1 02:03:04.5". */
static char between(int unit) { return units[unit].months ? '-' : !strcmp(units[unit].name, "DAY") ? ' ' : ':'; }

static bool interval_value(const char *s, int from, int to, int64_t *value)
{
    bool minus = sign(&s, '-');
    if (!minus)
        sign(&s, '+');
    *value = 0;
    for (int unit = from; unit <= to; unit++) {
        int v, n = 0;
        if (!strcmp(units[unit].name, "QUARTER") && unit != from)
            continue;
        if (!digits(&s, 1, 9, &v))
            return false;
        *value += v * units[unit].size;
        if (unit < to && !sign(&s, between(unit)))
            return false;
        if (unit == to && units[unit].size == 1000 && sign(&s, '.')) {
            int64_t scale = 100;
            for (; *s >= '0' && *s <= '9'; s++, n++, scale /= 10)
                *value += (*s - '0') * scale;
            if (!n || n > 9)
                return false;
        }
    }
    *value = minus ? -*value : *value;
    return !*s;
}

/* WEEK and QUARTER are intervals of days and months. */
const struct ltype *form_interval_type(struct arena *a, const char *word)
{
    struct err ignored = {0};
    word = !strncmp(word, "WEEK", 4) ? "DAY" : !strncmp(word, "QUARTER", 7) ? "MONTH" : word;
    const char *text = arena_printf(a, "INTERVAL %s NOT NULL", word);
    return type_parse(a, text, strlen(text), &ignored);
}

const struct rex *form_months_or_ms(struct arena *a, int64_t v, const struct ltype *type)
{
    const char *text = arena_printf(a, "%lld", (long long)v);
    return rex_literal(a, value_text(a, text, strlen(text)), type);
}

const struct rex *form_interval(struct bind *at, const struct ast *x)
{
    const char *behind = strstr(x->word, " TO ");
    int from = unit_at(x->word), to = behind ? unit_at(behind + 4) : from;
    int64_t value;
    const struct ltype *type = from < 0 ? NULL : form_interval_type(at->a, x->word);
    if (!type || to < from || units[from].months != units[to].months)
        return bind_wrong(at, x, "there is no INTERVAL %s", x->word);
    if (!interval_value(x->text, from, to, &value))
        return bind_wrong(at, x, "'%s' is no INTERVAL %s", x->text, x->word);
    return form_months_or_ms(at->a, x->flag ? -value : value, type);
}

int64_t form_unit_size(const char *unit, bool *months)
{
    int i = unit_at(unit);
    *months = i >= 0 && units[i].months;
    return i < 0 ? 0 : units[i].size;
}
