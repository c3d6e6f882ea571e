#include "inspect/dump.h"

#include <fnmatch.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "inspect/json_sink.h"
#include "savepoint/state_decode.h"
#include "savepoint/wellknown.h"

enum {
    ROW_LIMIT = 8 << 20,  /* a map or list whose text grows beyond this goes on in a further row ("continued") */
    AHEAD_LIMIT = 8 << 20 /* text that a part may hold back while an earlier part is still being read */
};

struct run { /* shared by all parts */
    const struct scan *scan;
    const struct dump_opts *opts;
    dump_row_fn *row;
    dump_trouble_fn *trouble;
    void *ctx;
    struct dump_figures *figures;
    struct err *e;
    pthread_mutex_t lock;
    pthread_cond_t turn;
    uint32_t head;    /* the part whose rows are due */
    atomic_bool stop; /* looked at by all threads, set by the one whose turn it is */
};

struct part_dump {
    struct run *run;
    const struct part *part;
    const char *label;
    struct buf line;
    struct json_sink json;
    bool decode;              /* the present state is one whose bytes may be well known … */
    struct json_sink decoded; /* … and this is what they say, an item for each element */
    struct buf decoded_text;
    struct buf held;   /* rows made ahead of turn: struct held_row and its text, again and again */
    struct buf prefix; /* of the present state's rows */
    const struct state_info *info, *skipped;
    struct dump_row row;
    uint32_t opaque;
    bool ahead; /* not this part's turn yet */
    /* the MAP row that is open: entries of one key and namespace */
    bool open;
    uint32_t group;
    struct buf group_key; /* key and namespace bytes */
    size_t group_key_n;
};

struct held_row {
    struct dump_row row; /* spans as offsets into the text, disguised as pointers from NULL */
    size_t n;
};

static struct bytes moved(struct bytes b, const uint8_t *from, const uint8_t *to)
{
    return b.n ? (struct bytes){to + (b.p - from), b.n} : b;
}

static struct dump_row row_moved(struct dump_row row, const uint8_t *to)
{
    const uint8_t *from = row.line.p;
    row.key = moved(row.key, from, to);
    row.ns = moved(row.ns, from, to);
    row.content = moved(row.content, from, to);
    row.decoded = moved(row.decoded, from, to);
    row.line.p = to;
    return row;
}

/* --- rows in order --- */

static bool deliver(struct run *run, const struct dump_row *row)
{
    if (run->stop)
        return false;
    run->figures->rows++;
    if (!run->row(run->ctx, row, run->e) || (run->opts->limit && run->figures->rows >= run->opts->limit))
        run->stop = true;
    return !run->stop;
}

static bool deliver_held(struct part_dump *d)
{
    bool ok = true;
    for (size_t at = 0; ok && at < d->held.n;) {
        struct held_row h;
        memcpy(&h, d->held.p + at, sizeof h);
        struct dump_row row = row_moved(h.row, d->held.p + at + sizeof h);
        ok = deliver(d->run, &row);
        at += sizeof h + h.n;
    }
    d->held.n = 0;
    return ok;
}

/* Blocks until it is this part's turn. */
static void wait_turn(struct part_dump *d)
{
    pthread_mutex_lock(&d->run->lock);
    while (d->run->head != d->part->index)
        pthread_cond_wait(&d->run->turn, &d->run->lock);
    pthread_mutex_unlock(&d->run->lock);
    d->ahead = false;
}

static bool my_turn(struct part_dump *d)
{
    if (!d->ahead)
        return true;
    pthread_mutex_lock(&d->run->lock);
    d->ahead = d->run->head != d->part->index;
    pthread_mutex_unlock(&d->run->lock);
    return !d->ahead;
}

static bool emit(struct part_dump *d)
{
    d->row.line = (struct bytes){d->line.p, d->line.n};
    if (!my_turn(d)) {
        struct held_row h = {.row = d->row, .n = d->line.n};
        buf_put(&d->held, &h, sizeof h);
        buf_put(&d->held, d->line.p, d->line.n);
        if (d->held.n < AHEAD_LIMIT)
            return true;
        wait_turn(d);
        return deliver_held(d);
    }
    return (!d->held.n || deliver_held(d)) && deliver(d->run, &d->row);
}

