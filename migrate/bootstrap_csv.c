#include <stdlib.h>
#include <string.h>

#include "base/wr.h"
#include "migrate/bootstrap_in.h"
#include "migrate/cast.h"
#include "migrate/csv.h"
#include "savepoint/value_encode.h"

enum { NO_FIELD = -1 };

/* Where a column goes: a part of the row, or a field of it. */
struct column {
    enum row_part part;
    int32_t field;
    struct typing type;
};

struct table {
    struct reading *in;
    struct csv csv;
    struct typing types[ROW_PARTS];
    bool wanted[ROW_PARTS], there[ROW_PARTS];
    struct column *columns;
    uint32_t n;
    struct arena arena; /* of the columns */
    /* the key whose rows are coming */
    bool open;
    struct buf key, ns, list;
    uint32_t elements;
};

static const char *const part_names[ROW_PARTS] = {
    [ROW_KEY] = "key",     [ROW_NS] = "namespace",        [ROW_USER_KEY] = "user_key",
    [ROW_VALUE] = "value", [ROW_TIMESTAMP] = "timestamp", [ROW_LAST_ACCESS] = "last_access"};

static void look(struct table *t)
{
    const struct state_info *info = t->in->info;
    t->wanted[ROW_KEY] = t->wanted[ROW_VALUE] = true;
    t->wanted[ROW_NS] = info->has_ns;
    t->wanted[ROW_USER_KEY] = info->user_key;
    t->wanted[ROW_LAST_ACCESS] = info->ttl;
    t->types[ROW_KEY] = typing_ser(t->in->header->key);
    t->types[ROW_NS] = typing_ser(info->ns);
    t->types[ROW_USER_KEY] = typing_ser(info->user_key);
    t->types[ROW_VALUE] = typing_ser(info->ttl ? info->element->kids[1] : info->element);
}

static bool part_of(const struct table *t, const char *name, size_t n, enum row_part *part)
{
    for (*part = 0; *part < ROW_PARTS; ++*part)
        if (t->wanted[*part] && strlen(part_names[*part]) == n && !memcmp(part_names[*part], name, n))
            return true;
    *part = ROW_NS;
    return t->wanted[ROW_NS] && n == 2 && !memcmp(name, "ns", 2);
}

static bool field_of(const struct table *t, const char *name, struct column *c)
{
    uint32_t i;
    if (!typing_find(t->types[c->part], name, &i))
        return false;
    c->field = (int32_t)i;
    c->type = typing_field(t->types[c->part], i);
    return true;
}

static bool bind(const struct table *t, const char *name, struct column *c)
{
    const char *dot = strchr(name, '.');
    c->field = NO_FIELD;
    if (part_of(t, name, dot ? (size_t)(dot - name) : strlen(name), &c->part)) {
        c->type = t->types[c->part];
        return !dot || field_of(t, dot + 1, c);
    }
    c->part = ROW_VALUE;
    return field_of(t, name, c);
}

static bool head(struct table *t, struct err *e)
{
    if (!csv_next(&t->csv, e))
        return e->kind != ERR_NONE ? false : err_set(e, ERR_CONVERT, "line 1: expected the names of columns: key, value, …");
    t->n = t->csv.n;
    t->columns = arena_array(&t->arena, t->n, sizeof *t->columns);
    for (uint32_t i = 0; i < t->n; i++) {
        struct column *c = &t->columns[i];
        const char *name = t->csv.fields[i].text;
        if (!i && !strncmp(name, "\xef\xbb\xbf", 3)) /* as some programs begin their files */
            name += 3;
        if (!bind(t, name, c))
            return err_set(e, ERR_CONVERT, "line 1: there is no column '%.200s': key, value, a field of the value, …", name);
        for (uint32_t k = 0; k < i; k++)
            if (t->columns[k].part == c->part &&
                (t->columns[k].field == c->field || t->columns[k].field == NO_FIELD || c->field == NO_FIELD))
                return err_set(e, ERR_CONVERT, "line 1: the column '%.200s' says again what another one says", name);
        t->there[c->part] = true;
    }
    for (enum row_part part = 0; part < ROW_PARTS; part++)
        if (t->wanted[part] && !t->there[part])
            return err_set(e, ERR_CONVERT, "line 1: there is no column '%s'", part_names[part]);
    return true;
}

