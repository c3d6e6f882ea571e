/* The structured types that stand for accumulators of flink-table-runtime 2.3's functions. Their views are states of their own, of which nothing is
 * in the accumulator. */
#include <string.h>

#include "runtime/agg_state.h"

#define FUNCTIONS "org.apache.flink.table.runtime.functions.aggregate."
#define VIEWS "org.apache.flink.table.api.dataview."

/* What each field is: v the argument, N BIGINT, n BIGINT NOT NULL, d DOUBLE NOT NULL, s STRING, a ARRAY<DOUBLE>, M and L a MapView and a ListView. */
static const struct {
    char letter;
    const char *cls, *kinds, *names[4];
} rows[] = {
    {BUFFER_MIN_BACK, FUNCTIONS "MinWithRetractAggFunction$MinWithRetractAccumulator", "vNM", {"min", "mapSize", "map"}},
    {BUFFER_MAX_BACK, FUNCTIONS "MaxWithRetractAggFunction$MaxWithRetractAccumulator", "vNM", {"max", "mapSize", "map"}},
    {BUFFER_FIRST_BACK,
     FUNCTIONS "FirstValueWithRetractAggFunction$FirstValueWithRetractAccumulator",
     "vNMM",
     {"firstValue", "firstOrder", "valueToOrderMap", "orderToValueMap"}},
    {BUFFER_LAST_BACK,
     FUNCTIONS "LastValueWithRetractAggFunction$LastValueWithRetractAccumulator",
     "vNMM",
     {"lastValue", "lastOrder", "valueToOrderMap", "orderToValueMap"}},
    {BUFFER_WELFORD, FUNCTIONS "WelfordM2AggFunction$WelfordM2Accumulator", "ndd", {"n", "mean", "m2"}},
    {BUFFER_TEXTS_BACK, FUNCTIONS "ListAggWithRetractAggFunction$ListAggWithRetractAccumulator", "LL", {"list", "retractList"}},
    {BUFFER_TEXTS_BY_BACK,
     FUNCTIONS "ListAggWsWithRetractAggFunction$ListAggWsWithRetractAccumulator",
     "LLs",
     {"list", "retractList", "delimiter"}},
    {BUFFER_COLLECT, FUNCTIONS "CollectAggFunction$CollectAccumulator", "M", {"map"}},
    {BUFFER_JSON_ARRAY, FUNCTIONS "JsonArrayAggFunction$Accumulator", "L", {"list"}},
    {BUFFER_JSON_OBJECT, FUNCTIONS "JsonObjectAggFunction$Accumulator", "M", {"map"}},
    {BUFFER_PERCENTILE, FUNCTIONS "PercentileAggFunction$PercentileAccumulator", "aM", {"percentages", "valueCount"}},
};

/* Its fields; NULL: it is no structured type. */
static const char *kinds_of(char letter)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].letter == letter)
            return rows[i].kinds;
    return NULL;
}

bool acc_is_structured(char letter) { return kinds_of(letter) != NULL; }

bool acc_has_views(char letter)
{
    const char *kinds = kinds_of(letter);
    return kinds && strpbrk(kinds, "ML");
}

bool acc_of_value(char letter)
{
    const char *kinds = kinds_of(letter);
    return kinds && *kinds == 'v';
}

const struct ltype *acc_view(struct op *o, bool list)
{
    struct ltype *t = arena_alloc(o->a, sizeof *t);
    *t = (struct ltype){
        .root = L_RAW, .slot = SLOT_RAW, .width = 8, .nullable = true, .cls = list ? VIEWS "ListView" : VIEWS "MapView"};
    return t;
}

static const struct ltype *field(struct op *o, const struct agg *g, char kind)
{
    switch (kind) {
    case 'v':
        return type_nullable(o->a, g->arg, true);
    case 'N':
    case 'n':
        return type_simple(o->a, L_BIGINT, kind == 'N');
    case 'd':
        return type_simple(o->a, L_DOUBLE, false);
    case 's':
        return type_length(o->a, L_VARCHAR, TYPE_MAX_LENGTH, true);
    case 'a':
        return type_of_kids(o->a, L_ARRAY, type_simple(o->a, L_DOUBLE, true), NULL, true);
    default:
        return acc_view(o, kind == 'L');
    }
}

const struct ltype *acc_structured(struct op *o, const struct agg *g, char letter)
{
    struct ltype *t = arena_alloc(o->a, sizeof *t);
    uint32_t i = 0;
    while (rows[i].letter != letter)
        i++;
    uint32_t n = (uint32_t)strlen(rows[i].kinds);
    const struct ltype **kids = arena_array(o->a, n, sizeof *kids);
    const char **names = arena_array(o->a, n, sizeof *names);
    for (uint32_t k = 0; k < n; k++) {
        kids[k] = field(o, g, rows[i].kinds[k]);
        names[k] = rows[i].names[k];
    }
    *t = (struct ltype){.root = L_STRUCTURED,
                        .slot = SLOT_ROW,
                        .width = 8,
                        .nullable = true,
                        .cls = rows[i].cls,
                        .kids = kids,
                        .names = names,
                        .n = n};
    return t;
}
