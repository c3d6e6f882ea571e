#include "savepoint/logical_type.h"

enum { MAX_NESTING = 64, MAX_LENGTH = 2147483647 };

static const struct {
    const char *name;
    enum lslot slot;
    uint8_t width;
} roots[] = {
#define X(id, name, slot, width) {name, slot, width},
    LROOTS(X)
#undef X
};

const char *lroot_name(enum lroot r) { return roots[r].name; }

static const struct ltype multiset_count = {.root = L_INTEGER, .slot = SLOT_I32, .width = 4};
static const struct ltype busy; /* memo of an object whose type is being made: met again, it is a cycle */

static const struct ltype *type_of(struct jobj *o, struct arena *a, int depth);

static struct ltype *unknown(struct arena *a, const char *what)
{
    struct ltype *t = arena_alloc(a, sizeof *t);
    t->width = 8;
    t->nullable = true;
    t->cls = what;
    return t;
}

static void add_text(struct buf *b, const char *s, char quote)
{
    for (; *s; s++) {
        if (*s == quote)
            buf_putc(b, (uint8_t)quote);
        buf_putc(b, (uint8_t)*s);
    }
}

static void add_quoted(struct buf *b, const char *s, char quote)
{
    buf_putc(b, (uint8_t)quote);
    add_text(b, s, quote);
    buf_putc(b, (uint8_t)quote);
}

/* ObjectIdentifier#asSerializableString. */
static const char *identifier(const struct jobj *o, struct arena *a)
{
    static const char *const parts[] = {"catalogName", "databaseName", "objectName"};
    struct buf b = {0};
    for (size_t i = 0; i < 3; i++) {
        const char *s = jobj_field_text(o, parts[i]);
        if (!s)
            continue;
        if (b.n)
            buf_putc(&b, '.');
        add_quoted(&b, s, '`');
    }
    const char *id = b.n ? arena_strn(a, (const char *)b.p, b.n) : NULL;
    buf_free(&b);
    return id;
}

/* The class that a java.lang.Class field holds. */
static const char *class_field(const struct jobj *o, const char *field)
{
    const struct jobj *c = jobj_field(o, field);
    return c && c->kind == J_CLASS ? c->cls->name : NULL;
}

static void kids_of(struct ltype *t, struct arena *a, int depth, struct jobj *first, struct jobj *second)
{
    t->n = second ? 2 : 1;
    t->kids = arena_array(a, 2, sizeof *t->kids);
    t->kids[0] = type_of(first, a, depth);
    t->kids[1] = second ? type_of(second, a, depth) : &multiset_count;
}

/* RowType$RowField and StructuredType$StructuredAttribute have the same fields. */
static void fields_of(struct ltype *t, struct arena *a, int depth, const struct jobj *list)
{
    uint32_t n;
    struct jobj *const *items = jobj_elements(list, &n);
    uint32_t before = t->n;
    const struct ltype **kids = arena_array(a, (size_t)before + n, sizeof *kids);
    const char **names = arena_array(a, (size_t)before + n, sizeof *names);
    const char **descriptions = arena_array(a, (size_t)before + n, sizeof *descriptions);
    for (uint32_t i = 0; i < before; i++) {
        kids[i] = t->kids[i];
        names[i] = t->names[i];
        descriptions[i] = t->descriptions[i];
    }
    for (uint32_t i = 0; i < n; i++) {
        const char *name = jobj_field_text(items[i], "name");
        kids[before + i] = type_of(jobj_field(items[i], "type"), a, depth);
        names[before + i] = name ? name : "";
        descriptions[before + i] = jobj_field_text(items[i], "description");
    }
    t->kids = kids;
    t->names = names;
    t->descriptions = descriptions;
    t->n = before + n;
}

static void structured(struct ltype *t, const struct jobj *o, struct arena *a, int depth)
{
    const struct jobj *chain[MAX_NESTING];
    int n = 0;
    for (const struct jobj *s = o; s && n < MAX_NESTING; s = jobj_field(s, "superType"))
        chain[n++] = s;
    while (n)
        fields_of(t, a, depth, jobj_field(chain[--n], "attributes"));
    t->ident = identifier(jobj_field(o, "objectIdentifier"), a);
    t->cls = jobj_field_text(o, "className"); /* 2.0+ */
    if (!t->cls)
        t->cls = class_field(o, "implementationClass");
}

