/* weir diff: what is different between two snapshots. */
#include <string.h>

#include "base/human.h"
#include "base/jsonw.h"
#include "base/term.h"
#include "cli/cells.h"
#include "cli/out.h"
#include "cli/side.h"
#include "inspect/diff.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_NDJSON };

static const char *const formats[] = {"text", "json", "ndjson", NULL};

struct args {
    struct open_opts open;
    bool data, json;
    int format;
    uint64_t limit, jobs;
};

enum { LIMIT_TEXT = 20, TEXT_CUT = 200 };

struct page {
    const struct cli *cli;
    const struct args *args;
    enum format format;
    const struct side *a, *b;
    struct diff *d;
    struct buf rows; /* of data: text and JSON put them behind the operators; NDJSON writes them at once */
    struct jsonw rows_json;
    uint64_t n_rows;
    struct buf out;
};

/* --- text --- */

static const char mark[] = {' ', '+', '-', '~'};

static void escaped(struct buf *out, const char *s) { term_escape(out, s, strlen(s)); }

static void cut(struct buf *out, struct bytes b)
{
    size_t n = b.n > TEXT_CUT ? TEXT_CUT : b.n;
    term_escape(out, b.p, n);
    if (n < b.n)
        buf_puts(out, "…");
}

static void text_detail(struct buf *out, const char *indent, const struct diff_detail *d)
{
    buf_printf(out, "%s%c ", indent, d->from && d->to ? '~' : d->to ? '+' : '-');
    escaped(out, d->what);
    buf_puts(out, ": ");
    if (d->from)
        cut(out, (struct bytes){(const uint8_t *)d->from, strlen(d->from)});
    if (d->from && d->to)
        buf_puts(out, " → ");
    if (d->to)
        cut(out, (struct bytes){(const uint8_t *)d->to, strlen(d->to)});
    buf_putc(out, '\n');
}

static void text_count(struct buf *out, uint64_t n, const char *what, const char **before)
{
    if (!n)
        return;
    buf_printf(out, "%s%s %s %s", *before, human_count(n).s, n == 1 ? "entry" : "entries", what);
    *before = ", ";
}

static void text_state(const struct page *p, const struct diff_state *s, struct buf *out)
{
    const struct layout_state *one = s->a ? s->a : s->b;
    if (s->change == DIFF_SAME)
        return;
    buf_printf(out, "  %c ", mark[s->change]);
    escaped(out, s->name);
    buf_printf(out, " (%s", kind_name(s->kind));
    if (s->change != DIFF_CHANGED && one->element) {
        struct buf type = {0};
        ser_type(one->element, &type);
        buf_puts(out, ", ");
        cut(out, (struct bytes){type.p, type.n});
        buf_free(&type);
    }
    buf_putc(out, ')');
    if (s->change != DIFF_CHANGED && p->d->counted)
        buf_printf(out, ": %s entries, %s", human_count(one->entries).s, human_bytes(one->bytes).s);
    const char *before = ": ";
    text_count(out, s->added, "added", &before);
    text_count(out, s->removed, "removed", &before);
    text_count(out, s->changed, "changed", &before);
    buf_putc(out, '\n');
    for (uint32_t i = 0; i < s->details.n; i++)
        text_detail(out, "      ", &s->details.v[i]);
}

static void text_op(const struct page *p, const struct diff_op *op, struct buf *out)
{
    const struct layout_op *one = op->a ? op->a : op->b;
    if (op->change == DIFF_SAME)
        return;
    buf_printf(out, "%c ", mark[op->change]);
    escaped(out, op->label);
    if (op->change != DIFF_CHANGED && p->d->counted)
        buf_printf(out, ": %u states, %s", one->n, human_bytes(one->bytes).s);
    buf_putc(out, '\n');
    for (uint32_t i = 0; i < op->details.n; i++)
        text_detail(out, "    ", &op->details.v[i]);
    for (uint32_t i = 0; i < op->n; i++)
        text_state(p, &op->states[i], out);
}

static void text_row(struct page *p, const struct diff_row *r)
{
    struct buf *out = &p->rows;
    buf_printf(out, "%c ", mark[r->change]);
    escaped(out, r->op);
    buf_puts(out, " / ");
    escaped(out, r->state);
    if (r->key_group >= 0)
        buf_printf(out, " [%lld]", (long long)r->key_group);
    buf_putc(out, ' ');
    cut(out, r->key);
    const struct bytes more[] = {r->ns, r->user_key};
    for (size_t i = 0; i < 2; i++)
        if (more[i].n) {
            buf_puts(out, i ? " at " : " in ");
            cut(out, more[i]);
        }
    if (r->from.n || r->to.n)
        buf_puts(out, ": ");
    cut(out, r->from);
    if (r->from.n && r->to.n)
        buf_puts(out, " → ");
    cut(out, r->to);
    buf_putc(out, '\n');
}

