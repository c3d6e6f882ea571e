/* What tells the rows of a step apart, before there are exec nodes. */
#include <string.h>

#include "sql/coerce.h"
#include "sql/rel.h"

static bool among(const uint32_t *columns, uint32_t n, uint32_t c)
{
    for (uint32_t i = 0; i < n; i++)
        if (columns[i] == c)
            return true;
    return false;
}

/* The table's primary key; the step may have less columns than the table. */
static bool has_key(const struct rel *r, const uint32_t *columns, uint32_t n)
{
    const struct cplan_table *t = &r->table->t;
    for (uint32_t k = 0; k < t->n_key; k++) {
        bool found = false;
        for (uint32_t i = 0; i < n && !found; i++)
            found = !strcmp(r->row->names[columns[i]], t->columns[t->key[k]].name);
        if (!found)
            return false;
    }
    return t->n_key > 0;
}

static bool projected(struct arena *a, const struct rel *r, const uint32_t *columns, uint32_t n)
{
    uint32_t *below = arena_array(a, n + 1u, sizeof *below), n_below = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct rex *x = r->exprs[columns[i]];
        if (rex_is_call(x, "CAST") && type_cast_keeps(x->operands[0]->type, x->type))
            x = x->operands[0];
        if (x->kind == REX_INPUT)
            below[n_below++] = x->input;
    }
    return rel_unique(a, r->inputs[0], below, n_below);
}

bool rel_unique(struct arena *a, const struct rel *r, const uint32_t *columns, uint32_t n)
{
    switch (r->kind) {
    case REL_SCAN:
        return has_key(r, columns, n);
    case REL_WATERMARK:
    case REL_FILTER:
        return rel_unique(a, r->inputs[0], columns, n);
    case REL_PROJECT:
        return projected(a, r, columns, n);
    case REL_AGGREGATE:
        for (uint32_t i = 0; i < r->n_keys; i++)
            if (!among(columns, n, i))
                return false;
        return true;
    default:
        return false;
    }
}
