/* anew [-k CLASSES] [-s WORD] [-2|-1] [-n NEXT] SNAPSHOT TARGET: a canonical savepoint of the same content in which nothing was copied that weir can make. Every
 * serializer and every state is written from its tree, every key, namespace and value from a value tree without the bytes it was read
 * from. -1, -2: as Flink 1 or 2 writes Kryo's values. -s: only keyed states that have the word in their names. -n: with the states and types of the
 * snapshot NEXT, which the changed job has written. Real Flink says whether that is right. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/temp.h"
#include "base/wr.h"
#include "cli/signals.h"
#include "savepoint/copy_parts.h"
#include "savepoint/opstate.h"
#include "savepoint/ser_write.h"
#include "savepoint/told.h"
#include "savepoint/value_encode.h"
#include "tests/support/fit.h"

struct anew {
    const struct snapshot *s;
    struct writer *w;
    struct out_place place;
    struct arena types, values;
    struct value_sink sink;
    const struct keyed_header *header;
    struct keyed_out *out;
    struct buf key, ns, user_key, value;
    int flink;        /* 1, 2; 0: as it was */
    const char *word; /* of the states that are wanted; NULL: all */
    const struct snapshot *next;
    struct keyed_part *parts[64]; /* of next, whose bytes are still wanted */
    struct opstate_part *op_parts[64];
    uint32_t n_parts, n_op_parts;
    int32_t *to; /* where each state of the part stands in header; -1: nowhere */
    uint64_t fresh, kept;
};

/* --- serializers --- */

static const struct ser *made(struct anew *n, const struct ser *s, struct err *e)
{
    if (!s)
        return NULL;
    struct ser *c = ser_clone_all(&n->types, s);
    if (n->flink)
        c = ser_for_flink(&n->types, c, n->flink == 2 ? FLINK_2 : FLINK_1, e);
    return c;
}

static bool made_state(struct anew *n, const struct state_info *from, struct state_info *to, struct err *e)
{
    *to = *from;
    to->raw = (struct bytes){0};
    to->ns = made(n, from->ns, e);
    to->value = made(n, from->value, e);
    to->user_key = from->v2 || from->kind == KIND_BROADCAST ? made(n, from->user_key, e) : NULL;
    return !e->kind && state_info_make(&n->types, to, e);
}

/* --- values --- */

static void forget_bytes(struct value *v, struct arena *a)
{
    if (v->origin) {
        struct value_origin *o = arena_alloc(a, sizeof *o);
        o->class_name = v->origin->class_name;
        v->origin = o;
    }
    for (uint32_t i = 0; value_item(v, i); i++)
        forget_bytes(value_item(v, i), a);
}

/* What weir cannot write keeps its bytes. */
static bool encode(struct anew *n, const struct ser *to, const struct value *v, struct buf *b, struct err *e)
{
    struct value fresh = value_copy_to(&n->values, v);
    struct err why = {0};
    forget_bytes(&fresh, &n->values);
    if (n->next)
        fresh = fit(&n->values, to, fresh);
    b->n = 0;
    if (value_encode(to, &fresh, b, &why)) {
        n->fresh++;
        return true;
    }
    n->kept++;
    return why.kind == ERR_UNSUPPORTED ? value_encode(to, v, b, e) : err_set(e, why.kind, "%s", why.text);
}

static bool again(struct anew *n, const struct ser *from, const struct ser *to, struct bytes b, struct buf *out, struct bytes *span,
                  struct err *e)
{
    struct value v;
    if (!value_decode(&n->sink, from, b, &v, e) || !encode(n, to, &v, out, e))
        return false;
    *span = (struct bytes){out->p, out->n};
    return true;
}

/* The elements or pairs of a list or map state, whatever the entry was. */
static struct value as_list(struct anew *n, const struct value *v, const struct entry *en)
{
    if (en->form == FORM_LIST_DELIM || en->form == FORM_LIST_COUNT || v->kind == VAL_LIST)
        return *v;
    struct value one = value_list(&n->values, VAL_LIST, 1);
    one.items[0] = *v;
    return one;
}

static struct value as_map(struct anew *n, const struct value *v, const struct entry *en, const struct state_info *to)
{
    if (en->form == FORM_MAP_COUNT)
        return *v;
    struct value list = as_list(n, v, en), map = value_list(&n->values, VAL_MAP, 2 * list.n);
    for (uint32_t i = 0; i < list.n; i++) {
        map.items[2 * i] = fit_key(&n->values, to->user_key, i);
        map.items[2 * i + 1] = list.items[i];
    }
    return map;
}

