#include "runtime/exec_keyed.h"

#include "base/wr.h"
#include "runtime/exec.h"
#include "savepoint/ser_write.h"

/* --- writing --- */

static bool make_info(const struct keyed_state *s, struct state_info *info, struct arena *a, struct err *e)
{
    struct ser *own = s->value ? s->value : ser_plain(a, "Void"); /* which Flink refuses */
    own = s->ttl ? ser_ttl(a, own) : own;
    struct ser *value = s->kind == KIND_LIST ? ser_list(a, own) : s->kind == KIND_MAP ? ser_map(a, s->user_key, own) : own;
    *info = (struct state_info){.name = s->name, .kind = s->kind, .value = value};
    if (s->kind != KIND_TIMERS)
        info->ns = ks_namespace(a, s->ns);
    return state_info_make(a, info, e);
}

static bool make_infos(const struct keyed *k, struct state_info *infos, struct arena *a, struct err *e)
{
    for (uint32_t i = 0; i < k->n; i++)
        if (!make_info(&k->states[i], &infos[i], a, e))
            return false;
    return true;
}

static const enum entry_form forms[] = {
    [KIND_VALUE] = FORM_VALUE, [KIND_LIST] = FORM_LIST_COUNT, [KIND_MAP] = FORM_MAP_ENTRY, [KIND_TIMERS] = FORM_TIMER};

bool keyed_write(const struct op *o, const struct snap *s, const struct out_place *place, struct meta_keyed *h, struct arena *a,
                 struct err *e)
{
    const struct keyed *k = o->keyed;
    uint32_t max = k->max_parallelism, first = (o->subtask * max + o->subtasks - 1) / o->subtasks;
    uint32_t last = ((o->subtask + 1) * max - 1) / o->subtasks; /* KeyGroupRangeAssignment#computeKeyGroupRangeForOperatorIndex */
    struct keyed_header *header = arena_alloc(a, sizeof *header);
    struct keyed_out_opts opts = {.form = OUT_CANONICAL,
                                  .sort = true,
                                  .max_parallelism = (int32_t)max,
                                  .kg_first = (int32_t)first,
                                  .kg_count = last - first + 1};
    struct keyed_out *out;
    *header =
        (struct keyed_header){.version = 6, .key = k->key, .n = k->n, .states = arena_array(a, k->n + 1, sizeof *header->states)};
    if (!s->n_keyed)
        return true;
    if (!ser_seal(a, k->key, e) || !make_infos(k, header->states, a, e) || !keyed_out_open(&out, place, header, &opts, e))
        return false;
    bool ok = true;
    for (uint32_t i = 0; ok && i < s->n_keyed; i++) {
        const struct snap_keyed *x = &s->keyed[i];
        ok = keyed_out_entry(out,
                             &(struct entry){.header = header,
                                             .info = &header->states[x->state],
                                             .key_group = x->group,
                                             .form = forms[k->states[x->state].kind],
                                             .key = x->key,
                                             .ns = x->ns,
                                             .user_key = x->user_key,
                                             .value = x->value,
                                             .file = "a snapshot"},
                             e);
    }
    if (ok)
        return keyed_out_end(out, h, a, e);
    keyed_out_drop(out);
    return false;
}

/* --- reading --- */

struct reading {
    const struct op *like;
    struct snap *to;
    const struct state_info *info; /* the last one that was looked at */
    uint32_t state;                /* … and which of the operator's it is; UINT32_MAX: timers */
};

static const char *type_text(struct arena *a, const struct ser *s)
{
    struct buf b = {0};
    ser_type(s, &b);
    const char *text = arena_str(a, buf_cstr(&b));
    buf_free(&b);
    return text;
}

static const struct ser *inner(const struct state_info *info)
{
    return info->ttl && info->element && info->element->n == 2 ? info->element->kids[1] : info->element;
}

/* Does the operator read what this state holds? What has a serializer that weir cannot make is taken at its word. */
static bool fits(const struct keyed_state *mine, const struct state_info *info, struct arena *a, struct err *e)
{
    const struct ser *theirs = inner(info);
    struct state_info own;
    if (mine->kind != info->kind)
        return err_set(e, ERR_REFUSED, "state \"%s\" is a %s state, and has to be a %s state", info->name, kind_name(info->kind),
                       kind_name(mine->kind));
    if (!mine->value || (mine->kind == KIND_MAP && !mine->user_key) || !theirs)
        return true;
    if (!make_info(mine, &own, a, e))
        return false;
    if (ser_same_bytes(inner(&own), theirs) && (mine->kind != KIND_MAP || ser_same_bytes(own.user_key, info->user_key)))
        return true;
    return err_set(e, ERR_REFUSED, "state \"%s\" holds %s, and the plan's operator keeps %s", info->name, type_text(a, info->value),
                   type_text(a, own.value));
}

static bool look_up(struct reading *r, const struct state_info *info, struct err *e)
{
    const struct keyed *k = r->like->keyed;
    if (r->info == info)
        return true;
    r->info = info;
    r->state = UINT32_MAX;
    r->state = 0;
    while (r->state < k->n && strcmp(k->states[r->state].name, info->name) != 0)
        r->state++;
    if (info->kind == KIND_TIMERS) {
        if (r->state == k->n || !k->states[r->state].taken || !k->key) /* they follow from the other states */
            r->state = UINT32_MAX;
        return true;
    }
    if (r->state < k->n)
        return fits(&k->states[r->state], info, r->to->a, e);
    return err_set(e, ERR_UNSUPPORTED, "state \"%s\" is nothing that weir's operator of this node keeps", info->name);
}

