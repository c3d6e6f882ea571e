/* weir sizes: where the bytes of a snapshot are, and how a job's checkpoints have grown. */
#include <stdio.h>
#include <string.h>

#include "base/human.h"
#include "base/jsonw.h"
#include "cli/cells.h"
#include "cli/open.h"
#include "cli/out.h"
#include "inspect/growth.h"
#include "inspect/sizes.h"

struct args {
    struct open_opts open;
    const char *operator_wanted;
    uint64_t top, jobs;
    int by;
    bool json;
};

struct page {
    const struct cli *cli;
    const struct tree *tree;
    const struct sizes *sizes;
    const struct growth *growth;
    struct buf out;
};

enum { BAR = 20 };

/* A bar of eighths of a column. */
static void bar_cell(struct table *t, uint64_t n, uint64_t most)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    char bar[BAR * 3 + 4] = "";
    unsigned eight = most ? (unsigned)((double)n / (double)most * BAR * 8 + 0.5) : 0;
    for (unsigned i = 0; i < eight / 8; i++)
        strcat(bar, "█");
    strcat(bar, eighths[eight % 8]);
    table_cell(t, bar);
}

static void title(struct page *p, const char *text)
{
    buf_printf(&p->out, p->cli->colour ? "%s\033[1m%s\033[0m\n" : "%s%s\n", p->out.n ? "\n" : "", text);
}

/* --- growth --- */

static void growth_table(struct page *p)
{
    static const struct table_col cols[] = {{"CHECKPOINT", false, true}, {"FILES", true, false}, {"BYTES", true, false},
                                            {"NEW", true, false},        {"NEW%", true, false},  {"", false, false},
                                            {"WHOLE", false, true}};
    struct table t;
    uint64_t most = 0;
    title(p, "Growth");
    for (uint32_t i = 0; i < p->growth->n; i++)
        most = p->growth->rows[i].bytes > most ? p->growth->rows[i].bytes : most;
    table_start(&t, cols, sizeof cols / sizeof *cols);
    for (uint32_t i = 0; i < p->growth->n; i++) {
        const struct growth_row *r = &p->growth->rows[i];
        table_cell(&t, r->name);
        table_cell(&t, human_count(r->files).s);
        table_cell(&t, human_bytes(r->bytes).s);
        table_cell(&t, human_bytes(r->new_bytes).s);
        table_cell(&t, human_share(r->new_bytes, r->bytes).s);
        bar_cell(&t, r->bytes, most);
        if (r->err.kind != ERR_NONE)
            table_cell(&t, r->err.text);
        else if (r->faults)
            table_cellf(&t, "NO: %u files missing or cut", r->faults);
        else
            table_cell(&t, "yes");
    }
    table_print(&t, &p->out, p->cli->width, p->cli->colour);
    table_free(&t);
}

/* --- rows --- */

static void name_titles(enum sizes_by by, struct table_col *cols, uint32_t *c)
{
    cols[(*c)++] = (struct table_col){"OPERATOR", false, true};
    if (by == SIZES_STATE) {
        cols[(*c)++] = (struct table_col){"STATE", false, true};
        cols[(*c)++] = (struct table_col){"KIND", false, false};
    } else if (by == SIZES_SUBTASK) {
        cols[(*c)++] = (struct table_col){"SUBTASK", true, false};
    } else if (by == SIZES_KEY_GROUP) {
        cols[(*c)++] = (struct table_col){"GROUP", true, false};
    } else if (by == SIZES_KEY) {
        cols[(*c)++] = (struct table_col){"KEY", false, true};
        cols[(*c)++] = (struct table_col){"GROUP", true, false};
    }
}

static void name_cells(enum sizes_by by, struct table *t, const struct sizes_row *r)
{
    table_cell(t, r->op->label);
    if (by == SIZES_STATE) {
        table_cell(t, r->state->name);
        table_cell(t, kind_name(r->state->kind));
    }
    if (by == SIZES_KEY)
        table_cell(t, r->key);
    if (r->number >= 0)
        table_cellf(t, "%lld", (long long)r->number);
}

static void rows_table(struct page *p)
{
    const struct sizes *s = p->sizes;
    struct table_col cols[8];
    uint32_t c = 0;
    name_titles(s->by, cols, &c);
    uint32_t names = c;
    cols[c++] = (struct table_col){"ENTRIES", true, false};
    cols[c++] = (struct table_col){"BYTES", true, false};
    cols[c++] = (struct table_col){"SHARE", true, false};
    cols[c++] = (struct table_col){"", false, false};
    struct table t;
    table_start(&t, cols, c);
    for (uint32_t i = 0; i < s->n; i++) {
        const struct sizes_row *r = &s->rows[i];
        name_cells(s->by, &t, r);
        table_cell(&t, human_count(r->entries).s);
        table_cell(&t, human_bytes(r->bytes).s);
        table_cell(&t, human_share(r->bytes, p->tree->all.bytes).s);
        bar_cell(&t, r->bytes, s->rows[0].bytes);
    }
    if (s->rest_bytes) {
        table_cell(&t, s->by == SIZES_KEY ? "all others" : "others");
        for (uint32_t i = 1; i < names; i++)
            table_cell(&t, NULL);
        table_cell(&t, human_count(s->rest_entries).s);
        table_cell(&t, human_bytes(s->rest_bytes).s);
        table_cell(&t, human_share(s->rest_bytes, p->tree->all.bytes).s);
        table_end_row(&t);
    }
    table_print(&t, &p->out, p->cli->width, p->cli->colour);
    table_free(&t);
}

