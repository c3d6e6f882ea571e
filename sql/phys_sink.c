/* stream-exec-sink: INSERT INTO. */
#include <string.h>

#include "sql/coerce.h"
#include "sql/phys.h"
#include "sql/simplify.h"

struct sunk {
    const struct table *t;
    uint8_t takes;
    bool materialize;
};

/* What arrives, as rows. */
static uint8_t arrives(const struct phys *p)
{
    uint8_t k = p->kinds;
    bool before = p->inputs[0]->before;
    return (uint8_t)((k & KIND_INSERT ? SENDS_INSERT : 0) | (k & KIND_UPDATE ? SENDS_AFTER : 0) |
                     (k & KIND_UPDATE && before ? SENDS_BEFORE : 0) | (k & KIND_DELETE ? SENDS_DELETE : 0));
}

/* Physical columns are the row's. The rows of one key come in order if the key tells them apart before, too. */
static bool key_fits(const struct phys *p)
{
    const struct sunk *s = p->spec;
    return keys_have(&p->inputs[0]->keys, s->t->t.key, s->t->t.n_key);
}

static bool sink_wants(const struct phys *p, uint32_t i, bool before)
{
    const struct sunk *s = p->spec;
    (void)i;
    (void)before;
    return (s->takes & SENDS_BEFORE) || (s->t->t.n_key && !key_fits(p));
}

static struct value changelog(struct arena *a, uint8_t sends)
{
    static const char *const words[] = {"INSERT", "UPDATE_BEFORE", "UPDATE_AFTER", "DELETE"};
    struct value list = value_list(a, VAL_LIST, 4);
    list.n = 0;
    for (int i = 0; i < 4; i++)
        if (sends & (1 << i))
            list.items[list.n++] = put_text(a, words[i]);
    return list;
}

static bool needs_materialize(struct planner *pl, const struct phys *p)
{
    const struct sunk *s = p->spec;
    const char *how = catalog_config(pl->c, "table.exec.sink.upsert-materialize", "AUTO");
    if (!strcmp(how, "NONE") || !s->t->t.n_key)
        return false;
    if (!strcmp(how, "FORCE"))
        return true;
    return p->kinds != KIND_INSERT && !(s->takes & SENDS_BEFORE) && !key_fits(p);
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
    put_member(to, "dynamicTableSink", put_object(pl->a, &m));
    put_member(to, "inputChangelogMode", changelog(pl->a, arrives(p)));
    uint32_t best = 0; /* the one that the table's key has, else the least */
    for (uint32_t i = 0; i < k->n; i++) {
        struct key_sets one = {.n = 1};
        one.sets[0] = k->sets[i];
        if (s->t->t.n_key && keys_have(&one, s->t->t.key, s->t->t.n_key)) {
            best = i;
            break;
        }
        best = k->sets[i].n < k->sets[best].n ? i : best;
    }
    if (k->n && p->kinds != KIND_INSERT)
        put_member(to, "inputUpsertKey", put_ints(pl->a, k->sets[best].columns, k->sets[best].n));
    if (needs_materialize(pl, p)) {
        put_member(to, "requireUpsertMaterialize", value_bool(true));
        put_member(to, "state", put_state(pl, p, state, 1));
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
    .type = "stream-exec-sink", .version = 2, .wants = sink_wants, .put = sink_put, .about = sink_about};

/* --- columns as the table has them --- */

static struct phys *cast_columns(struct planner *pl, const struct table *t, struct phys *in, struct place at, struct err *e)
{
    const struct ltype *to = cplan_table_row(&t->t, pl->a);
    struct simplify s = {.a = pl->a};
    const struct rex **exprs = arena_array(pl->a, to->n + 1u, sizeof *exprs);
    const struct ltype **types = arena_array(pl->a, to->n + 1u, sizeof *types);
    bool casts = false;
    for (uint32_t i = 0; i < to->n; i++) {
        const struct rex *x = rex_materialized(pl->a, rex_input(pl->a, i, in->row->kids[i]));
        const struct ltype *from = x->type;
        /* whether NULL comes into a column that has none is seen when it comes */
        const struct ltype *want = type_nullable(pl->a, to->kids[i], to->kids[i]->nullable || from->nullable);
        if (!type_casts_implicitly(from, want) && !type_needs_no_cast(from, want))
            return phys_wrong(pl, at, e, "column '%s' of table '%s' is %s; the query's is %s. Say CAST(… AS %s)", to->names[i],
                              t->t.name, type_label(pl->a, to->kids[i]), type_label(pl->a, from), type_label(pl->a, to->kids[i])),
                   NULL;
        if (!type_needs_no_cast(from, want))
            x = rex_simplify(&s, rex_cast_to(pl->a, x, type_nullable(pl->a, to->kids[i], from->nullable)));
        casts = casts || x->kind != REX_INPUT;
        exprs[i] = x;
        types[i] = x->type;
    }
    if (!casts)
        return in;
    return phys_calc(pl, in, exprs, NULL, type_row(pl->a, in->row->names, types, to->n, false), at);
}

struct phys *phys_sink(struct planner *pl, const struct table *t, struct phys *in, struct place at, struct err *e)
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
