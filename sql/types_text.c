/* Types from their texts, as Flink's LogicalTypeParser (flink-table-common 2.3) reads them. */
#include <string.h>
#include <strings.h>

#include "sql/types.h"

struct text {
    const char *p, *end, *start;
    struct arena *a;
    struct err *e;
    int depth;
    bool ddl; /* as Flink's SQL parser has it: VARCHAR is as long as one likes */
};

static void blanks(struct text *x)
{
    while (x->p < x->end && (*x->p == ' ' || *x->p == '\n' || *x->p == '\t' || *x->p == '\r'))
        x->p++;
}

static const struct ltype *wrong(struct text *x, const char *expected)
{
    err_set(x->e, ERR_CORRUPT, "type '%.*s': expected %s at character %td",
            (int)(x->end - x->start > 200 ? 200 : x->end - x->start), x->start, expected, x->p - x->start + 1);
    return NULL;
}

static bool letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9'); }

static bool mark(struct text *x, char c)
{
    blanks(x);
    if (x->p == x->end || *x->p != c)
        return false;
    x->p++;
    return true;
}

/* The word that stands here, if it is that one. */
static bool word(struct text *x, const char *w)
{
    blanks(x);
    size_t n = strlen(w);
    if ((size_t)(x->end - x->p) < n || strncasecmp(x->p, w, n) || (x->p + n < x->end && letter(x->p[n])))
        return false;
    x->p += n;
    return true;
}

static bool words(struct text *x, const char *first, const char *second)
{
    const char *before = x->p;
    if (word(x, first) && word(x, second))
        return true;
    x->p = before;
    return false;
}

static bool number(struct text *x, int32_t *v)
{
    blanks(x);
    const char *before = x->p;
    int64_t n = 0;
    for (; x->p < x->end && *x->p >= '0' && *x->p <= '9' && n <= TYPE_MAX_LENGTH; x->p++)
        n = n * 10 + (*x->p - '0');
    if (x->p == before || n > TYPE_MAX_LENGTH)
        return wrong(x, "a number"), false;
    *v = (int32_t)n;
    return true;
}

/* "(n)" when it stands here; false: it is malformed. */
static bool one_number(struct text *x, int32_t *v)
{
    return !mark(x, '(') || (number(x, v) && (mark(x, ')') || (wrong(x, "')'"), false)));
}

static char *quoted(struct text *x, char quote)
{
    if (!mark(x, quote))
        return NULL;
    struct buf b = {0};
    for (; x->p < x->end; x->p++) {
        if (*x->p == quote && (x->p + 1 == x->end || x->p[1] != quote))
            break;
        if (*x->p == quote)
            x->p++;
        buf_putc(&b, (uint8_t)*x->p);
    }
    char *s = NULL;
    if (x->p < x->end && !memchr(b.p ? (const char *)b.p : "", 0, b.n)) {
        x->p++;
        s = arena_strn(x->a, (const char *)b.p, b.n);
    }
    buf_free(&b);
    return s;
}

static char *name(struct text *x)
{
    blanks(x);
    if (x->p < x->end && *x->p == '`')
        return quoted(x, '`');
    const char *from = x->p;
    while (x->p < x->end && letter(*x->p))
        x->p++;
    return x->p > from ? arena_strn(x->a, from, (size_t)(x->p - from)) : NULL;
}

static const struct ltype *type(struct text *x);

static const struct ltype *fields(struct text *x, struct ltype *t, char close)
{
    uint32_t cap = 0;
    while (!mark(x, close)) {
        if (t->n && !mark(x, ','))
            return wrong(x, "',' between fields");
        if (t->n == cap) {
            uint32_t more = cap ? cap * 2 : 8;
            const char **names = arena_array(x->a, more, sizeof *names), **about = arena_array(x->a, more, sizeof *about);
            const struct ltype **kids = arena_array(x->a, more, sizeof *kids);
            for (uint32_t i = 0; i < t->n; i++) {
                names[i] = t->names[i];
                about[i] = t->descriptions[i];
                kids[i] = t->kids[i];
            }
            t->names = names;
            t->descriptions = about;
            t->kids = kids;
            cap = more;
        }
        if (!(t->names[t->n] = name(x)))
            return wrong(x, "a field's name");
        if (!(t->kids[t->n] = type(x)))
            return NULL;
        blanks(x);
        if (x->p < x->end && *x->p == '\'' && !(t->descriptions[t->n] = quoted(x, '\'')))
            return wrong(x, "the end of a description");
        t->n++;
    }
    if (!t->names) {
        t->names = arena_array(x->a, 1, sizeof *t->names);
        t->descriptions = arena_array(x->a, 1, sizeof *t->descriptions);
        t->kids = arena_array(x->a, 1, sizeof *t->kids);
    }
    return t;
}

static struct ltype *of_root(struct text *x, enum lroot root)
{
    return (struct ltype *)type_simple(x->a, root, true); /* new, and nobody else's yet */
}