/* --- a record's values --- */

static bool cell(struct table *t, const struct csv_field *f, struct typing type, struct value *v, struct err *e)
{
    struct arena *a = &t->in->arena;
    enum typing_class cls = typing_class(type);
    struct err none = {0};
    *v = value_null();
    if (!f->n && !f->quoted)
        return true;
    if (cls == CLASS_LIST || cls == CLASS_MAP || cls == CLASS_STRUCT)
        return value_from_json(v, f->text, f->n, a, e);
    if (cls == CLASS_ANY && value_from_json(v, f->text, f->n, a, &none))
        return true;
    *v = value_text(a, f->text, f->n);
    if (cls != CLASS_BOOL && cls != CLASS_INT && cls != CLASS_REAL && cls != CLASS_DECIMAL)
        return true;
    const struct value text = *v;
    return cast_to_class(&text, CLASS_TEXT, cls, a, v, e);
}

/* Structures that are told by their fields' places, and those that are told by names. */
static bool is_list(struct typing t)
{
    t = typing_bare(t);
    const char *name = t.of == TYPING_SER && t.ser->row ? t.ser->row->name : "";
    return !strcmp(name, "Tuple") || !strcmp(name, "Row") || !strcmp(name, "CaseClass") || !strcmp(name, "RowData");
}

static struct value structure(struct table *t, enum row_part part)
{
    struct arena *a = &t->in->arena;
    struct typing type = t->types[part];
    uint32_t n = typing_fields(type);
    if (is_list(type))
        return value_list(a, VAL_LIST, n);
    const char **names = arena_array(a, n + (size_t)1, sizeof(char *));
    for (uint32_t i = 0; i < n; i++) {
        char made[16];
        names[i] = arena_str(a, typing_field_name(type, i, made));
    }
    return value_object(a, names, n);
}

/* All cells of a part are null: there is none. */
static bool is_absent(const struct table *t, enum row_part part)
{
    for (uint32_t i = 0; i < t->n; i++)
        if (t->columns[i].part == part && (t->csv.fields[i].n || t->csv.fields[i].quoted))
            return false;
    return true;
}

static bool take(struct table *t, struct value parts[ROW_PARTS], struct err *e)
{
    bool begun[ROW_PARTS] = {0};
    for (uint32_t i = 0; i < t->n; i++) {
        const struct column *c = &t->columns[i];
        struct value *v = &parts[c->part];
        if (!begun[c->part])
            *v = value_null();
        if (c->field != NO_FIELD && !begun[c->part] && !is_absent(t, c->part))
            *v = structure(t, c->part);
        begun[c->part] = true;
        if (c->field != NO_FIELD && v->kind == VAL_NULL)
            continue;
        struct typing type = {0};
        if (c->part != ROW_LAST_ACCESS)
            type = c->type;
        if (!cell(t, &t->csv.fields[i], type, c->field == NO_FIELD ? v : value_item(v, (uint32_t)c->field), e))
            return err_in(e, "column %u", i + 1);
    }
    return true;
}

/* --- rows --- */

static bool same(const struct buf *a, const struct buf *b) { return a->n == b->n && (!a->n || !memcmp(a->p, b->p, a->n)); }

static void keep(struct buf *to, const struct buf *from)
{
    to->n = 0;
    wr_bytes(to, (struct bytes){from->p, from->n});
}

