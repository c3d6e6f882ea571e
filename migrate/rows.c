#include "migrate/rows.h"

#include <string.h>

#include "base/wr.h"
#include "inspect/json_sink.h"
#include "migrate/cast.h"
#include "migrate/quarantine.h"
#include "migrate/rows_fields.h"
#include "migrate/run_offsets.h"
#include "savepoint/state_decode.h"
#include "savepoint/value_encode.h"

enum { KEPT = 1 << 20 /* bytes of memory that rows share */ };

void rows_open(struct rows *w, const struct run_opts *opts, const struct draft_op *op, const struct draft_state *st,
               const struct keyed_header *header, const struct state_info *from, const struct state_info *to)
{
    *w = (struct rows){.opts = opts, .op = op, .st = st, .header = header, .from = from, .to = to, .row.now = opts->now};
    value_sink_init(&w->sink, &w->arena);
}

void rows_close(struct rows *w)
{
    if (!w->st)
        return;
    atomic_fetch_add(&w->st->count->changed, w->changed);
    atomic_fetch_add(&w->st->count->deleted, w->deleted);
    atomic_fetch_add(&w->st->count->failed, w->failed);
    value_sink_free(&w->sink);
    arena_free(&w->arena);
    buf_free(&w->value);
    buf_free(&w->user_key);
    buf_free(&w->whole);
    *w = (struct rows){0};
}

/* --- a row's parts --- */

static struct bytes bytes_of(const struct buf *b) { return (struct bytes){b->p, b->n}; }

static bool decode(struct rows *w, enum row_part part, const struct ser *s, struct bytes b, struct err *e)
{
    if (!s->row)
        return err_set(e, ERR_UNSUPPORTED, "what %s holds is not known", s->snapshot_class);
    return value_decode(&w->sink, s, b, &w->row.parts[part], e);
}

/* What a row's value is read by; in front of it stands the time of last access, where there is one (TtlSerializer). */
static const struct ser *inner(const struct state_info *info)
{
    return info->ttl && info->element->n == 2 ? info->element->kids[1] : info->element;
}

enum { TTL_BYTES = 8 };

static bool read_value(struct rows *w, struct bytes *b, bool null, struct err *e)
{
    w->row.parts[ROW_VALUE] = w->row.parts[ROW_LAST_ACCESS] = value_null();
    if (null)
        return true;
    if (w->from->ttl) {
        if (b->n < TTL_BYTES)
            return err_set(e, ERR_CORRUPT, "operator %s, state \"%s\": a value too short for its time", w->op->label, w->st->name);
        w->row.parts[ROW_LAST_ACCESS] = value_int((int64_t)be64(b->p));
        *b = (struct bytes){b->p + TTL_BYTES, b->n - TTL_BYTES};
    }
    return !w->st->needs[ROW_VALUE] || decode(w, ROW_VALUE, inner(w->from), *b, e);
}

/* was: its bytes, which it keeps unless it has changed. */
static bool write_value(struct rows *w, struct bytes was, bool changed, struct err *e)
{
    if (w->to->ttl) {
        if (w->row.parts[ROW_LAST_ACCESS].kind != VAL_INT)
            return err_set(e, ERR_CONVERT, "the time of last access is null");
        wr_i64(&w->value, w->row.parts[ROW_LAST_ACCESS].i);
    }
    if (changed)
        return value_encode(inner(w->to), &w->row.parts[ROW_VALUE], &w->value, e);
    wr_bytes(&w->value, was);
    return true;
}

/* --- steps --- */

static bool set(struct rows *w, const struct bound *to, const struct assignment *a, struct value *v, struct err *e)
{
    struct value *place = bound_reach(to, &w->row);
    if (!place)
        return err_set(e, ERR_CONVERT, "what is to be set is inside of a null, or is not there");
    enum typing_class cls = to->root == ROW_LAST_ACCESS ? CLASS_INT : typing_class(to->type);
    return cast_to_class(v, (enum typing_class)a->value->cls, cls, &w->arena, place, e);
}

