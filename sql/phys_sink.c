/* stream-exec-sink: INSERT INTO. */
#include <string.h>

#include "sql/coerce.h"
#include "sql/phys.h"
#include "sql/simplify.h"

struct sunk {
    const struct table *t;
    uint32_t n_key, *key; /* the table's, as columns of the row */
    uint8_t takes;
    const char *conflict; /* ON CONFLICT DO; NULL: not said */
    const struct sink_how *how;
};

/* What arrives, as rows. */
static uint8_t arrives(const struct phys *p)
{
    uint8_t k = p->kinds;
    bool before = p->inputs[0]->updates == UPDATES_BOTH;
    return (uint8_t)((k & KIND_INSERT ? SENDS_INSERT : 0) | (k & KIND_UPDATE ? SENDS_AFTER : 0) |
                     (k & KIND_UPDATE && before ? SENDS_BEFORE : 0) | (k & KIND_DELETE ? SENDS_DELETE : 0) |
                     (k & KIND_DELETE && p->deletes == DELETES_KEY ? SENDS_KEY_ONLY : 0));
}

static const struct key_sets *sink_keys(const struct phys *p) { return &p->inputs[0]->keys; }

/* One of the keys is the table's. */
static bool key_is(const struct phys *p)
{
    const struct sunk *s = p->spec;
    for (uint32_t i = 0; i < sink_keys(p)->n; i++)
        if (sink_keys(p)->sets[i].n == s->n_key && columns_within(sink_keys(p)->sets[i].columns, s->n_key, s->key, s->n_key))
            return true;
    return !s->n_key;
}

static bool needs_materialize(struct planner *pl, const struct phys *p)
{
    const struct sunk *s = p->spec;
    const char *how = catalog_config(pl->c, "table.exec.sink.upsert-materialize", "AUTO");
    if (!strcmp(how, "NONE") || !s->n_key || (s->takes & SENDS_BEFORE))
        return false;
    if (!strcmp(how, "FORCE"))
        return true;
    if (s->takes == SENDS_INSERT || (p->kinds == KIND_INSERT && s->conflict && !strcmp(s->conflict, "DEDUPLICATE")))
        return false;
    return !keys_have(sink_keys(p), s->key, s->n_key);
}

static bool without_watermark(const struct phys *p)
{
    if (!p->n)
        return p->rel && p->rel->table && p->rel->table->watermark < 0;
    for (uint32_t i = 0; i < p->n; i++)
        if (without_watermark(p->inputs[i]))
            return true;
    return false;
}

/* Rows of different keys of the query's may have one key of the table's: what then is to be said (FlinkChangelogModeInferenceProgram). */
static bool conflicts_settled(struct planner *pl, const struct phys *p, struct err *e)
{
    const struct sunk *s = p->spec;
    const char *demand = catalog_config(pl->c, "table.exec.sink.require-on-conflict", "true");
    bool upserts = s->takes != SENDS_INSERT && !(s->takes & SENDS_BEFORE);
    bool automatic = !strcmp(catalog_config(pl->c, "table.exec.sink.upsert-materialize", "AUTO"), "AUTO");
    if (s->conflict && !upserts)
        return phys_wrong(pl, p->at, e, "ON CONFLICT is for tables that take updates by key; '%s' %s", s->t->t.name,
                          s->takes == SENDS_INSERT ? "takes no updates" : "takes the rows before updates, too");
    if (s->conflict && strcmp(s->conflict, "DEDUPLICATE") != 0 && without_watermark(p))
        return phys_wrong(pl, p->at, e, "ON CONFLICT DO %s needs tables with a WATERMARK to read from", s->conflict);
    if (!s->conflict && automatic && !strcmp(demand, "true") && needs_materialize(pl, p))
        return phys_wrong(
            pl, p->at, e,
            "rows are told apart by other columns here than by the key of table '%s': say what is to be done with several of "
            "one key, by ON CONFLICT DO DEDUPLICATE, ERROR or NOTHING",
            s->t->t.name);
    return true;
}

