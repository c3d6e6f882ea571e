#include "inspect/dump_row.h"

#include <fnmatch.h>
#include <string.h>

#include "base/jsonw.h"

enum { AHEAD_LIMIT = 8 << 20 }; /* text that a part may hold back while an earlier part is still being read */

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

static bool deliver(struct dump_run *run, const struct dump_row *row)
{
    if (run->stop)
        return false;
    run->figures->rows++;
    if (!run->row(run->ctx, row, run->e) || (run->opts->limit && run->figures->rows >= run->opts->limit))
        run->stop = true;
    return !run->stop;
}

bool row_deliver_held(struct dump_rows *d)
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

void row_wait_turn(struct dump_rows *d)
{
    pthread_mutex_lock(&d->run->lock);
    while (d->run->head != d->part->index)
        pthread_cond_wait(&d->run->turn, &d->run->lock);
    pthread_mutex_unlock(&d->run->lock);
    d->ahead = false;
}

static bool my_turn(struct dump_rows *d)
{
    if (!d->ahead)
        return true;
    pthread_mutex_lock(&d->run->lock);
    d->ahead = d->run->head != d->part->index;
    pthread_mutex_unlock(&d->run->lock);
    return !d->ahead;
}

static bool emit(struct dump_rows *d)
{
    d->row.line = (struct bytes){d->line.p, d->line.n};
    if (!my_turn(d)) {
        struct held_row h = {.row = d->row, .n = d->line.n};
        buf_put(&d->held, &h, sizeof h);
        buf_put(&d->held, d->line.p, d->line.n);
        if (d->held.n < AHEAD_LIMIT)
            return true;
        row_wait_turn(d);
        return row_deliver_held(d);
    }
    return (!d->held.n || row_deliver_held(d)) && deliver(d->run, &d->row);
}

/* --- one row --- */

/* The members that all rows of a state have. The state's and operator's names are used by pointer: both outlive the part. */
static void set_state(struct dump_rows *d, const struct state_info *info)
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

bool row_wanted_state(struct dump_rows *d, const struct state_info *info)
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

void row_begin(struct dump_rows *d)
{
    d->line.n = 0;
    d->row.key = d->row.ns = d->row.content = d->row.decoded = (struct bytes){0};
    buf_put(&d->line, d->prefix.p, d->prefix.n);
}

void row_begin_keyed(struct dump_rows *d, uint32_t group)
{
    row_begin(d);
    d->row.key_group = group;
    d->row.subtask = -1;
    buf_puts(&d->line, ",\"keyGroup\":");
    jsonw_digits(&d->line, group);
}

size_t row_member(struct dump_rows *d, const char *name)
{
    size_t n = strlen(name);
    buf_reserve(&d->line, n + 4);
    uint8_t *p = d->line.p + d->line.n;
    memcpy(p, ",\"", 2);
    memcpy(p + 2, name, n);
    memcpy(p + 2 + n, "\":", 2);
    return d->line.n += n + 4;
}

struct bytes row_span(const struct dump_rows *d, size_t from) { return (struct bytes){(const uint8_t *)from, d->line.n - from}; }

bool row_finish(struct dump_rows *d)
{
    buf_putc(&d->line, '}');
    struct bytes *spans[] = {&d->row.key, &d->row.ns, &d->row.content, &d->row.decoded};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        if (spans[i]->n)
            spans[i]->p = d->line.p + (uintptr_t)spans[i]->p;
    return emit(d);
}

bool row_wanted_key(const struct dump_rows *d, struct bytes key)
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

bool row_begin_entry(struct dump_rows *d, const struct entry *en, bool *wanted, struct err *e)
{
    row_begin_keyed(d, en->key_group);
    size_t from = row_member(d, "key");
    if (!decode_key(en, &d->json.sink, &d->opaque, e))
        return false;
    d->row.key = row_span(d, from);
    *wanted = row_wanted_key(d, d->row.key);
    if (*wanted && entry_has_ns(en)) {
        from = row_member(d, "ns");
        if (!decode_ns(en, &d->json.sink, &d->opaque, e))
            return false;
        d->row.ns = row_span(d, from);
    }
    return true;
}

void row_open_pairs(struct dump_rows *d)
{
    d->row.content_name = "map";
    d->row.content = (struct bytes){(const uint8_t *)row_member(d, "map"), 0};
    sink_begin(&d->json.sink, BOX_PAIRS);
}

static bool close_pairs(struct dump_rows *d)
{
    sink_end(&d->json.sink, BOX_PAIRS);
    d->row.content = row_span(d, (uintptr_t)d->row.content.p);
    return row_finish(d);
}

bool row_end_group(struct dump_rows *d)
{
    if (!d->open)
        return true;
    d->open = false;
    return close_pairs(d);
}

void row_put_decoded(struct dump_rows *d)
{
    if (!d->decode)
        return;
    sink_end(&d->decoded.sink, BOX_ARRAY);
    size_t from = row_member(d, "decoded");
    buf_put(&d->line, d->decoded_text.p, d->decoded_text.n);
    d->row.decoded = row_span(d, from);
    d->decoded_text.n = 0;
    sink_begin(&d->decoded.sink, BOX_ARRAY);
}

/* The head of the line up to the content stays as it is. */
bool row_continue(struct dump_rows *d, enum sink_box box)
{
    struct buf head = {0};
    struct dump_row row = d->row;
    size_t content = (uintptr_t)row.content.p;
    buf_put(&head, d->line.p, content);
    sink_end(&d->json.sink, box);
    d->row.content = row_span(d, content);
    row_put_decoded(d);
    bool ok = row_finish(d);
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
