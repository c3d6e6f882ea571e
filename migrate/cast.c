#include "migrate/cast.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "inspect/json_sink.h"
#include "savepoint/decimal.h"
#include "savepoint/javaio.h"
#include "savepoint/timetext.h"

#define TWO_63 9223372036854775808.0

enum { SHOWN = 60 };

static bool json_text(const struct value *v, struct arena *a, struct value *to)
{
    struct buf b = {0};
    struct json_sink sink;
    json_sink_init(&sink, &b);
    value_report(v, &sink.sink);
    bool quoted = b.n >= 2 && b.p[0] == '"';
    *to = value_text(a, (char *)b.p + quoted, b.n - 2 * quoted);
    json_sink_free(&sink);
    buf_free(&b);
    return true;
}

bool value_as_text(const struct value *v, struct arena *a, struct value *to)
{
    switch (v->kind) {
    case VAL_TEXT:
        *to = *v;
        return true;
    case VAL_NULL:
    case VAL_BOOL:
    case VAL_INT:
    case VAL_REAL:
    case VAL_BYTES: /* none of them has anything to escape */
        return json_text(v, a, to);
    default:
        return false;
    }
}

static bool no(const struct value *v, const char *what, struct err *e)
{
    struct arena a = {0};
    struct value text;
    if (value_as_text(v, &a, &text))
        err_set(e, ERR_CONVERT, "%.*s is %s", text.n > SHOWN ? SHOWN : (int)text.n, text.text, what);
    else
        err_set(e, ERR_CONVERT, "a list, map or structure is %s", what);
    arena_free(&a);
    return false;
}

static bool to_bool(const struct value *v, struct value *to, struct err *e)
{
    bool yes = v->kind == VAL_TEXT && v->n == 4 && !strncasecmp(v->text, "true", 4);
    bool untrue = v->kind == VAL_TEXT && v->n == 5 && !strncasecmp(v->text, "false", 5);
    if (v->kind == VAL_INT && (v->i == 0 || v->i == 1))
        *to = value_bool(v->i);
    else if (yes || untrue)
        *to = value_bool(yes);
    else
        return no(v, "neither true nor false", e);
    return true;
}

/* Digits, perhaps with zeros behind a point. */
static bool int_of_text(const char *s, size_t n, int64_t *to)
{
    struct decimal d;
    char digits[24];
    bool ok = decimal_parse(&d, s, n) && decimal_rescale(&d, 0) && d.digits.n < sizeof digits - 1;
    if (ok) {
        snprintf(digits, sizeof digits, "%s%.*s", d.negative ? "-" : "", (int)d.digits.n, (char *)d.digits.p);
        errno = 0;
        *to = strtoll(digits, NULL, 10);
        ok = !errno;
    }
    buf_free(&d.digits);
    return ok;
}

static bool to_int(const struct value *v, struct value *to, struct err *e)
{
    int64_t n;
    if (v->kind == VAL_BOOL)
        n = v->b;
    else if (v->kind == VAL_REAL && v->d == floor(v->d) && v->d >= -TWO_63 && v->d < TWO_63)
        n = (int64_t)v->d;
    else if (v->kind != VAL_TEXT || !int_of_text(v->text, v->n, &n))
        return no(v, "no whole number of 64 bits", e);
    *to = value_int(n);
    return true;
}

static bool to_real(const struct value *v, struct value *to, struct err *e)
{
    struct decimal d = {0};
    if (v->kind == VAL_INT) {
        *to = value_double((double)v->i);
        return true;
    }
    bool ok = v->kind == VAL_TEXT && decimal_parse(&d, v->text, v->n);
    buf_free(&d.digits);
    if (ok)
        *to = value_double(strtod(v->text, NULL));
    return ok || no(v, "no number", e);
}

static bool to_decimal(const struct value *v, struct arena *a, struct value *to, struct err *e)
{
    struct decimal d = {0};
    bool ok = (v->kind == VAL_INT || v->kind == VAL_REAL || v->kind == VAL_TEXT) && value_as_text(v, a, to) &&
        decimal_parse(&d, to->text, to->n);
    buf_free(&d.digits);
    return ok || no(v, "no decimal number", e);
}

static bool to_bytes(const struct value *v, struct arena *a, struct value *to, struct err *e)
{
    if (v->kind != VAL_TEXT)
        return no(v, "no bytes", e);
    *to = v->n >= 4 && !memcmp(v->text, "hex:", 4) ? *v : value_bytes(a, (const uint8_t *)v->text, v->n);
    return true;
}

