/* Statements about types: fields, TTL, names of classes. */
#include <string.h>

#include "migrate/cast.h"
#include "migrate/draft_change.h"
#include "migrate/retype.h"
#include "savepoint/ser_write.h"

/* Does the state have values with a type that can be another? */
static bool has_values(struct change *c, const struct draft_state *st)
{
    if (st->type.kind == KIND_TIMERS)
        return script_fault(c->s, c->st->state.where, c->e, "timers have the type that Flink gives them");
    return (st->info && st->type.value && st->type.value->row) ||
        script_fault(c->s, c->st->state.where, c->e, "what the state's values are is not known");
}

/* The last part of a path is a field of what the rest leads to. */
static bool split_path(struct change *c, const struct scope *scope, struct bound *way, const struct path_part **last)
{
    struct path parent = c->st->field;
    *last = &c->st->field.parts[--parent.n];
    if (!(*last)->field)
        return script_fault(c->s, (*last)->where, c->e, "expected a field's name, not an index");
    if (parent.n)
        return path_bind(c->s, &parent, scope, way, c->e);
    *way = (struct bound){.root = ROW_VALUE, .type = scope->types[ROW_VALUE]};
    return true;
}

static bool find_field(struct change *c, struct typing t, const struct name *name, uint32_t *i)
{
    return typing_find(t, name->text, i) || field_unknown(c->s, name->text, name->where, t, c->e);
}

/* Where FIRST, AFTER f or neither puts a field among n. */
static bool place(struct change *c, struct typing t, uint32_t *i)
{
    *i = c->st->first ? 0 : typing_fields(t);
    if (!c->st->after.text)
        return true;
    bool ok = find_field(c, t, &c->st->after, i);
    ++*i;
    return ok;
}

static bool set_type(struct change *c, struct draft_state *st, struct step *step, const struct edit *edit, struct place_in where)
{
    bool user_key = step->way.root == ROW_USER_KEY;
    if (!user_key && step->way.root != ROW_VALUE)
        return script_fault(c->s, where, c->e, "only values and the keys of maps can have other types");
    const struct ser **of = user_key ? &st->type.user_key : &st->type.value;
    struct ser *to = retype(c->s, &c->d->arena, *of, &step->way, edit, where, c->e);
    if (!to)
        return false;
    *of = to;
    st->typed = true;
    st->sets_value = st->sets_value || !user_key;
    st->sets_user_key = st->sets_user_key || user_key;
    st->needs[step->way.root] = true;
    draft_add_step(c->d, st, *step);
    return true;
}

static bool bind_value(struct change *c, struct draft_state *st, const struct scope *scope)
{
    return !c->st->value || expr_bind(c->s, c->st->value, scope, CLASS_ANY, st->needs, c->e);
}

/* Rows of which structures can do without a value: null, or what Java's primitives begin with. */
static bool may_lack_value(struct change *c, const struct step *step)
{
    bool number = step->cls == CLASS_INT || step->cls == CLASS_REAL || step->cls == CLASS_BOOL;
    struct typing t = step->way.type;
    bool tuple = t.of == TYPING_SER && t.ser->row && !strcmp(t.ser->row->name, "Tuple");
    bool plain = t.of == TYPING_SER && t.ser->row && (tuple || !strcmp(t.ser->row->name, "POJO"));
    if (c->st->value || (plain ? number || !tuple : !c->st->type->not_null))
        return true;
    return script_fault(c->s, c->st->field.where, c->e, "the field cannot be null, so it needs a DEFAULT");
}

static bool add_field(struct change *c, struct draft_state *st, const struct scope *scope)
{
    struct step step = {.st = c->st};
    const struct path_part *last;
    uint32_t there;
    if (!split_path(c, scope, &step.way, &last) || !bind_value(c, st, scope))
        return false;
    if (typing_class(step.way.type) != CLASS_STRUCT)
        return script_fault(c->s, c->st->field.where, c->e, "only structures have fields; %s has none",
                            typing_class_name(typing_class(step.way.type)));
    if (typing_find(step.way.type, last->field, &there))
        return script_fault(c->s, last->where, c->e, "there is a field '%s' already", last->field);
    if (!place(c, step.way.type, &step.i))
        return false;
    step.name = last->field;
    step.cls = class_of_type(c->st->type);
    const struct edit edit = {.kind = EDIT_ADD, .i = step.i, .name = last->field, .type = c->st->type};
    return may_lack_value(c, &step) && set_type(c, st, &step, &edit, c->st->field.where);
}

static bool change_field(struct change *c, struct draft_state *st, const struct scope *scope)
{
    static const enum edit_kind kinds[] = {
        [STMT_FIELD_DROP] = EDIT_DROP, [STMT_FIELD_RENAME] = EDIT_RENAME, [STMT_FIELD_MOVE] = EDIT_MOVE};
    struct step step = {.st = c->st};
    const struct path_part *last;
    uint32_t there;
    if (!split_path(c, scope, &step.way, &last))
        return false;
    const struct name name = {last->field, last->where};
    if (!find_field(c, step.way.type, &name, &step.i))
        return false;
    step.name = last->field;
    if (c->st->kind == STMT_FIELD_RENAME && typing_find(step.way.type, c->st->to.text, &there))
        return script_fault(c->s, c->st->to.where, c->e, "there is a field '%s' already", c->st->to.text);
    if (c->st->kind == STMT_FIELD_MOVE) {
        if (!place(c, step.way.type, &step.to))
            return false;
        step.to -= step.to > step.i; /* counted without it */
    }
    const struct edit edit = {.kind = kinds[c->st->kind], .i = step.i, .to = step.to, .name = c->st->to.text};
    return set_type(c, st, &step, &edit, c->st->field.where);
}