/* Each of them anew, unless only its bytes are known. */
static void refresh(struct anew *n, struct value *v, const struct state_info *to)
{
    for (uint32_t i = 0; value_item(v, i); i++) {
        const struct ser *s = v->kind == VAL_MAP && i % 2 == 0 ? to->user_key : to->element;
        struct value fresh = value_copy_to(&n->values, value_item(v, i));
        struct err ignored = {0};
        forget_bytes(&fresh, &n->values);
        if (n->next)
            fresh = fit(&n->values, s, fresh);
        n->key.n = 0;
        if (value_encode(s, &fresh, &n->key, &ignored))
            *value_item(v, i) = fresh;
    }
}

/* The value bytes of the entry for a state of any kind. False without an error: there is none. */
static bool again_as(struct anew *n, const struct entry *en, struct entry *to, struct err *e)
{
    struct value v;
    if (!value_decode_as(&n->sink, en, &v, e))
        return false;
    to->form = FORM_VALUE;
    if (to->info->kind == KIND_LIST) {
        to->form = FORM_LIST_COUNT;
        v = as_list(n, &v, en);
        refresh(n, &v, to->info);
    } else if (to->info->kind == KIND_MAP && en->form == FORM_MAP_ENTRY) {
        to->form = FORM_MAP_ENTRY;
    } else if (to->info->kind == KIND_MAP) {
        to->form = FORM_MAP_COUNT;
        v = as_map(n, &v, en, to->info);
        refresh(n, &v, to->info);
    } else if (en->form != FORM_VALUE) {
        v = value_item(&v, 0) ? *value_item(&v, 0) : value_null();
    }
    bool one = to->form == FORM_VALUE || (to->form == FORM_MAP_ENTRY && v.kind != VAL_NULL);
    n->value.n = 0;
    if (one && !encode(n, to->info->element, &v, &n->user_key, e))
        return false;
    if (to->form == FORM_MAP_ENTRY)
        wr_u8(&n->value, v.kind == VAL_NULL);
    if (one)
        buf_put(&n->value, n->user_key.p, n->user_key.n);
    else if (to->form != FORM_MAP_ENTRY && !value_encode_as(to->info, to->form, &v, &n->value, e))
        return false;
    to->value = (struct bytes){n->value.p, n->value.n};
    return true;
}

static bool on_entry(void *ctx, struct entry *en, struct err *e)
{
    struct anew *n = ctx;
    struct entry to = *en;
    if (!entry_split(en, e))
        return false;
    int32_t at = n->to[en->info - en->header->states];
    if (at < 0)
        return true;
    to = *en;
    to.header = n->header;
    to.info = &n->header->states[at];
    bool ok = (en->form == FORM_TIMER ? again(n, en->info->value, to.info->value, en->value, &n->value, &to.value, e)
                                      : again_as(n, en, &to, e)) &&
        (en->form == FORM_TIMER ||
         (again(n, en->header->key, n->header->key, en->key, &n->key, &to.key, e) &&
          again(n, en->info->ns, to.info->ns, en->ns, &n->ns, &to.ns, e))) &&
        (en->form != FORM_MAP_ENTRY ||
         again(n, en->info->user_key, to.info->user_key, en->user_key, &n->user_key, &to.user_key, e)) &&
        keyed_out_entry(n->out, &to, e);
    arena_reset(&n->values);
    return ok || err_in(e, "state \"%s\"", en->info->name);
}

/* Types of its own, or those of the next one. */
static bool own_states(struct anew *n, const struct keyed_header *from, struct keyed_header *header, struct err *e)
{
    header->key = made(n, from->key, e);
    bool ok = !e->kind;
    for (uint32_t i = 0; ok && i < from->n; i++) {
        bool wanted = !n->word || strstr(from->states[i].name, n->word);
        n->to[i] = wanted ? (int32_t)header->n : -1;
        ok = !wanted || made_state(n, &from->states[i], &header->states[header->n++], e);
    }
    return ok;
}

