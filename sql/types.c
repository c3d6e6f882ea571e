#include "sql/types.h"

#include <string.h>

static const struct {
    enum lslot slot;
    uint8_t width;
} slots[] = {
#define X(id, name, slot, width) {slot, width},
    LROOTS(X)
#undef X
};

static struct ltype *type_new(struct arena *a, enum lroot root, bool nullable)
{
    struct ltype *t = arena_alloc(a, sizeof *t);
    t->root = root;
    t->slot = slots[root].slot;
    t->width = slots[root].width;
    t->nullable = nullable;
    return t;
}

const struct ltype *type_simple(struct arena *a, enum lroot root, bool nullable)
{
    struct ltype *t = type_new(a, root, nullable);
    if (root == L_DECIMAL)
        t->precision = 10;
    else if (root == L_TIMESTAMP || root == L_TIMESTAMP_LTZ || root == L_TIMESTAMP_TZ)
        t->precision = 6;
    if (root == L_CHAR || root == L_VARCHAR || root == L_BINARY || root == L_VARBINARY)
        t->length = 1;
    return t;
}

const struct ltype *type_length(struct arena *a, enum lroot root, int32_t length, bool nullable)
{
    struct ltype *t = type_new(a, root, nullable);
    t->length = length;
    return t;
}

const struct ltype *type_decimal(struct arena *a, int32_t precision, int32_t scale, bool nullable)
{
    struct ltype *t = type_new(a, L_DECIMAL, nullable);
    t->precision = precision;
    t->scale = scale;
    return t;
}

const struct ltype *type_time(struct arena *a, enum lroot root, int32_t precision, const char *kind, bool nullable)
{
    struct ltype *t = type_new(a, root, nullable);
    t->precision = precision;
    t->kind = root == L_TIME ? NULL : kind ? kind : "REGULAR";
    return t;
}

static void count_height(struct ltype *t)
{
    for (uint32_t i = 0; i < t->n; i++)
        if (t->kids[i]->height >= t->height)
            t->height = (uint8_t)(t->kids[i]->height + 1);
}

const struct ltype *type_of_kids(struct arena *a, enum lroot root, const struct ltype *first, const struct ltype *second,
                                 bool nullable)
{
    static const struct ltype count = {.root = L_INTEGER, .slot = SLOT_I32, .width = 4};
    struct ltype *t = type_new(a, root, nullable);
    t->kids = arena_array(a, 2, sizeof *t->kids);
    t->kids[0] = first;
    t->kids[1] = root == L_MULTISET ? &count : second;
    t->n = root == L_ARRAY ? 1 : 2;
    count_height(t);
    return t;
}

const struct ltype *type_row(struct arena *a, const char **names, const struct ltype **kids, uint32_t n, bool nullable)
{
    struct ltype *t = type_new(a, L_ROW, nullable);
    t->n = n;
    t->names = names;
    t->kids = kids;
    t->descriptions = arena_array(a, n ? n : 1, sizeof *t->descriptions);
    count_height(t);
    return t;
}

const struct ltype *type_nullable(struct arena *a, const struct ltype *t, bool nullable)
{
    if (t->nullable == nullable)
        return t;
    struct ltype *copy = arena_alloc(a, sizeof *copy);
    *copy = *t;
    copy->nullable = nullable;
    return copy;
}

bool type_is_text(const struct ltype *t) { return t->root == L_CHAR || t->root == L_VARCHAR; }
bool type_is_bytes(const struct ltype *t) { return t->root == L_BINARY || t->root == L_VARBINARY; }
bool type_is_integer(const struct ltype *t) { return t->root >= L_TINYINT && t->root <= L_BIGINT; }
bool type_is_real(const struct ltype *t) { return t->root == L_FLOAT || t->root == L_DOUBLE; }
bool type_is_number(const struct ltype *t) { return type_is_integer(t) || type_is_real(t) || t->root == L_DECIMAL; }
bool type_is_timestamp(const struct ltype *t) { return t->root == L_TIMESTAMP || t->root == L_TIMESTAMP_LTZ; }
bool type_is_rowtime(const struct ltype *t) { return type_is_timestamp(t) && t->kind && !strcmp(t->kind, "ROWTIME"); }
bool type_is_proctime(const struct ltype *t) { return type_is_timestamp(t) && t->kind && !strcmp(t->kind, "PROCTIME"); }
bool type_is_row(const struct ltype *t) { return t->root == L_ROW || t->root == L_STRUCTURED; }

static bool same_text(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

static bool same_kind(const struct ltype *a, const struct ltype *b)
{
    if (type_is_timestamp(a))
        return type_is_rowtime(a) == type_is_rowtime(b) && type_is_proctime(a) == type_is_proctime(b);
    return same_text(a->kind, b->kind);
}

bool type_same(const struct ltype *a, const struct ltype *b, bool lax)
{
    if (a->root != b->root || (!lax && a->nullable != b->nullable) || a->length != b->length || a->precision != b->precision ||
        a->scale != b->scale || a->n != b->n || !same_kind(a, b) || !same_text(a->ident, b->ident) || !same_text(a->cls, b->cls))
        return false;
    for (uint32_t i = 0; i < a->n; i++)
        if (!type_same(a->kids[i], b->kids[i], lax) || (a->names && !same_text(a->names[i], b->names[i])))
            return false;
    return true;
}

const char *type_label(struct arena *a, const struct ltype *t)
{
    struct buf b = {0};
    ltype_text(t, LTYPE_SUMMARY, 200, &b);
    const char *s = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
    return s;
}