/* --- one row --- */

/* The members that all rows of a state have. The state's and operator's names are used by pointer: both outlive the part. */
static void set_state(struct part_dump *d, const struct state_info *info)
{
    d->info = info;
    d->row.op = d->label;
    d->row.state = info->name;
    d->row.kind = info->kind;
    d->prefix.n = 0;
    buf_puts(&d->prefix, "{\"operator\":");
    jsonw_quote(&d->prefix, d->label, strlen(d->label));
    buf_puts(&d->prefix, ",\"state\":");
    jsonw_quote(&d->prefix, info->name, strlen(info->name));
    buf_printf(&d->prefix, ",\"kind\":\"%s\"", kind_name(info->kind));
}

static bool wanted_state(struct part_dump *d, const struct state_info *info)
{
    if (info == d->info)
        return true;
    if (info == d->skipped)
        return false;
    const char *pattern = d->run->opts->state;
    if (pattern && strcmp(pattern, info->name) && fnmatch(pattern, info->name, 0)) {
        d->skipped = info;
        return false;
    }
    set_state(d, info);
    return true;
}

static void begin_row(struct part_dump *d)
{
    d->line.n = 0;
    d->row.key = d->row.ns = d->row.content = d->row.decoded = (struct bytes){0};
    buf_put(&d->line, d->prefix.p, d->prefix.n);
}

static void begin_keyed_row(struct part_dump *d, uint32_t group)
{
    begin_row(d);
    d->row.key_group = group;
    d->row.subtask = -1;
    buf_puts(&d->line, ",\"keyGroup\":");
    jsonw_digits(&d->line, group);
}

/* Spans are kept as offsets while the line may still grow, and made pointers at its end. */
static size_t member(struct part_dump *d, const char *name)
{
    size_t n = strlen(name);
    buf_reserve(&d->line, n + 4);
    uint8_t *p = d->line.p + d->line.n;
    memcpy(p, ",\"", 2);
    memcpy(p + 2, name, n);
    memcpy(p + 2 + n, "\":", 2);
    return d->line.n += n + 4;
}

static struct bytes span(const struct part_dump *d, size_t from) { return (struct bytes){(const uint8_t *)from, d->line.n - from}; }

static bool finish_row(struct part_dump *d)
{
    buf_putc(&d->line, '}');
    struct bytes *spans[] = {&d->row.key, &d->row.ns, &d->row.content, &d->row.decoded};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        if (spans[i]->n)
            spans[i]->p = d->line.p + (uintptr_t)spans[i]->p;
    return emit(d);
}

/* Does the key that stands in the line from `from` on fit --key? */
static bool wanted_key(const struct part_dump *d, struct bytes key)
{
    const char *want = d->run->opts->key;
    if (!want)
        return true;
    const uint8_t *p = d->line.p + (uintptr_t)key.p;
    size_t n = strlen(want);
    if (key.n == n && !memcmp(p, want, n))
        return true;
    struct buf quoted = {0};
    jsonw_quote(&quoted, want, n);
    bool same = key.n == quoted.n && !memcmp(p, quoted.p, quoted.n);
    buf_free(&quoted);
    return same;
}

/* Group, key and namespace of an entry. *wanted: by --key. */
static bool begin_entry(struct part_dump *d, const struct entry *en, bool *wanted, struct err *e)
{
    begin_keyed_row(d, en->key_group);
    size_t from = member(d, "key");
    if (!decode_key(en, &d->json.sink, &d->opaque, e))
        return false;
    d->row.key = span(d, from);
    *wanted = wanted_key(d, d->row.key);
    if (*wanted && entry_has_ns(en)) {
        from = member(d, "ns");
        if (!decode_ns(en, &d->json.sink, &d->opaque, e))
            return false;
        d->row.ns = span(d, from);
    }
    return true;
}

static void open_pairs(struct part_dump *d)
{
    d->row.content_name = "map";
    d->row.content = (struct bytes){(const uint8_t *)member(d, "map"), 0};
    sink_begin(&d->json.sink, BOX_PAIRS);
}

