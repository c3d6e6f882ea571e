/* stream-exec-correlate with Flink's internal functions of UNNEST. */
#include <string.h>

#include "sql/phys.h"
#include "sql/rex_make.h"

/* The columns of the input as fields of a correlation variable. */
static const struct rex *correlated(struct planner *pl, const struct rex *x, const struct ltype *row)
{
    struct arena *a = pl->a;
    struct rex *variable = arena_alloc(a, sizeof *variable);
    struct value *json = arena_alloc(a, sizeof *json);
    struct members m = {0};
    const struct rex **fields = arena_array(a, row->n + 1u, sizeof *fields);
    put_member(&m, "kind", put_text(a, "CORREL_VARIABLE"));
    put_member(&m, "correl", put_text(a, arena_printf(a, "$cor%u", pl->correlates++)));
    put_member(&m, "type", type_json(a, row));
    *json = put_object(a, &m);
    *variable = (struct rex){.kind = REX_OTHER, .type = row, .name = "CORREL_VARIABLE", .json = json};
    for (uint32_t i = 0; i < row->n; i++)
        fields[i] = rex_field(a, variable, i);
    return rex_over(a, x, fields);
}

static void put(struct planner *pl, const struct phys *p, struct members *to)
{
    const struct rel *r = p->rel;
    const struct rex *v = correlated(pl, r->exprs[0], type_nullable(pl->a, p->inputs[0]->row, false));
    const struct rex *call = rex_call(pl->a, r->ordinal ? "UNNEST_ROWS_WITH_ORDINALITY" : "UNNEST_ROWS", NULL, r->made, &v, 1);
    put_member(to, "joinType", put_text(pl->a, r->join == JOIN_LEFT ? "LEFT" : "INNER"));
    put_member(to, "functionCall", rex_json(pl->a, call));
    put_member(to, "condition", r->condition ? rex_json(pl->a, r->condition) : value_null());
}

static void no_keys(struct planner *pl, const struct phys *p, struct key_sets *to)
{
    (void)pl;
    (void)p;
    *to = (struct key_sets){0};
}

static const struct phys_class correlate = {.type = "stream-exec-correlate", .version = 1, .keys = no_keys, .put = put};

struct phys *phys_unnest(struct planner *pl, const struct rel *r, struct err *e)
{
    struct phys *in = phys_rel(pl, r->inputs[0], e);
    if (!in)
        return NULL;
    struct phys *p = phys_of(pl, &correlate, r->row, r->at, 1, &in);
    p->rel = r;
    return p;
}