/* Bytes are the text in UTF-8. */
static bool to_text(const struct value *v, struct arena *a, struct value *to, struct err *e)
{
    for (size_t i = 0; v->kind == VAL_BYTES && i < v->n;) {
        uint32_t code;
        unsigned n = utf8_next(v->bytes + i, v->n - i, &code);
        if (!n || utf8_surrogate(code))
            return no(v, "no text in UTF-8", e);
        i += n;
    }
    if (v->kind == VAL_BYTES)
        *to = value_text(a, (const char *)v->bytes, v->n);
    return v->kind == VAL_BYTES || value_as_text(v, a, to) || no(v, "no text", e);
}

/* --- times --- */

bool time_of_value(const struct value *v, int64_t *seconds, int32_t *nanos)
{
    struct bytes t = {(const uint8_t *)v->text, v->n};
    struct date_text d = {1970, 1, 1};
    struct time_text c = {0};
    int64_t ms;
    *nanos = 0;
    if (v->kind == VAL_TEXT && instant_of_text(t, seconds, nanos))
        return true;
    if (v->kind == VAL_TEXT && (datetime_of_text(t, &d, &c) || date_of_text(t, &d) || time_of_text(t, &c))) {
        *seconds = epoch_second_of(&d, &c);
        *nanos = c.nanos;
        return true;
    }
    bool whole = v->kind == VAL_INT || (v->kind == VAL_TEXT && ms_of_text(t, &ms));
    if (v->kind == VAL_INT)
        ms = v->i;
    else if (!whole && (v->kind != VAL_TEXT || !ts_of_text(t, &ms, nanos)))
        return false;
    *seconds = ms / 1000 - (ms % 1000 < 0);
    if (whole)
        *nanos = (int32_t)(ms - *seconds * 1000) * 1000000;
    return true;
}

static bool to_time(const struct value *v, enum typing_class cls, struct arena *a, struct value *to, struct err *e)
{
    int64_t seconds;
    int32_t nanos;
    struct buf b = {0};
    if (!time_of_value(v, &seconds, &nanos))
        return no(v, "no date or time", e);
    if (cls == CLASS_INSTANT)
        java_instant(&b, seconds, nanos);
    else
        java_local_datetime(&b, seconds, nanos);
    const char *text = buf_cstr(&b), *t = strchr(text, 'T'); /* one of them always stands there */
    if (cls == CLASS_DATE)
        *to = value_text(a, text, (size_t)(t - text));
    else if (cls == CLASS_TIME)
        *to = value_text(a, t + 1, strlen(t + 1));
    else
        *to = value_text(a, text, b.n);
    buf_free(&b);
    return true;
}

/* --- by kind --- */

static bool is_time(enum typing_class c) { return c >= CLASS_DATE && c <= CLASS_INSTANT; }

static bool is_it(const struct value *v, enum typing_class cf, enum typing_class to)
{
    static const int kinds[] = {[CLASS_BOOL] = VAL_BOOL, [CLASS_INT] = VAL_INT, [CLASS_REAL] = VAL_REAL, [CLASS_BYTES] = VAL_BYTES};
    if (to == CLASS_BOOL || to == CLASS_INT || to == CLASS_REAL || to == CLASS_BYTES)
        return v->kind == kinds[to];
    return (to == CLASS_DECIMAL || is_time(to)) && cf == to && v->kind == VAL_TEXT;
}

bool cast_to_class(const struct value *from, enum typing_class cf, enum typing_class to, struct arena *a, struct value *v,
                   struct err *e)
{
    *v = *from;
    if (from->kind == VAL_NULL || is_it(from, cf, to))
        return true;
    switch (to) {
    case CLASS_BOOL:
        return to_bool(from, v, e);
    case CLASS_INT:
        return to_int(from, v, e);
    case CLASS_REAL:
        return to_real(from, v, e);
    case CLASS_DECIMAL:
        return to_decimal(from, a, v, e);
    case CLASS_TEXT:
        return to_text(from, a, v, e);
    case CLASS_BYTES:
        return to_bytes(from, a, v, e);
    case CLASS_DATE:
    case CLASS_TIME:
    case CLASS_TIMESTAMP:
    case CLASS_INSTANT:
        return to_time(from, to, a, v, e);
    default:
        return true;
    }
}

/* --- by the words of the language --- */

