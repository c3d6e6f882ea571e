/* weir inspect: what is in a snapshot, is it whole, what is big? */
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "cli/cells.h"
#include "cli/open.h"
#include "cli/out.h"
#include "inspect/tree_json.h"

struct args {
    struct open_opts open;
    const char *operator_wanted;
    uint64_t jobs;
    bool quick, deep, json;
};

enum { COORDINATOR_MAX = 300 /* bytes shown of what a coordinator keeps */ };

struct page {
    const struct cli *cli;
    const struct tree *tree;
    struct buf out;
};

static void heading(struct page *p, const char *text)
{
    struct buf safe = {0};
    term_escape(&safe, text, strlen(text));
    buf_printf(&p->out, p->cli->colour ? "\n\033[1m%s\033[0m\n" : "\n%s\n", buf_cstr(&safe));
    buf_free(&safe);
}

/* --- the head --- */

static void line(struct page *p, const char *name, struct buf *text)
{
    char head[32] = "             ";
    memcpy(head, name, strlen(name));
    paragraph(&p->out, head, buf_cstr(text), p->cli->width);
    text->n = 0;
}

static void what(const struct meta *m, struct buf *b)
{
    buf_puts(b, m->type_name ? m->type_name : m->is_savepoint ? "Savepoint" : "Checkpoint");
    if (!m->type_name)
        buf_puts(b, " (judged by its handles)");
    if (m->format)
        buf_printf(b, ", %s format", m->format);
    buf_printf(b, ", checkpoint id %lld", (long long)m->checkpoint_id);
}

static void whole(const struct tree *t, struct buf *b)
{
    const struct files *f = &t->files;
    if (f->n_faults)
        buf_printf(b, "NO: %u of %u files missing, cut or out of reach", f->n_faults, f->n_files);
    else if (t->n_troubles)
        buf_printf(b, "NO: %u part%s could not be read", t->n_troubles, t->n_troubles == 1 ? "" : "s");
    else if (!f->n_files)
        buf_puts(b, "yes: all of it stands in _metadata");
    else
        buf_printf(b, "yes: %u file%s, with all bytes that the handles name", f->n_files,
                   f->n_files == 1 ? " is there" : "s are there");
}

static void contents(const struct tree *t, struct buf *b)
{
    uint64_t states = 0, finished = 0;
    for (uint32_t i = 0; i < t->scan.n_ops; i++) {
        states += t->ops[i].n_states;
        finished += t->ops[i].meta->finished;
    }
    buf_printf(b, "%u operator%s, %llu state%s", t->scan.n_ops, t->scan.n_ops == 1 ? "" : "s", (unsigned long long)states,
               states == 1 ? "" : "s");
    if (t->depth != TREE_QUICK)
        buf_printf(b, ", %s entr%s (%s of keys and values)", human_count(t->all.entries).s, t->all.entries == 1 ? "y" : "ies",
                   human_bytes(t->all.bytes).s);
    if (finished)
        buf_printf(b, "; finished operators: %llu", (unsigned long long)finished);
}

static void head(struct page *p)
{
    const struct tree *t = p->tree;
    const struct snapshot *s = t->scan.snapshot;
    const struct meta *m = &s->meta;
    struct buf b = {0};
    buf_puts(&b, s->location);
    line(p, "snapshot", &b);
    what(m, &b);
    line(p, "what", &b);
    if (t->written != INT64_MIN) {
        buf_puts(&b, human_time(t->written).s);
        line(p, "written", &b);
    }
    buf_printf(&b, "version %d (Flink %s), %s", m->version, metadata_flink(m->version), human_bytes(s->bytes.n).s);
    line(p, "metadata", &b);
    buf_printf(&b, "%s in %u file%s, %s inside _metadata", human_bytes(t->files.bytes).s, t->files.n_files,
               t->files.n_files == 1 ? "" : "s", human_bytes(t->files.inline_bytes).s);
    line(p, "size", &b);
    buf_printf(&b, "%s (%s)", t->backend, t->evidence);
    line(p, "backend", &b);
    buf_puts(&b, tree_compression(t));
    line(p, "compression", &b);
    whole(t, &b);
    line(p, "whole", &b);
    contents(t, &b);
    line(p, "contents", &b);
    for (uint32_t i = 0; i < m->n_masters; i++) {
        buf_printf(&b, "%s: %s", m->masters[i].name, human_bytes(m->masters[i].bytes.n).s);
        line(p, "master hook", &b);
    }
    buf_free(&b);
}

