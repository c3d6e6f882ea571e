#include "inspect/dump.h"

#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "inspect/dump_row.h"
#include "savepoint/wellknown.h"

/* --- keyed state --- */

static bool same_group(const struct dump_rows *d, const struct entry *en)
{
    return d->open && d->info == en->info && d->group == en->key_group && d->group_key_n == en->key.n &&
        d->group_key.n == en->key.n + en->ns.n && !memcmp(d->group_key.p, en->key.p, en->key.n) &&
        (!en->ns.n || !memcmp(d->group_key.p + en->key.n, en->ns.p, en->ns.n));
}

static bool map_entry(struct dump_rows *d, const struct entry *en, struct err *e)
{
    if (!same_group(d, en)) {
        bool wanted;
        if (!row_end_group(d) || !row_begin_entry(d, en, &wanted, e))
            return false;
        if (!wanted)
            return true;
        d->open = true;
        d->group = en->key_group;
        d->group_key.n = 0;
        buf_put(&d->group_key, en->key.p, en->key.n);
        buf_put(&d->group_key, en->ns.p, en->ns.n);
        d->group_key_n = en->key.n;
        row_open_pairs(d);
    } else if (d->line.n > ROW_LIMIT && !row_continue(d, BOX_PAIRS)) {
        return false;
    }
    uint64_t n;
    return decode_value(en, &d->json.sink, &d->opaque, &n, e);
}

static const char *content_name(enum entry_form f)
{
    return f == FORM_LIST_DELIM || f == FORM_LIST_COUNT ? "list" : f == FORM_MAP_COUNT ? "map" : "value";
}

static bool timer_entry(struct dump_rows *d, const struct entry *en, struct err *e)
{
    struct timer t;
    struct place place = {en->file, en->at, en->info};
    if (!timer_split(en, &t, e))
        return false;
    row_begin_keyed(d, en->key_group);
    if (!t.key_ser) { /* a timer of unknown form is one opaque value */
        d->row.content_name = "value";
        size_t from = row_member(d, "value");
        if (!decode_span(en->info->value, en->value, &place, "timer", &d->json.sink, &d->opaque, e))
            return false;
        d->row.content = row_span(d, from);
        return d->run->opts->key || row_finish(d);
    }
    size_t from = row_member(d, "key");
    if (!decode_span(t.key_ser, t.key, &place, "timer's key", &d->json.sink, &d->opaque, e))
        return false;
    d->row.key = row_span(d, from);
    if (!row_wanted_key(d, d->row.key))
        return true;
    if (t.ns_ser) {
        from = row_member(d, "ns");
        if (!decode_span(t.ns_ser, t.ns, &place, "timer's namespace", &d->json.sink, &d->opaque, e))
            return false;
        d->row.ns = row_span(d, from);
    }
    d->row.content_name = "timestamp";
    from = row_member(d, "timestamp");
    jsonw_digits(&d->line, t.timestamp);
    d->row.content = row_span(d, from);
    return row_finish(d);
}

static bool on_entry(void *ctx, struct entry *en, struct err *e)
{
    struct dump_rows *d = ctx;
    if (d->run->stop)
        return false;
    if (en->info != d->info && !row_end_group(d))
        return false;
    if (!row_wanted_state(d, en->info))
        return true;
    if (!entry_split(en, e))
        return false;
    if (en->form == FORM_MAP_ENTRY)
        return map_entry(d, en, e);
    if (en->form == FORM_TIMER)
        return timer_entry(d, en, e);
    bool wanted;
    if (!row_begin_entry(d, en, &wanted, e))
        return false;
    if (!wanted)
        return true;
    uint64_t n;
    d->row.content_name = content_name(en->form);
    size_t from = row_member(d, d->row.content_name);
    if (!decode_value(en, &d->json.sink, &d->opaque, &n, e))
        return false;
    d->row.content = row_span(d, from);
    return row_finish(d);
}