static bool close_pairs(struct part_dump *d)
{
    sink_end(&d->json.sink, BOX_PAIRS);
    d->row.content = span(d, (uintptr_t)d->row.content.p);
    return finish_row(d);
}

static bool end_group(struct part_dump *d)
{
    if (!d->open)
        return true;
    d->open = false;
    return close_pairs(d);
}

/* --decode: the items gathered so far become a member of the row, and new ones may follow. */
static void put_decoded(struct part_dump *d)
{
    if (!d->decode)
        return;
    sink_end(&d->decoded.sink, BOX_ARRAY);
    size_t from = member(d, "decoded");
    buf_put(&d->line, d->decoded_text.p, d->decoded_text.n);
    d->row.decoded = span(d, from);
    d->decoded_text.n = 0;
    sink_begin(&d->decoded.sink, BOX_ARRAY);
}

/* Ends the row in the middle of a map or list and begins the next with the same key. The head of the line up to the content stays
 * as it is. */
static bool continue_row(struct part_dump *d, enum sink_box box)
{
    struct buf head = {0};
    struct dump_row row = d->row;
    size_t content = (uintptr_t)row.content.p;
    buf_put(&head, d->line.p, content);
    sink_end(&d->json.sink, box);
    d->row.content = span(d, content);
    put_decoded(d);
    bool ok = finish_row(d);
    d->row = row;
    d->line.n = 0;
    static const char more[] = "\"continued\":true,";
    size_t name = content - strlen(row.content_name) - 3; /* "name": */
    bool again = name >= sizeof more - 1 && !memcmp(head.p + name - (sizeof more - 1), more, sizeof more - 1);
    buf_put(&d->line, head.p, name);
    if (!again)
        buf_puts(&d->line, more);
    buf_put(&d->line, head.p + name, head.n - name);
    d->row.content = (struct bytes){(const uint8_t *)d->line.n, 0};
    sink_begin(&d->json.sink, box);
    buf_free(&head);
    return ok;
}

/* --- keyed state --- */

static bool same_group(const struct part_dump *d, const struct entry *en)
{
    return d->open && d->info == en->info && d->group == en->key_group && d->group_key_n == en->key.n &&
        d->group_key.n == en->key.n + en->ns.n && !memcmp(d->group_key.p, en->key.p, en->key.n) &&
        (!en->ns.n || !memcmp(d->group_key.p + en->key.n, en->ns.p, en->ns.n));
}

static bool map_entry(struct part_dump *d, const struct entry *en, struct err *e)
{
    if (!same_group(d, en)) {
        bool wanted;
        if (!end_group(d) || !begin_entry(d, en, &wanted, e))
            return false;
        if (!wanted)
            return true;
        d->open = true;
        d->group = en->key_group;
        d->group_key.n = 0;
        buf_put(&d->group_key, en->key.p, en->key.n);
        buf_put(&d->group_key, en->ns.p, en->ns.n);
        d->group_key_n = en->key.n;
        open_pairs(d);
    } else if (d->line.n > ROW_LIMIT && !continue_row(d, BOX_PAIRS)) {
        return false;
    }
    uint64_t n;
    return decode_value(en, &d->json.sink, &d->opaque, &n, e);
}

static const char *content_name(enum entry_form f)
{
    return f == FORM_LIST_DELIM || f == FORM_LIST_COUNT ? "list" : f == FORM_MAP_COUNT ? "map" : "value";
}

static bool timer_entry(struct part_dump *d, const struct entry *en, struct err *e)
{
    struct timer t;
    struct place place = {en->file, en->at, en->info};
    if (!timer_split(en, &t, e))
        return false;
    begin_keyed_row(d, en->key_group);
    if (!t.key_ser) { /* a timer of unknown form is one opaque value */
        d->row.content_name = "value";
        size_t from = member(d, "value");
        if (!decode_span(en->info->value, en->value, &place, "timer", &d->json.sink, &d->opaque, e))
            return false;
        d->row.content = span(d, from);
        return d->run->opts->key || finish_row(d);
    }
    size_t from = member(d, "key");
    if (!decode_span(t.key_ser, t.key, &place, "timer's key", &d->json.sink, &d->opaque, e))
        return false;
    d->row.key = span(d, from);
    if (!wanted_key(d, d->row.key))
        return true;
    if (t.ns_ser) {
        from = member(d, "ns");
        if (!decode_span(t.ns_ser, t.ns, &place, "timer's namespace", &d->json.sink, &d->opaque, e))
            return false;
        d->row.ns = span(d, from);
    }
    d->row.content_name = "timestamp";
    from = member(d, "timestamp");
    jsonw_digits(&d->line, t.timestamp);
    d->row.content = span(d, from);
    return finish_row(d);
}