static const struct {
    const char *word;
    enum typing_class cls;
    int bits; /* of whole numbers */
} words[] = {{"BOOLEAN", CLASS_BOOL, 0},
             {"TINYINT", CLASS_INT, 8},
             {"SMALLINT", CLASS_INT, 16},
             {"INT", CLASS_INT, 32},
             {"INTEGER", CLASS_INT, 32},
             {"BIGINT", CLASS_INT, 64},
             {"FLOAT", CLASS_REAL, 0},
             {"DOUBLE", CLASS_REAL, 0},
             {"DECIMAL", CLASS_DECIMAL, 0},
             {"STRING", CLASS_TEXT, 0},
             {"VARCHAR", CLASS_TEXT, 0},
             {"CHAR", CLASS_TEXT, 0},
             {"BYTES", CLASS_BYTES, 0},
             {"DATE", CLASS_DATE, 0},
             {"TIME", CLASS_TIME, 0},
             {"TIMESTAMP", CLASS_TIMESTAMP, 0},
             {"TIMESTAMP_LTZ", CLASS_INSTANT, 0},
             {"INSTANT", CLASS_INSTANT, 0},
             {"BIGINTEGER", CLASS_DECIMAL, 0}};

static size_t word_of(const struct type *t)
{
    size_t i = 0;
    while (i < sizeof words / sizeof *words && strcmp(words[i].word, t->word.text) != 0)
        i++;
    return i;
}

enum typing_class class_of_type(const struct type *t)
{
    size_t i = word_of(t);
    return i < sizeof words / sizeof *words ? words[i].cls : CLASS_ANY;
}

/* DECIMAL(p, s): all digits fit, and s of them stand behind the point. */
static bool fit_decimal(const struct type *t, struct arena *a, struct value *v, struct err *e)
{
    struct decimal d;
    int32_t precision = t->numbers[0], scale = t->n_numbers > 1 ? t->numbers[1] : 0;
    bool ok =
        decimal_parse(&d, v->text, v->n) && decimal_rescale(&d, scale) && d.digits.n <= (size_t)precision && scale <= precision;
    if (ok) {
        struct buf b = {0};
        size_t zeros = d.digits.n > (size_t)scale ? 0 : (size_t)scale + 1 - d.digits.n, n = zeros + d.digits.n;
        for (size_t i = 0; i < n; i++) {
            if (i && n - i == (size_t)scale)
                buf_putc(&b, '.');
            buf_putc(&b, i < zeros ? '0' : d.digits.p[i - zeros]);
        }
        struct value digits = value_text(a, (char *)b.p, b.n);
        b.n = 0;
        buf_printf(&b, "%s%s", d.negative ? "-" : "", digits.text);
        *v = value_text(a, (char *)b.p, b.n);
        buf_free(&b);
    }
    buf_free(&d.digits);
    return ok || no(v, "no number of that precision and scale", e);
}

struct value *value_fields(struct value *v)
{
    struct value *fields = value_member(v, "$row") ? value_member(v, "fields") : NULL;
    return fields ? fields : v;
}

/* What has no names (a tuple, a row, a case class) gives its fields in their order. */
static bool to_named(const struct value *list, const struct type *t, struct arena *a, struct value *v, struct err *e)
{
    struct value from = *list;
    if (from.n != t->n)
        return err_set(e, ERR_CONVERT, "a structure of %u fields, of which the POJO names %u", from.n, t->n);
    const char **names = arena_array(a, t->n, sizeof *names);
    for (uint32_t i = 0; i < t->n; i++)
        names[i] = t->fields[i].text;
    *v = value_object(a, names, t->n);
    for (uint32_t i = 0; i < t->n; i++)
        if (!cast_value(&from.items[i], CLASS_ANY, t->kids[i], a, &v->items[i], e))
            return false;
    return true;
}

bool cast_value(const struct value *from, enum typing_class cf, const struct type *t, struct arena *a, struct value *v,
                struct err *e)
{
    size_t i = word_of(t);
    *v = *from;
    if (cf == CLASS_STRUCT && !strcmp(t->word.text, "POJO")) {
        *v = *value_fields(v);
        return v->kind != VAL_LIST || to_named(v, t, a, v, e);
    }
    if (i == sizeof words / sizeof *words) /* structures, lists and maps are as they are; whoever encodes them looks */
        return true;
    if (from->kind == VAL_NULL)
        return true;
    if (!cast_to_class(from, cf, words[i].cls, a, v, e))
        return false;
    if (v->kind == VAL_INT && words[i].bits && words[i].bits < 64) {
        int64_t max = (INT64_C(1) << (words[i].bits - 1)) - 1;
        if (v->i > max || v->i < -max - 1)
            return no(v, words[i].bits == 8 ? "beyond a TINYINT" : words[i].bits == 16 ? "beyond a SMALLINT" : "beyond an INT", e);
    }
    if (words[i].cls == CLASS_DECIMAL && v->kind == VAL_TEXT && t->n_numbers)
        return fit_decimal(t, a, v, e);
    return true;
}