/* --- tables --- */

static int by_bytes(const void *a, const void *b)
{
    const struct tree_op *x = *(const struct tree_op *const *)a, *y = *(const struct tree_op *const *)b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return strcmp(x->label, y->label);
}

static bool has_state(const struct tree_op *op) { return op->bytes || op->n_states; }

static void stateless(struct page *p)
{
    struct buf b = {0};
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->tree->scan.n_ops; i++) {
        const struct tree_op *op = &p->tree->ops[i];
        if (has_state(op))
            continue;
        buf_puts(&b, n++ ? ", " : "");
        if (op->uid)
            buf_puts(&b, op->uid);
        else
            buf_put(&b, op->meta->hex, SHORT_ID);
    }
    if (n) {
        struct buf head_text = {0};
        buf_printf(&head_text, "%u without state: ", n);
        paragraph(&p->out, buf_cstr(&head_text), buf_cstr(&b), p->cli->width);
        buf_free(&head_text);
    }
    buf_free(&b);
}

static void count_cell(const struct page *p, struct table *t, uint64_t n, bool partial)
{
    table_cellf(t, "%s%s", partial && p->tree->depth != TREE_QUICK ? "≥ " : "",
                p->tree->depth == TREE_QUICK ? "" : human_count(n).s);
}

static void operators(struct page *p, const struct tree_op **ops, uint32_t n)
{
    const struct tree *t = p->tree;
    bool uids = false, names = false;
    struct table_col cols[9];
    uint32_t c = 0;
    for (uint32_t i = 0; i < n; i++) {
        uids = uids || ops[i]->uid;
        names = names || (ops[i]->meta->name && (!ops[i]->uid || strcmp(ops[i]->uid, ops[i]->meta->name)));
    }
    cols[c++] = (struct table_col){"OPERATOR", false, true};
    if (names)
        cols[c++] = (struct table_col){"NAME", false, true};
    if (uids)
        cols[c++] = (struct table_col){"ID", false, false};
    cols[c++] = (struct table_col){"PAR", true, false};
    cols[c++] = (struct table_col){"MAX", true, false};
    cols[c++] = (struct table_col){"STATES", true, false};
    cols[c++] = (struct table_col){"ENTRIES", true, false};
    cols[c++] = (struct table_col){"BYTES", true, false};
    cols[c++] = (struct table_col){"SHARE", true, false};
    struct table table;
    table_start(&table, cols, c);
    for (uint32_t i = 0; i < n; i++) {
        const struct tree_op *op = ops[i];
        table_cell(&table, op->label);
        if (names)
            table_cell(&table, op->meta->name && op->uid && !strcmp(op->uid, op->meta->name) ? NULL : op->meta->name);
        if (uids)
            table_celln(&table, op->meta->hex, SHORT_ID);
        table_cellf(&table, "%d", op->meta->parallelism);
        table_cellf(&table, "%d", op->meta->max_parallelism);
        table_cellf(&table, "%u", op->n_states);
        count_cell(p, &table, op->all.entries, op->partial);
        table_cell(&table, human_bytes(op->bytes).s);
        table_cell(&table, human_share(op->bytes, t->bytes).s);
    }
    table_print(&table, &p->out, p->cli->width, p->cli->colour);
    table_free(&table);
}

static const char *kind_word(const struct tree_state *st)
{
    if (st->kind != KIND_OPERATOR_LIST)
        return kind_name(st->kind);
    return st->mode == OP_UNION ? "UNION LIST" : "SPLIT LIST";
}

static void value_cell(struct table *table, const struct tree_state *st)
{
    struct buf b = {0};
    if (st->user_key) {
        ser_type(st->user_key, &b);
        buf_puts(&b, " → ");
    }
    if (st->element)
        ser_type(st->element, &b);
    cell_cut(table, b.p, b.n, 160);
    buf_free(&b);
}