static void skew_table(struct page *p)
{
    static const struct table_col cols[] = {{"OPERATOR", false, true}, {"GROUPS USED", true, false}, {"MAX/MEAN", true, false},
                                            {"GROUP", true, false},    {"SUBTASKS", true, false},    {"MAX/MEAN", true, false},
                                            {"SUBTASK", true, false}};
    struct table t;
    table_start(&t, cols, sizeof cols / sizeof *cols);
    for (uint32_t i = 0; i < p->tree->scan.n_ops; i++) {
        const struct tree_op *op = &p->tree->ops[i];
        const struct sizes_skew k = sizes_skew(op);
        if (!k.groups_used)
            continue;
        table_cell(&t, op->label);
        table_cellf(&t, "%u of %u", k.groups_used, k.groups);
        table_cellf(&t, "%.2f", k.by_group);
        table_cellf(&t, "%u", k.heaviest_group);
        table_cellf(&t, "%u", op->meta->n);
        table_cellf(&t, "%.2f", k.by_subtask);
        table_cellf(&t, "%u", k.heaviest_subtask);
    }
    if (t.cells) {
        title(p, "How evenly keyed state lies");
        table_print(&t, &p->out, p->cli->width, p->cli->colour);
    }
    table_free(&t);
}

static void text(struct page *p)
{
    if (p->growth->n > 1)
        growth_table(p);
    struct buf b = {0};
    buf_puts(&b, p->tree->scan.snapshot->location);
    buf_printf(&b, ": %s entries, %s of keys and values, %s as stored", human_count(p->tree->all.entries).s,
               human_bytes(p->tree->all.bytes).s, human_bytes(p->tree->bytes).s);
    if (p->out.n)
        buf_putc(&p->out, '\n');
    paragraph(&p->out, "", buf_cstr(&b), p->cli->width);
    buf_putc(&p->out, '\n');
    buf_free(&b);
    rows_table(p);
    if (p->sizes->heavy.approximate)
        buf_puts(&p->out, "Approximate: other keys may weigh as much as the last of these.\n");
    skew_table(p);
}

/* --- JSON --- */

static const char *const by_words[] = {"operator", "state", "key-group", "subtask", "key", NULL};

static void json_operator(struct jsonw *w, const struct tree_op *op)
{
    jsonw_member_str(w, "operator", op->label);
    jsonw_member_str(w, "id", op->meta->hex);
}

static void json_row(struct jsonw *w, enum sizes_by by, const struct sizes_row *r)
{
    jsonw_object(w);
    json_operator(w, r->op);
    if (by == SIZES_STATE) {
        jsonw_member_str(w, "state", r->state->name);
        jsonw_member_str(w, "kind", kind_name(r->state->kind));
    }
    if (by == SIZES_KEY)
        jsonw_member_str(w, "key", r->key);
    if (r->number >= 0)
        jsonw_member_int(w, by == SIZES_SUBTASK ? "subtask" : "keyGroup", r->number);
    jsonw_member_uint(w, "entries", r->entries);
    jsonw_member_uint(w, "bytes", r->bytes);
    jsonw_end_object(w);
}

static void json_real(struct jsonw *w, const char *name, double v)
{
    char digits[32];
    jsonw_key(w, name);
    jsonw_raw(w, digits, (size_t)snprintf(digits, sizeof digits, "%.4f", v));
}

static void json_skew(struct jsonw *w, const struct tree_op *op)
{
    const struct sizes_skew k = sizes_skew(op);
    if (!k.groups_used)
        return;
    jsonw_object(w);
    json_operator(w, op);
    jsonw_member_uint(w, "keyGroups", k.groups);
    jsonw_member_uint(w, "keyGroupsUsed", k.groups_used);
    json_real(w, "keyGroupMaxOverMean", k.by_group);
    jsonw_member_uint(w, "heaviestKeyGroup", k.heaviest_group);
    jsonw_member_uint(w, "subtasks", op->meta->n);
    json_real(w, "subtaskMaxOverMean", k.by_subtask);
    jsonw_member_uint(w, "heaviestSubtask", k.heaviest_subtask);
    jsonw_end_object(w);
}