/* What steps have done to a row. */
struct done {
    bool any, value, gone; /* value: the value itself, not only what is around it */
};

static bool update(struct rows *w, const struct step *s, struct done *done, struct err *e)
{
    const struct stmt *st = s->st;
    struct value *values = arena_array(&w->arena, st->n_sets, sizeof *values);
    bool holds = true;
    if (st->condition && !expr_holds(st->condition, &w->row, &w->arena, &holds, e))
        return false;
    if (!holds)
        return true;
    for (uint32_t i = 0; i < st->n_sets; i++) /* all by the row as it was */
        if (!expr_eval(st->sets[i].value, &w->row, &w->arena, &values[i], e))
            return false;
    for (uint32_t i = 0; i < st->n_sets; i++) {
        if (!set(w, &s->sets[i], &st->sets[i], &values[i], e))
            return false;
        done->value = done->value || s->sets[i].root == ROW_VALUE;
    }
    done->any = true;
    return true;
}

static bool is_ttl(enum stmt_kind k) { return k == STMT_TTL_SET || k == STMT_TTL_DROP; }

static bool offsets(struct rows *w, const struct step *s, struct done *done, struct err *e)
{
    struct value *v = &w->row.parts[ROW_VALUE];
    const struct offsets_want want = run_offsets_want(s->st);
    struct buf to = {0};
    bool met;
    if (v->kind != VAL_BYTES)
        return err_set(e, ERR_UNSUPPORTED, "splits in a form that is not known");
    bool ok = offsets_set((struct bytes){v->bytes, v->n}, &want, &to, &met, e);
    if (ok && met) {
        *v = value_bytes(&w->arena, to.p, (uint32_t)to.n);
        atomic_fetch_add(s->met, 1);
        done->any = done->value = true;
    }
    buf_free(&to);
    return ok;
}

static bool step(struct rows *w, const struct step *s, struct done *done, struct err *e)
{
    enum stmt_kind kind = s->st->kind;
    bool holds;
    if (kind == STMT_ROWS_UPDATE)
        return update(w, s, done, e);
    if (kind == STMT_ROWS_DELETE || kind == STMT_ROWS_KEEP) {
        if (!expr_holds(s->st->condition, &w->row, &w->arena, &holds, e))
            return false;
        done->gone = holds == (kind == STMT_ROWS_DELETE);
        return true;
    }
    if (kind == STMT_OFFSETS)
        return offsets(w, s, done, e);
    done->any = done->any || !s->quiet;
    done->value = done->value || (!s->quiet && !is_ttl(kind) && s->way.root == ROW_VALUE);
    return step_fields(s, &w->row, &w->arena, e);
}

static bool apply(struct rows *w, struct done *done, struct err *e)
{
    for (uint32_t i = 0; i < w->st->n_steps && !done->gone; i++) {
        const struct step *s = &w->st->steps[i];
        if (step(w, s, done, e))
            continue;
        if (e->kind != ERR_CONVERT || w->opts->on_error != ON_ERROR_DEFAULT)
            return false;
        *e = (struct err){0};
        step_default(s, &w->row, &w->arena);
        w->failed++;
        done->any = true;
        done->value = true;
    }
    return true;
}

/* Whose row it is, in front of the sentence. */
static bool blame(struct rows *w, struct err *e)
{
    struct buf b = {0};
    struct json_sink sink;
    json_sink_init(&sink, &b);
    struct err ignored = {0};
    bool element = !w->key_ser;
    if (!element && !decode(w, ROW_KEY, w->key_ser, w->key, &ignored))
        w->row.parts[ROW_KEY] = value_null();
    value_report(&w->row.parts[element ? ROW_VALUE : ROW_KEY], &sink.sink);
    err_in(e, "operator %s, state \"%s\", %s %.*s", w->op->label, w->st->name, element ? "value" : "key",
           b.n > 200 ? 200 : (int)b.n, (char *)b.p);
    json_sink_free(&sink);
    buf_free(&b);
    return false;
}