static void state_row(const struct page *p, struct table *table, const struct tree_state *st, bool partial, bool ns, bool ttl,
                      bool opaque)
{
    bool deep = p->tree->depth == TREE_DEEP;
    table_cellf(table, "  %s", st->name);
    table_cell(table, kind_word(st));
    if (ns)
        cell_type(table, st->ns);
    value_cell(table, st);
    if (ttl)
        table_cell(table, st->info.ttl ? "yes" : NULL);
    count_cell(p, table, st->totals.entries, partial);
    table_cell(table, p->tree->depth == TREE_QUICK ? NULL : human_bytes(st->totals.bytes).s);
    if (deep)
        table_cellf(table, "%lld", (long long)st->totals.sum);
    if (deep)
        table_cell(table, st->totals.nulls ? human_count(st->totals.nulls).s : NULL);
    if (opaque)
        table_cell(table, st->totals.opaque ? human_count(st->totals.opaque).s : NULL);
}

static void states(struct page *p, const struct tree_op *op)
{
    bool ns = false, ttl = false, opaque = false, deep = p->tree->depth == TREE_DEEP;
    for (uint32_t i = 0; i < op->n_states; i++) {
        ns = ns || op->states[i]->ns;
        ttl = ttl || op->states[i]->info.ttl;
        opaque = opaque || op->states[i]->totals.opaque;
    }
    struct table_col cols[10];
    uint32_t c = 0;
    cols[c++] = (struct table_col){"  STATE", false, true};
    cols[c++] = (struct table_col){"KIND", false, false};
    if (ns)
        cols[c++] = (struct table_col){"NAMESPACE", false, true};
    cols[c++] = (struct table_col){"VALUE", false, true};
    if (ttl)
        cols[c++] = (struct table_col){"TTL", false, false};
    cols[c++] = (struct table_col){"ENTRIES", true, false};
    cols[c++] = (struct table_col){"BYTES", true, false};
    if (deep)
        cols[c++] = (struct table_col){"SUM", true, false};
    if (deep)
        cols[c++] = (struct table_col){"NULLS", true, false};
    if (opaque)
        cols[c++] = (struct table_col){"OPAQUE", true, false};
    struct table table;
    table_start(&table, cols, c);
    for (uint32_t i = 0; i < op->n_states; i++)
        state_row(p, &table, op->states[i], op->partial, ns, ttl, opaque);
    table_print(&table, &p->out, p->cli->width, false);
    table_free(&table);
}

static void coordinator(const struct tree_op *op, struct buf *b)
{
    struct buf known = {0};
    buf_printf(b, ", coordinator %s", human_bytes(op->coordinator).s);
    if (coordinator_json(op->meta, &known))
        buf_printf(b, " (%.*s%s)", (int)(known.n < COORDINATOR_MAX ? known.n : COORDINATOR_MAX), (const char *)known.p,
                   known.n < COORDINATOR_MAX ? "" : " …");
    buf_free(&known);
}

/* "types-by-long, keyed by Long" and, below it, what it has besides states. */
static void operator_block(struct page *p, const struct tree_op *op)
{
    struct buf b = {0};
    const struct ser *key = NULL;
    for (uint32_t i = 0; i < op->n_states && !key; i++)
        key = op->states[i]->key;
    buf_puts(&b, op->label);
    if (key) {
        buf_puts(&b, ", keyed by ");
        ser_type(key, &b);
    }
    heading(p, buf_cstr(&b));
    b.n = 0;
    if (op->coordinator)
        coordinator(op, &b);
    if (op->in_flight_handles)
        buf_printf(&b, ", in flight %s", human_bytes(op->in_flight).s);
    if (op->raw)
        buf_printf(&b, ", raw state %s", human_bytes(op->raw).s);
    if (op->finished)
        buf_printf(&b, ", %u subtasks have finished", op->finished);
    if (op->partial)
        buf_puts(&b, ", not all of it could be read");
    if (b.n)
        buf_printf(&p->out, "  %s\n", buf_cstr(&b) + 2);
    buf_free(&b);
    states(p, op);
}