bool phys_settle(struct planner *pl, struct phys *p, struct err *e)
{
    const struct sunk *s = p->spec;
    bool after = (s->takes & SENDS_AFTER) && !(s->takes & SENDS_BEFORE);
    phys_kinds(pl, p);
    /* updates of another key than the table's need what was there before */
    enum updates updates[2] = {after && key_is(p) ? UPDATES_AFTER : UPDATES_BOTH, UPDATES_BOTH};
    enum deletes deletes[2] = {(s->takes & SENDS_KEY_ONLY) && key_is(p) ? DELETES_KEY : DELETES_FULL, DELETES_FULL};
    return phys_infer(pl, p, updates, deletes, e) && conflicts_settled(pl, p, e) && phys_batches(pl, p, e);
}

static struct value changelog(struct arena *a, uint8_t sends)
{
    const char *const words[] = {"INSERT", "UPDATE_BEFORE", "UPDATE_AFTER", sends & SENDS_KEY_ONLY ? "~DELETE" : "DELETE"};
    struct value list = value_list(a, VAL_LIST, 4);
    list.n = 0;
    for (int i = 0; i < 4; i++)
        if (sends & (1 << i))
            list.items[list.n++] = put_text(a, words[i]);
    return list;
}

static struct value sink_abilities(struct planner *pl, const struct sink_how *how)
{
    struct value list = value_list(pl->a, VAL_LIST, 2);
    struct members overwrite = {0}, partition = {0}, columns = {0};
    list.n = 0;
    put_member(&overwrite, "type", put_text(pl->a, "Overwrite"));
    put_member(&overwrite, "overwrite", value_bool(true));
    for (uint32_t i = 0; i < how->n_partition; i++)
        put_member(&columns, how->columns[i], put_text(pl->a, how->values[i]));
    put_member(&partition, "type", put_text(pl->a, "Partitioning"));
    put_member(&partition, "partition", put_object(pl->a, &columns));
    if (how->overwrite)
        list.items[list.n++] = put_object(pl->a, &overwrite);
    if (how->n_partition)
        list.items[list.n++] = put_object(pl->a, &partition);
    return list;
}

static void sink_put(struct planner *pl, const struct phys *p, struct members *to)
{
    static const char *const options[][2] = {{"table.exec.sink.keyed-shuffle", "AUTO"},
                                             {"table.exec.sink.not-null-enforcer", "ERROR"},
                                             {"table.exec.sink.rowtime-inserter", "ENABLED"},
                                             {"table.exec.sink.type-length-enforcer", "IGNORE"},
                                             {"table.exec.sink.upsert-materialize", "AUTO"}};
    static const char *const state[] = {"sinkMaterializeState"};
    const struct sunk *s = p->spec;
    const struct key_sets *k = &p->inputs[0]->keys;
    struct members m = {0};
    put_member(to, "configuration", put_config(pl, options, 5));
    put_member(&m, "table", catalog_table_json(pl->a, s->t));
    if (s->how->overwrite || s->how->n_partition)
        put_member(&m, "abilities", sink_abilities(pl, s->how));
    put_member(to, "dynamicTableSink", put_object(pl->a, &m));
    put_member(to, "inputChangelogMode", changelog(pl->a, arrives(p)));
    uint32_t best = 0; /* the least; of two the one whose first other column comes before */
    for (uint32_t i = 1; i < k->n; i++) {
        const uint32_t *x = k->sets[best].columns, *y = k->sets[i].columns, n = k->sets[i].n;
        bool less = n == k->sets[best].n;
        for (uint32_t c = 0; less && c < n && x[c] >= y[c]; c++)
            less = c + 1 < n;
        if (n < k->sets[best].n || (n == k->sets[best].n && !less))
            best = i;
    }
    if (k->n)
        put_member(to, "inputUpsertKey", put_ints(pl->a, k->sets[best].columns, k->sets[best].n));
    if (needs_materialize(pl, p)) {
        put_member(to, "requireUpsertMaterialize", value_bool(true));
        put_member(to, "state", put_state(pl, p, state, 1));
    }
    if (s->conflict) {
        struct members how = {0};
        put_member(&how, "behavior", put_text(pl->a, s->conflict));
        put_member(to, "conflictStrategy", put_object(pl->a, &how));
    }
}

static void sink_about(struct planner *pl, const struct phys *p, struct buf *to)
{
    const struct sunk *s = p->spec;
    buf_printf(to, "table=[default_catalog.default_database.%.200s], fields=", s->t->t.name);
    about_columns(p->row, NULL, p->row->n, to);
    if (needs_materialize(pl, p))
        buf_puts(to, ", upsertMaterialize=[true]");
}