struct cell {
    struct bytes value, user_key;
    bool null; /* a map's value */
};

static bool encode(struct rows *w, struct cell *c, const struct done *done, struct err *e)
{
    const struct draft_state *st = w->st;
    w->value.n = w->user_key.n = 0;
    c->null = w->to->kind == KIND_MAP && (done->value ? w->row.parts[ROW_VALUE].kind == VAL_NULL : c->null);
    if (!c->null && !write_value(w, c->value, done->value, e))
        return false;
    c->value = bytes_of(&w->value);
    if (!st->sets_user_key)
        return true;
    if (!value_encode(w->to->user_key, &w->row.parts[ROW_USER_KEY], &w->user_key, e))
        return false;
    c->user_key = bytes_of(&w->user_key);
    return true;
}

/* A row that does not convert: the end of the migration, or the row's. */
static bool give_up(struct rows *w, const struct cell *c, bool *gone, struct err *e)
{
    enum on_error how = w->opts->on_error;
    if (e->kind != ERR_CONVERT || how == ON_ERROR_STOP || how == ON_ERROR_DEFAULT)
        return blame(w, e);
    struct err why = *e, ignored = {0};
    *e = (struct err){0};
    *gone = true;
    w->failed++;
    if (how == ON_ERROR_DROP || !w->opts->quarantine)
        return true;
    /* as it was: steps may have changed what was decoded */
    struct row was = {0};
    if (w->key_ser && decode(w, ROW_KEY, w->key_ser, w->key, &ignored))
        was.parts[ROW_KEY] = w->row.parts[ROW_KEY];
    if (w->from->user_key && decode(w, ROW_USER_KEY, w->from->user_key, c->user_key, &ignored))
        was.parts[ROW_USER_KEY] = w->row.parts[ROW_USER_KEY];
    if (!c->null && decode(w, ROW_VALUE, inner(w->from), c->value, &ignored))
        was.parts[ROW_VALUE] = w->row.parts[ROW_VALUE];
    return quarantine_put(w->opts->quarantine, w->op->label, w->st->name, w->key_ser ? &was.parts[ROW_KEY] : NULL,
                          w->from->user_key ? &was.parts[ROW_USER_KEY] : NULL, &was.parts[ROW_VALUE], why.text, e);
}

/* One row: what it is, and what it becomes. */
static bool one(struct rows *w, struct cell *c, bool *gone, struct err *e)
{
    const struct draft_state *st = w->st;
    struct done done = {0};
    struct bytes whole = c->value;
    bool want_key = st->needs[ROW_USER_KEY] || st->sets_user_key;
    if ((want_key && !decode(w, ROW_USER_KEY, w->from->user_key, c->user_key, e)) || !read_value(w, &c->value, c->null, e))
        return false;
    *gone = false;
    if (!apply(w, &done, e))
        return give_up(w, c, gone, e);
    *gone = done.gone;
    w->deleted += *gone;
    if (*gone || !done.any) {
        c->value = whole;
        return true;
    }
    if (!encode(w, c, &done, e))
        return give_up(w, c, gone, e);
    w->changed++;
    return true;
}

static void begin(struct rows *w)
{
    if (w->arena.used > KEPT)
        arena_free(&w->arena);
}

static struct bytes unless(bool none, struct bytes b)
{
    if (none)
        b.n = 0;
    return b;
}

/* --- entries --- */

static bool read_scope(struct rows *w, const struct entry *en, struct err *e)
{
    const struct ser *ns = en->info->ns;
    struct bytes ns_bytes = en->ns;
    begin(w);
    w->key_ser = en->header->key;
    w->key = en->key;
    if (en->form == FORM_TIMER) {
        struct timer t;
        if (!timer_split(en, &t, e))
            return false;
        if (!t.key_ser)
            return err_set(e, ERR_UNSUPPORTED, "timers of a form that is not known");
        w->row.parts[ROW_TIMESTAMP] = value_int(t.timestamp);
        w->key_ser = t.key_ser;
        w->key = t.key;
        ns = t.ns_ser;
        ns_bytes = t.ns;
    }
    return (!w->st->needs[ROW_KEY] || decode(w, ROW_KEY, w->key_ser, w->key, e)) &&
        (!w->st->needs[ROW_NS] || decode(w, ROW_NS, ns, ns_bytes, e));
}

