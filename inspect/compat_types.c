/* One serializer against another, family by family. */
#include "inspect/compat.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "inspect/compat_avro.h"
#include "savepoint/ser_facts.h"

/* --- a comparison: the worst that has been found, and where --- */

struct walk {
    const struct compat_target *target;
    struct arena *arena;
    enum verdict verdict;
    struct buf why; /* of that verdict: the first NOTES_MAX places */
    unsigned notes;
    const char *danger;
    bool gone;
    unsigned depth;
};

enum { NOTES_MAX = 4, DEPTH_MAX = 200, FIELDS_MAX = 10000 };

static void note(struct walk *w, enum verdict v, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void note(struct walk *w, enum verdict v, const char *fmt, ...)
{
    char text[600];
    va_list ap;
    if (v < w->verdict || v == VERDICT_AS_IS)
        return;
    if (v > w->verdict)
        w->why.n = w->notes = 0;
    w->verdict = v;
    if (w->notes++ >= NOTES_MAX)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    buf_printf(&w->why, "%s%s", w->why.n ? "; " : "", text);
}

static struct compat result(struct walk *w)
{
    if (w->notes > NOTES_MAX)
        buf_printf(&w->why, "; and %u more", w->notes - NOTES_MAX);
    const char *why = w->why.n ? arena_strn(w->arena, (const char *)w->why.p, w->why.n) : "unchanged";
    buf_free(&w->why);
    return (struct compat){w->verdict, why, w->danger, w->gone};
}

/* A readable type, cut where it would fill the sentence. */
static const char *type_of(struct walk *w, const struct ser *s)
{
    enum { MAX = 120 };
    struct buf b = {0};
    ser_type(s, &b);
    const char *text = b.n > MAX ? arena_printf(w->arena, "%.*s…", MAX, (const char *)b.p) : arena_strn(w->arena, (char *)b.p, b.n);
    buf_free(&b);
    return text;
}

static bool same_type(const struct ser *a, const struct ser *b)
{
    struct buf x = {0}, y = {0};
    ser_type(a, &x);
    ser_type(b, &y);
    bool same = x.n == y.n && !memcmp(x.p, y.p, x.n);
    buf_free(&x);
    buf_free(&y);
    return same;
}

static bool same_text(const char *a, const char *b) { return a == b || (a && b && !strcmp(a, b)); }

/* The i-th attribute of that name; NULL behind the last. */
static const char *attr(const struct ser *s, const char *name, uint32_t i)
{
    for (uint32_t j = 0; j < s->n_attrs; j++)
        if (!strcmp(s->attrs[j].name, name) && !i--)
            return s->attrs[j].value;
    return NULL;
}

static void types(struct walk *w, const struct ser *old, const struct ser *new, const char *at);

/* --- rules, one for each family of serializers --- */

typedef void rule_fn(struct walk *w, const struct ser *old, const struct ser *new, const char *at);

/* SimpleTypeSerializerSnapshot: nothing but the class, which is the same. */
static void simple(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    (void)w, (void)old, (void)new, (void)at;
}

/* What the readable type says is all that there is (RowData's array, map, decimal and time stamp types). */
static void whole(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    if (!same_type(old, new))
        note(w, VERDICT_INCOMPATIBLE, "%s: %s became %s", at, type_of(w, old), type_of(w, new));
}

static void same_class(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    if (!same_text(old->cls, new->cls))
        note(w, VERDICT_INCOMPATIBLE, "%s: class %s became %s", at, old->cls ? old->cls : "?", new->cls ? new->cls : "?");
}

/* CompositeTypeSerializerSnapshot: the worst of the nested ones. */
static void nested(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    static const char *const map[] = {".key", ".value"}, *const either[] = {".left", ".right"};
    const char *name = old->row->name;
    if (old->n != new->n) {
        note(w, VERDICT_INCOMPATIBLE, "%s: %u fields became %u, and %s takes no field more or less", at, old->n, new->n, name);
        return;
    }
    for (uint32_t i = 0; i < old->n; i++) {
        const char *part = old->n == 1 ? "" : NULL;
        if (!strcmp(name, "List") || !strcmp(name, "Set") || !strcmp(name, "Array") || !strcmp(name, "ArrayList"))
            part = "[]";
        else if (old->n == 2 && !strcmp(name, "Map"))
            part = map[i];
        else if (old->n == 2 && !strcmp(name, "Either"))
            part = either[i];
        types(w, old->kids[i], new->kids[i],
              part ? arena_printf(w->arena, "%s%s", at, part) : arena_printf(w->arena, "%s.f%u", at, i));
    }
}

static void array(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    same_class(w, old, new, at);
    nested(w, old, new, at);
}

static void nullable(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    if (old->length >= 0 && new->length >= 0 && old->length != new->length)
        note(w, VERDICT_INCOMPATIBLE, "%s: null values had %d bytes and have %d", at, old->length, new->length);
    nested(w, old, new, at);
}

/* RowSerializerSnapshot: rows carry their kind since outer version 3 (Flink 1.11). */
static void row(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    if (old->outer_version <= 2 && new->outer_version > 2)
        note(w, VERDICT_AFTER_MIGRATION, "%s: rows get a row kind, which they had not before Flink 1.11", at);
    nested(w, old, new, at);
}

/* The constants of an enum are one text; the word at *p, and *p behind it. */
static struct bytes word(const char **p)
{
    const char *from = *p;
    size_t n = strcspn(from, " ");
    *p = from + n + (from[n] == ' ');
    return (struct bytes){(const uint8_t *)from, n};
}

static bool has_word(const char *list, struct bytes want)
{
    while (*list) {
        struct bytes one = word(&list);
        if (one.n == want.n && !memcmp(one.p, want.p, want.n))
            return true;
    }
    return false;
}

/* EnumSerializerSnapshot takes the old order over and new constants behind it. Scala's enums: "name=id" may not change. */
static void constants(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    const char *before = attr(old, "constants", 0), *after = attr(new, "constants", 0);
    same_class(w, old, new, at);
    if (!before || !after || !strcmp(before, after))
        return;
    for (const char *p = before; *p;) {
        struct bytes one = word(&p);
        if (!has_word(after, one))
            note(w, VERDICT_INCOMPATIBLE, "%s: constant %.*s of %s was removed or renamed", at, (int)(one.n < 100 ? one.n : 100),
                 (const char *)one.p, type_of(w, old));
    }
    for (const char *p = after; *p;) {
        struct bytes one = word(&p);
        if (!has_word(before, one))
            note(w, VERDICT_RECONFIGURED, "%s: constant %.*s was added to %s", at, (int)(one.n < 100 ? one.n : 100),
                 (const char *)one.p, type_of(w, old));
    }
    note(w, VERDICT_RECONFIGURED, "%s: the constants of %s are in another order; Flink goes on with the old one", at,
         type_of(w, old));
}

static void registrations(struct walk *w, const struct ser *old, const struct ser *new, const char *name, bool longer,
                          const char *at)
{
    uint32_t i = 0;
    const char *before, *after;
    do {
        before = attr(old, name, i);
        after = attr(new, name, i++);
    } while (before && after && !strcmp(before, after) && i < FIELDS_MAX);
    if (before || (after && !longer))
        note(w, VERDICT_RECONFIGURED, "%s: the classes registered for %s are others or in another order; Flink keeps the old order",
             at, type_of(w, old));
}

static uint32_t field(const struct ser *s, const char *name, uint32_t near)
{
    for (uint32_t i = near; i < s->n; i++)
        if (!strcmp(s->names[i], name))
            return i;
    for (uint32_t i = 0; i < s->n && i < near; i++)
        if (!strcmp(s->names[i], name))
            return i;
    return s->n;
}

/* The class in which a POJO's field is declared; NULL where it is not known. */
static const char *declaring(const struct ser *s, uint32_t i)
{
    const struct pojo_facts *f = s->extra;
    return f && f->declaring ? f->declaring[i] : NULL;
}

/* Flink looks for an old field in the class that declared it, and from there upwards (PojoFieldUtils#readField). */
static bool has_moved(const struct ser *old, uint32_t i, const struct ser *new, uint32_t j)
{
    const char *from = declaring(old, i), *to = declaring(new, j);
    return from && to && strcmp(from, to) != 0 && same_text(to, new->cls);
}

/* Registered subclasses that both sides have. */
static void subclasses(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    const struct pojo_facts *o = old->extra, *n = new->extra;
    for (uint32_t i = 0; o && n && i < o->n_registered && i < FIELDS_MAX; i++)
        for (uint32_t j = 0; j < n->n_registered && j < FIELDS_MAX; j++)
            if (!strcmp(o->registered[i].cls, n->registered[j].cls)) {
                types(w, o->registered[i].ser, n->registered[j].ser, arena_printf(w->arena, "%s as %s", at, o->registered[i].cls));
                break;
            }
}

/* PojoSerializerSnapshot#resolveSchemaCompatibility; fields go by name, their order in the class has no say. Subclasses that were
 * met without registration change nothing in what is written. */
static void pojo(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    same_class(w, old, new, at);
    if (old->n > FIELDS_MAX || new->n > FIELDS_MAX || (old->n && !old->names) || (new->n && !new->names)) {
        note(w, VERDICT_INCOMPATIBLE, "%s: a POJO of more than %u fields", at, FIELDS_MAX);
        return;
    }
    for (uint32_t i = 0; i < old->n; i++) {
        uint32_t j = field(new, old->names[i], i < new->n ? i : 0);
        const char *here = arena_printf(w->arena, "%s.%s", at, old->names[i]);
        if (j < new->n && has_moved(old, i, new, j))
            note(w, VERDICT_AFTER_MIGRATION,
                 "%s: the field moved down from class %s to %s; to Flink it is a new one, and its values are lost", here,
                 declaring(old, i), declaring(new, j));
        else if (j < new->n)
            types(w, old->kids[i], new->kids[j], here);
        else
            note(w, VERDICT_AFTER_MIGRATION, "%s: the field was removed", here);
    }
    for (uint32_t j = 0; j < new->n; j++)
        if (field(old, new->names[j], j < old->n ? j : 0) == old->n)
            note(w, VERDICT_AFTER_MIGRATION, "%s.%s: the field was added", at, new->names[j]);
    registrations(w, old, new, "registered subclass", true, at);
    subclasses(w, old, new, at);
}

static const char *avro_schema_of(const struct ser *s) { return attr(s, "schema", 0); }

/* AvroSerializerSnapshot: the schemas alone decide. */
static void avro(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    const char *before = avro_schema_of(old), *after = avro_schema_of(new), *why_not = "", *mixed;
    if (!before || !after || !strcmp(before, after))
        return;
    const struct avro *o = avro_parse(before, strlen(before), w->arena, &why_not);
    const struct avro *n = o ? avro_parse(after, strlen(after), w->arena, &why_not) : NULL;
    if (!o || !n) {
        note(w, VERDICT_INCOMPATIBLE, "%s: %s", at, why_not);
        return;
    }
    if (avro_equal(o, n, w->arena))
        return;
    const char *why = avro_resolve(n, o, w->arena);
    if (why) {
        note(w, VERDICT_INCOMPATIBLE, "%s: Avro %s", at, why);
        return;
    }
    note(w, VERDICT_AFTER_MIGRATION, "%s: the Avro schema changed in a way that Avro resolves", at);
    if (w->target->backend == BACKEND_HASHMAP || !same_text(old->cls, "org.apache.avro.generic.GenericRecord"))
        return;
    why = avro_rewrite(n, o, &mixed, w->arena);
    if (why)
        note(w, VERDICT_INCOMPATIBLE,
             "%s: Avro resolves the change, but RocksDB's migration writes the old generic records with the new schema: %s", at,
             why);
    else if (mixed && !w->danger)
        w->danger = arena_printf(w->arena, "%s: RocksDB's migration mixes up fields of generic Avro records: %s", at, mixed);
}

/* KryoSerializerSnapshot: the class and what is registered; the fields are in no snapshot. */
static void kryo(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    same_class(w, old, new, at);
    registrations(w, old, new, "registered", false, at);
}

/* A column of "ROW<a, b<c, d>, e>": from *p on, which moves behind it. */
static struct bytes column(const char **p)
{
    const char *from = *p;
    int open = 0;
    for (; **p && (open || **p != ',') && !(open == 0 && **p == '>'); ++*p)
        open += **p == '<' || **p == '(' ? 1 : **p == '>' || **p == ')' ? -1 : 0;
    struct bytes b = {(const uint8_t *)from, (size_t)(*p - from)};
    while (**p == ',' || **p == ' ')
        ++*p;
    return b;
}

/* RowDataSerializerSnapshot: the logical types must be equal. */
static void rowdata(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    static const char head[] = "ROW<";
    if (same_type(old, new))
        return;
    const char *o = old->label ? old->label : "", *n = new->label ? new->label : "";
    if (strncmp(o, head, sizeof head - 1) || strncmp(n, head, sizeof head - 1) || old->n != new->n) {
        note(w, VERDICT_INCOMPATIBLE, "%s: %u columns became %u, and SQL rows take no column more or less: %s became %s", at,
             old->n, new->n, type_of(w, old), type_of(w, new));
        return;
    }
    o += sizeof head - 1;
    n += sizeof head - 1;
    bool found = false;
    for (uint32_t i = 1; *o && *n && *o != '>' && *n != '>' && i <= FIELDS_MAX; i++) {
        struct bytes a = column(&o), b = column(&n);
        bool other = a.n != b.n || memcmp(a.p, b.p, a.n);
        found = found || other;
        if (other)
            note(w, VERDICT_INCOMPATIBLE, "%s, column %u: %.*s became %.*s, and SQL rows change no type", at, i,
                 (int)(a.n < 100 ? a.n : 100), (const char *)a.p, (int)(b.n < 100 ? b.n : 100), (const char *)b.p);
    }
    if (!found)
        note(w, VERDICT_INCOMPATIBLE, "%s: %s became %s", at, type_of(w, old), type_of(w, new));
}

static const struct {
    const char *name; /* of the row in serializers.def */
    rule_fn *rule;
} rules[] = {
    {"Array", array},         {"Nullable", nullable}, {"Row", row},   {"POJO", pojo},       {"Enum", constants},
    {"ScalaEnum", constants}, {"Avro", avro},         {"Kryo", kryo}, {"RowData", rowdata}, {"Value", same_class},
};

static rule_fn *rule_of(const struct ser_row *r)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (!strcmp(rules[i].name, r->name))
            return rules[i].rule;
    return r->body == BODY_SIMPLE ? simple : r->body == BODY_COMPOSITE ? nested : whole;
}

