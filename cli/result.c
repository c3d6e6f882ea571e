#include "cli/result.h"

#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "cli/out.h"
#include "sql/cast.h"
#include "sql/cell_json.h"

const char *const result_formats[] = {"table", "ndjson", "csv", NULL};

const struct ltype *result_row(const struct cplan *plan, struct arena *a, struct err *e)
{
    const struct value *sink = cplan_member(plan->nodes[plan->n - 1].json, "dynamicTableSink");
    const struct value *table = sink ? cplan_member(sink, "table") : NULL;
    struct cplan_table t;
    if (!table)
        return err_set(e, ERR_CORRUPT, "the plan has no result"), NULL;
    return cplan_table_read(&t, a, table, e) ? cplan_table_row(&t, a) : NULL;
}

/* --- rows as text --- */

static void cell_as_text(struct result *r, struct buf *to, uint32_t c, const struct row *row)
{
    to->n = 0;
    if (row->null[c])
        buf_puts(to, r->format == RESULT_CSV ? "" : "NULL");
    else
        cell_text(to, r->ev, r->row->kids[c], row->v[c], false);
    scratch_reset(&r->ev->heap);
}

static void put_ndjson(struct result *r, const struct row *row)
{
    struct jsonw w = {.out = &r->out};
    jsonw_object(&w);
    for (uint32_t c = 0; c < row->n; c++) {
        jsonw_key(&w, r->row->names[c]);
        cell_json(&w, CELL_JSON_TYPED, r->row->kids[c], row->v[c], row->null[c]);
    }
    jsonw_end_object(&w);
    buf_putc(&r->out, '\n');
}

static void put_csv(struct result *r, const struct row *row)
{
    struct buf text = {0};
    for (uint32_t c = 0; c < r->row->n; c++)
        if (row) {
            cell_as_text(r, &text, c, row);
            csv_field(&r->out, !c, text.p, text.n);
        } else {
            csv_field(&r->out, !c, r->row->names[c], strlen(r->row->names[c]));
        }
    buf_puts(&r->out, "\r\n");
    buf_free(&text);
}

/* --- changes --- */

static void begin(struct result *r)
{
    if (r->ev)
        return;
    r->ev = mem_zalloc(sizeof *r->ev);
    r->ev->zone = r->zone;
    if (r->format == RESULT_CSV)
        put_csv(r, NULL);
}

static uint32_t *bucket(struct result *r, const struct row *row)
{
    uint64_t h = 0;
    for (uint32_t c = 0; c < row->n; c++)
        h = (h ^ (row->null[c] ? 1 : cell_hash(r->row->kids[c], row->v[c]))) * UINT64_C(0x9e3779b97f4a7c15);
    return &r->buckets[(h ^ h >> 32) & (r->n_buckets - 1)];
}

static void link_row(struct result *r, uint32_t at)
{
    uint32_t *b = bucket(r, r->rows[at]);
    r->next[at] = *b;
    *b = at + 1;
}

/* Room for one more; gaps go when they are many. */
static void room(struct result *r)
{
    if (r->n < r->cap)
        return;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->n; i++)
        if (r->rows[i])
            r->rows[kept++] = r->rows[i];
    r->n = kept;
    r->gap = r->oldest = 0;
    if (!r->cap || kept > r->cap / 2) {
        r->cap = r->cap ? 2 * r->cap : 256;
        r->rows = mem_grow(r->rows, r->cap, sizeof(struct row *));
        r->next = mem_grow(r->next, r->cap, sizeof *r->next);
        free(r->buckets);
        r->n_buckets = 2 * r->cap;
        r->buckets = mem_alloc(r->n_buckets * sizeof *r->buckets);
    }
    memset(r->buckets, 0, r->n_buckets * sizeof *r->buckets);
    for (uint32_t i = 0; i < r->n; i++)
        link_row(r, i);
}

static void take_away(struct result *r, struct row *row, bool leaves_gap);

static void add(struct result *r, struct row *row, bool in_gap)
{
    room(r);
    uint32_t at = in_gap && r->gap ? r->gap - 1 : r->n++;
    r->rows[at] = row;
    link_row(r, at);
    r->gap = 0;
    r->live++;
    while (r->most && r->live > r->most) {
        while (!r->rows[r->oldest])
            r->oldest++;
        take_away(r, row_make(r->row->kids, r->row->n, r->rows[r->oldest]->v, r->rows[r->oldest]->null), false);
    }
}

static void take_away(struct result *r, struct row *row, bool leaves_gap)
{
    uint32_t *at = r->n_buckets ? bucket(r, row) : NULL;
    r->gap = 0;
    while (at && *at && !row_same(r->row->kids, r->rows[*at - 1], row))
        at = &r->next[*at - 1];
    if (at && *at) {
        uint32_t i = *at - 1;
        *at = r->next[i];
        free(r->rows[i]);
        r->rows[i] = NULL;
        r->gap = leaves_gap ? i + 1 : 0;
        r->live--;
    }
    free(row);
}

void result_take(void *ctx, const struct batch *b, uint32_t at, const struct ltype *const *types)
{
    struct result *r = ctx;
    enum row_kind kind = batch_kind(b, at);
    struct row *row = row_of(b, at, types, NULL, b->n_cols);
    begin(r);
    if (r->at_once && r->format != RESULT_TABLE) {
        if (r->format == RESULT_CSV)
            put_csv(r, row);
        else
            put_ndjson(r, row);
        free(row);
        out_drain(&r->out, &r->e);
    } else if (kind == ROW_INSERT || kind == ROW_UPDATE_AFTER) {
        add(r, row, kind == ROW_UPDATE_AFTER);
    } else {
        take_away(r, row, kind == ROW_UPDATE_BEFORE);
    }
}