static const struct phys_class sink = {
    .type = "stream-exec-sink", .version = 2, .alone = true, .put = sink_put, .about = sink_about};

/* --- columns as the table has them --- */

static bool same_but_times(struct planner *pl, const struct ltype *from, const struct ltype *to)
{
    if (type_is_timestamp(from))
        from = type_time(pl->a, from->root, from->precision, NULL, from->nullable);
    return type_same(from, to, false);
}

/* When one column is cast, all are cast to what the table has; whether NULL comes into a column that has none is seen when it comes
 * (DynamicSinkUtils#validateSchemaAndApplyImplicitCast). */
static struct phys *cast_columns(struct planner *pl, const struct table *t, struct phys *in, struct place at, struct err *e)
{
    const struct ltype *to = cplan_table_row(&t->t, pl->a);
    struct simplify s = {.a = pl->a};
    const struct rex **exprs = arena_array(pl->a, to->n + 1u, sizeof *exprs);
    const struct ltype **types = arena_array(pl->a, to->n + 1u, sizeof *types);
    bool casts = false;
    for (uint32_t i = 0; i < to->n; i++) {
        const struct ltype *from = in->row->kids[i], *want = type_nullable(pl->a, to->kids[i], true);
        if (!type_casts_implicitly(from, want) && !type_needs_no_cast(from, want))
            return phys_wrong(pl, at, e, "column '%s' of table '%s' is %s; the query's is %s. Say CAST(… AS %s)", to->names[i],
                              t->t.name, type_label(pl->a, to->kids[i]), type_label(pl->a, from), type_label(pl->a, to->kids[i])),
                   NULL;
        casts = casts || (!type_needs_no_cast(from, want) && !same_but_times(pl, type_nullable(pl->a, from, true), want));
        exprs[i] = rex_input(pl->a, i, from);
        if (!same_but_times(pl, from, want))
            exprs[i] = rex_simplify(&s, rex_cast_to(pl->a, exprs[i], want));
        types[i] = exprs[i]->type;
    }
    if (!casts)
        return in;
    return phys_calc(pl, in, exprs, NULL, type_row(pl->a, to->names, types, to->n, false), at);
}

struct phys *phys_sink(struct planner *pl, const struct table *t, struct phys *in, const struct sink_how *how, struct place at,
                       struct err *e)
{
    struct sunk *s = arena_alloc(pl->a, sizeof *s);
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->t.n; i++)
        n += t->t.columns[i].kind == COLUMN_PHYSICAL;
    if (in->row->n != n)
        return phys_wrong(pl, at, e, "the query has %u columns, table '%s' takes %u", in->row->n, t->t.name, n), NULL;
    in = cast_columns(pl, t, in, at, e);
    if (!in)
        return NULL;
    struct phys *p = phys_of(pl, &sink, in->row, at, 1, &in);
    s->t = t;
    s->n_key = t->t.n_key;
    s->key = arena_array(pl->a, s->n_key + 1u, sizeof *s->key);
    for (uint32_t i = 0; i < s->n_key; i++)
        s->key[i] = cplan_key_column(&t->t, i);
    s->how = how;
    s->conflict = how->conflict;
    p->spec = s;
    phys_kinds(pl, p); /* what comes decides what the table has to take */
    uint8_t asked =
        (uint8_t)((p->kinds & KIND_INSERT ? SENDS_INSERT : 0) | (p->kinds & KIND_UPDATE ? SENDS_BEFORE | SENDS_AFTER : 0) |
                  (p->kinds & KIND_DELETE ? SENDS_DELETE : 0));
    if (!pl->tables->sink(&t->t, asked, &s->takes, e)) {
        struct err why = *e;
        *e = (struct err){0};
        return phys_wrong(pl, at, e, "%s", why.text), NULL;
    }
    if ((p->kinds & KIND_UPDATE) && !(s->takes & SENDS_AFTER))
        return phys_wrong(pl, at, e, "table '%s' takes no updates, which this query makes", t->t.name), NULL;
    if ((p->kinds & KIND_DELETE) && !(s->takes & SENDS_DELETE))
        return phys_wrong(pl, at, e, "table '%s' takes no deletes, which this query makes", t->t.name), NULL;
    return p;
}