static bool type_field(struct change *c, struct draft_state *st, const struct scope *scope)
{
    struct step step = {.st = c->st};
    if (!path_bind(c->s, &c->st->field, scope, &step.way, c->e) || !bind_value(c, st, scope))
        return false;
    step.was = typing_class(step.way.type);
    step.name = c->st->field.parts[c->st->field.n - 1].field;
    step.cls = class_of_type(c->st->type);
    const struct edit edit = {.kind = EDIT_TYPE, .type = c->st->type};
    return set_type(c, st, &step, &edit, c->st->field.where);
}

/* --- TTL --- */

static bool set_ttl(struct change *c, struct draft_state *st, const struct scope *scope)
{
    struct step step = {.st = c->st};
    bool on = c->st->kind == STMT_TTL_SET;
    if (st->type.kind == KIND_OPERATOR_LIST || st->type.kind == KIND_BROADCAST)
        return script_fault(c->s, c->st->state.where, c->e, "operator state has no TTL");
    if (!on && !st->type.ttl)
        return script_fault(c->s, c->st->state.where, c->e, "the state has no TTL");
    if (!bind_value(c, st, scope))
        return false;
    st->type.ttl = on;
    st->typed = st->sets_value = true;
    draft_add_step(c->d, st, step);
    return true;
}

static bool convert(struct change *c, struct draft_state *st)
{
    bool list = *c->st->word == 'L';
    if (st->type.kind != (list ? KIND_VALUE : KIND_LIST))
        return script_fault(c->s, c->st->state.where, c->e, "the state is a %s state and no %s state", kind_name(st->type.kind),
                            list ? "VALUE" : "LIST");
    st->type.kind = list ? KIND_LIST : KIND_VALUE;
    st->typed = st->filters = true;
    return true;
}

bool change_types(struct change *c)
{
    struct draft_op *op;
    struct draft_state *st = change_state(c, &op);
    if (!st || !draft_load(c->d, op, c->e) || !has_values(c, st))
        return false;
    struct scope scope = draft_scope(op, st);
    switch (c->st->kind) {
    case STMT_FIELD_ADD:
        return add_field(c, st, &scope);
    case STMT_FIELD_TYPE:
        return type_field(c, st, &scope);
    case STMT_CONVERT:
        return convert(c, st);
    case STMT_TTL_SET:
    case STMT_TTL_DROP:
        return set_ttl(c, st, &scope);
    default:
        return change_field(c, st, &scope);
    }
}

/* --- classes --- */

/* Another name in one tree; *changed says whether it was there. Values in which the name stands have to be written anew. */
static const struct ser *rename_class(struct change *c, const struct ser *s, bool *changed, bool *bytes)
{
    if (!s)
        return NULL;
    struct ser *to = ser_with_class(&c->d->arena, s, c->st->from.text, c->st->to.text);
    if (ser_same(s, to))
        return s;
    *changed = true;
    *bytes = *bytes || !ser_same_bytes(s, to);
    return to;
}

static void class_in_state(struct change *c, struct draft_state *st, uint32_t *found)
{
    bool changed = false, value = false, user_key = false;
    if (st->dropped || !st->info)
        return;
    if (st->type.kind == KIND_TIMERS) { /* their keys are the operator's, whose bytes stay */
        st->type.value = rename_class(c, st->type.value, &changed, &value);
        st->typed = st->typed || changed;
        return;
    }
    st->type.value = rename_class(c, st->type.value, &changed, &value);
    st->type.user_key = rename_class(c, st->type.user_key, &changed, &user_key);
    *found += changed;
    st->typed = st->typed || changed;
    st->needs[ROW_VALUE] = st->needs[ROW_VALUE] || value || user_key;
    st->needs[ROW_USER_KEY] = st->needs[ROW_USER_KEY] || user_key;
    st->sets_value = st->sets_value || value;
    st->sets_user_key = st->sets_user_key || user_key;
    if (changed)
        draft_add_step(c->d, st, (struct step){.st = c->st, .way.root = ROW_VALUE, .quiet = !value && !user_key});
}

static bool class_in_operator(struct change *c, struct draft_op *op, uint32_t *found)
{
    bool changed = false, bytes = false;
    if (!draft_load(c->d, op, c->e))
        return false;
    op->key = rename_class(c, op->key, &changed, &bytes);
    *found += changed;
    if (bytes)
        return script_fault(c->s, c->st->from.where, c->e,
                            "operator %s: the class's name stands in the bytes of keys, which decide where they belong", op->label);
    for (uint32_t i = 0; i < op->n; i++)
        class_in_state(c, &op->states[i], found);
    return true;
}

bool change_class(struct change *c)
{
    uint32_t found = 0;
    struct draft_op *op = NULL;
    struct draft_state *st = NULL;
    if (c->st->state.text && !(st = change_state(c, &op)))
        return false;
    if (c->st->op.text && !op && !(op = change_operator(c)))
        return false;
    if (st && !draft_load(c->d, op, c->e))
        return false;
    if (st)
        class_in_state(c, st, &found);
    for (uint32_t i = 0; !st && i < c->d->n; i++)
        if (!c->d->ops[i].dropped && (!op || op == &c->d->ops[i]) && !class_in_operator(c, &c->d->ops[i], &found))
            return false;
    return found || script_fault(c->s, c->st->from.where, c->e, "no state there knows a class '%s'", c->st->from.text);
}
