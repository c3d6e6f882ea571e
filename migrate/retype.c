#include "migrate/retype.h"

#include <string.h>

#include "savepoint/ser_facts.h"
#include "savepoint/ser_write.h"

#define TUPLES "org.apache.flink.api.java.tuple.Tuple"

struct retyping {
    struct script *s;
    struct arena *a;
    const struct edit *edit;
    struct place_in where;
    struct err *e;
};

static struct ser *edit_ser(const struct retyping *r, const struct ser *s, const struct bound_step *steps, uint32_t n);

static bool is(const struct ser *s, const char *name) { return s->row && !strcmp(s->row->name, name); }

static struct ser *cannot(const struct retyping *r, const struct ser *s)
{
    struct buf type = {0};
    ser_type(s, &type);
    script_fault(r->s, r->where, r->e, "%.200s has no fields that could be changed", buf_cstr(&type));
    buf_free(&type);
    return NULL;
}

/* --- lists of fields: an array with something put in, taken out, moved --- */

static void insert(void *v, uint32_t n, uint32_t at, const void *what, size_t size)
{
    uint8_t *p = v;
    memmove(p + (at + 1) * size, p + at * size, (n - at) * size);
    memcpy(p + at * size, what, size);
}

static void take_out(void *v, uint32_t n, uint32_t at, size_t size)
{
    uint8_t *p = v;
    memmove(p + at * size, p + (at + 1) * size, (n - at - 1) * size);
}

static void move(void *v, uint32_t n, uint32_t from, uint32_t to, void *scratch, size_t size)
{
    memcpy(scratch, (uint8_t *)v + from * size, size);
    take_out(v, n, from, size);
    insert(v, n - 1, to, scratch, size);
}

/* --- POJO, Row, Tuple --- */

/* Field i and what is done with it; declaring: the class that has one which is added, where it is another. */
static bool edit_list(const struct retyping *r, struct ser_field *f, uint32_t *n, uint32_t i, const char *declaring)
{
    struct ser_field one = {.name = r->edit->name, .declaring = declaring};
    switch (r->edit->kind) {
    case EDIT_ADD:
        if (!(one.ser = ser_of_type(r->s, r->a, r->edit->type, r->e)))
            return false;
        insert(f, (*n)++, i, &one, sizeof one);
        return true;
    case EDIT_DROP:
        take_out(f, (*n)--, i, sizeof one);
        return true;
    case EDIT_RENAME:
        f[i].name = r->edit->name;
        return true;
    default:
        move(f, *n, i, r->edit->to, &one, sizeof one);
        return true;
    }
}

/* What the subclass's serializer has of the base's field: its place, or its number of fields. */
static uint32_t inherited(const struct ser *sub, const char *name, const char *declaring, struct ser_field *room)
{
    uint32_t i = 0;
    ser_fields(sub, room);
    while (i < sub->n &&
           (strcmp(room[i].name, name) != 0 ||
            (declaring && strcmp(room[i].declaring ? room[i].declaring : sub->cls, declaring) != 0)))
        i++;
    return i;
}

/* A subclass of a POJO whose field is changed: it has the same field. */
static struct ser *edit_subclass(const struct retyping *r, const struct ser *base, const struct ser *sub,
                                 const struct bound_step *steps, uint32_t n)
{
    struct ser_field *own = arena_array(r->a, base->n + (size_t)1, sizeof *own);
    struct ser_field *f = arena_array(r->a, sub->n + (size_t)1, sizeof *f);
    uint32_t at, count = sub->n, i = n ? steps[0].i : r->edit->i;
    ser_fields(base, own);
    const char *declaring = i < base->n && own[i].declaring ? own[i].declaring : base->cls;
    if (!n && r->edit->kind == EDIT_MOVE)
        return ser_clone(r->a, sub);
    if (!n && r->edit->kind != EDIT_DROP && inherited(sub, r->edit->name, NULL, f) < sub->n) {
        script_fault(r->s, r->where, r->e, "the subclass %.200s has a field '%s' already", sub->cls, r->edit->name);
        return NULL;
    }
    if (!n && r->edit->kind == EDIT_ADD) {
        at = sub->n;
        declaring = base->cls;
    } else if ((at = inherited(sub, own[i].name, declaring, f)) == sub->n) {
        return ser_clone(r->a, sub);
    }
    if (n) {
        struct ser *kid = edit_ser(r, sub->kids[at], steps + 1, n - 1);
        return kid ? ser_with_kid(r->a, sub, at, kid) : NULL;
    }
    if (!edit_list(r, f, &count, at, declaring))
        return NULL;
    ser_sort_fields(f, count);
    return ser_with_fields(r->a, sub, f, count);
}