static bool is_a(const struct ser *s, const char *name) { return s && s->row && !strcmp(s->row->name, name); }

/* Wrappers that a backend or Flink 2 puts around and that write nothing. */
static const struct ser *unwrapped(const struct ser *s)
{
    while ((is_a(s, "TtlAware") || is_a(s, "SingleThreadAccessChecking")) && s->n == 1)
        s = s->kids[0];
    return s;
}

static void other_class(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    bool collection = is_a(old, "Kryo") && is_a(new, "Nullable") && new->n == 1 &&
        (is_a(new->kids[0], "List") || is_a(new->kids[0], "Map") || is_a(new->kids[0], "Set"));
    if (collection)
        note(w, VERDICT_INCOMPATIBLE,
             "%s: %s became %s, as Flink 2 gives collections in POJOs a serializer of their own where Flink 1 had Kryo", at,
             type_of(w, old), type_of(w, new));
    else if (same_type(old, new))
        note(w, VERDICT_INCOMPATIBLE, "%s: another serializer for %s: %s became %s", at, type_of(w, old), old->snapshot_class,
             new->snapshot_class);
    else if (attr(new, "because", 0))
        note(w, VERDICT_INCOMPATIBLE, "%s: %s became %s: to Flink the class is no POJO, as %s", at, type_of(w, old),
             type_of(w, new), attr(new, "because", 0));
    else if (is_a(old, "Kryo") && is_a(new, "POJO") && same_text(old->cls, new->cls))
        note(w, VERDICT_INCOMPATIBLE,
             "%s: %s became %s: to Flink the class is a POJO now, unless the job declares it a generic type", at, type_of(w, old),
             type_of(w, new));
    else
        note(w, VERDICT_INCOMPATIBLE, "%s: %s became %s", at, type_of(w, old), type_of(w, new));
}