static bool dump_keyed(struct dump_rows *d, struct err *e)
{
    struct keyed_part *p;
    if (!keyed_open(&p, d->run->scan->snapshot, d->part->op, &d->part->subtask->keyed, e))
        return false;
    bool ok = keyed_walk(p, on_entry, d, e) && row_end_group(d);
    keyed_close(p);
    return ok;
}

static bool dump_raw_keyed(struct dump_rows *d, struct err *e)
{
    struct arena a = {0};
    bool ok = rawtimers_walk(d->run->scan->snapshot, d->part->op, &d->part->subtask->raw_keyed, &a, on_entry, d, e);
    arena_free(&a);
    return ok;
}

/* --- operator state --- */

static bool list_element(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    struct dump_rows *d = ctx;
    if (d->line.n > ROW_LIMIT && !row_continue(d, BOX_ARRAY))
        return false;
    if (d->decode && !wellknown_decode(info->name, element, &d->decoded.sink))
        sink_null(&d->decoded.sink);
    struct place place = {d->run->scan->snapshot->location, at, info};
    return decode_span(info->value, element, &place, "element", &d->json.sink, &d->opaque, e);
}

static bool broadcast_map(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    struct dump_rows *d = ctx;
    struct place place = {d->run->scan->snapshot->location, at, info};
    struct rd r = rd_of(element.p, element.n, at);
    for (uint32_t n = rd_count(&r, 1); n && rd_live(&r); n--) {
        if (d->line.n > ROW_LIMIT && !row_continue(d, BOX_PAIRS))
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

static void begin_decoded(struct dump_rows *d, const struct state_info *info)
{
    d->decode = d->run->opts->decode && info->kind == KIND_OPERATOR_LIST && wellknown_state(info->name);
    if (!d->decode)
        return;
    d->decoded_text.n = 0;
    json_sink_reset(&d->decoded);
    sink_begin(&d->decoded.sink, BOX_ARRAY);
}

static bool dump_opstate(struct dump_rows *d, struct err *e)
{
    struct opstate_part *p;
    if (!opstate_open(&p, d->run->scan->snapshot, d->part->op, &d->part->subtask->managed, e))
        return false;
    bool ok = true;
    for (uint32_t i = 0; ok && i < p->n; i++) {
        const struct state_info *info = &p->states[i];
        bool broadcast = info->kind == KIND_BROADCAST;
        if (!row_wanted_state(d, info) || d->run->opts->key || (broadcast && !first_broadcast(d->part, info->name)))
            continue;
        row_begin(d);
        d->row.key_group = -1;
        d->row.subtask = d->part->subtask->index;
        if (!broadcast)
            buf_printf(&d->line, ",\"mode\":\"%s\",\"subtask\":%d", op_mode_name(info->mode), d->row.subtask);
        d->row.content_name = broadcast ? "map" : "list";
        d->row.content = (struct bytes){(const uint8_t *)row_member(d, d->row.content_name), 0};
        enum sink_box box = broadcast ? BOX_PAIRS : BOX_ARRAY;
        sink_begin(&d->json.sink, box);
        begin_decoded(d, info);
        ok = opstate_walk(p, i, broadcast ? broadcast_map : list_element, d, e);
        sink_end(&d->json.sink, box);
        d->row.content = row_span(d, (uintptr_t)d->row.content.p);
        row_put_decoded(d);
        ok = ok && row_finish(d);
        d->decode = false;
    }
    d->info = d->skipped = NULL; /* they die with the part */
    opstate_close(p);
    return ok;
}

/* --- all parts --- */

static bool dump_part(void *ctx, const struct part *part, struct err *e)
{
    struct dump_run *run = ctx;
    struct dump_rows d = {.run = run, .part = part, .ahead = true};
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
    row_wait_turn(&d);
    if (d.held.n)
        row_deliver_held(&d);
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
    struct dump_run run = {.scan = &scan, .opts = opts, .row = row, .trouble = trouble, .ctx = ctx, .figures = figures, .e = e};
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