static struct pojo_subclass *edit_some(const struct retyping *r, const struct ser *base, const struct pojo_subclass *some,
                                       uint32_t n_some, const struct bound_step *steps, uint32_t n)
{
    struct pojo_subclass *to = arena_array(r->a, n_some + (size_t)1, sizeof *to);
    for (uint32_t i = 0; i < n_some; i++) {
        to[i] = some[i];
        if (some[i].ser && is(some[i].ser, "POJO") && !(to[i].ser = edit_subclass(r, base, some[i].ser, steps, n)))
            return NULL;
    }
    return to;
}

/* `to` is what has become of the POJO itself. */
static struct ser *with_subclasses(const struct retyping *r, const struct ser *base, struct ser *to, const struct bound_step *steps,
                                   uint32_t n)
{
    const struct pojo_facts *p = base->extra;
    if (!to || !is(base, "POJO") || !p || !(p->n_registered + p->n_other))
        return to;
    const struct pojo_subclass *registered = edit_some(r, base, p->registered, p->n_registered, steps, n),
                               *other = registered ? edit_some(r, base, p->other, p->n_other, steps, n) : NULL;
    return other ? ser_with_subclasses(r->a, to, registered, p->n_registered, other, p->n_other) : NULL;
}

static struct ser *edit_fields(const struct retyping *r, const struct ser *s)
{
    const struct edit *ed = r->edit;
    struct ser_field *f = arena_array(r->a, s->n + (size_t)1, sizeof *f);
    uint32_t n = s->n;
    bool pojo = is(s, "POJO");
    if (is(s, "CaseClass") && ed->kind != EDIT_TYPE) {
        script_fault(r->s, r->where, r->e, "a case class of Scala has the fields that its class has; replace its type");
        return NULL;
    }
    if (!pojo && !is(s, "Row") && !is(s, "Tuple"))
        return cannot(r, s);
    if (!pojo && ed->kind == EDIT_RENAME) {
        script_fault(r->s, r->where, r->e, "fields of a %s have no names", s->row->name);
        return NULL;
    }
    ser_fields(s, f);
    if (!edit_list(r, f, &n, ed->i, NULL))
        return NULL;
    if (is(s, "Tuple") && (!n || n > 25)) {
        script_fault(r->s, r->where, r->e, "a tuple has 1 to 25 fields");
        return NULL;
    }
    if (pojo)
        ser_sort_fields(f, n);
    if (!is(s, "Tuple"))
        return ser_with_fields(r->a, s, f, n);
    struct ser **kids = arena_array(r->a, n, sizeof(struct ser *));
    for (uint32_t i = 0; i < n; i++)
        kids[i] = f[i].ser;
    struct ser *to = ser_tuple(r->a, kids, n);
    bool own = s->cls && strncmp(s->cls, TUPLES, sizeof TUPLES - 1) != 0; /* a class of the job's that extends one */
    return own ? ser_with_class(r->a, to, to->cls, s->cls) : to;
}

/* --- Flink SQL --- */

static const struct ltype **copy_types(const struct retyping *r, const struct ltype *const *types, uint32_t n)
{
    const struct ltype **to = arena_array(r->a, n + (size_t)1, sizeof(struct ltype *));
    if (n)
        memcpy(to, types, n * sizeof(struct ltype *));
    return to;
}

static bool edit_types(const struct retyping *r, const struct ltype **types, uint32_t *n)
{
    const struct edit *ed = r->edit;
    const struct ltype *one;
    if (ed->kind == EDIT_ADD) {
        if (!(one = ltype_of_type(r->s, r->a, ed->type, r->e)))
            return false;
        insert(types, (*n)++, ed->i, &one, sizeof one);
    } else if (ed->kind == EDIT_DROP) {
        take_out(types, (*n)--, ed->i, sizeof one);
    } else if (ed->kind == EDIT_MOVE) {
        move(types, *n, ed->i, ed->to, &one, sizeof one);
    }
    return true;
}