static bool on_entry(void *ctx, struct entry *en, struct err *e)
{
    struct part_dump *d = ctx;
    if (d->run->stop)
        return false;
    if (en->info != d->info && !end_group(d))
        return false;
    if (!wanted_state(d, en->info))
        return true;
    if (!entry_split(en, e))
        return false;
    if (en->form == FORM_MAP_ENTRY)
        return map_entry(d, en, e);
    if (en->form == FORM_TIMER)
        return timer_entry(d, en, e);
    bool wanted;
    if (!begin_entry(d, en, &wanted, e))
        return false;
    if (!wanted)
        return true;
    uint64_t n;
    d->row.content_name = content_name(en->form);
    size_t from = member(d, d->row.content_name);
    if (!decode_value(en, &d->json.sink, &d->opaque, &n, e))
        return false;
    d->row.content = span(d, from);
    return finish_row(d);
}

static bool dump_keyed(struct part_dump *d, struct err *e)
{
    struct keyed_part *p;
    if (!keyed_open(&p, d->run->scan->snapshot, d->part->op, &d->part->subtask->keyed, e))
        return false;
    bool ok = keyed_walk(p, on_entry, d, e) && end_group(d);
    keyed_close(p);
    return ok;
}

static bool dump_raw_keyed(struct part_dump *d, struct err *e)
{
    struct arena a = {0};
    bool ok = rawtimers_walk(d->run->scan->snapshot, d->part->op, &d->part->subtask->raw_keyed, &a, on_entry, d, e);
    arena_free(&a);
    return ok;
}

/* --- operator state --- */

static bool list_element(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    struct part_dump *d = ctx;
    if (d->line.n > ROW_LIMIT && !continue_row(d, BOX_ARRAY))
        return false;
    if (d->decode && !wellknown_decode(info->name, element, &d->decoded.sink))
        sink_null(&d->decoded.sink);
    struct place place = {d->run->scan->snapshot->location, at, info};
    return decode_span(info->value, element, &place, "element", &d->json.sink, &d->opaque, e);
}

static bool broadcast_map(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    struct part_dump *d = ctx;
    struct place place = {d->run->scan->snapshot->location, at, info};
    struct rd r = rd_of(element.p, element.n, at);
    for (uint32_t n = rd_count(&r, 1); n && rd_live(&r); n--) {
        if (d->line.n > ROW_LIMIT && !continue_row(d, BOX_PAIRS))
            return false;
        ser_read(info->user_key, &r, &d->json.sink);
        if (rd_live(&r))
            ser_read(info->value, &r, &d->json.sink);
        else
            sink_null(&d->json.sink);
    }
    if (rd_live(&r) && rd_left(&r))
        rd_fail(&r, "bytes left over behind the map");
    d->opaque += r.opaque;
    return rd_ok(&r) ||
        err_set(e, ERR_CORRUPT, "%s: broadcast state \"%s\": %s, at offset %llu", place.file, info->name, r.why,
                (unsigned long long)r.bad_at);
}

static void begin_decoded(struct part_dump *d, const struct state_info *info)
{
    d->decode = d->run->opts->decode && info->kind == KIND_OPERATOR_LIST && wellknown_state(info->name);
    if (!d->decode)
        return;
    d->decoded_text.n = 0;
    json_sink_reset(&d->decoded);
    sink_begin(&d->decoded.sink, BOX_ARRAY);
}

