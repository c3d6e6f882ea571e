/* Plans that leave out what a catalog knows (table.plan.compile.catalog-objects SCHEMA, IDENTIFIER): tables of a script stand in for those that
 * the plan was made for. What that other connector could do by itself, a node behind the scan does: conditions (FilterPushDown) are a calc,
 * a watermark (WatermarkPushDown) is a watermark-assigner without a column of its own; and its metadata may be ordinary columns here. */
#include <string.h>

#include "sql/rel.h"
#include "sql/rex_make.h"

enum { BEHIND = 2 /* nodes at most behind one scan */ };

static struct value text(struct arena *a, const char *s) { return value_text(a, s, strlen(s)); }

static void set_member(struct arena *a, struct value *v, const char *name, struct value to)
{
    struct value *there = value_member(v, name);
    if (there) {
        *there = to;
        return;
    }
    const char **names = arena_array(a, v->n + 1u, sizeof *names);
    for (uint32_t i = 0; i < v->n; i++)
        names[i] = v->names[i].s;
    names[v->n] = name;
    struct value wider = value_object(a, names, v->n + 1);
    memcpy(wider.items, v->items, v->n * sizeof *v->items);
    wider.items[v->n] = to;
    *v = wider;
}

static const struct table *by_identifier(const struct catalog *c, const char *identifier)
{
    for (uint32_t i = 0; i < c->n; i++)
        if (!c->tables[i].view && c->tables[i].t.identifier && !strcmp(c->tables[i].t.identifier, identifier))
            return &c->tables[i];
    return NULL;
}

/* Gives the table the options of the catalog's, or all of it. NULL: it has its own, or nobody knows it. */
static const struct table *complete(const struct catalog *c, struct arena *a, struct value *table)
{
    struct value *identifier = value_member(table, "identifier"), *resolved = value_member(table, "resolvedTable");
    const struct table *known = identifier && identifier->kind == VAL_TEXT ? by_identifier(c, identifier->text) : NULL;
    if (!known || (resolved && (resolved->kind != VAL_OBJECT || value_member(resolved, "options"))))
        return NULL;
    struct value whole = catalog_table_json(a, known);
    if (!resolved)
        set_member(a, table, "resolvedTable", *value_member(&whole, "resolvedTable"));
    else
        set_member(a, resolved, "options", *value_member(value_member(&whole, "resolvedTable"), "options"));
    return known;
}

/* --- metadata that is an ordinary column here --- */

static bool is_of(const struct value *ability, const char *type)
{
    const struct value *t = ability->kind == VAL_OBJECT ? value_member(ability, "type") : NULL;
    return t && t->kind == VAL_TEXT && !strcmp(t->text, type);
}

static struct value *ability_of(const struct value *abilities, const char *type)
{
    for (uint32_t i = 0; i < abilities->n; i++)
        if (is_of(&abilities->items[i], type))
            return &abilities->items[i];
    return NULL;
}

/* Which of the table's physical columns has that name; -1: none. */
static int64_t physical(const struct cplan_table *t, const char *name)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        if (t->columns[i].kind != COLUMN_PHYSICAL)
            continue;
        if (!strcmp(t->columns[i].name, name))
            return n;
        n++;
    }
    return -1;
}

static const char *of_key(const struct cplan_table *t, const char *key)
{
    for (uint32_t i = 0; i < t->n; i++)
        if (t->columns[i].kind == COLUMN_METADATA && !strcmp(cplan_metadata_key(&t->columns[i]), key))
            return t->columns[i].name;
    return "";
}