/* The names of a nested ROW's fields, and what is said of them. */
static const char **edit_names(const struct retyping *r, const char *const *names, uint32_t n, bool descriptions)
{
    const struct edit *ed = r->edit;
    const char **to = arena_array(r->a, n + (size_t)1, sizeof(char *)), *name = descriptions ? NULL : ed->name, *scratch;
    if (!names)
        return NULL;
    memcpy(to, names, n * sizeof(char *));
    if (ed->kind == EDIT_ADD)
        insert(to, n, ed->i, &name, sizeof name);
    else if (ed->kind == EDIT_DROP)
        take_out(to, n, ed->i, sizeof name);
    else if (ed->kind == EDIT_MOVE)
        move(to, n, ed->i, ed->to, &scratch, sizeof name);
    else if (!descriptions)
        to[ed->i] = name;
    return to;
}

static const struct ltype *edit_logical(const struct retyping *r, const struct ltype *t, const struct bound_step *steps, uint32_t n)
{
    if (!n && r->edit->kind == EDIT_TYPE)
        return ltype_of_type(r->s, r->a, r->edit->type, r->e);
    struct ltype *to = arena_alloc(r->a, sizeof *to);
    *to = *t;
    to->kids = copy_types(r, t->kids, t->n);
    if (n) {
        uint32_t i = steps[0].kind == STEP_FIELD ? steps[0].i : t->root == L_MAP;
        to->kids[i] = edit_logical(r, t->kids[i], steps + 1, n - 1);
        return to->kids[i] ? to : NULL;
    }
    to->names = edit_names(r, t->names, t->n, false);
    to->descriptions = edit_names(r, t->descriptions, t->n, true);
    return edit_types(r, to->kids, &to->n) ? to : NULL;
}

static struct ser *edit_row(const struct retyping *r, const struct ser *s, const struct bound_step *steps, uint32_t n)
{
    uint32_t n_types;
    const struct ltype *const *was = ser_row_types(s, &n_types);
    if (!was || (n && steps[0].kind != STEP_FIELD))
        return cannot(r, s);
    const struct ltype **types = copy_types(r, was, n_types);
    if (n) {
        if (!(types[steps[0].i] = edit_logical(r, was[steps[0].i], steps + 1, n - 1)))
            return NULL;
    } else if (r->edit->kind == EDIT_RENAME) {
        script_fault(r->s, r->where, r->e, "columns have no names in the snapshot of a SQL job, so there is nothing to rename");
        return NULL;
    } else if (!edit_types(r, types, &n_types)) {
        return NULL;
    }
    return ser_rowdata(r->a, types, n_types, s, r->e);
}

/* --- Avro --- */

static struct ser *edit_avro(const struct retyping *r, const struct ser *s, const struct bound_step *steps, uint32_t n)
{
    const struct avro_facts *f = s->extra;
    const char **path = arena_array(r->a, n + (size_t)1, sizeof(char *));
    char made[16];
    for (uint32_t i = 0; i < n; i++)
        path[i] = steps[i].kind == STEP_FIELD ? typing_field_name(steps[i].parent, steps[i].i, made) : NULL;
    const char *schema = f ? avro_edit(r->s, r->a, f->json, path, n, r->edit, r->where, r->e) : NULL;
    return schema ? ser_avro(r->a, f->specific ? s->cls : NULL, schema, r->e) : NULL;
}

/* --- all --- */

static struct ser *edit_ser(const struct retyping *r, const struct ser *s, const struct bound_step *steps, uint32_t n)
{
    if (is(s, "Nullable") && s->n) {
        struct ser *inner = edit_ser(r, s->kids[0], steps, n);
        return inner ? ser_with_kid(r->a, s, 0, inner) : NULL;
    }
    if (!n && r->edit->kind == EDIT_TYPE)
        return ser_of_type(r->s, r->a, r->edit->type, r->e);
    if (is(s, "RowData"))
        return edit_row(r, s, steps, n);
    if (is(s, "Avro"))
        return edit_avro(r, s, steps, n);
    if (!n)
        return with_subclasses(r, s, edit_fields(r, s), NULL, 0);
    uint32_t i = steps[0].kind == STEP_FIELD ? steps[0].i : typing_class(typing_ser(s)) == CLASS_MAP;
    if (i >= s->n || !s->kids[i] || is(s, "ArrayData") || is(s, "MapData"))
        return cannot(r, s);
    struct ser *kid = edit_ser(r, s->kids[i], steps + 1, n - 1);
    return kid ? with_subclasses(r, s, ser_with_kid(r->a, s, i, kid), steps, n) : NULL;
}

struct ser *retype(struct script *s, struct arena *a, const struct ser *root, const struct bound *way, const struct edit *edit,
                   struct place_in where, struct err *e)
{
    const struct retyping r = {s, a, edit, where, e};
    return edit_ser(&r, root, way->steps, way->n);
}
