/* Where rows come from: tables, their watermarks, VALUES, UNION ALL, exchanges. */
#include <string.h>

#include "sql/phys.h"
#include "sql/rex_make.h"

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

static enum updates scan_updates(const struct phys *p)
{
    uint8_t sends = ((const struct scanned *)p->spec)->sends;
    return !(sends & SENDS_AFTER) ? UPDATES_NONE : sends & SENDS_BEFORE ? UPDATES_BOTH : UPDATES_AFTER;
}

static enum deletes scan_deletes(const struct phys *p)
{
    uint8_t sends = ((const struct scanned *)p->spec)->sends;
    return !(sends & SENDS_DELETE) ? DELETES_NONE : sends & SENDS_KEY_ONLY ? DELETES_KEY : DELETES_FULL;
}

/* Physical columns are the row's, in their order. */
static void scan_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    const struct table *t = p->rel->table;
    uint32_t *columns = arena_array(pl->a, t->t.n_key + 1u, sizeof *columns), n = 0;
    for (uint32_t i = 0; i < t->t.n_key; i++)
        for (uint32_t c = 0; c < p->row->n && n <= i; c++)
            if (!strcmp(p->row->names[c], t->t.columns[t->t.key[i]].name))
                columns[n++] = c;
    if (n && n == t->t.n_key)
        keys_add(pl, to, columns, n);
}

static struct value filter_ability(struct planner *pl, const struct rex *condition)
{
    enum { TERMS = 256 };
    const struct rex *terms[TERMS];
    uint32_t n = 0;
    struct members m = {0};
    if (!rex_terms(condition, terms, &n, TERMS))
        n = 0;
    struct value list = value_list(pl->a, VAL_LIST, n);
    for (uint32_t i = 0; i < n; i++)
        list.items[i] = rex_json(pl->a, terms[i]);
    put_member(&m, "type", put_text(pl->a, "FilterPushDown"));
    put_member(&m, "predicates", list);
    return put_object(pl->a, &m);
}

static struct value project_ability(struct planner *pl, const struct phys *p, uint32_t n)
{
    struct value fields = value_list(pl->a, VAL_LIST, n);
    struct members m = {0};
    for (uint32_t i = 0; i < n; i++)
        fields.items[i] = put_ints(pl->a, &p->rel->columns[i], 1);
    put_member(&m, "type", put_text(pl->a, "ProjectPushDown"));
    put_member(&m, "projectedFields", fields);
    put_member(&m, "producedType", type_json(pl->a, type_row(pl->a, p->row->names, p->row->kids, n, false)));
    return put_object(pl->a, &m);
}

/* Columns from `from` on. */
static struct value metadata_ability(struct planner *pl, const struct phys *p, uint32_t from)
{
    const struct cplan_table *t = &p->rel->table->t;
    struct value keys = value_list(pl->a, VAL_LIST, p->row->n - from);
    struct members m = {0};
    for (uint32_t i = 0; i < keys.n; i++)
        for (uint32_t c = 0; c < t->n; c++)
            if (!strcmp(t->columns[c].name, p->row->names[from + i]))
                keys.items[i] = put_text(pl->a, cplan_metadata_key(&t->columns[c]));
    put_member(&m, "type", put_text(pl->a, "ReadingMetadata"));
    put_member(&m, "metadataKeys", keys);
    put_member(&m, "producedType", type_json(pl->a, p->row));
    return put_object(pl->a, &m);
}

/* Metadata stand behind the physical columns. A connector of which columns are left out and no metadata is read says so, too. */
static struct value scan_abilities(struct planner *pl, const struct phys *p)
{
    struct value list = value_list(pl->a, VAL_LIST, 3);
    uint32_t width = cplan_table_row(&p->rel->table->t, pl->a)->n, n = p->rel->columns ? 0 : width;
    list.n = 0;
    for (uint32_t i = 0; p->rel->columns && i < p->rel->n_columns; i++)
        n += p->rel->columns[i] < width;
    if (p->rel->condition)
        list.items[list.n++] = filter_ability(pl, p->rel->condition);
    if (p->rel->columns)
        list.items[list.n++] = project_ability(pl, p, n);
    if (p->rel->columns || n < p->row->n)
        list.items[list.n++] = metadata_ability(pl, p, n);
    return list;
}

static bool reads_metadata(const struct cplan_table *t)
{
    for (uint32_t i = 0; i < t->n; i++)
        if (t->columns[i].kind == COLUMN_METADATA)
            return true;
    return false;
}

