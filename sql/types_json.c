/* Types in compiled plans (flink-table-planner 2.3, LogicalTypeJsonSerializer and …Deserializer). */
#include <string.h>

#include "sql/types.h"

static const char *text_of(const struct value *v, const char *member)
{
    const struct value *m = v->kind == VAL_OBJECT ? value_member(v, member) : NULL;
    return m && m->kind == VAL_TEXT ? m->text : NULL;
}

static int64_t int_of(const struct value *v, const char *member, int64_t otherwise)
{
    const struct value *m = value_member(v, member);
    return m && m->kind == VAL_INT ? m->i : otherwise;
}

static const struct ltype *from(struct arena *a, const struct value *v, int depth, struct err *e);

static const struct ltype *kid(struct arena *a, const struct value *v, const char *member, int depth, struct err *e)
{
    const struct value *m = value_member(v, member);
    if (!m)
        return err_set(e, ERR_CORRUPT, "a type lacks its '%s'", member), NULL;
    return from(a, m, depth, e);
}

static bool fields(struct arena *a, struct ltype *t, const struct value *list, const char *type_member, int depth, struct err *e)
{
    if (!list || list->kind != VAL_LIST)
        return err_set(e, ERR_CORRUPT, "a type of %s has no fields", lroot_name(t->root));
    t->n = list->n;
    t->names = arena_array(a, t->n + 1, sizeof *t->names);
    t->descriptions = arena_array(a, t->n + 1, sizeof *t->descriptions);
    t->kids = arena_array(a, t->n + 1, sizeof *t->kids);
    for (uint32_t i = 0; i < t->n; i++) {
        const struct value *f = &list->items[i];
        if (!(t->names[i] = text_of(f, "name")))
            return err_set(e, ERR_CORRUPT, "a field of a type has no name");
        t->descriptions[i] = text_of(f, "description");
        if (!(t->kids[i] = kid(a, f, type_member, depth, e)))
            return false;
    }
    return true;
}

static bool plausible(const struct ltype *t, int64_t length, int64_t precision)
{
    bool time = type_is_timestamp(t) || t->root == L_TIME || t->root == L_TIMESTAMP_TZ;
    return length >= 0 && length <= TYPE_MAX_LENGTH && precision >= 0 && precision <= (time ? 9 : 38);
}

static bool members(struct arena *a, struct ltype *t, const struct value *v, int depth, struct err *e)
{
    const struct ltype *first = NULL, *second = NULL;
    int64_t length = int_of(v, "length", 0), precision = int_of(v, "precision", 0);
    if (!plausible(t, length, precision))
        return err_set(e, ERR_CORRUPT, "a type of %s has an impossible length or precision", lroot_name(t->root));
    switch (t->root) {
    case L_ARRAY:
    case L_MULTISET:
        if (!(first = kid(a, v, "elementType", depth, e)))
            return false;
        break;
    case L_MAP:
        if (!(first = kid(a, v, "keyType", depth, e)) || !(second = kid(a, v, "valueType", depth, e)))
            return false;
        break;
    case L_ROW:
        return fields(a, t, value_member(v, "fields"), "fieldType", depth, e);
    case L_STRUCTURED:
        t->cls = text_of(v, "implementationClass");
        if (!t->cls)
            t->cls = text_of(v, "className");
        t->ident = text_of(v, "objectIdentifier");
        return fields(a, t, value_member(v, "attributes"), "attributeType", depth, e);
    case L_RAW:
        t->cls = text_of(v, "class");
        return true;
    default:
        t->length = (int32_t)length;
        t->precision = (int32_t)precision;
        t->kind = text_of(v, "kind");
        if (type_is_timestamp(t) && !t->kind)
            t->kind = "REGULAR";
        return true;
    }
    bool nullable = t->nullable;
    *t = *type_of_kids(a, t->root, first, second, nullable);
    return true;
}