static const struct ltype *text_type(struct text *x, enum lroot root, int32_t length)
{
    struct ltype *t = of_root(x, root);
    t->length = length;
    return one_number(x, &t->length) ? t : NULL;
}

static const struct ltype *decimal_type(struct text *x)
{
    struct ltype *t = of_root(x, L_DECIMAL);
    if (mark(x, '(')) {
        if (!number(x, &t->precision) || (mark(x, ',') && !number(x, &t->scale)))
            return NULL;
        if (!mark(x, ')'))
            return wrong(x, "')'");
    }
    if (t->precision < 1 || t->precision > 38 || t->scale < 0 || t->scale > t->precision)
        return wrong(x, "a precision of 1 to 38 and a scale up to it before here");
    return t;
}

static const struct ltype *time_type(struct text *x, enum lroot root, int32_t precision)
{
    struct ltype *t = of_root(x, root);
    t->precision = precision;
    if (root != L_TIME)
        t->kind = "REGULAR";
    if (!one_number(x, &t->precision))
        return NULL;
    if (t->precision > 9)
        return wrong(x, "a precision of 0 to 9 before here");
    if (word(x, "WITHOUT")) {
        if (!words(x, "TIME", "ZONE"))
            return wrong(x, "TIME ZONE");
    } else if (root == L_TIMESTAMP && word(x, "WITH")) {
        t->root = word(x, "LOCAL") ? L_TIMESTAMP_LTZ : L_TIMESTAMP_TZ;
        if (!words(x, "TIME", "ZONE"))
            return wrong(x, "TIME ZONE");
        if (t->root == L_TIMESTAMP_TZ)
            t->slot = SLOT_NONE;
    }
    return t;
}

static const struct ltype *interval_type(struct text *x)
{
    static const struct {
        const char *from, *to, *resolution;
        enum lroot root;
    } all[] = {
        {"YEAR", "MONTH", "YEAR_TO_MONTH", L_INTERVAL_YEAR_MONTH},
        {"YEAR", NULL, "YEAR", L_INTERVAL_YEAR_MONTH},
        {"MONTH", NULL, "MONTH", L_INTERVAL_YEAR_MONTH},
        {"DAY", "HOUR", "DAY_TO_HOUR", L_INTERVAL_DAY_TIME},
        {"DAY", "MINUTE", "DAY_TO_MINUTE", L_INTERVAL_DAY_TIME},
        {"DAY", "SECOND", "DAY_TO_SECOND", L_INTERVAL_DAY_TIME},
        {"DAY", NULL, "DAY", L_INTERVAL_DAY_TIME},
        {"HOUR", "MINUTE", "HOUR_TO_MINUTE", L_INTERVAL_DAY_TIME},
        {"HOUR", "SECOND", "HOUR_TO_SECOND", L_INTERVAL_DAY_TIME},
        {"HOUR", NULL, "HOUR", L_INTERVAL_DAY_TIME},
        {"MINUTE", "SECOND", "MINUTE_TO_SECOND", L_INTERVAL_DAY_TIME},
        {"MINUTE", NULL, "MINUTE", L_INTERVAL_DAY_TIME},
        {"SECOND", NULL, "SECOND", L_INTERVAL_DAY_TIME},
    };
    const char *before = x->p;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        x->p = before;
        int32_t first = -1, last = -1;
        if (!word(x, all[i].from) || !one_number(x, &first))
            continue;
        if (all[i].to && !(word(x, "TO") && word(x, all[i].to) && one_number(x, &last)))
            continue;
        struct ltype *t = of_root(x, all[i].root);
        t->kind = all[i].resolution;
        bool second = !strcmp(all[i].from, "SECOND");
        t->precision = first < 0 || second ? 2 : first;
        t->scale = t->root == L_INTERVAL_YEAR_MONTH ? 0 : second && first >= 0 ? first : last >= 0 ? last : 6;
        return t;
    }
    return wrong(x, "an interval's unit");
}

static const struct ltype *boxed(struct text *x, enum lroot root)
{
    if (!mark(x, '<'))
        return wrong(x, "'<'");
    const struct ltype *first = type(x), *second = NULL;
    if (!first)
        return NULL;
    if (root == L_MAP && (!mark(x, ',') || !(second = type(x))))
        return wrong(x, "',' and the type of the map's values");
    if (!mark(x, '>'))
        return wrong(x, "'>'");
    return type_of_kids(x->a, root, first, second, true);
}

static const struct ltype *row_type(struct text *x)
{
    bool angle = mark(x, '<');
    if (!angle && !mark(x, '('))
        return wrong(x, "'<' behind ROW");
    return fields(x, of_root(x, L_ROW), angle ? '>' : ')');
}

static const struct ltype *structured_type(struct text *x)
{
    struct ltype *t = of_root(x, L_STRUCTURED);
    if (!mark(x, '<') || !(t->cls = quoted(x, '\'')))
        return wrong(x, "a class in STRUCTURED<'…', …>");
    (void)mark(x, ',');
    return fields(x, t, '>');
}