static struct bytes copy(struct snap *to, struct bytes b)
{
    return (struct bytes){(const uint8_t *)arena_strn(to->a, (const char *)b.p, b.n), b.n};
}

/* With when it was written, where the operator's state expires. What had no such time is from now (TtlAwareSerializer). */
static struct bytes with_time(struct reading *r, struct bytes value)
{
    const struct eval *ev = r->like->ev;
    struct buf b = {0};
    wr_i64(&b, ev->now(ev->clock));
    wr_bytes(&b, value);
    struct bytes kept = copy(r->to, (struct bytes){b.p, b.n});
    buf_free(&b);
    return kept;
}

static void put(struct reading *r, const struct entry *en, struct bytes key, struct bytes ns, struct bytes user_key,
                struct bytes value)
{
    bool theirs = en->info->ttl && value.n >= 8, mine = r->like->keyed->states[r->state].ttl;
    size_t skip = theirs && !mine ? 8 : 0;
    value = (struct bytes){value.p + skip, value.n - skip};
    value = mine && !theirs ? with_time(r, value) : copy(r->to, value);
    snap_put_keyed(r->to, &(struct snap_keyed){r->state, en->key_group, key, ns, copy(r->to, user_key), value});
}

static struct bytes since(const struct rd *in, const uint8_t *from) { return (struct bytes){from, (size_t)(in->p - from)}; }

/* A list's elements, a map's pairs: each an entry of its own. */
static void put_parts(struct reading *r, const struct entry *en, struct rd *in, struct bytes key, struct bytes ns)
{
    bool list = en->info->kind == KIND_LIST, delimited = en->form == FORM_LIST_DELIM;
    uint32_t n = delimited ? UINT32_MAX : rd_count(in, 0);
    for (uint32_t i = 0; i < n && rd_live(in) && (!delimited || rd_left(in)); i++) {
        const uint8_t *from = in->p;
        struct bytes user_key = {0};
        if (!list) {
            ser_read(en->info->user_key, in, NULL);
            user_key = since(in, from);
            bool null = rd_bool(in);
            from = in->p;
            if (null)
                continue;
        }
        ser_read(en->info->element, in, NULL);
        if (rd_live(in))
            put(r, en, key, ns, user_key, since(in, from));
        if (delimited && rd_left(in))
            rd_take(in, 1);
    }
}

/* The time, the key, the namespace. */
static bool take_timer(struct reading *r, const struct entry *en, struct err *e)
{
    const struct keyed_state *mine = &r->like->keyed->states[r->state];
    struct rd in = rd_of(en->value.p, en->value.n, en->at);
    struct bytes time = {in.p, 8};
    rd_i64(&in);
    const uint8_t *from = in.p;
    ser_read(r->like->keyed->key, &in, NULL);
    struct bytes key = since(&in, from);
    from = in.p;
    ser_read(ks_namespace(r->to->a, mine->ns), &in, NULL);
    if (!rd_live(&in) || rd_left(&in))
        return err_set(e, ERR_CORRUPT, "%s: state \"%s\": a malformed timer", en->file, en->info->name);
    put(r, en, copy(r->to, key), copy(r->to, since(&in, from)), (struct bytes){0}, time);
    return true;
}

static bool take(void *ctx, struct entry *en, struct err *e)
{
    struct reading *r = ctx;
    if (!look_up(r, en->info, e) || !entry_split(en, e))
        return false;
    if (r->state == UINT32_MAX)
        return true;
    if (en->info->kind == KIND_TIMERS)
        return take_timer(r, en, e);
    struct bytes key = copy(r->to, en->key), ns = copy(r->to, en->ns);
    struct rd in = rd_of(en->value.p, en->value.n, en->at);
    if (en->form == FORM_MAP_ENTRY) {
        if (!rd_bool(&in))
            put(r, en, key, ns, en->user_key, (struct bytes){in.p, rd_left(&in)});
    } else if (en->form == FORM_VALUE) {
        put(r, en, key, ns, (struct bytes){0}, en->value);
    } else {
        put_parts(r, en, &in, key, ns);
    }
    return rd_live(&in) ||
        err_set(e, ERR_CORRUPT, "%s: state \"%s\": %s", en->file, en->info->name,
                in.why ? in.why : "a serializer that weir does not know");
}

bool keyed_read(const struct snapshot *from, const struct meta_operator *op, const struct meta_keyed *h, const struct op *like,
                struct snap *to, struct err *e)
{
    struct reading r = {.like = like, .to = to};
    struct keyed_part *p;
    if (h->tag == HANDLE_NULL)
        return true;
    if (!keyed_open(&p, from, op, h, e))
        return false;
    const struct ser *key = like->keyed->key;
    bool ok = !key || !p->header->key || ser_same_bytes(key, p->header->key) ||
        err_set(e, ERR_REFUSED, "its key is %s, and the plan's is %s", type_text(to->a, p->header->key), type_text(to->a, key));
    ok = ok && keyed_walk(p, take, &r, e);
    keyed_close(p);
    return ok;
}
