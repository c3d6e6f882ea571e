/* Where rows come from: tables, their watermarks, VALUES, UNION ALL, exchanges. */
#include <string.h>

#include "sql/phys.h"

/* --- tables --- */

struct scanned {
    uint8_t sends;
};

static uint8_t scan_kinds(const struct phys *p)
{
    uint8_t sends = ((const struct scanned *)p->spec)->sends;
    return (uint8_t)((sends & SENDS_INSERT ? KIND_INSERT : 0) | (sends & SENDS_AFTER ? KIND_UPDATE : 0) |
                     (sends & SENDS_DELETE ? KIND_DELETE : 0));
}

static bool scan_before(const struct phys *p) { return ((const struct scanned *)p->spec)->sends & SENDS_BEFORE; }

/* Physical columns are the row's, in their order. */
static void scan_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    const struct table *t = p->rel->table;
    uint32_t *columns = arena_array(pl->a, t->t.n_key + 1u, sizeof *columns);
    for (uint32_t i = 0; i < t->t.n_key; i++)
        for (uint32_t c = 0; c < p->row->n; c++)
            if (!strcmp(p->row->names[c], t->t.columns[t->t.key[i]].name))
                columns[i] = c;
    if (t->t.n_key)
        keys_add(pl, to, columns, t->t.n_key);
}

static void scan_put(struct planner *pl, const struct phys *p, struct members *to)
{
    struct members m = {0};
    put_member(&m, "table", catalog_table_json(pl->a, p->rel->table));
    put_member(to, "scanTableSource", put_object(pl->a, &m));
}

static void scan_about(struct planner *pl, const struct phys *p, struct buf *to)
{
    (void)pl;
    buf_printf(to, "table=[[default_catalog, default_database, %.200s]], fields=", p->rel->table->t.name);
    about_columns(p->row, NULL, p->row->n, to);
}

static const struct phys_class scan = {.type = "stream-exec-table-source-scan",
                                       .version = 2,
                                       .kinds = scan_kinds,
                                       .always_before = scan_before,
                                       .keys = scan_keys,
                                       .put = scan_put,
                                       .about = scan_about};

/* --- normalize: updates that come without what was before, deletes of a key alone --- */

static uint8_t all_kinds(const struct phys *p)
{
    (void)p;
    return KIND_INSERT | KIND_UPDATE | KIND_DELETE;
}

static bool wants_none(const struct phys *p, uint32_t i, bool before)
{
    (void)p;
    (void)i;
    (void)before;
    return false;
}

static void normalize_put(struct planner *pl, const struct phys *p, struct members *to)
{
    static const char *const options[][2] = {{"table.exec.mini-batch.enabled", "false"}, {"table.exec.mini-batch.size", "-1"}};
    static const char *const state[] = {"changelogNormalizeState"};
    put_member(to, "configuration", put_config(pl, options, 2));
    put_member(to, "uniqueKeys", put_ints(pl->a, p->keys.sets[0].columns, p->keys.sets[0].n));
    put_member(to, "generateUpdateBefore", value_bool(p->before));
    put_member(to, "state", put_state(pl, p, state, 1));
}

static void normalize_about(struct planner *pl, const struct phys *p, struct buf *to)
{
    (void)pl;
    buf_puts(to, "key=");
    about_columns(p->row, p->keys.sets[0].columns, p->keys.sets[0].n, to);
}

static const struct phys_class normalize = {.type = "stream-exec-changelog-normalize",
                                            .version = 1,
                                            .kinds = all_kinds,
                                            .wants = wants_none,
                                            .put = normalize_put,
                                            .about = normalize_about};

struct phys *phys_scan(struct planner *pl, const struct rel *r, struct err *e)
{
    struct scanned *s = arena_alloc(pl->a, sizeof *s);
    const struct table *t = r->table;
    if (!pl->tables->source(&t->t, &s->sends, e)) {
        phys_wrong(pl, r->at, e, "%s", e->text);
        return NULL;
    }
    struct phys *p = phys_of(pl, &scan, r->row, r->at, 0, NULL);
    p->rel = r;
    p->spec = s;
    bool upserts = (s->sends & SENDS_AFTER) && !(s->sends & SENDS_BEFORE);
    bool twice = s->sends != SENDS_INSERT && t->t.n_key &&
        !strcmp(catalog_config(pl->c, "table.exec.source.cdc-events-duplicate", "false"), "true");
    if (upserts && !t->t.n_key)
        return phys_wrong(pl, r->at, e, "table '%s' sends updates without the row before them, so it needs a PRIMARY KEY",
                          t->t.name),
               NULL;
    if (!upserts && !twice && !(s->sends & SENDS_KEY_ONLY))
        return p;
    struct key_sets key = {0};
    scan_keys(pl, p, &key);
    struct phys *x = phys_exchange(pl, p, key.sets[0].columns, key.sets[0].n);
    struct phys *n = phys_of(pl, &normalize, r->row, r->at, 1, &x);
    n->rel = r;
    return n;
}