static void types(struct walk *w, const struct ser *old, const struct ser *new, const char *at)
{
    old = unwrapped(old);
    new = unwrapped(new);
    if (old == new)
        return;
    if (!old || !new || w->depth >= DEPTH_MAX) {
        note(w, VERDICT_INCOMPATIBLE, "%s: %s", at,
             old && new ? "nested too deeply to be compared" : "only one of both has a serializer");
        return;
    }
    const char *gone = attr(new, "gone", 0);
    if (gone) {
        note(w, VERDICT_INCOMPATIBLE, "%s: %s", at, gone);
        w->gone = true;
        return;
    }
    if (strcmp(old->snapshot_class, new->snapshot_class)) {
        other_class(w, old, new, at);
        return;
    }
    if (!old->row)
        return; /* a serializer of the job's own: it decides itself, and the same class most often says yes */
    w->depth++;
    rule_of(old->row)(w, old, new, at);
    w->depth--;
}

/* Flink 1 keeps serializers that were registered with Kryo as objects in an object of a class that Flink 2 does not have. It cannot make
 * the old serializer again then, whether that has a value of the class or not. With flink-avro on the class path all of Kryo's
 * serializers have one, for Avro's arrays. NULL: none. */
static const char *lost_object(const struct ser *old, unsigned depth)
{
    const char *found = old && depth <= DEPTH_MAX ? kryo_object_of_flink1(old) : NULL;
    for (uint32_t i = 0; old && depth <= DEPTH_MAX && !found && i < old->n; i++)
        found = lost_object(old->kids[i], depth + 1);
    return found;
}

struct compat compat_types(const struct ser *old, const struct ser *new, const char *role, const struct compat_target *target,
                           struct arena *a)
{
    struct walk w = {.target = target, .arena = a};
    const char *lost = target->flink >= FLINK(2, 0) ? lost_object(old, 0) : NULL;
    if (lost)
        note(&w, VERDICT_INCOMPATIBLE,
             "%s: Flink 2 does not read the serializer of %s, which Flink 1 has registered with Kryo as an object", role, lost);
    types(&w, old, new, role);
    return result(&w);
}