static const struct ltype *from(struct arena *a, const struct value *v, int depth, struct err *e)
{
    if (!depth)
        return err_set(e, ERR_LIMIT, "a type is nested deeper than %d", TYPE_MAX_NESTING), NULL;
    if (v->kind == VAL_TEXT)
        return type_parse(a, v->text, v->n, e);
    const char *root = text_of(v, "type");
    if (!root)
        return err_set(e, ERR_CORRUPT, "a type is neither a text nor an object with a 'type'"), NULL;
    const struct value *nullable = value_member(v, "nullable");
    struct ltype *t = NULL;
    for (int r = L_UNKNOWN + 1; r <= L_BITMAP && !t; r++)
        if (!strcmp(lroot_name((enum lroot)r), root))
            t = (struct ltype *)type_simple(a, (enum lroot)r, !nullable || nullable->kind != VAL_BOOL || nullable->b);
    if (!t)
        return err_set(e, ERR_UNSUPPORTED, "type %s is not known", root), NULL;
    if (!members(a, t, v, depth - 1, e))
        return NULL;
    for (uint32_t i = 0; i < t->n; i++)
        if (t->kids[i]->height >= t->height)
            t->height = (uint8_t)(t->kids[i]->height + 1);
    return t;
}

const struct ltype *type_of_json(struct arena *a, const struct value *v, struct err *e) { return from(a, v, TYPE_MAX_NESTING, e); }

/* Whether the text of the type says all of it (LogicalTypeJsonSerializer#supportsCompactSerialization). */
static bool compact(const struct ltype *t)
{
    if (t->root == L_SYMBOL || t->root == L_RAW || t->root == L_UNKNOWN || type_is_rowtime(t) || type_is_proctime(t))
        return false;
    if ((type_is_text(t) || type_is_bytes(t)) && !t->length)
        return false;
    for (uint32_t i = 0; i < t->n; i++)
        if (!compact(t->kids[i]))
            return false;
    return true;
}

struct members {
    const char *names[8];
    struct value values[8];
    uint32_t n;
};

static void member(struct members *m, const char *name, struct value v)
{
    m->names[m->n] = name;
    m->values[m->n++] = v;
}

static struct value object(struct arena *a, const struct members *m)
{
    struct value v = value_object(a, m->names, m->n);
    for (uint32_t i = 0; i < m->n; i++)
        v.items[i] = m->values[i];
    return v;
}

static struct value field_list(struct arena *a, const struct ltype *t, const char *type_member)
{
    struct value list = value_list(a, VAL_LIST, t->n);
    for (uint32_t i = 0; i < t->n; i++) {
        struct members m = {0};
        member(&m, "name", value_text(a, t->names[i], strlen(t->names[i])));
        member(&m, type_member, type_json(a, t->kids[i]));
        if (t->descriptions && t->descriptions[i])
            member(&m, "description", value_text(a, t->descriptions[i], strlen(t->descriptions[i])));
        list.items[i] = object(a, &m);
    }
    return list;
}

struct value type_json(struct arena *a, const struct ltype *t)
{
    if (compact(t)) {
        struct buf b = {0};
        ltype_text(t, LTYPE_SQL, SIZE_MAX / 2, &b);
        struct value v = value_text(a, (const char *)b.p, b.n);
        buf_free(&b);
        return v;
    }
    struct members m = {0};
    const char *root = lroot_name(t->root);
    member(&m, "type", value_text(a, root, strlen(root)));
    if (!t->nullable)
        member(&m, "nullable", value_bool(false));
    switch (t->root) {
    case L_ARRAY:
    case L_MULTISET:
        member(&m, "elementType", type_json(a, t->kids[0]));
        break;
    case L_MAP:
        member(&m, "keyType", type_json(a, t->kids[0]));
        member(&m, "valueType", type_json(a, t->kids[1]));
        break;
    case L_ROW:
        member(&m, "fields", field_list(a, t, "fieldType"));
        break;
    case L_STRUCTURED:
        if (t->cls)
            member(&m, "implementationClass", value_text(a, t->cls, strlen(t->cls)));
        member(&m, "attributes", field_list(a, t, "attributeType"));
        break;
    case L_TIMESTAMP:
    case L_TIMESTAMP_LTZ:
        member(&m, "precision", value_int(t->precision));
        member(&m, "kind", value_text(a, t->kind, strlen(t->kind)));
        break;
    case L_CHAR:
    case L_VARCHAR:
    case L_BINARY:
    case L_VARBINARY:
        member(&m, "length", value_int(t->length));
        break;
    default:
        break;
    }
    return object(a, &m);
}