static bool next_states(struct anew *n, const struct meta_operator *op, const struct keyed_header *from,
                        struct keyed_header *header, struct err *e)
{
    struct keyed_part *p = NULL;
    const struct meta *m = &n->next->meta;
    for (uint32_t i = 0; i < m->n; i++)
        for (uint32_t k = 0; !p && !memcmp(m->operators[i].id, op->id, 16) && k < m->operators[i].n; k++)
            if (m->operators[i].subtasks[k].keyed.tag != HANDLE_NULL &&
                !keyed_open(&p, n->next, &m->operators[i], &m->operators[i].subtasks[k].keyed, e))
                return false;
    if (!p)
        return err_set(e, ERR_MISSING, "the next snapshot has no keyed state of it");
    header->key = made(n, p->header->key, e);
    header->states = arena_array(&n->types, p->header->n, sizeof *header->states);
    bool ok = !e->kind;
    for (uint32_t i = 0; i < from->n; i++)
        n->to[i] = -1;
    for (uint32_t i = 0; ok && i < p->header->n; i++, header->n++) {
        ok = made_state(n, &p->header->states[i], &header->states[i], e);
        for (uint32_t k = 0; k < from->n; k++)
            if (!strcmp(from->states[k].name, header->states[i].name))
                n->to[k] = (int32_t)i;
        header->states[i].name = arena_str(&n->types, header->states[i].name);
    }
    if (n->n_parts < 64)
        n->parts[n->n_parts++] = p; /* its bytes are those of serializers that weir does not make */
    return ok;
}

static bool keyed(struct anew *n, const struct meta_operator *op, const struct meta_keyed *h, struct meta_keyed *to, struct err *e)
{
    struct keyed_part *p;
    const struct keyed_out_opts opts = {.form = OUT_CANONICAL,
                                        .sort = true,
                                        .max_parallelism = op->max_parallelism,
                                        .kg_first = h->kg_first,
                                        .kg_count = h->kg_count};
    if (h->tag == HANDLE_NULL)
        return true;
    if (!keyed_open(&p, n->s, op, h, e))
        return false;
    struct keyed_header *header = arena_alloc(&n->types, sizeof *header);
    *header = *p->header;
    header->states = arena_array(&n->types, header->n, sizeof *header->states);
    n->to = arena_array(&n->types, header->n, sizeof *n->to);
    header->n = 0;
    bool ok = n->next ? next_states(n, op, p->header, header, e) : own_states(n, p->header, header, e);
    n->header = header;
    ok = ok && keyed_out_open(&n->out, &n->place, header, &opts, e);
    if (ok && keyed_walk(p, on_entry, n, e))
        ok = keyed_out_end(n->out, to, &n->types, e);
    else if (ok)
        keyed_out_drop(n->out), ok = false;
    keyed_close(p);
    return ok;
}

static bool next_part(struct anew *n, const struct meta_operator *op, struct opstate_part **q, struct err *e)
{
    const struct meta *m = &n->next->meta;
    for (uint32_t i = 0; i < m->n; i++)
        for (uint32_t k = 0; !*q && !memcmp(m->operators[i].id, op->id, 16) && k < m->operators[i].n; k++)
            if (m->operators[i].subtasks[k].managed.tag != HANDLE_NULL &&
                !opstate_open(q, n->next, &m->operators[i], &m->operators[i].subtasks[k].managed, e))
                return false;
    if (*q && n->n_op_parts < 64)
        n->op_parts[n->n_op_parts++] = *q;
    return true;
}

static const struct state_info *state_of(const struct opstate_part *q, const struct state_info *own)
{
    for (uint32_t i = 0; q && i < q->n; i++)
        if (q->states[i].kind == own->kind && !strcmp(q->states[i].name, own->name))
            return &q->states[i];
    return own;
}

struct elements {
    struct anew *n;
    struct op_out *out;
    const struct state_info *states;
    uint32_t i;
};

static bool again_broadcast(struct anew *n, const struct state_info *from, const struct state_info *to, struct bytes *b,
                            struct err *e)
{
    struct value v;
    if (!value_decode_broadcast(&n->sink, from, *b, &v, e))
        return false;
    refresh(n, &v, to);
    n->value.n = 0;
    if (!value_encode_broadcast(to, &v, &n->value, e))
        return false;
    *b = (struct bytes){n->value.p, n->value.n};
    return true;
}

static bool on_element(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    struct elements *el = ctx;
    (void)at;
    const struct state_info *to = &el->states[el->i];
    bool ok = (info->kind == KIND_BROADCAST ? again_broadcast(el->n, info, to, &element, e)
                                            : again(el->n, info->element, to->element, element, &el->n->value, &element, e)) &&
        op_out_element(el->out, el->i, element, e);
    arena_reset(&el->n->values);
    return ok;
}

