/* Where two types differ, field by field. */
#include <string.h>

#include "inspect/compat.h"
#include "inspect/diff.h"

enum { DEPTH_MAX = 100, DETAILS_MAX = 1000 };

struct walk {
    struct diff_details *to;
    struct arena *arena;
    unsigned depth;
};

static const char *type_of(struct walk *w, const struct ser *s)
{
    enum { MAX = 200 };
    struct buf b = {0};
    ser_type(s, &b);
    const char *text = b.n > MAX ? arena_printf(w->arena, "%.*s…", MAX, (const char *)b.p) : arena_strn(w->arena, (char *)b.p, b.n);
    buf_free(&b);
    return text;
}

static void add(struct walk *w, const char *what, const char *from, const char *to)
{
    if (w->to->n < DETAILS_MAX)
        diff_add(w->to, what, from, to, w->arena);
}

static bool same_text(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

static void types(struct walk *w, const struct ser *a, const struct ser *b, const char *at);

static uint32_t field(const struct ser *s, const char *name, uint32_t near)
{
    if (near < s->n && !strcmp(s->names[near], name))
        return near;
    for (uint32_t i = 0; i < s->n; i++)
        if (!strcmp(s->names[i], name))
            return i;
    return s->n;
}

static void fields(struct walk *w, const struct ser *a, const struct ser *b, const char *at)
{
    for (uint32_t i = 0; i < a->n; i++) {
        uint32_t j = field(b, a->names[i], i);
        const char *here = arena_printf(w->arena, "%s.%s", at, a->names[i]);
        if (j < b->n)
            types(w, a->kids[i], b->kids[j], here);
        else
            add(w, here, type_of(w, a->kids[i]), NULL);
    }
    for (uint32_t j = 0; j < b->n; j++)
        if (field(a, b->names[j], j) == a->n)
            add(w, arena_printf(w->arena, "%s.%s", at, b->names[j]), NULL, type_of(w, b->kids[j]));
}

/* Subclasses of a POJO that were met without registration: they follow the data. */
static bool of_the_data(const struct ser_attr *attr) { return attr && !strcmp(attr->name, "subclass"); }

/* Enum constants, Avro schemas, registered classes: in order, and each for itself. */
static void attributes(struct walk *w, const struct ser *a, const struct ser *b, const char *at)
{
    uint32_t n = a->n_attrs > b->n_attrs ? a->n_attrs : b->n_attrs;
    for (uint32_t i = 0; i < n; i++) {
        const struct ser_attr *x = i < a->n_attrs ? &a->attrs[i] : NULL, *y = i < b->n_attrs ? &b->attrs[i] : NULL;
        if ((x && y && !strcmp(x->name, y->name) && !strcmp(x->value, y->value)) || of_the_data(x) || of_the_data(y))
            continue;
        add(w, arena_printf(w->arena, "%s, %s", at, x ? x->name : y->name), x ? x->value : NULL, y ? y->value : NULL);
    }
}

static void nested(struct walk *w, const struct ser *a, const struct ser *b, const char *at)
{
    for (uint32_t i = 0; i < a->n || i < b->n; i++) {
        const char *here = arena_printf(w->arena, "%s[%u]", at, i);
        if (i < a->n && i < b->n)
            types(w, a->kids[i], b->kids[i], a->n == 1 && b->n == 1 ? arena_printf(w->arena, "%s[]", at) : here);
        else
            add(w, here, i < a->n ? type_of(w, a->kids[i]) : NULL, i < b->n ? type_of(w, b->kids[i]) : NULL);
    }
}

/* Types whose text says all that is inside have nothing to go down to. */
static bool says_all(const struct ser *s) { return !s->n || (s->label && strchr(s->label, '<')); }

static void types(struct walk *w, const struct ser *a, const struct ser *b, const char *at)
{
    if (a == b)
        return;
    if (!a || !b || strcmp(a->snapshot_class, b->snapshot_class) || w->depth >= DEPTH_MAX) {
        const char *x = a ? type_of(w, a) : NULL, *y = b ? type_of(w, b) : NULL;
        if (a && b && !strcmp(x, y)) {
            x = a->snapshot_class;
            y = b->snapshot_class;
        }
        if (!same_text(x, y))
            add(w, at, x, y);
        return;
    }
    w->depth++;
    if (!same_text(a->cls, b->cls))
        add(w, arena_printf(w->arena, "%s, class", at), a->cls, b->cls);
    attributes(w, a, b, at);
    if (a->names && b->names) {
        fields(w, a, b, at);
    } else if (says_all(a) || says_all(b)) {
        const char *x = type_of(w, a), *y = type_of(w, b);
        if (strcmp(x, y) && same_text(a->cls, b->cls))
            add(w, at, x, y);
    } else {
        nested(w, a, b, at);
    }
    w->depth--;
}

void diff_types(struct diff_details *to, const struct ser *a, const struct ser *b, const char *role, struct arena *arena)
{
    struct walk w = {.to = to, .arena = arena};
    types(&w, a, b, role);
}

void diff_details_json(struct jsonw *w, const struct diff_details *d)
{
    jsonw_key(w, "details");
    jsonw_array(w);
    for (uint32_t i = 0; i < d->n; i++) {
        jsonw_object(w);
        jsonw_member_str(w, "what", d->v[i].what);
        jsonw_member_str(w, "from", d->v[i].from);
        jsonw_member_str(w, "to", d->v[i].to);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

bool diff_has_kryo(const struct ser *s)
{
    bool found = s && s->row && !strcmp(s->row->name, "Kryo");
    for (uint32_t i = 0; s && !found && i < s->n; i++)
        found = diff_has_kryo(s->kids[i]);
    return found;
}

bool diff_alike(const struct ser *a, const struct ser *b, struct arena *arena)
{
    static const struct compat_target any = {FLINK(2, 3), BACKEND_ANY};
    return compat_types(a, b, "", &any, arena).verdict == VERDICT_AS_IS;
}