static void scan_put(struct planner *pl, const struct phys *p, struct members *to)
{
    struct members m = {0};
    put_member(&m, "table", catalog_table_json(pl->a, p->rel->table));
    if (pl->tables->projects(&p->rel->table->t) && (p->rel->columns || p->rel->condition || reads_metadata(&p->rel->table->t)))
        put_member(&m, "abilities", scan_abilities(pl, p));
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
                                       .sends = scan_updates,
                                       .deletes = scan_deletes,
                                       .keys = scan_keys,
                                       .put = scan_put,
                                       .about = scan_about};

bool phys_projects(const struct planner *pl, const struct phys *p)
{
    return p->cls == &scan && pl->tables->projects(&p->rel->table->t);
}

/* --- normalize: updates that come without what was before, deletes of a key alone --- */

static uint8_t all_kinds(const struct phys *p)
{
    (void)p;
    return KIND_INSERT | KIND_UPDATE | KIND_DELETE;
}

static int wants_after(const struct phys *p, uint32_t i, enum updates asked)
{
    (void)p;
    (void)i;
    (void)asked;
    return UPDATES_AFTER;
}

static bool twice(const struct planner *pl)
{
    return !strcmp(catalog_config(pl->c, "table.exec.source.cdc-events-duplicate", "false"), "true");
}

static bool normalize_spare(const struct planner *pl, const struct phys *p) { return !p->spec && !twice(pl); }

static const enum monotony *normalize_monotony(struct planner *pl, const struct phys *p)
{
    enum monotony *to = arena_array(pl->a, p->row->n + 1u, sizeof *to);
    for (uint32_t i = 0; i < p->inputs[0]->n_hash; i++)
        to[p->inputs[0]->hash[i]] = MONOTONY_CONSTANT;
    return to;
}

/* Its key is what its exchange deals by. */
static void normalize_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    keys_add(pl, to, p->inputs[0]->hash, p->inputs[0]->n_hash);
}

static void normalize_put(struct planner *pl, const struct phys *p, struct members *to)
{
    static const char *const options[][2] = {{"table.exec.mini-batch.enabled", "false"}, {"table.exec.mini-batch.size", "-1"}};
    static const char *const state[] = {"changelogNormalizeState"};
    put_member(to, "configuration", put_config(pl, options, 2));
    put_member(to, "uniqueKeys", put_ints(pl->a, p->keys.sets[0].columns, p->keys.sets[0].n));
    put_member(to, "generateUpdateBefore", value_bool(p->before));
    put_member(to, "state", put_state(pl, p, state, 1));
    if (p->spec)
        put_member(to, "filterCondition", rex_json(pl->a, p->spec));
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
                                            .keys = normalize_keys,
                                            .wants = wants_after,
                                            .normalizes = normalize_spare,
                                            .monotony = normalize_monotony,
                                            .put = normalize_put,
                                            .about = normalize_about};

/* Another one over the columns kept[0..n) of `below`, where map[i] is column i's place among them. */
static struct phys *normalized(struct planner *pl, const struct phys *p, struct phys *below, const uint32_t *map,
                               const struct rex *condition)
{
    const struct phys *old = p->inputs[0];
    uint32_t *key = arena_array(pl->a, old->n_hash + 1u, sizeof *key);
    for (uint32_t i = 0; i < old->n_hash; i++)
        key[i] = map[old->hash[i]];
    struct phys *x = phys_exchange(pl, below, key, old->n_hash);
    struct phys *n = phys_of(pl, &normalize, below->row, p->at, 1, &x);
    n->rel = p->rel;
    n->spec = condition;
    return n;
}

