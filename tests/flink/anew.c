/* anew [-k CLASSES] [-s WORD] [-2|-1] SNAPSHOT TARGET: a canonical savepoint of the same content in which nothing was copied that weir can make. Every
 * serializer and every state is written from its tree, every key, namespace and value from a value tree without the bytes it was read
 * from. -1, -2: as Flink 1 or 2 writes Kryo's values. -s: only keyed states that have the word in their names. Real Flink says whether that is right. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/temp.h"
#include "cli/signals.h"
#include "savepoint/copy_parts.h"
#include "savepoint/opstate.h"
#include "savepoint/ser_write.h"
#include "savepoint/told.h"
#include "savepoint/value_encode.h"

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
    int32_t *to;      /* where each state of the part stands in header; -1: nowhere */
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

/* Elements one by one, so that each may keep its bytes; then put together by value_encode_as. */
static bool again_as(struct anew *n, const struct entry *en, struct entry *to, struct err *e)
{
    struct value v;
    if (!value_decode_as(&n->sink, en, &v, e))
        return false;
    for (uint32_t i = 0; value_item(&v, i); i++) {
        const struct ser *s = en->form == FORM_MAP_COUNT && i % 2 == 0 ? to->info->user_key : to->info->element;
        struct value fresh = value_copy_to(&n->values, value_item(&v, i));
        struct err ignored = {0};
        bool lists = en->form != FORM_VALUE && en->form != FORM_MAP_ENTRY && en->form != FORM_TIMER;
        forget_bytes(&fresh, &n->values);
        n->key.n = 0;
        if (lists && value_encode(s, &fresh, &n->key, &ignored))
            *value_item(&v, i) = fresh;
    }
    to->form = en->form == FORM_LIST_DELIM ? FORM_LIST_COUNT : en->form;
    n->value.n = 0;
    if (!value_encode_as(to->info, to->form, &v, &n->value, e))
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
    bool simple = en->form == FORM_VALUE || en->form == FORM_TIMER;
    const struct ser *from = en->form == FORM_TIMER ? en->info->value : en->info->element;
    const struct ser *element = en->form == FORM_TIMER ? to.info->value : to.info->element;
    bool ok = (simple ? again(n, from, element, en->value, &n->value, &to.value, e) : again_as(n, en, &to, e)) &&
        (en->form == FORM_TIMER ||
         (again(n, en->header->key, n->header->key, en->key, &n->key, &to.key, e) &&
          again(n, en->info->ns, to.info->ns, en->ns, &n->ns, &to.ns, e))) &&
        (en->form != FORM_MAP_ENTRY ||
         again(n, en->info->user_key, to.info->user_key, en->user_key, &n->user_key, &to.user_key, e)) &&
        keyed_out_entry(n->out, &to, e);
    arena_reset(&n->values);
    return ok || err_in(e, "state \"%s\"", en->info->name);
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
    header->key = made(n, p->header->key, e);
    header->states = arena_array(&n->types, header->n, sizeof *header->states);
    n->to = arena_array(&n->types, header->n, sizeof *n->to);
    bool ok = !e->kind;
    header->n = 0;
    for (uint32_t i = 0; ok && i < p->header->n; i++) {
        const struct state_info *info = &p->header->states[i];
        bool wanted = !n->word || strstr(info->name, n->word);
        n->to[i] = wanted ? (int32_t)header->n : -1;
        ok = !wanted || made_state(n, info, &header->states[header->n++], e);
    }
    n->header = header;
    ok = ok && keyed_out_open(&n->out, &n->place, header, &opts, e);
    if (ok && keyed_walk(p, on_entry, n, e))
        ok = keyed_out_end(n->out, to, &n->types, e);
    else if (ok)
        keyed_out_drop(n->out), ok = false;
    keyed_close(p);
    return ok;
}

struct elements {
    struct anew *n;
    struct op_out *out;
    const struct state_info *states;
    uint32_t i;
};

static bool on_element(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    struct elements *el = ctx;
    (void)at;
    bool list = info->kind == KIND_OPERATOR_LIST;
    bool ok = (!list || again(el->n, info->element, el->states[el->i].element, element, &el->n->value, &element, e)) &&
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
    for (uint32_t i = 0; ok && i < p->n; i++) {
        ok = made_state(n, &p->states[i], &states[i], e);
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
    const char *classes = NULL;
    for (int o; (o = getopt(argc, argv, "k:s:12")) != -1;) {
        if (o == 'k')
            classes = optarg;
        else if (o == 's')
            n.word = optarg;
        else if (o == '1' || o == '2')
            n.flink = o - '0';
        else
            return WEIR_USAGE;
    }
    if (argc - optind != 2)
        return WEIR_USAGE;
    signals_start();
    struct err e = {0};
    struct snapshot *s = NULL;
    struct arena a = {0};
    struct told told = {0};
    struct store_file f = {0};
    const struct snapshot_opts reading = {.told = &told};
    if (classes && store_open(&f, classes, &e))
        told_read(&told, (struct bytes){f.map, f.size}, classes, &a, &e);
    store_close(&f);
    value_sink_init(&n.sink, &n.values);
    if (!e.kind && snapshot_open(&s, argv[optind], &reading, &e)) {
        n.s = s;
        if (all(&n, argv[optind + 1], &e))
            printf("%llu values made anew, %llu by their bytes\n", (unsigned long long)n.fresh, (unsigned long long)n.kept);
    }
    value_sink_free(&n.sink);
    snapshot_close(s);
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
