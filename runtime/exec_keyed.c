#include "runtime/exec_keyed.h"

#include "base/wr.h"
#include "runtime/cold.h"
#include "runtime/exec.h"
#include "savepoint/keyed_native.h"
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

struct keyed_header *keyed_header_of(const struct keyed *k, struct arena *a, struct err *e)
{
    struct keyed_header *h = arena_alloc(a, sizeof *h);
    *h = (struct keyed_header){.version = 6, .key = k->key, .n = k->n, .states = arena_array(a, k->n + 1, sizeof *h->states)};
    if (!ser_seal(a, k->key, e))
        return NULL;
    for (uint32_t i = 0; i < k->n; i++)
        if (!make_info(&k->states[i], &h->states[i], a, e))
            return NULL;
    return h;
}

enum entry_form keyed_form_of(enum state_kind kind)
{
    static const enum entry_form forms[] = {
        [KIND_VALUE] = FORM_VALUE, [KIND_LIST] = FORM_LIST_COUNT, [KIND_MAP] = FORM_MAP_ENTRY, [KIND_TIMERS] = FORM_TIMER};
    return forms[kind];
}

static bool write_entry(const struct keyed *k, const struct keyed_header *header, const struct snap_keyed *x, struct keyed_out *out,
                        struct err *e)
{
    return keyed_out_entry(out,
                           &(struct entry){.header = header,
                                           .info = &header->states[x->state],
                                           .key_group = x->group,
                                           .form = keyed_form_of(k->states[x->state].kind),
                                           .key = x->key,
                                           .ns = x->ns,
                                           .user_key = x->user_key,
                                           .value = x->value,
                                           .file = "a snapshot"},
                           e);
}

static bool put_all(const struct op *o, const struct snap *s, const struct keyed_header *header, struct keyed_out *out,
                    struct err *e)
{
    const struct keyed *k = o->keyed;
    bool ok = true;
    for (const struct snap_block *b = s->keyed; ok && b; b = b->next)
        for (uint32_t i = 0; ok && i < b->n; i++)
            ok = write_entry(k, header, &b->k[i], out, e);
    return ok;
}

static bool put_entry(void *ctx, struct entry *en, struct err *e) { return keyed_out_entry(ctx, en, e); }

static bool put_database(const struct op *o, const struct snap *s, const struct keyed_header *header, struct keyed_out *out,
                         struct arena *a, struct err *e)
{
    struct native_db db = {.header = header, .prefix = keyed_prefix((int32_t)o->keyed->max_parallelism)};
    ks_groups(o, &db.kg_first, &db.kg_count);
    return native_list(&db, s->database, a, e) && native_walk(&db, put_entry, out, e);
}

static bool write_canonical(const struct op *o, const struct snap *s, const struct out_place *place, struct meta_keyed *h,
                            struct arena *a, struct err *e)
{
    uint32_t first, n;
    ks_groups(o, &first, &n);
    const struct keyed_header *header = keyed_header_of(o->keyed, a, e);
    struct keyed_out_opts opts = {.form = OUT_CANONICAL,
                                  .sort = true,
                                  .max_parallelism = (int32_t)o->keyed->max_parallelism,
                                  .kg_first = (int32_t)first,
                                  .kg_count = n};
    struct keyed_out *out;
    if (!header || !keyed_out_open(&out, place, header, &opts, e))
        return false;
    if (s->database ? put_database(o, s, header, out, a, e) : put_all(o, s, header, out, e))
        return keyed_out_end(out, h, a, e);
    keyed_out_drop(out);
    return false;
}

static bool write_files(const struct op *o, const struct snap *s, const struct out_place *place, bool shared, uint64_t checkpoint,
                        struct meta_keyed *h, struct arena *a, struct err *e)
{
    struct cold *c = o->keyed->cold;
    uint32_t first;
    struct files_out f = {.dir = s->database,
                          .shared = shared ? o->job->checkpoints.shared : NULL,
                          .known = &c->known,
                          .header = c->header,
                          .backend_id = c->backend,
                          .checkpoint_id = (int64_t)checkpoint};
    ks_groups(o, &first, &f.kg_count);
    f.kg_first = (int32_t)first;
    if (!files_write(&f, place, h, a, e))
        return false;
    if (shared)
        files_keep(&c->fresh, h);
    return true;
}

bool keyed_write(const struct op *o, const struct snap *s, const struct out_place *place, enum keyed_writing form,
                 uint64_t checkpoint, struct meta_keyed *h, struct arena *a, struct err *e)
{
    if (s->database && form != WRITE_CANONICAL)
        return write_files(o, s, place, form == WRITE_SHARED, checkpoint, h, a, e);
    return (!s->n_keyed && !s->database) || write_canonical(o, s, place, h, a, e);
}

/* --- reading --- */

struct reading {
    const struct op *like;
    struct snap *to;
    const struct state_info *info; /* the last one that was looked at */
    uint32_t state;                /* … and which of the operator's it is; UINT32_MAX: timers */
    keyed_each *each;
    void *ctx;
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

static bool take_entry(struct reading *r, struct entry *en, struct err *e)
{
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

static bool take(void *ctx, struct entry *en, struct err *e)
{
    struct reading *r = ctx;
    return take_entry(r, en, e) && (!r->each || r->each(r->ctx, r->to, e));
}

static bool key_fits(const struct op *like, const struct keyed_header *h, struct arena *a, struct err *e)
{
    const struct ser *key = like->keyed->key;
    return !key || !h->key || ser_same_bytes(key, h->key) ||
        err_set(e, ERR_REFUSED, "its key is %s, and the plan's is %s", type_text(a, h->key), type_text(a, key));
}

bool keyed_read(const struct snapshot *from, const struct meta_operator *op, const struct meta_keyed *h, const struct op *like,
                struct snap *to, keyed_each *each, void *ctx, struct err *e)
{
    struct reading r = {.like = like, .to = to, .each = each, .ctx = ctx};
    struct keyed_part *p;
    if (h->tag == HANDLE_NULL)
        return true;
    if (!keyed_open(&p, from, op, h, e))
        return false;
    bool ok = key_fits(like, p->header, to->a, e) && keyed_walk(p, take, &r, e);
    keyed_close(p);
    return ok;
}

/* --- a database that is gone on with --- */

/* All that it holds has to be what the operator would write. False without e: it holds something else, too. */
static bool all_fit(const struct op *like, const struct keyed_header *h, struct arena *a, struct err *e)
{
    struct reading r = {.like = like, .to = &(struct snap){.a = a}};
    for (uint32_t i = 0; i < h->n; i++) {
        const struct keyed_state *mine;
        uint32_t k = 0;
        while (k < like->keyed->n && strcmp(like->keyed->states[k].name, h->states[i].name) != 0)
            k++;
        mine = &like->keyed->states[k];
        if (k == like->keyed->n || (h->states[i].kind != KIND_TIMERS && h->states[i].ttl != (mine->ttl != NULL)))
            return false;
        if (!look_up(&r, &h->states[i], e))
            return false;
    }
    return key_fits(like, h, a, e);
}

bool keyed_link(const struct snapshot *from, const struct meta_operator *op, const struct meta_keyed *h, const struct op *like,
                const char *dir, bool *linked, struct arena *a, struct err *e)
{
    struct keyed_part *p;
    struct native_db db;
    if (!keyed_open(&p, from, op, h, e))
        return false;
    *linked = all_fit(like, p->header, a, e);
    bool ok = *linked ? native_of(&db, p, a, e) && native_place(&db, dir, true, e) : e->kind == ERR_NONE;
    keyed_close(p);
    return ok;
}