/* PushCalcPastChangelogNormalizeRule: conditions on the key go below it, others are its own, and it keeps the columns that are used. */
struct phys *phys_past_normalize(struct planner *pl, struct phys *p, const struct rex *const *exprs, const struct rex *condition,
                                 const struct ltype *row, struct place at)
{
    enum { TERMS = 256 };
    const struct rex *terms[TERMS], *low[TERMS], *own[TERMS + 1];
    uint32_t n_terms = 0, n_low = 0, n_own = 0, width = p->row->n, n = 0;
    if (p->cls != &normalize || (condition && !rex_terms(condition, terms, &n_terms, TERMS)))
        return NULL;
    bool *used = arena_array(pl->a, width + 1u, sizeof *used), *mine = arena_array(pl->a, width + 1u, sizeof *mine);
    for (uint32_t i = 0; i < n_terms; i++) {
        bool key = true;
        memset(mine, 0, width * sizeof *mine);
        rex_used(terms[i], mine, width);
        for (uint32_t c = 0; c < width; c++)
            key = key && (!mine[c] || columns_within(&c, 1, p->inputs[0]->hash, p->inputs[0]->n_hash));
        if (key)
            low[n_low++] = terms[i];
        else
            own[n_own++] = terms[i];
        rex_used(terms[i], used, width);
    }
    if (p->spec)
        own[n_own++] = p->spec;
    for (uint32_t i = 0; i < row->n; i++)
        rex_used(exprs[i], used, width);
    for (uint32_t i = 0; p->spec && i < width; i++)
        rex_used(p->spec, used, width);
    for (uint32_t i = 0; i < p->inputs[0]->n_hash; i++)
        used[p->inputs[0]->hash[i]] = true;
    uint32_t *map = arena_array(pl->a, width + 1u, sizeof *map);
    const struct rex **kept = arena_array(pl->a, width + 1u, sizeof *kept), **now = arena_array(pl->a, width + 1u, sizeof *now);
    const char **names = arena_array(pl->a, width + 1u, sizeof *names);
    const struct ltype **types = arena_array(pl->a, width + 1u, sizeof *types);
    for (uint32_t i = 0; i < width; i++)
        if (used[i]) {
            map[i] = n;
            names[n] = p->row->names[i];
            types[n] = p->row->kids[i];
            now[i] = rex_input(pl->a, n, types[n]);
            kept[n++] = rex_input(pl->a, i, p->row->kids[i]);
        }
    const struct rex *mine_now = rex_and(pl->a, own, n_own);
    struct phys *below = p->inputs[0]->inputs[0];
    if (n < width || n_low)
        below = phys_calc(pl, below, kept, rex_and(pl->a, low, n_low), type_row(pl->a, names, types, n, false), at);
    struct phys *over = normalized(pl, p, below, map, mine_now ? rex_over(pl->a, mine_now, now) : NULL);
    const struct rex **above = arena_array(pl->a, row->n + 1u, sizeof *above);
    for (uint32_t i = 0; i < row->n; i++)
        above[i] = rex_over(pl->a, exprs[i], now);
    return phys_calc_over(pl, over, above, NULL, row, at);
}

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
    if (upserts && !t->t.n_key)
        return phys_wrong(pl, r->at, e, "table '%s' sends updates without the row before them, so it needs a PRIMARY KEY",
                          t->t.name),
               NULL;
    if (!upserts && !(s->sends != SENDS_INSERT && t->t.n_key && twice(pl)) && !(s->sends & SENDS_KEY_ONLY))
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
    struct phys *in = phys_rel(pl, r->inputs[0], e), *normal = in && in->cls == &normalize ? in : NULL;
    if (!in)
        return NULL;
    if (normal) /* WatermarkAssignerChangelogNormalizeTransposeRule: it stands below */
        in = normal->inputs[0]->inputs[0];
    struct phys *p = phys_of(pl, &watermark, r->row, r->at, 1, &in);
    p->rel = r;
    if (!normal)
        return p;
    uint32_t *map = arena_array(pl->a, r->row->n + 1u, sizeof *map);
    for (uint32_t i = 0; i < r->row->n; i++)
        map[i] = i;
    return normalized(pl, normal, p, map, normal->spec);
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

static enum updates no_updates(const struct phys *p)
{
    (void)p;
    return UPDATES_NONE;
}

static const struct phys_class values = {.type = "stream-exec-values", .version = 1, .sends = no_updates, .put = values_put};

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
    .type = "stream-exec-union", .version = 1, .kinds = union_kinds, .keys = no_keys, .merges = true, .about = union_about};

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

static void exchange_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    (void)pl;
    *to = p->inputs[0]->keys;
    keys_kept(to, p->hash, p->n_hash);
}

static const struct phys_class exchange = {
    .type = "stream-exec-exchange", .version = 1, .keys = exchange_keys, .forwards = true, .about = exchange_about};

struct phys *phys_exchange(struct planner *pl, struct phys *in, const uint32_t *columns, uint32_t n)
{
    struct phys *p = phys_of(pl, &exchange, in->row, in->at, 1, &in);
    p->hash = columns;
    p->n_hash = n;
    p->row_json = in->row_json;
    return p;
}