static void text(struct page *p, bool any)
{
    struct buf *out = &p->out;
    uint64_t differences = 0;
    for (uint32_t i = 0; i < p->d->n; i++) {
        text_op(p, &p->d->ops[i], out);
        for (uint32_t j = 0; j < p->d->ops[i].n; j++)
            differences += p->d->ops[i].states[j].added + p->d->ops[i].states[j].removed + p->d->ops[i].states[j].changed;
    }
    if (p->rows.n) {
        buf_putc(out, '\n');
        buf_put(out, p->rows.p, p->rows.n);
    }
    if (p->args->data && differences > p->n_rows)
        buf_printf(out, "and %s more; --limit shows more\n", human_count(differences - p->n_rows).s);
    if (!any)
        buf_puts(out,
                 p->args->data       ? "the same, entry by entry\n"
                     : p->d->counted ? "the same types and counts\n"
                                     : "the same types\n");
}

/* --- JSON --- */

static void json_sides(struct jsonw *w, const char *name, bool has_a, uint64_t a, bool has_b, uint64_t b)
{
    jsonw_key(w, name);
    jsonw_object(w);
    if (has_a)
        jsonw_member_uint(w, "from", a);
    if (has_b)
        jsonw_member_uint(w, "to", b);
    jsonw_end_object(w);
}

static void json_state_members(const struct page *p, struct jsonw *w, const struct diff_state *s)
{
    jsonw_member_str(w, "state", s->name);
    jsonw_member_str(w, "kind", kind_name(s->kind));
    jsonw_member_str(w, "change", diff_change_name(s->change));
    diff_details_json(w, &s->details);
    if (p->d->counted) {
        json_sides(w, "entries", s->a, s->a ? s->a->entries : 0, s->b, s->b ? s->b->entries : 0);
        json_sides(w, "bytes", s->a, s->a ? s->a->bytes : 0, s->b, s->b ? s->b->bytes : 0);
    }
    if (p->args->data && s->a && s->b) {
        jsonw_key(w, "data");
        jsonw_object(w);
        jsonw_member_uint(w, "added", s->added);
        jsonw_member_uint(w, "removed", s->removed);
        jsonw_member_uint(w, "changed", s->changed);
        jsonw_end_object(w);
    }
}

static void json_op_members(struct jsonw *w, const struct diff_op *op)
{
    jsonw_member_str(w, "operator", op->label);
    jsonw_member_str(w, "id", op->id);
    jsonw_member_str(w, "change", diff_change_name(op->change));
    diff_details_json(w, &op->details);
}

static void json_part(struct jsonw *w, const char *name, struct bytes b)
{
    if (!b.n)
        return;
    jsonw_key(w, name);
    jsonw_raw(w, b.p, b.n);
}

static void json_row(struct jsonw *w, const struct diff_row *r)
{
    jsonw_object(w);
    jsonw_member_str(w, "operator", r->op);
    jsonw_member_str(w, "state", r->state);
    jsonw_member_str(w, "change", diff_change_name(r->change));
    if (r->key_group >= 0)
        jsonw_member_int(w, "keyGroup", r->key_group);
    json_part(w, r->kind == KIND_OPERATOR_LIST ? "element" : "key", r->key);
    json_part(w, "ns", r->ns);
    json_part(w, "userKey", r->user_key);
    json_part(w, "from", r->from);
    json_part(w, "to", r->to);
    jsonw_end_object(w);
}