static const struct ltype *raw_type(struct text *x)
{
    struct ltype *t = of_root(x, L_RAW);
    if (!mark(x, '(') || !(t->cls = quoted(x, '\'')) || !mark(x, ',') || !(t->ident = quoted(x, '\'')) || !mark(x, ')'))
        return wrong(x, "RAW('class', 'serializer')");
    return t;
}

static const struct ltype *plain(struct text *x)
{
    static const struct {
        const char *word;
        enum lroot root;
    } simple[] = {
        {"BOOLEAN", L_BOOLEAN}, {"TINYINT", L_TINYINT}, {"SMALLINT", L_SMALLINT}, {"INT", L_INTEGER},
        {"INTEGER", L_INTEGER}, {"BIGINT", L_BIGINT},   {"FLOAT", L_FLOAT},       {"DATE", L_DATE},
        {"NULL", L_NULL},       {"VARIANT", L_VARIANT}, {"BITMAP", L_BITMAP},     {"DESCRIPTOR", L_DESCRIPTOR},
    };
    for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
        if (word(x, simple[i].word))
            return of_root(x, simple[i].root);
    if (word(x, "DOUBLE"))
        return (void)word(x, "PRECISION"), of_root(x, L_DOUBLE);
    if (word(x, "CHAR"))
        return text_type(x, L_CHAR, 1);
    if (word(x, "VARCHAR"))
        return text_type(x, L_VARCHAR, x->ddl ? TYPE_MAX_LENGTH : 1);
    if (word(x, "STRING"))
        return text_type(x, L_VARCHAR, TYPE_MAX_LENGTH);
    if (word(x, "BINARY"))
        return text_type(x, L_BINARY, 1);
    if (word(x, "VARBINARY"))
        return text_type(x, L_VARBINARY, x->ddl ? TYPE_MAX_LENGTH : 1);
    if (word(x, "BYTES"))
        return text_type(x, L_VARBINARY, TYPE_MAX_LENGTH);
    if (word(x, "DECIMAL") || word(x, "NUMERIC") || word(x, "DEC"))
        return decimal_type(x);
    if (word(x, "TIME"))
        return time_type(x, L_TIME, 0);
    if (word(x, "TIMESTAMP"))
        return time_type(x, L_TIMESTAMP, 6);
    if (word(x, "TIMESTAMP_LTZ"))
        return time_type(x, L_TIMESTAMP_LTZ, 6);
    if (word(x, "INTERVAL"))
        return interval_type(x);
    if (word(x, "ARRAY"))
        return boxed(x, L_ARRAY);
    if (word(x, "MULTISET"))
        return boxed(x, L_MULTISET);
    if (word(x, "MAP"))
        return boxed(x, L_MAP);
    if (word(x, "ROW"))
        return row_type(x);
    if (word(x, "STRUCTURED"))
        return structured_type(x);
    if (word(x, "RAW"))
        return raw_type(x);
    return wrong(x, "a type");
}

/* A type, NOT NULL or NULL, and any ARRAY or MULTISET behind it. */
static const struct ltype *type(struct text *x)
{
    if (++x->depth > TYPE_MAX_NESTING)
        return wrong(x, "at most 64 levels of types");
    const struct ltype *t = plain(x);
    for (uint32_t levels = 0; t && levels < TYPE_MAX_NESTING; levels++) {
        for (uint32_t i = 0; i < t->n; i++)
            if (t->kids[i]->height >= t->height)
                ((struct ltype *)t)->height = (uint8_t)(t->kids[i]->height + 1); /* new, and nobody else's yet */
        if (t->height > TYPE_MAX_NESTING)
            return wrong(x, "at most 64 levels of types");
        bool not_null = words(x, "NOT", "NULL");
        t = type_nullable(x->a, t, !not_null && t->nullable);
        if (!not_null)
            word(x, "NULL");
        if (word(x, "ARRAY"))
            t = type_of_kids(x->a, L_ARRAY, t, NULL, true);
        else if (word(x, "MULTISET"))
            t = type_of_kids(x->a, L_MULTISET, t, NULL, true);
        else
            break;
    }
    x->depth--;
    return t;
}

const struct ltype *type_parse_some(struct arena *a, const char *text, size_t n, size_t *used, struct err *e)
{
    struct text x = {.p = text, .end = text + n, .start = text, .a = a, .e = e, .ddl = true};
    const struct ltype *t = type(&x);
    *used = (size_t)(x.p - text);
    return t;
}

const struct ltype *type_parse(struct arena *a, const char *text, size_t n, struct err *e)
{
    struct text x = {.p = text, .end = text + n, .start = text, .a = a, .e = e};
    const struct ltype *t = type(&x);
    blanks(&x);
    return t && x.p != x.end ? wrong(&x, "the end") : t;
}