static void json_growth(struct jsonw *w, const struct growth *g)
{
    jsonw_key(w, "checkpoints");
    jsonw_array(w);
    for (uint32_t i = 0; i < g->n; i++) {
        const struct growth_row *r = &g->rows[i];
        jsonw_object(w);
        jsonw_member_str(w, "name", r->name);
        jsonw_member_int(w, "checkpointId", r->checkpoint_id);
        if (r->err.kind != ERR_NONE) {
            jsonw_member_str(w, "trouble", r->err.text);
        } else {
            jsonw_member_uint(w, "files", r->files);
            jsonw_member_uint(w, "bytes", r->bytes);
            jsonw_member_uint(w, "newBytes", r->new_bytes);
            jsonw_member_uint(w, "filesMissingOrCut", r->faults);
        }
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void json(struct page *p)
{
    struct jsonw w = {.out = &p->out, .pretty = true};
    const struct sizes *s = p->sizes;
    jsonw_object(&w);
    jsonw_member_int(&w, "weir-sizes", 1);
    jsonw_member_str(&w, "snapshot", p->tree->scan.snapshot->location);
    jsonw_member_str(&w, "by", by_words[s->by]);
    jsonw_member_uint(&w, "entries", p->tree->all.entries);
    jsonw_member_uint(&w, "bytes", p->tree->all.bytes);
    jsonw_member_uint(&w, "storedBytes", p->tree->bytes);
    jsonw_member_bool(&w, "approximate", s->heavy.approximate);
    jsonw_key(&w, "rows");
    jsonw_array(&w);
    for (uint32_t i = 0; i < s->n; i++)
        json_row(&w, s->by, &s->rows[i]);
    jsonw_end_array(&w);
    jsonw_key(&w, "skew");
    jsonw_array(&w);
    for (uint32_t i = 0; i < p->tree->scan.n_ops; i++)
        json_skew(&w, &p->tree->ops[i]);
    jsonw_end_array(&w);
    if (p->growth->n)
        json_growth(&w, p->growth);
    jsonw_end_object(&w);
    buf_putc(&p->out, '\n');
}

static enum weir_exit report(const struct cli *cli, const struct args *a, const struct tree *t, const struct growth *g,
                             struct progress *progress, struct err *e)
{
    struct sizes s;
    sizes_rank(&s, t, (enum sizes_by)a->by, a->top > UINT32_MAX ? UINT32_MAX : (uint32_t)a->top, (unsigned)a->jobs, progress);
    progress_end(progress);
    struct page p = {.cli = cli, .tree = t, .sizes = &s, .growth = g};
    if (a->json)
        json(&p);
    else
        text(&p);
    out_write(&p.out, e);
    buf_free(&p.out);
    sizes_free(&s);
    complain_of(t);
    enum weir_exit status = tree_exit(t);
    for (uint32_t i = 0; i < g->n; i++)
        if (status == WEIR_OK && (g->rows[i].faults || g->rows[i].err.kind != ERR_NONE))
            status = WEIR_FINDING;
    return status;
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct opened o = {0};
    struct tree t = {0};
    struct growth g = {0};
    struct progress progress;
    enum weir_exit status = WEIR_OK;
    progress_start(&progress, "reading", 0, cli->quiet);
    const struct tree_opts opts = {.depth = TREE_NORMAL,
                                   .operator_wanted = a->operator_wanted,
                                   .jobs = (unsigned)a->jobs,
                                   .groups = true,
                                   .progress = &progress};
    if (opened_open(&o, &a->open, cli->args.v[0], e) && tree_build(&t, o.snapshot, &o.names, &opts, e)) {
        growth_read(&g, cli->args.v[0], &o.snapshot->opts);
        status = report(cli, a, &t, &g, &progress, e);
    }
    progress_end(&progress);
    growth_free(&g);
    tree_free(&t);
    opened_close(&o);
    return status;
}

static const struct opt opts[] = {
    {"by", 'b', OPT_CHOICE, offsetof(struct args, by), NULL, by_words, "what a row is (state)"},
    {"top", 'n', OPT_COUNT, offsetof(struct args, top), "N", NULL, "the N heaviest rows (20); 0: all of them"},
    {"operator", 'o', OPT_TEXT, offsetof(struct args, operator_wanted), "OPERATOR", NULL,
     "only this one: uid, name, id or 8 digits of it"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "one JSON document"},
    {"jobs", 'j', OPT_COUNT, offsetof(struct args, jobs), "N", NULL, "read N subtasks side by side"},
    OPEN_ROWS(struct args),
    {0},
};

static const struct args defaults = {.jobs = 1, .top = 20, .by = SIZES_STATE};

const struct command cmd_sizes = {
    .operands = "SNAPSHOT|CHECKPOINT-DIRECTORY",
    .about = "Says where the bytes of a savepoint or retained checkpoint are, and how evenly\n"
             "they lie over key groups and subtasks. Of a job's checkpoint directory it says\n"
             "first how its checkpoints have grown; the rest is about the newest.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .defaults = &defaults,
    .min = 1,
    .max = 1,
    .run = run,
};
