#include "tests/support/again.h"

#include <stdlib.h>
#include <string.h>

#include "inspect/json_sink.h"
#include "savepoint/opstate.h"
#include "savepoint/ser_write.h"
#include "savepoint/state_decode.h"
#include "savepoint/value_encode.h"

static const char *const words[] = {"snapshot", "state", "value", "fresh value", "other Flink's value", "json"};

struct walk {
    struct again *a;
    struct arena arena; /* of one value */
    struct value_sink sink;
    struct buf bytes, text, text2;
    const char *where, *state;
    bool flink2;
};

static void tell(struct walk *w, enum again_what what, const struct ser *s, const char *why)
{
    struct again *a = w->a;
    struct buf line = {0};
    buf_printf(&line, "%s of ", words[what]);
    if (s)
        ser_type(s, &line);
    buf_printf(&line, ": %s", why);
    const char *text = buf_cstr(&line);
    for (uint32_t i = 0; i < a->n_told; i++)
        if (!strcmp(a->told[i], text)) {
            buf_free(&line);
            return;
        }
    if (a->log && a->n_told < sizeof a->told / sizeof *a->told) {
        fprintf(a->log, "%s: state \"%s\": %s\n", w->where, w->state, text);
        a->told[a->n_told++] = mem_strdup(text);
    }
    buf_free(&line);
}

static bool same_bytes(struct bytes a, const struct buf *b) { return a.n == b->n && (!a.n || !memcmp(a.p, b->p, a.n)); }

/* --- snapshots --- */

static void check_snapshot(struct walk *w, const struct ser *s)
{
    const char *unknown;
    struct err e = {0};
    if (!s)
        return;
    if (ser_unknown(s, &unknown) || !s->raw.n) { /* of a changelog that has told it in no header */
        w->a->opaque[AGAIN_SNAPSHOT]++;
        return;
    }
    w->bytes.n = 0;
    bool ok = ser_put(ser_clone_all(&w->arena, s), &w->bytes, &e);
    if (ok && same_bytes(s->raw, &w->bytes)) {
        w->a->same[AGAIN_SNAPSHOT]++;
        return;
    }
    w->a->differ[AGAIN_SNAPSHOT]++;
    tell(w, AGAIN_SNAPSHOT, s, ok ? "other bytes" : e.text);
}

/* The roles stand in the order of a hash map, which is no fact. */
static bool same_state(struct walk *w, const struct state_info *a, struct state_info *b)
{
    struct rd r = rd_of(b->raw.p, b->raw.n, 0);
    struct ser_in in = {.r = &r, .a = &w->arena};
    struct state_info again = {0};
    return a->raw.n == b->raw.n && state_info_read(&again, &in) && !rd_left(&r) && !strcmp(a->name, again.name) &&
        a->kind == again.kind && a->v2 == again.v2 && a->mode == again.mode && a->ttl == again.ttl && a->has_ns == again.has_ns &&
        ser_same(a->value, again.value) && ser_same(a->element, again.element) && ser_same(a->user_key, again.user_key);
}

static void check_state(struct walk *w, const struct state_info *info)
{
    struct err e = {0};
    struct state_info again = *info;
    check_snapshot(w, info->value);
    check_snapshot(w, info->ns);
    if (info->lost) {
        w->a->opaque[AGAIN_STATE]++;
        return;
    }
    again.raw = (struct bytes){0};
    bool ok = state_info_make(&w->arena, &again, &e);
    if (ok && same_state(w, info, &again)) {
        w->a->same[AGAIN_STATE]++;
        return;
    }
    w->a->differ[AGAIN_STATE]++;
    tell(w, AGAIN_STATE, info->value, ok ? "other bytes" : e.text);
}

/* --- values --- */

static void print(const struct value *v, struct buf *to)
{
    struct json_sink j;
    to->n = 0;
    json_sink_init(&j, to);
    value_report(v, &j.sink);
    json_sink_free(&j);
}

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