/* The list of the key that was before. */
static bool end_list(struct table *t, struct err *e)
{
    struct reading *in = t->in;
    if (!t->open || in->info->kind != KIND_LIST)
        return true;
    keep(&in->key, &t->key);
    keep(&in->ns, &t->ns);
    in->value.n = 0;
    wr_u32(&in->value, t->elements);
    wr_bytes(&in->value, (struct bytes){t->list.p, t->list.n});
    return reading_give(in, FORM_LIST_COUNT, e);
}

/* A row of another key than the one before. */
static bool begin_key(struct table *t, struct err *e)
{
    struct reading *in = t->in;
    struct buf key = {0}, ns = {0};
    keep(&key, &in->key);
    keep(&ns, &in->ns);
    bool ok = end_list(t, e);
    keep(&t->key, &key);
    keep(&t->ns, &ns);
    keep(&in->key, &key);
    keep(&in->ns, &ns);
    buf_free(&key);
    buf_free(&ns);
    t->open = true;
    t->elements = 0;
    t->list.n = 0;
    atomic_fetch_add(&in->st->count->made, 1);
    return ok;
}

static struct value content(struct table *t, struct value parts[ROW_PARTS])
{
    static const char *const names[] = {"$ttl", "value"};
    if (!t->in->info->ttl || (t->in->info->kind == KIND_MAP && parts[ROW_LAST_ACCESS].kind == VAL_NULL))
        return parts[ROW_VALUE];
    struct value v = value_object(&t->in->arena, names, 2);
    v.items[0] = parts[ROW_LAST_ACCESS];
    v.items[1] = parts[ROW_VALUE];
    return v;
}

static bool give(struct table *t, struct value parts[ROW_PARTS], struct err *e)
{
    struct reading *in = t->in;
    const struct state_info *info = in->info;
    const struct value v = content(t, parts);
    if (!reading_scope(in, &parts[ROW_KEY], info->has_ns ? &parts[ROW_NS] : NULL, e))
        return false;
    bool again = t->open && same(&in->key, &t->key) && same(&in->ns, &t->ns);
    if (!again && !begin_key(t, e))
        return false;
    in->value.n = in->user_key.n = 0;
    if (info->kind == KIND_LIST) {
        t->elements++;
        if (t->list.n > INT32_MAX)
            return err_set(e, ERR_LIMIT, "a list of more than 2 GiB");
        return value_encode(info->element, &v, &t->list, e);
    }
    if (info->kind == KIND_MAP && !value_encode(info->user_key, &parts[ROW_USER_KEY], &in->user_key, e))
        return err_in(e, "user_key");
    enum entry_form form = info->kind == KIND_MAP ? FORM_MAP_ENTRY : FORM_VALUE;
    return value_encode_as(info, form, &v, &in->value, e) && reading_give(in, form, e);
}

static bool record(struct table *t, struct err *e)
{
    struct value parts[ROW_PARTS];
    for (int i = 0; i < ROW_PARTS; i++)
        parts[i] = value_null();
    if (t->csv.n != t->n)
        return err_set(e, ERR_CONVERT, "%u fields where the first line has %u", t->csv.n, t->n);
    return take(t, parts, e) && give(t, parts, e);
}

static bool read_all(struct table *t, struct err *e)
{
    look(t);
    if (!head(t, e))
        return false;
    while (csv_next(&t->csv, e)) {
        bool ok = record(t, e) || err_in(e, "line %zu", t->csv.begun);
        arena_free(&t->in->arena);
        if (!ok)
            return false;
    }
    return e->kind == ERR_NONE && end_list(t, e);
}

bool reading_csv(struct reading *in, FILE *f, struct err *e)
{
    struct table *t = mem_zalloc(sizeof *t);
    t->in = in;
    t->csv.f = f;
    bool ok = read_all(t, e);
    csv_free(&t->csv);
    buf_free(&t->key);
    buf_free(&t->ns);
    buf_free(&t->list);
    arena_free(&t->arena);
    free(t);
    return ok;
}