/* One projection of ordinary columns instead of one and of metadata. False: the catalog's table does not have all of them as such. */
static bool as_columns(struct arena *a, const struct table *known, struct value *table, struct value *abilities)
{
    struct err e = {0};
    struct cplan_table planned;
    struct value *project = ability_of(abilities, "ProjectPushDown"), *metadata = ability_of(abilities, "ReadingMetadata");
    const struct value *fields = project ? value_member(project, "projectedFields") : NULL;
    const struct value *keys = metadata ? value_member(metadata, "metadataKeys") : NULL;
    if (!keys || keys->kind != VAL_LIST || !keys->n || (project && (!fields || fields->kind != VAL_LIST)) ||
        !cplan_table_read(&planned, a, table, &e))
        return false;
    const struct ltype *row = cplan_table_row(&planned, a);
    uint32_t n = fields ? fields->n : row->n;
    struct value list = value_list(a, VAL_LIST, n + keys->n);
    for (uint32_t i = 0; i < list.n; i++) {
        const char *name = "";
        if (i >= n && keys->items[i - n].kind == VAL_TEXT)
            name = of_key(&planned, keys->items[i - n].text);
        else if (i < n && !fields)
            name = row->names[i];
        else if (i < n && fields->items[i].kind == VAL_LIST && fields->items[i].n == 1 &&
                 fields->items[i].items[0].kind == VAL_INT && fields->items[i].items[0].i >= 0 &&
                 fields->items[i].items[0].i < row->n)
            name = row->names[fields->items[i].items[0].i];
        int64_t at = physical(&known->t, name);
        if (at < 0)
            return false;
        list.items[i] = value_list(a, VAL_LIST, 1);
        list.items[i].items[0] = value_int(at);
    }
    struct value whole = catalog_table_json(a, known);
    set_member(a, table, "resolvedTable", *value_member(&whole, "resolvedTable"));
    if (!project) {
        *metadata = value_object(a, (const char *const[]){"type", "projectedFields"}, 2);
        metadata->items[0] = text(a, "ProjectPushDown");
        metadata->items[1] = list;
        return true;
    }
    set_member(a, project, "projectedFields", list);
    set_member(a, metadata, "metadataKeys", value_list(a, VAL_LIST, 0));
    return true;
}

/* --- nodes behind a scan --- */

static struct value node_json(struct arena *a, const char *type, const struct value *output, int64_t id)
{
    static const char *const names[] = {"id", "type", "outputType", "description"};
    struct value v = value_object(a, names, 4);
    v.items[0] = value_int(id);
    v.items[1] = text(a, type);
    v.items[2] = *output;
    v.items[3] = text(a, "for a source that does it by itself");
    return v;
}

/* Conditions in front of a projection look at all columns: the scan reads these then, and the condition's node leaves some out. NULL: it is not so. */
static const struct value *projected_later(struct arena *a, const struct value *table, const struct value *abilities,
                                           const struct ltype **row)
{
    struct err e = {0};
    struct cplan_table planned;
    const struct value *filter = ability_of(abilities, "FilterPushDown"), *project = ability_of(abilities, "ProjectPushDown");
    const struct value *metadata = ability_of(abilities, "ReadingMetadata");
    const struct value *keys = metadata ? value_member(metadata, "metadataKeys") : NULL;
    const struct value *fields = project ? value_member(project, "projectedFields") : NULL;
    if (!filter || !fields || filter > project || fields->kind != VAL_LIST || (keys && keys->n) ||
        !cplan_table_read(&planned, a, table, &e))
        return NULL;
    const struct ltype *whole = cplan_table_row(&planned, a);
    for (uint32_t i = 0; i < fields->n; i++) {
        const struct value *path = &fields->items[i];
        if (path->kind != VAL_LIST || path->n != 1 || path->items[0].kind != VAL_INT || path->items[0].i < 0 ||
            path->items[0].i >= whole->n)
            return NULL;
    }
    *row = whole;
    return fields;
}

/* The rows of which the condition is true; fields: those columns of them, NULL: all. */
static bool filter_node(struct arena *a, const struct value *ability, const struct ltype *row, const struct value *fields,
                        struct value *node)
{
    struct err e = {0};
    const struct value *predicates = value_member(ability, "predicates");
    if (!predicates || predicates->kind != VAL_LIST)
        return false;
    const struct rex **terms = arena_array(a, predicates->n + 1u, sizeof *terms);
    for (uint32_t i = 0; i < predicates->n; i++)
        if (!(terms[i] = rex_read(a, &predicates->items[i], &e)))
            return false;
    struct value projection = value_list(a, VAL_LIST, fields ? fields->n : row->n);
    for (uint32_t i = 0; i < projection.n; i++) {
        uint32_t c = fields ? (uint32_t)fields->items[i].items[0].i : i;
        projection.items[i] = rex_json(a, rex_input(a, c, row->kids[c]));
    }
    const struct rex *condition = rex_and(a, terms, predicates->n);
    set_member(a, node, "projection", projection);
    set_member(a, node, "condition", condition ? rex_json(a, condition) : value_null());
    return true;
}

static bool watermark_node(struct arena *a, const struct value *ability, struct value *node)
{
    const struct value *expression = value_member(ability, "watermarkExpr");
    if (expression)
        set_member(a, node, "watermarkExpr", *expression);
    return expression != NULL;
}