/* Written by `to`, read again, printed: the same as before? */
static void check_printed(struct walk *w, const struct ser *to, const struct value *v, enum again_what what)
{
    struct err e = {0};
    struct value again;
    w->bytes.n = 0;
    if (value_encode(to, v, &w->bytes, &e) && value_decode(&w->sink, to, (struct bytes){w->bytes.p, w->bytes.n}, &again, &e)) {
        print(&again, &w->text2);
        if (same_bytes((struct bytes){w->text.p, w->text.n}, &w->text2)) {
            w->a->same[what]++;
            return;
        }
    }
    if (e.kind == ERR_UNSUPPORTED) {
        w->a->opaque[what]++;
        return;
    }
    w->a->differ[what]++;
    tell(w, what, to, e.kind ? e.text : "other text");
}

/* A value that has bytes of its own, written without them, and as the other Flink writes it. */
static void check_fresh(struct walk *w, const struct ser *s, const struct value *v)
{
    struct err e = {0};
    struct value fresh = value_copy_to(&w->arena, v);
    const struct ser *other = ser_for_flink(&w->arena, s, w->flink2 ? FLINK_1 : FLINK_2, &e);
    forget_bytes(&fresh, &w->arena);
    print(v, &w->text);
    check_printed(w, s, &fresh, AGAIN_FRESH);
    if (other && other != s && strstr(buf_cstr(&w->text), "$hex") == NULL) /* whole bytes that are shown differ */
        check_printed(w, other, v, AGAIN_OTHER);
}

static bool has_bytes(const struct value *v)
{
    bool has = v->origin && v->origin->ser;
    for (uint32_t i = 0; !has && value_item(v, i); i++)
        has = has_bytes(value_item(v, i));
    return has;
}

/* Through JSON: the same text again. Bytes may differ, since a dump sorts sets and maps. */
static void check_json(struct walk *w, const struct ser *s, const struct value *v)
{
    struct err e = {0};
    struct value from;
    print(v, &w->text);
    if (value_from_json(&from, w->text.p, w->text.n, &w->arena, &e)) {
        check_printed(w, s, &from, AGAIN_JSON);
    } else {
        w->a->differ[AGAIN_JSON]++;
        tell(w, AGAIN_JSON, s, e.text);
    }
}

static void check_value(struct walk *w, const struct ser *s, struct bytes b)
{
    struct err e = {0};
    struct value v;
    if (!value_decode(&w->sink, s, b, &v, &e)) {
        w->a->differ[AGAIN_VALUE]++;
        tell(w, AGAIN_VALUE, s, e.text);
        return;
    }
    w->bytes.n = 0;
    bool ok = value_encode(s, &v, &w->bytes, &e);
    if (ok && same_bytes(b, &w->bytes)) {
        w->a->same[AGAIN_VALUE]++;
        w->a->opaque[AGAIN_VALUE] += v.origin != NULL;
    } else {
        w->a->differ[AGAIN_VALUE]++;
        tell(w, AGAIN_VALUE, s, ok ? "other bytes" : e.text);
    }
    if (has_bytes(&v))
        check_fresh(w, s, &v);
    check_json(w, s, &v);
}

/* All elements or entries at once, as the entry has them. */
static void check_as(struct walk *w, const struct entry *en)
{
    struct err e = {0};
    struct value v;
    if (!value_decode_as(&w->sink, en, &v, &e)) {
        w->a->differ[AGAIN_VALUE]++;
        tell(w, AGAIN_VALUE, en->info->value, e.text);
        return;
    }
    w->bytes.n = 0;
    bool ok = value_encode_as(en->info, en->form, &v, &w->bytes, &e);
    bool null = en->form == FORM_MAP_ENTRY && v.kind == VAL_NULL; /* the heap backend's canonical form has more behind it */
    bool same = ok && (null ? w->bytes.n == 1 && w->bytes.p[0] == 1 : same_bytes(en->value, &w->bytes));
    w->a->same[AGAIN_VALUE] += same;
    w->a->differ[AGAIN_VALUE] += !same;
    if (!same)
        tell(w, AGAIN_VALUE, en->info->value, ok ? "other bytes" : e.text);
}