static bool operator_state(struct anew *n, const struct meta_operator *op, const struct meta_op_handle *h,
                           struct meta_op_handle *to, struct err *e)
{
    struct opstate_part *p;
    if (h->tag == HANDLE_NULL || h->stream.tag == HANDLE_EMPTY_SEGMENT)
        return true;
    if (!opstate_open(&p, n->s, op, h, e))
        return false;
    struct elements el = {.n = n};
    struct state_info *states = arena_array(&n->types, p->n, sizeof *states);
    uint32_t *order = arena_array(&n->types, p->n, sizeof *order), named = 0;
    bool ok = true;
    struct opstate_part *q = NULL;
    ok = !n->next || next_part(n, op, &q, e);
    for (uint32_t i = 0; ok && i < p->n; i++) {
        ok = made_state(n, state_of(q, &p->states[i]), &states[i], e);
        if (p->where[i])
            order[named++] = i;
    }
    el.states = states;
    ok = ok && op_out_open(&el.out, &n->place, states, p->n, &(struct op_out_opts){.version = p->version}, e);
    bool opened = ok;
    for (el.i = 0; ok && el.i < p->n; el.i++)
        ok = opstate_walk(p, el.i, on_element, &el, e);
    if (ok)
        ok = op_out_end(el.out, order, named, to, &n->types, e);
    else if (opened)
        op_out_drop(el.out);
    opstate_close(p);
    return ok;
}

static bool subtask(struct anew *n, const struct meta_operator *op, const struct meta_subtask *s, struct err *e)
{
    struct meta_subtask to = {.index = s->index, .finished = s->finished};
    return keyed(n, op, &s->keyed, &to.keyed, e) && operator_state(n, op, &s->managed, &to.managed, e) &&
        copy_raw(n->s, &n->place, &s->raw, &to.raw, &n->types, e) &&
        copy_raw_keyed(n->s, &n->place, &s->raw_keyed, &to.raw_keyed, &n->types, e) && writer_subtask(n->w, &to, e);
}

static bool all(struct anew *n, const char *target, struct err *e)
{
    const struct meta *from = &n->s->meta;
    int32_t version = n->flink == 2 && from->version < 5 ? 5 : n->flink == 1 && from->version > 4 ? 4 : from->version;
    struct meta m = {.version = version,
                     .checkpoint_id = from->checkpoint_id,
                     .n_masters = from->n_masters,
                     .masters = from->masters,
                     .type_name = "Savepoint",
                     .format = "CANONICAL",
                     .post_action = "NONE"};
    if (!writer_open(&n->w, target, &m, e))
        return false;
    n->place = writer_place(n->w);
    bool ok = true;
    for (uint32_t i = 0; ok && i < from->n; i++) {
        ok = writer_operator(n->w, &from->operators[i], e);
        for (uint32_t k = 0; ok && k < from->operators[i].n; k++)
            ok = subtask(n, &from->operators[i], &from->operators[i].subtasks[k], e) ||
                err_in(e, "operator %s", from->operators[i].hex);
    }
    if (ok)
        return writer_finish(n->w, e);
    writer_abort(n->w);
    return false;
}

int main(int argc, char **argv)
{
    struct anew n = {0};
    const char *classes = NULL, *next = NULL;
    for (int o; (o = getopt(argc, argv, "k:s:n:12")) != -1;) {
        if (o == 'k')
            classes = optarg;
        else if (o == 's')
            n.word = optarg;
        else if (o == 'n')
            next = optarg;
        else if (o == '1' || o == '2')
            n.flink = o - '0';
        else
            return WEIR_USAGE;
    }
    if (argc - optind != 2)
        return WEIR_USAGE;
    signals_start();
    struct err e = {0};
    struct snapshot *s = NULL, *after = NULL;
    struct arena a = {0};
    struct told told = {0};
    struct store_file f = {0};
    const struct snapshot_opts reading = {.told = &told};
    if (classes && store_open(&f, classes, &e))
        told_read(&told, (struct bytes){f.map, f.size}, classes, &a, &e);
    store_close(&f);
    value_sink_init(&n.sink, &n.values);
    if (!e.kind && (!next || snapshot_open(&after, next, &reading, &e)) && snapshot_open(&s, argv[optind], &reading, &e)) {
        n.s = s;
        n.next = after;
        if (all(&n, argv[optind + 1], &e))
            printf("%llu values made anew, %llu by their bytes\n", (unsigned long long)n.fresh, (unsigned long long)n.kept);
    }
    value_sink_free(&n.sink);
    for (uint32_t i = 0; i < n.n_parts; i++)
        keyed_close(n.parts[i]);
    for (uint32_t i = 0; i < n.n_op_parts; i++)
        opstate_close(n.op_parts[i]);
    snapshot_close(s);
    snapshot_close(after);
    arena_free(&a);
    arena_free(&n.types);
    arena_free(&n.values);
    buf_free(&n.key);
    buf_free(&n.ns);
    buf_free(&n.user_key);
    buf_free(&n.value);
    temp_remove_all();
    if (e.kind)
        fprintf(stderr, "anew: %s\n", e.text);
    return (int)err_exit(&e);
}