/* The entry becomes that of a map's pair. */
static void set_pair(struct rows *w, struct entry *en, const struct cell *c)
{
    w->whole.n = 0;
    wr_u8(&w->whole, c->null);
    wr_bytes(&w->whole, unless(c->null, c->value));
    en->user_key = c->user_key;
    en->value = bytes_of(&w->whole);
}

static bool map_entries(struct rows *w, struct entry *en, entry_fn *emit, void *ctx, struct err *e)
{
    struct bytes all = en->value;
    struct rd r = rd_of(all.p, all.n, en->at);
    en->form = FORM_MAP_ENTRY;
    for (uint32_t n = rd_count(&r, 1); n && rd_live(&r); n--) {
        struct cell c = {0};
        bool gone;
        const uint8_t *from = r.p;
        ser_read(w->from->user_key, &r, NULL);
        c.user_key = (struct bytes){from, (size_t)(r.p - from)};
        c.null = rd_bool(&r);
        from = r.p;
        if (!c.null && rd_live(&r))
            ser_read(w->from->element, &r, NULL);
        c.value = (struct bytes){from, (size_t)(r.p - from)};
        if (!rd_live(&r))
            break;
        if (!one(w, &c, &gone, e))
            return false;
        set_pair(w, en, &c);
        if (!gone && !emit(ctx, en, e))
            return false;
    }
    return (rd_live(&r) && !rd_left(&r)) ||
        err_set(e, ERR_CORRUPT, "%s: a map at offset %llu that does not end where its value does", en->file,
                (unsigned long long)en->at);
}

static bool map_entry(struct rows *w, struct entry *en, entry_fn *emit, void *ctx, struct err *e)
{
    bool gone;
    if (!en->value.n)
        return err_set(e, ERR_CORRUPT, "%s: an empty map value, at offset %llu", en->file, (unsigned long long)en->at);
    struct cell c = {.user_key = en->user_key, .null = en->value.p[0]};
    if (!c.null)
        c.value = (struct bytes){en->value.p + 1, en->value.n - 1};
    if (!one(w, &c, &gone, e))
        return false;
    set_pair(w, en, &c);
    return gone || emit(ctx, en, e);
}

/* Elements joined by commas, or behind their number: what is left of them behind their number. */
static bool list(struct rows *w, struct entry *en, entry_fn *emit, void *ctx, struct err *e)
{
    struct rd r = rd_of(en->value.p, en->value.n, en->at);
    bool joined = en->form == FORM_LIST_DELIM;
    uint32_t left = joined ? UINT32_MAX : rd_count(&r, 0), kept = 0;
    w->whole.n = 0;
    wr_u32(&w->whole, 0);
    for (; left && rd_live(&r) && (!joined || rd_left(&r)); left--) {
        bool gone;
        const uint8_t *from = r.p;
        ser_read(w->from->element, &r, NULL);
        struct cell c = {.value = {from, (size_t)(r.p - from)}};
        if (!rd_live(&r))
            break;
        if (!one(w, &c, &gone, e))
            return false;
        if (!gone) {
            wr_bytes(&w->whole, c.value);
            kept++;
        }
        if (joined && rd_left(&r) && rd_u8(&r) != ',')
            rd_fail(&r, "no delimiter");
    }
    if (r.cut)
        return err_set(e, ERR_UNSUPPORTED,
                       "%s: a list at offset %llu whose elements cannot be told apart, as their class is not in the snapshot: "
                       "see --jar and --classes",
                       en->file, (unsigned long long)en->at);
    if (!rd_live(&r) || rd_left(&r))
        return err_set(e, ERR_CORRUPT, "%s: a list at offset %llu whose elements do not end where its value does", en->file,
                       (unsigned long long)en->at);
    if (kept > 1 && w->to->kind == KIND_VALUE)
        return err_set(e, ERR_CONVERT, "%u elements where one value is to be", kept) || blame(w, e);
    uint32_t n = __builtin_bswap32(kept);
    memcpy(w->whole.p, &n, sizeof n);
    en->form = FORM_LIST_COUNT;
    en->value = bytes_of(&w->whole);
    if (w->to->kind == KIND_VALUE) {
        en->form = FORM_VALUE;
        en->value = (struct bytes){w->whole.p + sizeof n, w->whole.n - sizeof n};
    }
    return !kept || emit(ctx, en, e);
}