static bool on_entry(void *ctx, struct entry *en, struct err *e)
{
    struct walk *w = ctx;
    w->state = en->info->name;
    if (!entry_split(en, e))
        return false;
    if (!en->why) {
        if (en->form != FORM_TIMER) {
            check_value(w, en->header->key, en->key);
            check_value(w, en->info->ns, en->ns);
        }
        if (en->form == FORM_VALUE || en->form == FORM_TIMER)
            check_value(w, en->form == FORM_TIMER ? en->info->value : en->info->element, en->value);
        else
            check_as(w, en);
        if (en->form == FORM_MAP_ENTRY)
            check_value(w, en->info->user_key, en->user_key);
    }
    arena_free(&w->arena);
    return true;
}

static bool keyed(struct walk *w, const struct snapshot *s, const struct meta_operator *op, const struct meta_keyed *h,
                  struct err *e)
{
    struct keyed_part *p;
    if (h->tag == HANDLE_NULL)
        return true;
    if (!keyed_open(&p, s, op, h, e))
        return false;
    w->state = "";
    check_snapshot(w, p->header->key);
    for (uint32_t i = 0; i < p->header->n; i++) {
        w->state = p->header->states[i].name;
        check_state(w, &p->header->states[i]);
    }
    bool ok = keyed_walk(p, on_entry, w, e);
    keyed_close(p);
    return ok;
}

static void check_broadcast(struct walk *w, const struct state_info *info, struct bytes b)
{
    struct err e = {0};
    struct value v;
    w->bytes.n = 0;
    bool same = value_decode_broadcast(&w->sink, info, b, &v, &e) && value_encode_broadcast(info, &v, &w->bytes, &e) &&
        same_bytes(b, &w->bytes);
    w->a->same[AGAIN_VALUE] += same;
    w->a->differ[AGAIN_VALUE] += !same;
    if (!same)
        tell(w, AGAIN_VALUE, info->value, e.kind ? e.text : "other bytes");
}

static bool on_element(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    struct walk *w = ctx;
    (void)at;
    (void)e;
    w->state = info->name;
    if (info->kind == KIND_OPERATOR_LIST)
        check_value(w, info->element, element);
    else
        check_broadcast(w, info, element);
    arena_free(&w->arena);
    return true;
}

static bool operator_state(struct walk *w, const struct snapshot *s, const struct meta_operator *op, const struct meta_op_handle *h,
                           struct err *e)
{
    struct opstate_part *p;
    bool ok = true;
    if (h->tag == HANDLE_NULL || h->stream.tag == HANDLE_EMPTY_SEGMENT)
        return true;
    if (!opstate_open(&p, s, op, h, e))
        return false;
    for (uint32_t i = 0; ok && i < p->n; i++) {
        w->state = p->states[i].name;
        check_state(w, &p->states[i]);
        ok = opstate_walk(p, i, on_element, w, e);
    }
    opstate_close(p);
    return ok;
}

bool again_snapshot(struct again *a, const char *location, struct err *e)
{
    struct snapshot *s;
    struct snapshot_opts opts = {0};
    struct walk w = {.a = a, .where = location, .state = ""};
    if (!snapshot_open(&s, location, &opts, e))
        return false;
    w.flink2 = s->meta.version >= 5;
    value_sink_init(&w.sink, &w.arena);
    bool ok = true;
    for (uint32_t i = 0; ok && i < s->meta.n; i++)
        for (uint32_t k = 0; ok && k < s->meta.operators[i].n; k++) {
            const struct meta_operator *op = &s->meta.operators[i];
            ok = keyed(&w, s, op, &op->subtasks[k].keyed, e) && operator_state(&w, s, op, &op->subtasks[k].managed, e);
        }
    arena_free(&w.arena);
    value_sink_free(&w.sink);
    buf_free(&w.bytes);
    buf_free(&w.text);
    buf_free(&w.text2);
    snapshot_close(s);
    return ok;
}

void again_free(struct again *a)
{
    for (uint32_t i = 0; i < a->n_told; i++)
        free(a->told[i]);
}
