#include "migrate/rows_fields.h"

#include <string.h>

#include "migrate/cast.h"

struct value *bound_reach(const struct bound *b, struct row *row)
{
    struct bound way = *b;
    struct value *v = NULL;
    for (way.n = 0; way.n <= b->n; way.n++) {
        v = bound_find(&way, row);
        if (!v)
            return NULL;
        v->origin = NULL;
    }
    return v;
}

/* --- structures: lists of fields, or objects of them; a SQL row and a Row have them one level below --- */

static uint32_t named(const struct value *v, const char *name)
{
    uint32_t i = 0;
    while (i < v->n && !(v->names[i].n == strlen(name) && !memcmp(v->names[i].s, name, v->names[i].n)))
        i++;
    return i;
}

/* Room for one more at i; of an object its name, too. */
static void open_gap(struct value *v, uint32_t i, const char *name, struct arena *a)
{
    struct value *items = arena_array(a, v->n + (size_t)1, sizeof *items);
    if (i)
        memcpy(items, v->items, i * sizeof *items);
    if (v->n > i)
        memcpy(items + i + 1, v->items + i, (v->n - i) * sizeof *items);
    if (v->kind == VAL_OBJECT) {
        struct value_name *names = arena_array(a, v->n + (size_t)1, sizeof *names);
        if (i)
            memcpy(names, v->names, i * sizeof *names);
        names[i] = (struct value_name){name, strlen(name)};
        if (v->n > i)
            memcpy(names + i + 1, v->names + i, (v->n - i) * sizeof *names);
        v->names = names;
    }
    v->items = items;
    v->n++;
}

static void close_gap(struct value *v, uint32_t i, struct arena *a)
{
    if (v->kind == VAL_OBJECT) {
        struct value_name *names = arena_array(a, v->n, sizeof *names);
        memcpy(names, v->names, v->n * sizeof *names);
        memmove(names + i, names + i + 1, (v->n - i - 1) * sizeof *names);
        v->names = names;
    }
    memmove(v->items + i, v->items + i + 1, (v->n - i - 1) * sizeof *v->items);
    v->n--;
}

static void rename_member(struct value *v, uint32_t i, const char *name, struct arena *a)
{
    struct value_name *names = arena_array(a, v->n, sizeof *names);
    memcpy(names, v->names, v->n * sizeof *names);
    names[i] = (struct value_name){name, strlen(name)};
    v->names = names;
}

/* What a field begins with when nothing is said: Java's zero. */
static struct value nothing(const struct step *s)
{
    struct typing t = s->way.type;
    bool java = t.of == TYPING_SER && t.ser->row && (!strcmp(t.ser->row->name, "POJO") || !strcmp(t.ser->row->name, "Tuple"));
    if (!java)
        return value_null();
    return s->cls == CLASS_INT ? value_int(0)
        : s->cls == CLASS_REAL ? value_double(0)
        : s->cls == CLASS_BOOL ? value_bool(false)
                               : value_null();
}

static struct value zero_of(enum typing_class cls, struct arena *a)
{
    static const char *const texts[] = {[CLASS_DECIMAL] = "0",
                                        [CLASS_TEXT] = "",
                                        [CLASS_DATE] = "1970-01-01",
                                        [CLASS_TIME] = "00:00",
                                        [CLASS_TIMESTAMP] = "1970-01-01T00:00",
                                        [CLASS_INSTANT] = "1970-01-01T00:00:00Z",
                                        [CLASS_BYTES] = "hex:"};
    if (cls == CLASS_BOOL)
        return value_bool(false);
    if (cls == CLASS_INT)
        return value_int(0);
    if (cls == CLASS_REAL)
        return value_double(0);
    bool text = cls < sizeof texts / sizeof *texts && texts[cls];
    return text ? value_text(a, texts[cls], strlen(texts[cls])) : value_null();
}

static bool eval_cast(const struct expr *x, const struct row *row, enum typing_class cls, struct arena *a, struct value *v,
                      struct err *e)
{
    struct value from;
    return expr_eval(x, row, a, &from, e) && cast_to_class(&from, (enum typing_class)x->cls, cls, a, v, e);
}

static bool add(const struct step *s, struct value *v, const struct row *row, struct arena *a, struct err *e)
{
    struct value one = nothing(s);
    if (s->st->value && !eval_cast(s->st->value, row, s->cls, a, &one, e))
        return false;
    uint32_t i = v->kind == VAL_OBJECT ? v->n : s->i < v->n ? s->i : v->n;
    open_gap(v, i, s->name, a);
    v->items[i] = one;
    return true;
}

/* One structure. */
static bool field_in(const struct step *s, struct value *v, const struct row *row, struct arena *a, struct err *e)
{
    v = value_fields(v);
    if (v->kind == VAL_OPAQUE)
        return err_set(e, ERR_CONVERT, "a value of %s that could not be decoded: %s",
                       v->opaque->class_name ? v->opaque->class_name : "?", v->opaque->why ? v->opaque->why : "?");
    if (v->kind != VAL_OBJECT && v->kind != VAL_LIST)
        return err_set(e, ERR_CONVERT, "a structure of a form that is not known");
    if (s->st->kind == STMT_FIELD_ADD)
        return add(s, v, row, a, e);
    uint32_t i = v->kind == VAL_OBJECT ? named(v, s->name) : s->i;
    if (i >= v->n)
        return true; /* a subclass without it, a default */
    if (s->st->kind == STMT_FIELD_DROP) {
        close_gap(v, i, a);
    } else if (v->kind == VAL_OBJECT && s->st->kind == STMT_FIELD_RENAME) {
        rename_member(v, i, s->st->to.text, a);
    } else if (v->kind == VAL_LIST && s->st->kind == STMT_FIELD_MOVE) {
        struct value one = v->items[i];
        close_gap(v, i, a);
        open_gap(v, s->to, NULL, a);
        v->items[s->to] = one;
    }
    return true;
}

