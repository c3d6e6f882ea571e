/* CREATE STATE: a state whose entries stand in a file. */
#include <string.h>
#include <strings.h>

#include "migrate/draft_change.h"
#include "migrate/retype.h"
#include "savepoint/ser_write.h"

static enum state_kind kind_of(const char *word)
{
    static const enum state_kind kinds[] = {['V' - 'A'] = KIND_VALUE,
                                            ['L' - 'A'] = KIND_LIST,
                                            ['M' - 'A'] = KIND_MAP,
                                            ['R' - 'A'] = KIND_REDUCING,
                                            ['A' - 'A'] = KIND_AGGREGATING};
    return kinds[*word - 'A'];
}

static struct state_info *describe(struct change *c)
{
    struct arena *a = &c->d->arena;
    const struct stmt *st = c->st;
    struct state_info *info = arena_alloc(a, sizeof *info);
    struct ser *value = ser_of_type(c->s, a, st->type, c->e), *key = NULL, *ns = NULL;
    if (!value || (st->key_type && !(key = ser_of_type(c->s, a, st->key_type, c->e))) ||
        (st->ns && !(ns = ser_of_type(c->s, a, st->ns, c->e))))
        return NULL;
    value = st->on ? ser_ttl(a, value) : value;
    *info = (struct state_info){.name = arena_str(a, st->state.text), .kind = kind_of(st->word), .ns = ns};
    info->value = info->kind == KIND_LIST ? ser_list(a, value) : info->kind == KIND_MAP ? ser_map(a, key, value) : value;
    return state_info_make(a, info, c->e) ? info : NULL;
}

static bool find_key(struct change *c, struct draft_op *op)
{
    struct ser *key = c->st->op_key ? ser_of_type(c->s, &c->d->arena, c->st->op_key, c->e) : NULL;
    if (c->st->op_key && !key)
        return false;
    if (!op->key && !key)
        return script_fault(c->s, c->st->where, c->e,
                            "the operator has no keyed state that would tell its keys; say them: KEY type");
    if (op->key && key && !ser_same(op->key, key))
        return script_fault(c->s, c->st->op_key->where, c->e, "the operator has keys of another type");
    op->key = op->key ? op->key : key;
    return true;
}

static bool is_csv(const struct stmt *st)
{
    size_t n = strlen(st->from.text);
    return st->number == FILE_CSV || (st->number == FILE_BY_NAME && n > 4 && !strcasecmp(st->from.text + n - 4, ".csv"));
}

static void add_state(struct change *c, struct draft_op *op, const struct state_info *info)
{
    struct arena *a = &c->d->arena;
    struct layout_state *was = arena_alloc(a, sizeof *was);
    struct draft_state *more = arena_array(a, op->n + (size_t)1, sizeof *more);
    *was = (struct layout_state){.name = info->name,
                                 .kind = info->kind,
                                 .ns = info->has_ns ? info->ns : NULL,
                                 .user_key = info->user_key,
                                 .element = info->ttl ? info->element->kids[1] : info->element,
                                 .value = info->value,
                                 .ttl = info->ttl};
    if (op->n)
        memcpy(more, op->states, op->n * sizeof *more);
    more[op->n] = (struct draft_state){.was = was,
                                       .name = info->name,
                                       .type = {info->kind, was->ns, info->user_key, was->element, info->ttl},
                                       .info = info,
                                       .file = arena_str(a, c->st->from.text),
                                       .csv = is_csv(c->st),
                                       .count = arena_alloc(a, sizeof(struct draft_count))};
    op->states = more;
    c->d->files[c->d->n_files++] = more[op->n].file;
    op->n++;
    op->creates = true;
}

bool change_create(struct change *c)
{
    struct draft_op *op = change_operator(c);
    if (!op)
        return false;
    const char *bound = bound_to_subtasks(op);
    for (uint32_t i = 0; i < op->n; i++)
        if (!op->states[i].dropped && !strcmp(op->states[i].name, c->st->state.text))
            return script_fault(c->s, c->st->state.where, c->e, "operator %s has a state '%s' already", op->label,
                                c->st->state.text);
    if (bound)
        return script_fault(c->s, c->st->op.where, c->e, "operator %s %s", op->label, bound);
    if (c->d->n_files == DRAFT_FILES)
        return script_fault(c->s, c->st->where, c->e, "more than %d files", DRAFT_FILES);
    if (!draft_load(c->d, op, c->e) || !find_key(c, op))
        return false;
    struct state_info *info = describe(c);
    if (info)
        add_state(c, op, info);
    return info;
}
