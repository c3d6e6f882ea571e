/* A table is read once: scans that differ in nothing but their columns read what all of them need, each with a projection behind it, which is
 * merged into the one that stands there (ScanReuser of flink-table-planner 2.3). put_plan then makes one node of them. */
#include <string.h>

#include "base/jsonw.h"
#include "sql/phys.h"
#include "sql/rex_make.h"

/* Where a scan stands: an input of a node. */
struct found {
    struct phys *above, *scan;
    uint32_t input;
    bool done;
};

struct reuse {
    struct planner *pl;
    struct found *all;
    uint32_t n, cap;
};

static void find(struct reuse *u, struct phys *p)
{
    for (uint32_t i = 0; i < p->n; i++) {
        struct phys *in = p->inputs[i];
        if (!phys_projects(u->pl, in)) {
            find(u, in);
            continue;
        }
        if (u->n == u->cap) {
            struct found *more = arena_array(u->pl->a, u->cap = u->cap ? u->cap * 2 : 16, sizeof *more);
            if (u->n)
                memcpy(more, u->all, u->n * sizeof *more);
            u->all = more;
        }
        u->all[u->n++] = (struct found){.above = p, .scan = in, .input = i};
    }
}

static const char *condition_text(struct planner *pl, const struct rel *r)
{
    struct buf b = {0};
    struct jsonw w = {.out = &b};
    struct value json = rex_json(pl->a, r->condition);
    value_put_json(&w, &json);
    const char *text = arena_strn(pl->a, (const char *)b.p, b.n);
    buf_free(&b);
    return text;
}

static bool alike(struct planner *pl, const struct rel *a, const struct rel *b)
{
    if (a->table != b->table || !a->condition != !b->condition)
        return false;
    return !a->condition || !strcmp(condition_text(pl, a), condition_text(pl, b));
}

static bool same_columns(const struct rel *a, const struct rel *b)
{
    if (!a->columns || !b->columns)
        return a->columns == b->columns;
    return a->n_columns == b->n_columns && !memcmp(a->columns, b->columns, a->n_columns * sizeof *a->columns);
}

/* Of columns [0, n) those that a scan reads, with their place in its rows. NULL columns: all of them. */
static uint32_t column_at(const struct phys *scan, uint32_t place)
{
    return scan->rel->columns ? scan->rel->columns[place] : place;
}

/* What all scans of a group need, in the table's order; the first one tells of which table. */
static struct phys *scan_of_all(struct planner *pl, struct found *const *group, uint32_t n)
{
    const struct phys *first = group[0]->scan;
    uint32_t width = first->rel->table->t.n, some = 0;
    const char **names = arena_array(pl->a, width + 1u, sizeof *names), **all_names = arena_array(pl->a, width + 1u, sizeof *names);
    const struct ltype **types = arena_array(pl->a, width + 1u, sizeof *types),
                       **all_types = arena_array(pl->a, width + 1u, sizeof *types);
    uint32_t *columns = arena_array(pl->a, width + 1u, sizeof *columns);
    bool all = false;
    for (uint32_t i = 0; i < n; i++) {
        const struct phys *s = group[i]->scan;
        all = all || !s->rel->columns;
        for (uint32_t c = 0; c < s->row->n; c++) {
            names[column_at(s, c)] = s->row->names[c];
            types[column_at(s, c)] = s->row->kids[c];
        }
    }
    for (uint32_t c = 0; c < width; c++)
        if (names[c]) {
            all_names[some] = names[c];
            all_types[some] = types[c];
            columns[some++] = c;
        }
    struct rel *r = arena_alloc(pl->a, sizeof *r);
    struct phys *p = arena_alloc(pl->a, sizeof *p);
    *r = *first->rel;
    r->row = type_row(pl->a, all_names, all_types, some, false);
    r->columns = all ? NULL : columns;
    r->n_columns = all ? 0 : some;
    *p = *first;
    p->rel = r;
    p->row = r->row;
    return p;
}

/* p stands where `as` stood: what has been settled of that one, is of this one. */
static struct phys settled(struct phys p, const struct phys *as)
{
    p.kinds = as->kinds;
    p.updates = as->updates;
    p.deletes = as->deletes;
    p.way = as->way;
    p.drops = as->drops;
    p.before = as->before;
    p.keys = as->keys;
    return p;
}

static void replace(struct planner *pl, const struct found *f, const struct phys *by)
{
    struct phys *scan = arena_alloc(pl->a, sizeof *scan);
    const struct rex **exprs = arena_array(pl->a, f->scan->row->n + 1u, sizeof *exprs);
    *scan = settled(*by, f->scan);
    for (uint32_t i = 0; i < f->scan->row->n; i++) {
        uint32_t at = 0;
        while (column_at(scan, at) != column_at(f->scan, i))
            at++;
        exprs[i] = rex_input(pl->a, at, f->scan->row->kids[i]);
    }
    struct phys *mine = phys_calc_over(pl, scan, exprs, NULL, f->scan->row, f->scan->at), *merged;
    if (mine != scan)
        *mine = settled(*mine, f->scan);
    if ((merged = phys_calc_again(pl, f->above, mine)))
        *f->above = settled(*merged, f->above);
    else
        f->above->inputs[f->input] = mine;
}

static void reuse_group(struct reuse *u, uint32_t from)
{
    struct found **group = arena_array(u->pl->a, u->n + 1u, sizeof *group);
    uint32_t n = 0;
    bool differ = false;
    for (uint32_t i = from; i < u->n; i++)
        if (!u->all[i].done && alike(u->pl, u->all[from].scan->rel, u->all[i].scan->rel)) {
            differ = differ || !same_columns(u->all[from].scan->rel, u->all[i].scan->rel);
            u->all[i].done = true;
            group[n++] = &u->all[i];
        }
    const struct phys *all = differ ? scan_of_all(u->pl, group, n) : NULL;
    for (uint32_t i = 0; differ && i < n; i++)
        replace(u->pl, group[i], all);
}

static bool is_on(const struct planner *pl, const char *option) { return !strcmp(catalog_config(pl->c, option, "true"), "true"); }

void phys_reuse_scans(struct planner *pl, struct phys *const *sinks, uint32_t n)
{
    struct reuse u = {.pl = pl};
    if (!is_on(pl, "table.optimizer.reuse-sub-plan-enabled") || !is_on(pl, "table.optimizer.reuse-source-enabled"))
        return;
    for (uint32_t i = 0; i < n; i++)
        find(&u, sinks[i]);
    for (uint32_t i = 0; i < u.n; i++)
        if (!u.all[i].done)
            reuse_group(&u, i);
}