/* --- watermarks --- */

static void watermark_put(struct planner *pl, const struct phys *p, struct members *to)
{
    put_member(to, "watermarkExpr", rex_json(pl->a, p->rel->condition));
    put_member(to, "rowtimeFieldIndex", value_int(p->rel->column));
}

static void watermark_about(struct planner *pl, const struct phys *p, struct buf *to)
{
    (void)pl;
    buf_printf(to, "rowtime=[%.100s]", p->row->names[p->rel->column]);
}

static const struct phys_class watermark = {
    .type = "stream-exec-watermark-assigner", .version = 1, .put = watermark_put, .about = watermark_about};

struct phys *phys_watermark(struct planner *pl, const struct rel *r, struct err *e)
{
    struct phys *in = phys_rel(pl, r->inputs[0], e);
    if (!in)
        return NULL;
    struct phys *p = phys_of(pl, &watermark, r->row, r->at, 1, &in);
    p->rel = r;
    return p;
}

/* --- VALUES, UNION ALL --- */

static void values_put(struct planner *pl, const struct phys *p, struct members *to)
{
    struct value tuples = value_list(pl->a, VAL_LIST, p->rel->n_tuples);
    for (uint32_t i = 0; i < tuples.n; i++) {
        tuples.items[i] = value_list(pl->a, VAL_LIST, p->row->n);
        for (uint32_t c = 0; c < p->row->n; c++)
            tuples.items[i].items[c] = rex_json(pl->a, p->rel->tuples[i][c]);
    }
    put_member(to, "tuples", tuples);
}

static void no_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    (void)pl;
    (void)p;
    *to = (struct key_sets){0};
}

static const struct phys_class values = {.type = "stream-exec-values", .version = 1, .put = values_put};

struct phys *phys_values(struct planner *pl, const struct rel *r, struct err *e)
{
    (void)e;
    struct phys *p = phys_of(pl, &values, r->row, r->at, 0, NULL);
    p->rel = r;
    return p;
}

static uint8_t union_kinds(const struct phys *p)
{
    uint8_t kinds = 0;
    for (uint32_t i = 0; i < p->n; i++)
        kinds |= p->inputs[i]->kinds;
    return kinds;
}

static void union_about(struct planner *pl, const struct phys *p, struct buf *to)
{
    (void)pl;
    buf_puts(to, "all=[true], union=");
    about_columns(p->row, NULL, p->row->n, to);
}

static const struct phys_class all = {
    .type = "stream-exec-union", .version = 1, .kinds = union_kinds, .keys = no_keys, .about = union_about};

struct phys *phys_union(struct planner *pl, const struct rel *r, struct err *e)
{
    struct phys **inputs = arena_array(pl->a, r->n + 1u, sizeof *inputs);
    for (uint32_t i = 0; i < r->n; i++)
        if (!(inputs[i] = phys_rel(pl, r->inputs[i], e)))
            return NULL;
    return phys_of(pl, &all, r->row, r->at, r->n, inputs);
}

/* --- exchanges --- */

static void exchange_about(struct planner *pl, const struct phys *p, struct buf *to)
{
    (void)pl;
    buf_puts(to, p->n_hash ? "distribution=[hash" : "distribution=[single]");
    if (p->n_hash) {
        about_columns(p->row, p->hash, p->n_hash, to);
        buf_puts(to, "]");
    }
}

static const struct phys_class exchange = {.type = "stream-exec-exchange", .version = 1, .about = exchange_about};

struct phys *phys_exchange(struct planner *pl, struct phys *in, const uint32_t *columns, uint32_t n)
{
    struct phys *p = phys_of(pl, &exchange, in->row, in->at, 1, &in);
    p->hash = columns;
    p->n_hash = n;
    return p;
}