static bool single(struct rows *w, struct entry *en, entry_fn *emit, void *ctx, struct err *e)
{
    struct cell c = {.value = en->value};
    bool gone;
    if (!one(w, &c, &gone, e))
        return false;
    en->value = c.value;
    if (w->to->kind == KIND_LIST) { /* a value that becomes a list of one */
        w->whole.n = 0;
        wr_u32(&w->whole, 1);
        wr_bytes(&w->whole, c.value);
        en->form = FORM_LIST_COUNT;
        en->value = bytes_of(&w->whole);
    }
    return gone || emit(ctx, en, e);
}

bool rows_entry(struct rows *w, const struct entry *given, entry_fn *emit, void *ctx, struct err *e)
{
    struct entry en = *given;
    en.info = w->from;
    if (!entry_split(&en, e))
        return false;
    if (en.why)
        return err_set(e, ERR_UNSUPPORTED, "operator %s, state \"%s\": %s", w->op->label, w->st->name, en.why);
    if (!read_scope(w, &en, e))
        return false;
    en.header = w->header;
    en.info = w->to;
    en.raw_key = (struct bytes){0};
    switch (en.form) {
    case FORM_LIST_DELIM:
    case FORM_LIST_COUNT:
        return list(w, &en, emit, ctx, e);
    case FORM_MAP_COUNT:
        return map_entries(w, &en, emit, ctx, e);
    case FORM_MAP_ENTRY:
        return map_entry(w, &en, emit, ctx, e);
    default:
        return single(w, &en, emit, ctx, e);
    }
}

/* --- operator state --- */

static bool broadcast(struct rows *w, struct bytes element, struct err *e)
{
    struct rd r = rd_of(element.p, element.n, 0);
    uint32_t kept = 0;
    w->whole.n = 0;
    wr_u32(&w->whole, 0);
    for (uint32_t n = rd_count(&r, 1); n && rd_live(&r); n--) {
        struct cell c = {0};
        bool gone;
        const uint8_t *from = r.p;
        ser_read(w->from->user_key, &r, NULL);
        c.user_key = (struct bytes){from, (size_t)(r.p - from)};
        from = r.p;
        if (rd_live(&r))
            ser_read(w->from->element, &r, NULL);
        c.value = (struct bytes){from, (size_t)(r.p - from)};
        if (!rd_live(&r))
            break;
        begin(w);
        if (!one(w, &c, &gone, e))
            return false;
        kept += !gone;
        wr_bytes(&w->whole, unless(gone, c.user_key));
        wr_bytes(&w->whole, unless(gone, c.value));
    }
    uint32_t n = __builtin_bswap32(kept);
    memcpy(w->whole.p, &n, sizeof n);
    return (rd_live(&r) && !rd_left(&r)) ||
        err_set(e, ERR_CORRUPT, "operator %s, state \"%s\": its entries do not end where they should", w->op->label, w->st->name);
}

bool rows_element(struct rows *w, struct bytes element, struct bytes *to, bool *gone, struct err *e)
{
    struct cell c = {.value = element};
    *gone = false;
    if (w->from->kind == KIND_BROADCAST) {
        bool ok = broadcast(w, element, e);
        *to = bytes_of(&w->whole);
        return ok;
    }
    begin(w);
    bool ok = one(w, &c, gone, e);
    *to = c.value;
    return ok;
}