static void list_faults(struct page *p)
{
    const struct tree *t = p->tree;
    if (t->files.n_faults)
        heading(p, "Missing or cut");
    for (uint32_t i = 0; i < t->files.n_faults; i++)
        paragraph(&p->out, "  ", t->files.faults[i].text, 0);
    if (t->n_troubles)
        heading(p, "Not readable");
    for (uint32_t i = 0; i < t->n_troubles; i++)
        paragraph(&p->out, "  ", t->troubles[i].err.text, 0);
}

static void text(struct page *p)
{
    const struct tree *t = p->tree;
    const struct tree_op **ops = mem_alloc(t->scan.n_ops * sizeof *ops + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->scan.n_ops; i++)
        if (has_state(&t->ops[i]))
            ops[n++] = &t->ops[i];
    qsort(ops, n, sizeof *ops, by_bytes);
    head(p);
    list_faults(p);
    if (n) {
        buf_putc(&p->out, '\n');
        operators(p, ops, n);
    }
    stateless(p);
    for (uint32_t i = 0; i < n; i++)
        operator_block(p, ops[i]);
    if (t->n_warnings)
        heading(p, "Warnings");
    for (uint32_t i = 0; i < t->n_warnings; i++)
        paragraph(&p->out, "  - ", t->warnings[i], p->cli->width);
    free(ops);
}

static enum weir_exit report(const struct cli *cli, const struct tree *t, bool json, struct err *e)
{
    struct page p = {.cli = cli, .tree = t};
    if (json) {
        struct jsonw w = {.out = &p.out, .pretty = true};
        tree_json(t, &w);
        buf_putc(&p.out, '\n');
    } else {
        text(&p);
    }
    out_write(&p.out, e);
    buf_free(&p.out);
    return tree_exit(t);
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct opened o = {0};
    struct tree t = {0};
    struct progress progress;
    enum weir_exit status = WEIR_OK;
    if (a->quick && a->deep) {
        err_set(e, ERR_USAGE, "inspect: --quick or --deep, not both");
        return WEIR_USAGE;
    }
    progress_start(&progress, "reading", 0, cli->quiet);
    struct tree_opts opts = {.depth = a->quick ? TREE_QUICK
                                 : a->deep     ? TREE_DEEP
                                               : TREE_NORMAL,
                             .operator_wanted = a->operator_wanted,
                             .jobs = (unsigned)a->jobs,
                             .progress = &progress};
    if (opened_open(&o, &a->open, cli->args.v[0], e) && tree_build(&t, o.snapshot, &o.names, &opts, e)) {
        progress_end(&progress);
        status = report(cli, &t, a->json, e);
    }
    progress_end(&progress);
    tree_free(&t);
    opened_close(&o);
    return status;
}

static const struct opt opts[] = {
    {"deep", 'd', OPT_FLAG, offsetof(struct args, deep), NULL, NULL, "decode everything; count nulls, add up integers"},
    {"quick", 0, OPT_FLAG, offsetof(struct args, quick), NULL, NULL, "only metadata and headers, no entries"},
    {"operator", 'o', OPT_TEXT, offsetof(struct args, operator_wanted), "OPERATOR", NULL,
     "only this one: uid, name, id or 8 digits of it"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "one JSON document with all that is known"},
    {"jobs", 'j', OPT_COUNT, offsetof(struct args, jobs), "N", NULL, "read N subtasks side by side"},
    OPEN_ROWS(struct args),
    {0},
};

static const struct args defaults = {.jobs = 1};

const struct command cmd_inspect = {
    .operands = "SNAPSHOT",
    .about = "Says what is in a savepoint or retained checkpoint, whether it is whole, and\n"
             "what is big.\n"
             "SNAPSHOT is its directory, its _metadata file, or a job's checkpoint directory\n"
             "(the newest chk-N is taken).\n",
    .opts = opts,
    .size = sizeof(struct args),
    .defaults = &defaults,
    .min = 1,
    .max = 1,
    .run = run,
};