/* A type whose numbers make no sense must not be decoded by them. */
static bool plausible(const struct ltype *t)
{
    switch (t->root) {
    case L_DECIMAL:
        return t->precision >= 1 && t->precision <= 38 && t->scale >= 0 && t->scale <= t->precision;
    case L_TIME:
    case L_TIMESTAMP:
    case L_TIMESTAMP_TZ:
    case L_TIMESTAMP_LTZ:
        return t->precision >= 0 && t->precision <= 9;
    default:
        return true;
    }
}

static void details(struct ltype *t, struct jobj *o, struct arena *a, int depth)
{
    t->length = (int32_t)jobj_int(o, "length", 0);
    t->precision = (int32_t)jobj_int(o, "precision", 0);
    t->scale = (int32_t)jobj_int(o, "scale", 0);
    t->kind = jobj_field_text(o, "kind");
    switch (t->root) {
    case L_INTERVAL_YEAR_MONTH:
        t->kind = jobj_field_text(o, "resolution");
        t->precision = (int32_t)jobj_int(o, "yearPrecision", 0);
        break;
    case L_INTERVAL_DAY_TIME:
        t->kind = jobj_field_text(o, "resolution");
        t->precision = (int32_t)jobj_int(o, "dayPrecision", 0);
        t->scale = (int32_t)jobj_int(o, "fractionalPrecision", 0);
        break;
    case L_ARRAY:
    case L_MULTISET:
        kids_of(t, a, depth, jobj_field(o, "elementType"), NULL);
        break;
    case L_MAP:
        kids_of(t, a, depth, jobj_field(o, "keyType"), jobj_field(o, "valueType"));
        if (t->n != 2)
            t->slot = SLOT_NONE;
        break;
    case L_ROW:
        fields_of(t, a, depth, jobj_field(o, "fields"));
        break;
    case L_STRUCTURED:
        structured(t, o, a, depth);
        break;
    case L_DISTINCT: {
        kids_of(t, a, depth, jobj_field(o, "sourceType"), NULL);
        const struct ltype *source = t->kids[0];
        t->slot = source->slot;
        t->width = source->width;
        t->ident = identifier(jobj_field(o, "objectIdentifier"), a);
        break;
    }
    case L_RAW:
        t->cls = class_field(o, "clazz");
        break;
    default:
        break;
    }
}

static const struct ltype *type_of(struct jobj *o, struct arena *a, int depth)
{
    const char *name = jobj_field_text(o, "typeRoot");
    if (!name || !depth)
        return unknown(a, name ? "too deep" : jobj_class(o));
    if (o->memo)
        return o->memo == &busy ? unknown(a, "cycle") : o->memo;
    o->memo = &busy;
    struct ltype *t = arena_alloc(a, sizeof *t);
    for (size_t i = 1; i < sizeof roots / sizeof *roots && !t->root; i++)
        if (!strcmp(roots[i].name, name))
            t->root = (enum lroot)i;
    t->slot = roots[t->root].slot;
    t->width = roots[t->root].width;
    t->nullable = jobj_int(o, "isNullable", 1);
    if (!t->root) {
        t->cls = name;
    } else if (jobj_val(o, "typeInfo")) { /* LegacyTypeInformationType, TypeInformationRawType */
        const struct jobj *info = jobj_field(o, "typeInfo");
        const char *c = class_field(info, "typeClass");
        t->legacy = true;
        t->cls = c ? arena_printf(a, "ANY<%s>", c) : jobj_class(info); /* GenericTypeInfo; TypeStringUtils knows more */
        t->slot = t->root == L_RAW ? SLOT_RAW : SLOT_NONE;
    } else {
        details(t, o, a, depth - 1);
        for (uint32_t i = 0; i < t->n; i++)
            if (t->kids[i]->height >= t->height)
                t->height = t->kids[i]->height + 1;
        if (!plausible(t) || t->height >= MAX_NESTING)
            t = unknown(a, name);
    }
    o->memo = t;
    return t;
}