/* --- order --- */

const struct ast *result_unordered(const struct ast *query, struct arena *a, const struct ast **orders)
{
    *orders = NULL;
    if (query->kind == AST_WITH) {
        struct ast *with = arena_alloc(a, sizeof *with);
        *with = *query;
        with->kids = arena_array(a, 2, sizeof *with->kids);
        with->kids[0] = query->kids[0];
        with->kids[1] = (struct ast *)result_unordered(query->kids[1], a, orders);
        return with;
    }
    if (query->kind != AST_ORDER || !query->kids[1] || !query->kids[1]->n)
        return query;
    *orders = query->kids[1];
    return ast_kid(query, 2) || ast_kid(query, 3) ? query : query->kids[0];
}

static bool column_of(const struct result *r, const struct ast *x, uint32_t *column)
{
    if (x->kind == AST_NUMBER) {
        char *end;
        unsigned long n = strtoul(x->text, &end, 10);
        *column = (uint32_t)(n - 1);
        return !*end && n >= 1 && n <= r->row->n;
    }
    for (*column = 0; x->kind == AST_NAME && *column < r->row->n; ++*column)
        if (!strcmp(r->row->names[*column], x->kids[x->n - 1]->text))
            return true;
    return false;
}

bool result_order_by(struct result *r, const struct ast *orders, struct sql_text *text, struct arena *a, struct err *e)
{
    struct result_order *all = arena_array(a, orders->n + 1u, sizeof *all);
    for (uint32_t i = 0; i < orders->n; i++) {
        const struct ast *s = orders->kids[i];
        all[i].descending = s->word && !strcmp(s->word, "DESC");
        all[i].nulls_last = s->text ? !strcmp(s->text, "NULLS LAST") : all[i].descending; /* Flink's default: NULL is the least */
        if (!column_of(r, s->kids[0], &all[i].column))
            return sql_fault(text, s->kids[0]->at, e, "ORDER BY takes columns of the result, by name or number");
    }
    r->orders = all;
    r->n_orders = orders->n;
    return true;
}

struct sorted {
    const struct row *row;
    uint32_t at;
};

static int compare(const void *x, const void *y, void *ctx)
{
    const struct sorted *a = x, *b = y;
    const struct result *r = ctx;
    for (uint32_t i = 0; i < r->n_orders; i++) {
        const struct result_order *o = &r->orders[i];
        bool na = a->row->null[o->column], nb = b->row->null[o->column];
        if (na && nb)
            continue;
        if (na || nb)
            return na == o->nulls_last ? 1 : -1;
        int c = cell_compare(r->row->kids[o->column], a->row->v[o->column], b->row->v[o->column]);
        if (c)
            return o->descending ? -c : c;
    }
    return (a->at > b->at) - (a->at < b->at);
}

/* --- printing --- */

static void put_table(struct result *r, const struct cli *cli, const struct sorted *rows, uint32_t n, struct buf *to)
{
    struct table t;
    struct buf text = {0};
    struct table_col *cols = mem_zalloc((r->row->n + 1u) * sizeof *cols);
    for (uint32_t c = 0; c < r->row->n; c++) {
        const struct ltype *type = r->row->kids[c];
        cols[c] = (struct table_col){r->row->names[c], type_is_number(type), cell_points(type)};
    }
    table_start(&t, cols, r->row->n);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t c = 0; c < r->row->n; c++) {
            cell_as_text(r, &text, c, rows[i].row);
            table_celln(&t, text.p, text.n);
        }
    table_print(&t, to, cli->width, cli->colour);
    if (!n)
        buf_puts(to, "no rows\n");
    table_free(&t);
    buf_free(&text);
    free(cols);
}

/* What is there, in order; *n of them. The caller's to free. */
static struct sorted *in_order(struct result *r, uint32_t *n)
{
    struct sorted *rows = mem_alloc((r->live + 1) * sizeof *rows);
    *n = 0;
    begin(r);
    for (uint32_t i = 0; i < r->n; i++)
        if (r->rows[i]) {
            rows[*n] = (struct sorted){r->rows[i], *n};
            ++*n;
        }
    if (r->n_orders)
        qsort_r(rows, *n, sizeof *rows, compare, r);
    return rows;
}

void result_draw(struct result *r, const struct cli *cli, uint32_t most, struct buf *to)
{
    uint32_t n, left = 0;
    struct sorted *rows = in_order(r, &n);
    if (n > most) {
        left = r->n_orders ? 0 : n - most;
        n = most;
    }
    put_table(r, cli, rows + left, n, to);
    free(rows);
}

bool result_print(struct result *r, const struct cli *cli, struct err *e)
{
    uint32_t n;
    struct sorted *rows = in_order(r, &n);
    if (r->format == RESULT_TABLE)
        put_table(r, cli, rows, n, &r->out);
    for (uint32_t i = 0; r->format != RESULT_TABLE && i < n && r->e.kind == ERR_NONE; i++) {
        if (r->format == RESULT_CSV)
            put_csv(r, rows[i].row);
        else
            put_ndjson(r, rows[i].row);
        out_drain(&r->out, &r->e);
    }
    out_write(&r->out, &r->e);
    free(rows);
    return r->e.kind == ERR_NONE || err_set(e, r->e.kind, "%s", r->e.text);
}

void result_free(struct result *r)
{
    for (uint32_t i = 0; i < r->n; i++)
        free(r->rows[i]);
    free(r->rows);
    free(r->next);
    free(r->buckets);
    buf_free(&r->out);
    if (r->ev) {
        scratch_free(&r->ev->heap);
        buf_free(&r->ev->text);
        free(r->ev);
    }
}