static void json(struct page *p, bool any)
{
    struct jsonw w = {.out = &p->out, .pretty = true};
    jsonw_object(&w);
    jsonw_member_int(&w, "formatVersion", 1);
    jsonw_member_bool(&w, "same", !any);
    jsonw_member_str(&w, "a", p->a->location);
    jsonw_member_str(&w, "b", p->b->location);
    jsonw_key(&w, "operators");
    jsonw_array(&w);
    for (uint32_t i = 0; i < p->d->n; i++) {
        const struct diff_op *op = &p->d->ops[i];
        jsonw_object(&w);
        json_op_members(&w, op);
        jsonw_key(&w, "states");
        jsonw_array(&w);
        for (uint32_t j = 0; j < op->n; j++) {
            jsonw_object(&w);
            json_state_members(p, &w, &op->states[j]);
            jsonw_end_object(&w);
        }
        jsonw_end_array(&w);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    if (p->args->data) {
        jsonw_end_array(&p->rows_json);
        jsonw_key(&w, "data");
        jsonw_raw(&w, p->rows.p, p->rows.n);
    }
    jsonw_end_object(&w);
    buf_putc(&p->out, '\n');
}

/* A line for each operator and state that is not the same; those of entries have been written before. */
static void ndjson(struct page *p)
{
    for (uint32_t i = 0; i < p->d->n; i++) {
        const struct diff_op *op = &p->d->ops[i];
        if (op->change == DIFF_SAME)
            continue;
        struct jsonw w = {.out = &p->out};
        jsonw_object(&w);
        json_op_members(&w, op);
        jsonw_end_object(&w);
        buf_putc(&p->out, '\n');
        for (uint32_t j = 0; j < op->n; j++) {
            if (op->states[j].change == DIFF_SAME)
                continue;
            w = (struct jsonw){.out = &p->out};
            jsonw_object(&w);
            jsonw_member_str(&w, "operator", op->label);
            json_state_members(p, &w, &op->states[j]);
            jsonw_end_object(&w);
            buf_putc(&p->out, '\n');
        }
    }
}

/* --- all of it --- */

static bool on_row(void *ctx, const struct diff_row *row, struct err *e)
{
    struct page *p = ctx;
    p->n_rows++;
    if (p->format == FORMAT_TEXT) {
        text_row(p, row);
        return true;
    }
    if (p->format == FORMAT_JSON) {
        json_row(&p->rows_json, row);
        return true;
    }
    struct jsonw w = {.out = &p->out};
    json_row(&w, row);
    buf_putc(&p->out, '\n');
    return out_drain(&p->out, e);
}

static bool data(struct page *p, struct progress *progress, struct err *e)
{
    const struct diff_data_opts opts = {.limit = p->args->limit        ? p->args->limit
                                            : p->format == FORMAT_TEXT ? LIMIT_TEXT
                                                                       : UINT64_MAX,
                                        .jobs = (unsigned)p->args->jobs,
                                        .progress = progress};
    p->rows_json = (struct jsonw){.out = &p->rows};
    if (p->format == FORMAT_JSON)
        jsonw_array(&p->rows_json);
    return diff_data(p->d, &p->a->tree, &p->b->tree, &opts, on_row, p, e);
}

static enum weir_exit compare(struct page *p, struct progress *progress, struct err *e)
{
    bool documents = p->a->document || p->b->document, ok = true;
    if (documents && p->args->data) {
        err_set(e, ERR_USAGE, "diff: --data: a schema document has no entries");
        return WEIR_USAGE;
    }
    diff_layouts(p->d, &p->a->layout, &p->b->layout, p->a->document ? NULL : &p->a->tree, p->b->document ? NULL : &p->b->tree,
                 !p->args->data);
    if (p->args->data)
        ok = data(p, progress, e);
    progress_end(progress);
    bool any = diff_settle(p->d);
    if (!ok)
        return WEIR_TROUBLE;
    if (p->format == FORMAT_TEXT)
        text(p, any);
    else if (p->format == FORMAT_JSON)
        json(p, any);
    else
        ndjson(p);
    out_write(&p->out, e);
    return any ? WEIR_FINDING : WEIR_OK;
}

/* What could not be read cannot be called the same. */
static enum weir_exit whole(const struct side *s)
{
    if (s->document || (!s->tree.files.n_faults && !s->tree.n_troubles))
        return WEIR_OK;
    complain_of(&s->tree);
    return WEIR_TROUBLE;
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct side sides[2] = {0};
    struct diff d = {0};
    struct progress progress;
    enum weir_exit status = WEIR_OK;
    progress_start(&progress, "comparing", 0, cli->quiet);
    const struct tree_opts opts = {.depth = TREE_NORMAL, .jobs = (unsigned)a->jobs, .progress = &progress};
    struct page p = {
        .cli = cli, .args = a, .format = a->json ? FORMAT_JSON : (enum format)a->format, .a = &sides[0], .b = &sides[1], .d = &d};
    if (side_open(&sides[0], &a->open, cli->args.v[0], &opts, e) && side_open(&sides[1], &a->open, cli->args.v[1], &opts, e)) {
        status = compare(&p, &progress, e);
        enum weir_exit wa = whole(&sides[0]), wb = whole(&sides[1]);
        status = wa || wb ? WEIR_TROUBLE : status;
    }
    progress_end(&progress);
    diff_free(&d);
    side_close(&sides[0]);
    side_close(&sides[1]);
    buf_free(&p.rows);
    buf_free(&p.out);
    return status;
}

static const struct opt opts[] = {
    {"data", 'd', OPT_FLAG, offsetof(struct args, data), NULL, NULL, "compare entry by entry"},
    {"format", 'f', OPT_CHOICE, offsetof(struct args, format), NULL, formats, "how to say it"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "the same as --format json"},
    {"limit", 'n', OPT_COUNT, offsetof(struct args, limit), "N", NULL, "show so many entries (default: text 20, others all)"},
    {"jobs", 'j', OPT_COUNT, offsetof(struct args, jobs), "N", NULL, "read N subtasks side by side"},
    OPEN_ROWS(struct args),
    {0},
};

static const struct args defaults = {.jobs = 1};

const struct command cmd_diff = {
    .operands = "A B",
    .about = "Says what is different between two snapshots, or documents of weir schema:\n"
             "operators, states, types field by field, numbers of entries and, with --data,\n"
             "the entries themselves, whatever formats and backends wrote them.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .defaults = &defaults,
    .min = 2,
    .max = 2,
    .run = run,
};