static bool type_of(const struct step *s, struct value *v, const struct row *row, struct arena *a, struct err *e)
{
    struct value to;
    enum typing_class was = s->was == CLASS_INSTANT ? CLASS_TEXT : s->was; /* points in time have several forms */
    if (s->st->value ? !eval_cast(s->st->value, row, s->cls, a, &to, e) : !cast_value(v, was, s->st->type, a, &to, e))
        return false;
    *v = to;
    v->origin = NULL;
    return true;
}

/* Records of Avro have one definition, which may stand in many places of a value, also in itself. */
static bool in_records(const struct step *s, const char *record, struct value *v, const struct row *row, struct arena *a,
                       struct err *e)
{
    if (v->kind < VAL_LIST || v->kind > VAL_MAP)
        return true;
    v->origin = NULL;
    for (uint32_t i = 0; i < v->n; i++)
        if (!in_records(s, record, &v->items[i], row, a, e))
            return false;
    struct value *name = value_member(v, "$avro");
    if (!name || name->kind != VAL_TEXT || name->n != strlen(record) || memcmp(name->text, record, name->n) != 0)
        return true;
    if (s->st->kind != STMT_FIELD_TYPE)
        return field_in(s, v, row, a, e);
    struct value *member = value_member(v, s->name);
    return !member || type_of(s, member, row, a, e);
}

/* The record that has the field, or NULL: not Avro. */
static const char *record_of(const struct step *s)
{
    struct typing t = s->way.type;
    if (s->st->kind == STMT_FIELD_TYPE)
        t = s->way.n && s->way.steps[s->way.n - 1].kind == STEP_FIELD ? s->way.steps[s->way.n - 1].parent : (struct typing){0};
    t = typing_bare(t);
    return t.of == TYPING_AVRO && t.avro->kind == AVRO_RECORD ? t.avro->name : NULL;
}

static bool field(const struct step *s, struct row *row, struct arena *a, struct err *e)
{
    const char *record = record_of(s);
    if (record)
        return in_records(s, record, &row->parts[s->way.root], row, a, e);
    struct value *v = bound_reach(&s->way, row);
    if (!v)
        return true; /* what is around it is not there */
    if (s->st->kind == STMT_FIELD_TYPE)
        return type_of(s, v, row, a, e);
    return v->kind == VAL_NULL || field_in(s, v, row, a, e);
}

/* "$class", "$avro": the class of what has subclasses, the name of a record. */
static void rename_member_text(struct value *v, const char *member, const struct stmt *st, struct arena *a)
{
    struct value *cls = value_member(v, member);
    if (cls && cls->kind == VAL_TEXT && cls->n == strlen(st->from.text) && !memcmp(cls->text, st->from.text, cls->n))
        *cls = value_text(a, st->to.text, strlen(st->to.text));
}

static void rename_classes(struct value *v, const struct stmt *st, struct arena *a)
{
    if (v->kind < VAL_LIST || v->kind > VAL_MAP)
        return;
    rename_member_text(v, "$class", st, a);
    rename_member_text(v, "$avro", st, a);
    v->origin = NULL;
    for (uint32_t i = 0; i < v->n; i++)
        rename_classes(&v->items[i], st, a);
}

bool step_fields(const struct step *s, struct row *row, struct arena *a, struct err *e)
{
    switch (s->st->kind) {
    case STMT_TTL_SET:
        row->parts[ROW_LAST_ACCESS] = value_int(row->now);
        return !s->st->value || eval_cast(s->st->value, row, CLASS_INT, a, &row->parts[ROW_LAST_ACCESS], e);
    case STMT_TTL_DROP:
    case STMT_FLINK: /* the same value in other bytes */
        return true;
    case STMT_CLASS_RENAME:
        rename_classes(&row->parts[ROW_VALUE], s->st, a);
        rename_classes(&row->parts[ROW_USER_KEY], s->st, a);
        return true;
    default:
        return field(s, row, a, e);
    }
}

void step_default(const struct step *s, struct row *row, struct arena *a)
{
    const struct stmt *st = s->st;
    struct value *v;
    switch (st->kind) {
    case STMT_FIELD_TYPE:
        if ((v = bound_reach(&s->way, row)))
            *v = zero_of(s->cls, a);
        break;
    case STMT_FIELD_ADD:
        v = bound_reach(&s->way, row);
        if (v && v->kind != VAL_NULL) {
            v = value_fields(v);
            uint32_t i = v->kind == VAL_OBJECT ? v->n : s->i < v->n ? s->i : v->n;
            open_gap(v, i, s->name, a);
            v->items[i] = zero_of(s->cls, a);
        }
        break;
    case STMT_ROWS_UPDATE:
        for (uint32_t i = 0; i < st->n_sets; i++)
            if ((v = bound_reach(&s->sets[i], row)))
                *v = zero_of(s->sets[i].root == ROW_LAST_ACCESS ? CLASS_INT : typing_class(s->sets[i].type), a);
        break;
    case STMT_TTL_SET:
        row->parts[ROW_LAST_ACCESS] = value_int(row->now);
        break;
    default: /* a condition that cannot be told: the row stays */
        break;
    }
}