static struct ltype *fresh(struct arena *a, enum lroot root)
{
    struct ltype *t = arena_alloc(a, sizeof *t);
    *t = (struct ltype){.root = root, .slot = roots[root].slot, .width = roots[root].width, .nullable = true};
    return t;
}

struct ltype *ltype_make(struct arena *a, enum lroot root, int32_t length, int32_t precision, int32_t scale)
{
    static const bool nested[sizeof roots / sizeof *roots] = {[L_UNKNOWN] = true,
                                                              [L_ARRAY] = true,
                                                              [L_MULTISET] = true,
                                                              [L_MAP] = true,
                                                              [L_ROW] = true,
                                                              [L_DISTINCT] = true,
                                                              [L_STRUCTURED] = true,
                                                              [L_RAW] = true,
                                                              [L_SYMBOL] = true,
                                                              [L_UNRESOLVED] = true,
                                                              [L_DESCRIPTOR] = true,
                                                              [L_INTERVAL_YEAR_MONTH] = true,
                                                              [L_INTERVAL_DAY_TIME] = true};
    struct ltype *t = fresh(a, root);
    t->length = length > 0 ? length : MAX_LENGTH;
    t->precision = precision;
    t->scale = scale;
    t->kind = root == L_TIMESTAMP || root == L_TIMESTAMP_LTZ || root == L_TIMESTAMP_TZ ? "REGULAR" : NULL;
    return nested[root] || !plausible(t) ? NULL : t;
}

struct ltype *ltype_nest(struct arena *a, enum lroot root, const struct ltype *const *kids, const char *const *names, uint32_t n)
{
    struct ltype *t = fresh(a, root);
    t->n = n;
    t->kids = arena_array(a, (size_t)n + 1, sizeof *t->kids);
    for (uint32_t i = 0; i < n; i++) {
        t->kids[i] = kids[i];
        t->height = kids[i]->height >= t->height ? kids[i]->height + 1 : t->height;
    }
    if (root == L_MULTISET)
        t->kids[1] = &multiset_count;
    if (root != L_ROW)
        return t->height < MAX_NESTING ? t : NULL;
    t->names = arena_array(a, n, sizeof *t->names);
    t->descriptions = arena_array(a, n, sizeof *t->descriptions);
    for (uint32_t i = 0; i < n; i++)
        t->names[i] = arena_str(a, names[i]);
    return t->height < MAX_NESTING ? t : NULL;
}