static bool dump_opstate(struct part_dump *d, struct err *e)
{
    struct opstate_part *p;
    if (!opstate_open(&p, d->run->scan->snapshot, d->part->op, &d->part->subtask->managed, e))
        return false;
    bool ok = true;
    for (uint32_t i = 0; ok && i < p->n; i++) {
        const struct state_info *info = &p->states[i];
        bool broadcast = info->kind == KIND_BROADCAST;
        if (!wanted_state(d, info) || d->run->opts->key || (broadcast && !first_broadcast(d->part, info->name)))
            continue;
        begin_row(d);
        d->row.key_group = -1;
        d->row.subtask = d->part->subtask->index;
        if (!broadcast)
            buf_printf(&d->line, ",\"mode\":\"%s\",\"subtask\":%d", op_mode_name(info->mode), d->row.subtask);
        d->row.content_name = broadcast ? "map" : "list";
        d->row.content = (struct bytes){(const uint8_t *)member(d, d->row.content_name), 0};
        enum sink_box box = broadcast ? BOX_PAIRS : BOX_ARRAY;
        sink_begin(&d->json.sink, box);
        begin_decoded(d, info);
        ok = opstate_walk(p, i, broadcast ? broadcast_map : list_element, d, e);
        sink_end(&d->json.sink, box);
        d->row.content = span(d, (uintptr_t)d->row.content.p);
        put_decoded(d);
        ok = ok && finish_row(d);
        d->decode = false;
    }
    d->info = d->skipped = NULL; /* they die with the part */
    opstate_close(p);
    return ok;
}

/* --- all parts --- */

static bool dump_part(void *ctx, const struct part *part, struct err *e)
{
    struct run *run = ctx;
    struct part_dump d = {.run = run, .part = part, .ahead = true};
    d.label = operator_label(run->scan->names, part->op);
    json_sink_init(&d.json, &d.line);
    json_sink_init(&d.decoded, &d.decoded_text);
    bool ok = true;
    switch (run->stop ? PART_RAW_OPERATOR : part->kind) {
    case PART_KEYED:
        ok = dump_keyed(&d, e);
        break;
    case PART_RAW_KEYED:
        ok = dump_raw_keyed(&d, e);
        break;
    case PART_OPERATOR:
        ok = dump_opstate(&d, e);
        break;
    case PART_RAW_OPERATOR:
        break; /* bytes of the operator's own, which have no entries */
    }
    wait_turn(&d);
    if (d.held.n)
        deliver_held(&d);
    pthread_mutex_lock(&run->lock);
    run->figures->opaque += d.opaque;
    if (!ok && e->kind != ERR_NONE) {
        run->figures->failed++;
        run->trouble(run->ctx, e);
    }
    progress_add(run->opts->progress, part_bytes(part));
    run->head++;
    pthread_cond_broadcast(&run->turn);
    pthread_mutex_unlock(&run->lock);
    json_sink_free(&d.json);
    json_sink_free(&d.decoded);
    buf_free(&d.decoded_text);
    buf_free(&d.line);
    buf_free(&d.held);
    buf_free(&d.prefix);
    buf_free(&d.group_key);
    return ok;
}

bool dump(const struct snapshot *s, const struct names *names, const struct dump_opts *opts, dump_row_fn *row,
          dump_trouble_fn *trouble, void *ctx, struct dump_figures *figures, struct err *e)
{
    struct scan scan;
    *figures = (struct dump_figures){0};
    if (!scan_plan(&scan, s, names, opts->operator_wanted, e))
        return false;
    struct run run = {.scan = &scan, .opts = opts, .row = row, .trouble = trouble, .ctx = ctx, .figures = figures, .e = e};
    pthread_mutex_init(&run.lock, NULL);
    pthread_cond_init(&run.turn, NULL);
    for (uint32_t i = 0; opts->progress && i < scan.n_parts; i++)
        opts->progress->total += part_bytes(&scan.parts[i]);
    struct err *errs = mem_zalloc(scan.n_parts * sizeof *errs);
    scan_run(&scan, opts->jobs, dump_part, &run, errs);
    free(errs);
    pthread_cond_destroy(&run.turn);
    pthread_mutex_destroy(&run.lock);
    scan_free(&scan);
    return e->kind == ERR_NONE;
}