/* What the abilities of a scan become: nodes in their order, from id `next` on. What they do not become stays, and is refused when it is opened. */
static uint32_t nodes_behind(struct arena *a, struct value *scan, const struct value *table, struct value *abilities, int64_t next,
                             struct value *to)
{
    struct err e = {0};
    uint32_t n = 0, kept = 0;
    const struct value *output = value_member(scan, "outputType");
    const struct ltype *row = output ? type_of_json(a, output, &e) : NULL;
    if (!row || !type_is_row(row))
        return 0;
    struct value own = *output;
    const struct value *fields = projected_later(a, table, abilities, &row);
    bool filters = ability_of(abilities, "FilterPushDown") != NULL;
    if (fields)
        set_member(a, scan, "outputType", type_json(a, row));
    for (uint32_t i = 0; i < abilities->n; i++) {
        const struct value *one = &abilities->items[i];
        bool filter = is_of(one, "FilterPushDown"), made = false;
        if (n < BEHIND && (filter || is_of(one, "WatermarkPushDown"))) {
            to[n] = node_json(a, filter ? "stream-exec-calc_1" : "stream-exec-watermark-assigner_1", &own, next + n);
            made = filter ? filter_node(a, one, row, fields, &to[n]) : watermark_node(a, one, &to[n]);
        }
        n += made;
        bool done = (fields && (is_of(one, "ProjectPushDown") || is_of(one, "ReadingMetadata"))) ||
            (filters && is_of(one, "LimitPushDown")); /* a limit stands in the plan as well, behind the conditions */
        if (!made && filter)
            set_member(a, &abilities->items[i], "type", text(a, "FilterPushDown of conditions that cannot be read"));
        if (!made && !done)
            abilities->items[kept++] = *one;
    }
    abilities->n = kept;
    return n;
}

/* Edges from the scan begin behind those nodes, which follow each other. */
static void put_edges(struct arena *a, struct value *edges, int64_t scan, int64_t first, uint32_t n)
{
    static const char *const names[] = {"source", "target"};
    for (uint32_t i = 0; i < edges->n; i++) {
        struct value *from = edges->items[i].kind == VAL_OBJECT ? value_member(&edges->items[i], "source") : NULL;
        if (from && from->kind == VAL_INT && from->i == scan)
            from->i = first + n - 1;
    }
    struct value more = value_list(a, VAL_LIST, edges->n + n);
    memcpy(more.items, edges->items, edges->n * sizeof *edges->items);
    for (uint32_t i = 0; i < n; i++) {
        struct value *x = &more.items[edges->n + i];
        *x = value_object(a, names, 2);
        x->items[0] = value_int(i ? first + i - 1 : scan);
        x->items[1] = value_int(first + i);
    }
    *edges = more;
}

static int64_t greatest_id(const struct value *nodes)
{
    int64_t most = 0;
    for (uint32_t i = 0; i < nodes->n; i++) {
        const struct value *id = nodes->items[i].kind == VAL_OBJECT ? value_member(&nodes->items[i], "id") : NULL;
        most = id && id->kind == VAL_INT && id->i > most && id->i < INT64_MAX / 2 ? id->i : most;
    }
    return most;
}

static struct value *table_of(const struct value *node, const char *holder)
{
    struct value *h = node->kind == VAL_OBJECT ? value_member(node, holder) : NULL;
    struct value *table = h && h->kind == VAL_OBJECT ? value_member(h, "table") : NULL;
    return table && table->kind == VAL_OBJECT ? table : NULL;
}

void catalog_complete(const struct catalog *c, struct arena *a, struct value *plan)
{
    struct value *nodes = plan->kind == VAL_OBJECT ? value_member(plan, "nodes") : NULL;
    struct value *edges = nodes ? value_member(plan, "edges") : NULL;
    if (!nodes || nodes->kind != VAL_LIST || !edges || edges->kind != VAL_LIST)
        return;
    int64_t next = greatest_id(nodes) + 1;
    struct value all = value_list(a, VAL_LIST, nodes->n * (1u + BEHIND));
    uint32_t n = 0;
    for (uint32_t i = 0; i < nodes->n; i++) {
        struct value *node = &nodes->items[i], *scan = table_of(node, "scanTableSource"),
                     *sink = table_of(node, "dynamicTableSink");
        const struct table *known = scan ? complete(c, a, scan) : NULL;
        if (sink)
            complete(c, a, sink);
        uint32_t at = n++;
        all.items[at] = *node;
        struct value *abilities = known ? value_member(value_member(node, "scanTableSource"), "abilities") : NULL;
        const struct value *id = value_member(node, "id");
        if (!abilities || abilities->kind != VAL_LIST || !id || id->kind != VAL_INT)
            continue;
        as_columns(a, known, scan, abilities);
        uint32_t behind = nodes_behind(a, node, scan, abilities, next, &all.items[n]);
        all.items[at] = *node;
        if (behind)
            put_edges(a, edges, id->i, next, behind);
        n += behind;
        next += behind;
    }
    all.n = n;
    *nodes = all;
}