static bool same_word(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

bool ltype_same(const struct ltype *a, const struct ltype *b)
{
    if (a == b)
        return true;
    if (a->root != b->root || a->nullable != b->nullable || a->legacy != b->legacy || a->length != b->length ||
        a->precision != b->precision || a->scale != b->scale || a->n != b->n || !same_word(a->kind, b->kind) ||
        !same_word(a->ident, b->ident) || !same_word(a->cls, b->cls) || !a->names != !b->names)
        return false;
    for (uint32_t i = 0; i < a->n; i++)
        if ((a->names && strcmp(a->names[i], b->names[i]) != 0) || !ltype_same(a->kids[i], b->kids[i]))
            return false;
    return a->root != L_UNKNOWN;
}

const struct ltype *ltype_of(struct jobj *o, struct arena *a) { return type_of(o, a, MAX_NESTING); }

static void fields_text(const struct ltype *t, enum ltype_style style, size_t limit, struct buf *b)
{
    for (uint32_t i = 0; i < t->n && b->n <= limit; i++) {
        if (i)
            buf_puts(b, ", ");
        add_quoted(b, t->names[i], '`');
        buf_putc(b, ' ');
        ltype_text(t->kids[i], style, limit, b);
        if (!t->descriptions[i])
            continue;
        buf_putc(b, ' ');
        add_quoted(b, style == LTYPE_SUMMARY ? "..." : t->descriptions[i], '\'');
    }
}

static void interval_text(const struct ltype *t, struct buf *b)
{
    const char *kind = t->kind ? t->kind : "?", *to = strstr(kind, "_TO_");
    int first = to ? (int)(to - kind) : (int)strlen(kind);
    buf_printf(b, "INTERVAL %.*s", first, kind);
    if (!strncmp(kind, "YEAR", 4) || !strncmp(kind, "DAY", 3))
        buf_printf(b, "(%d)", t->precision);
    if (to)
        buf_printf(b, " TO %s", to + 4);
    if (strstr(kind, "SECOND"))
        buf_printf(b, "(%d)", t->scale);
}

static void plain_text(const struct ltype *t, enum ltype_style style, size_t limit, struct buf *b)
{
    bool whole = style == LTYPE_SUMMARY && t->length == MAX_LENGTH;
    if (t->legacy) {
        buf_printf(b, "LEGACY('%s', ", lroot_name(t->root));
        add_quoted(b, t->cls, '\'');
        buf_putc(b, ')');
        return;
    }
    switch (t->root) {
    case L_UNKNOWN:
        buf_printf(b, "?%s", t->cls);
        break;
    case L_VARCHAR:
        if (whole) {
            buf_puts(b, "STRING");
            break;
        }
        /* fall through */
    case L_VARBINARY:
        if (whole) {
            buf_puts(b, "BYTES");
            break;
        }
        /* fall through */
    case L_CHAR:
    case L_BINARY:
        buf_printf(b, "%s(%d)", lroot_name(t->root), t->length);
        break;
    case L_DECIMAL:
        buf_printf(b, "DECIMAL(%d, %d)", t->precision, t->scale);
        break;
    case L_INTEGER:
        buf_puts(b, "INT");
        break;
    case L_TIME:
        buf_printf(b, "TIME(%d)", t->precision);
        break;
    case L_TIMESTAMP:
        buf_printf(b, "TIMESTAMP(%d)", t->precision);
        break;
    case L_TIMESTAMP_TZ:
        buf_printf(b, "TIMESTAMP(%d) WITH TIME ZONE", t->precision);
        break;
    case L_TIMESTAMP_LTZ:
        buf_printf(b, style == LTYPE_SUMMARY ? "TIMESTAMP_LTZ(%d)" : "TIMESTAMP(%d) WITH LOCAL TIME ZONE", t->precision);
        break;
    case L_INTERVAL_YEAR_MONTH:
    case L_INTERVAL_DAY_TIME:
        interval_text(t, b);
        break;
    case L_ARRAY:
    case L_MULTISET:
    case L_MAP:
        buf_printf(b, "%s<", lroot_name(t->root));
        ltype_text(t->kids[0], style, limit, b);
        if (t->root == L_MAP) {
            buf_puts(b, ", ");
            ltype_text(t->kids[1], style, limit, b);
        }
        buf_putc(b, '>');
        break;
    case L_ROW:
        buf_puts(b, "ROW<");
        fields_text(t, style, limit, b);
        buf_putc(b, '>');
        break;
    case L_STRUCTURED:
        if (t->ident) {
            buf_puts(b, t->ident);
            break;
        }
        buf_puts(b, "STRUCTURED<");
        add_quoted(b, t->cls ? t->cls : "?", '\'');
        buf_puts(b, ", ");
        fields_text(t, style, limit, b);
        buf_putc(b, '>');
        break;
    case L_RAW:
        buf_puts(b, "RAW(");
        add_quoted(b, t->cls ? t->cls : "?", '\'');
        buf_puts(b, ", '...')");
        break;
    case L_DISTINCT:
        buf_puts(b, t->ident ? t->ident : "?");
        break;
    default:
        buf_puts(b, lroot_name(t->root));
        break;
    }
}

void ltype_text(const struct ltype *t, enum ltype_style style, size_t limit, struct buf *b)
{
    if (b->n > limit) {
        buf_puts(b, "…");
        return;
    }
    plain_text(t, style, limit, b);
    if (!t->nullable && t->root != L_NULL)
        buf_puts(b, " NOT NULL");
    bool timestamp = t->root == L_TIMESTAMP || t->root == L_TIMESTAMP_TZ || t->root == L_TIMESTAMP_LTZ;
    if (style == LTYPE_SUMMARY && timestamp && t->kind && strcmp(t->kind, "REGULAR"))
        buf_printf(b, " *%s*", t->kind);
}
