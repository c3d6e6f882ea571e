/* stream-exec-process-table-function of TO_CHANGELOG and FROM_CHANGELOG. */
#include <string.h>

#include "sql/phys.h"

static const struct rel_changelog *spec_of(const struct phys *p) { return p->rel->changelog; }

/* --- the call --- */

static struct value call_json(struct planner *pl, const char *name, const char *syntax, const struct value *operands,
                              const char *type)
{
    struct members m = {0};
    put_member(&m, "kind", put_text(pl->a, "CALL"));
    if (syntax)
        put_member(&m, "syntax", put_text(pl->a, syntax));
    put_member(&m, "internalName", put_text(pl->a, name));
    if (operands)
        put_member(&m, "operands", *operands);
    put_member(&m, "type", put_text(pl->a, type));
    return put_object(pl->a, &m);
}

static struct value left_out(struct planner *pl, const char *type) { return call_json(pl, "$DEFAULT$1", "SPECIAL", NULL, type); }

static struct value text_json(struct planner *pl, const char *s)
{
    struct members m = {0};
    put_member(&m, "kind", put_text(pl->a, "LITERAL"));
    put_member(&m, "value", put_text(pl->a, s));
    put_member(&m, "type", put_text(pl->a, arena_printf(pl->a, "CHAR(%zu) NOT NULL", strlen(s))));
    return put_object(pl->a, &m);
}

static struct value table_json(struct planner *pl, const struct ltype *row)
{
    struct members m = {0};
    put_member(&m, "kind", put_text(pl->a, "TABLE_ARG_CALL"));
    put_member(&m, "inputIndex", value_int(0));
    put_member(&m, "partitionKeys", value_list(pl->a, VAL_LIST, 0));
    put_member(&m, "orderKeys", value_list(pl->a, VAL_LIST, 0));
    put_member(&m, "orderDirections", value_list(pl->a, VAL_LIST, 0));
    put_member(&m, "type", type_json(pl->a, row));
    return put_object(pl->a, &m);
}

static struct value function_json(struct planner *pl, const struct phys *p)
{
    const struct rel_changelog *c = spec_of(p);
    struct value operands = value_list(pl->a, VAL_LIST, 5), name = value_list(pl->a, VAL_LIST, 1);
    struct members m = {0};
    name.items[0] = text_json(pl, c->op);
    operands.items[0] = table_json(pl, p->inputs[0]->row);
    operands.items[1] = c->named ? call_json(pl, "$DESCRIPTOR$1", NULL, &name, "DESCRIPTOR NOT NULL") : left_out(pl, "DESCRIPTOR");
    operands.items[2] = c->mapping ? rex_json(pl->a, c->mapping) : left_out(pl, "MAP<VARCHAR(2147483647), VARCHAR(2147483647)>");
    operands.items[3] = left_out(pl, "DESCRIPTOR");
    operands.items[4] = c->uid ? text_json(pl, c->uid) : left_out(pl, "VARCHAR(2147483647)");
    put_member(&m, "kind", put_text(pl->a, "CALL"));
    put_member(&m, "internalName", put_text(pl->a, c->from ? "$FROM_CHANGELOG$1" : "$TO_CHANGELOG$1"));
    put_member(&m, "operands", operands);
    put_member(&m, "type", type_json(pl->a, p->row));
    return put_object(pl->a, &m);
}

/* --- the node --- */

static struct value mode_json(struct planner *pl, uint8_t kinds, bool before)
{
    const char *const words[] = {"INSERT", "UPDATE_BEFORE", "UPDATE_AFTER", "DELETE"};
    bool there[] = {kinds & KIND_INSERT, (kinds & KIND_UPDATE) && before, kinds & KIND_UPDATE, kinds & KIND_DELETE};
    struct value list = value_list(pl->a, VAL_LIST, 4);
    list.n = 0;
    for (int i = 0; i < 4; i++)
        if (there[i])
            list.items[list.n++] = put_text(pl->a, words[i]);
    return list;
}

static void put(struct planner *pl, const struct phys *p, struct members *to)
{
    const struct phys *in = p->inputs[0];
    struct value modes = value_list(pl->a, VAL_LIST, 1);
    modes.items[0] = mode_json(pl, in->kinds, in->updates == UPDATES_BOTH);
    put_member(to, "uid", spec_of(p)->uid ? put_text(pl->a, spec_of(p)->uid) : value_null());
    put_member(to, "functionCall", function_json(pl, p));
    put_member(to, "inputChangelogModes", modes);
    put_member(to, "outputChangelogMode", mode_json(pl, p->kinds, true));
}

static void about(struct planner *pl, const struct phys *p, struct buf *to)
{
    (void)pl;
    buf_printf(to, "invocation=[%s], select=", spec_of(p)->from ? "FROM_CHANGELOG" : "TO_CHANGELOG");
    about_columns(p->row, NULL, p->row->n, to);
}

static uint8_t inserts(const struct phys *p)
{
    (void)p;
    return KIND_INSERT;
}

static uint8_t all_kinds(const struct phys *p)
{
    (void)p;
    return KIND_INSERT | KIND_UPDATE | KIND_DELETE;
}

static int wants_whole(const struct phys *p, uint32_t i, enum updates asked)
{
    (void)p;
    (void)i;
    (void)asked;
    return UPDATES_BOTH;
}

static enum updates sends_both(const struct phys *p)
{
    (void)p;
    return UPDATES_BOTH;
}

static enum deletes sends_whole(const struct phys *p)
{
    (void)p;
    return DELETES_FULL;
}

static void no_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    (void)pl;
    (void)p;
    *to = (struct key_sets){0};
}

static const struct phys_class to_changelog = {.type = "stream-exec-process-table-function",
                                               .version = 1,
                                               .kinds = inserts,
                                               .wants = wants_whole,
                                               .keys = no_keys,
                                               .put = put,
                                               .about = about};
static const struct phys_class from_changelog = {.type = "stream-exec-process-table-function",
                                                 .version = 1,
                                                 .kinds = all_kinds,
                                                 .wants = wants_whole,
                                                 .sends = sends_both,
                                                 .deletes = sends_whole,
                                                 .keys = no_keys,
                                                 .put = put,
                                                 .about = about};

struct phys *phys_changelog(struct planner *pl, const struct rel *r, struct err *e)
{
    struct phys *in = phys_rel(pl, r->inputs[0], e);
    if (!in)
        return NULL;
    in = phys_plain_times(pl, in);
    phys_kinds(pl, in);
    if (r->changelog->from && in->kinds != KIND_INSERT)
        return phys_wrong(pl, r->at, e, "FROM_CHANGELOG takes rows that are only inserted"), NULL;
    struct phys *p = phys_of(pl, r->changelog->from ? &from_changelog : &to_changelog, r->row, r->at, 1, &in);
    p->rel = r;
    return p;
}
