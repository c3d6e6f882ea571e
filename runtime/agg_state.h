/* Accumulators as Flink keeps them: a row of the buffers of all calls, and views beside it, which are states of their own (AggsHandlerCodeGenerator,
 * DataViewUtils, AggregateUtil of flink-table-planner 2.3). */
#ifndef WEIR_RUNTIME_AGG_STATE_H
#define WEIR_RUNTIME_AGG_STATE_H

#include "runtime/agg.h"
#include "runtime/keyed.h"

/* A set of the values of DISTINCT calls over the same column (agg.h). */
struct acc_distinct {
    uint32_t state, n_calls;
    uint32_t *calls;
    bool counts, listed; /* rows can be taken back; and then a value has a list of numbers, one a call */
    const struct ltype *const *type;
};

struct acc_layout {
    const struct agg *aggs;
    uint32_t n_aggs, n_columns, state, n_distinct;
    const struct ltype **types; /* of the columns */
    uint32_t *first;            /* of each call: its first column */
    uint32_t *view;             /* … and its views; UINT32_MAX: none */
    uint32_t rows;              /* the column that counts rows; UINT32_MAX: none does */
    struct acc_distinct *distinct;
    union cell *v;
    uint8_t *null;
    struct buf value, user_key;
    struct scratch heap;
};

/* Declares the state `name` of accumulators (NULL: somebody else keeps their rows), and views. count_rows: whoever takes rows back has to know when a key has none. */
void acc_layout(struct acc_layout *l, struct op *o, const struct agg *aggs, uint32_t n, bool count_rows, const char *name,
                enum keyed_ns ns);
/* That call's value is how many rows there are. */
void acc_counts_rows(struct acc_layout *l, uint32_t call);
void acc_layout_free(struct acc_layout *l);
/* Puts accumulators, and how many rows they are of, under the snapshot's key. */
void acc_put(struct acc_layout *l, struct op *o, struct snap *to, const int64_t *ns, const struct acc *acc, int64_t rows);
/* The row alone, as its serializer writes it. */
void acc_put_row(struct acc_layout *l, struct buf *to, const struct acc *acc, int64_t rows);
void acc_take_row(struct acc_layout *l, struct rd *in, struct acc *acc, int64_t *rows);
/* Is the entry of one of these states? It is taken then, into zeroed accumulators; *rows is set when it is the row. */
bool acc_take(struct acc_layout *l, struct keyed_entry *x, struct acc *acc, int64_t *rows);

/* --- structured types (agg_struct.c), by the letter of aggregates.def --- */

bool acc_is_structured(char letter);
bool acc_has_views(char letter);
bool acc_of_value(char letter); /* its first field is one of the values, whose order or number is the second */
const struct ltype *acc_structured(struct op *o, const struct agg *g, char letter);
/* What stands in an accumulator for a MapView or a ListView. */
const struct ltype *acc_view(struct op *o, bool list);

/* --- views (agg_view.c), for agg_state.c --- */

/* The first column of a call's accumulator, and whether it is a structured type whose views have values one by one. */
char acc_letter(const struct agg *g);
bool acc_one_by_one(const struct agg *g);
void acc_put_views(struct acc_layout *l, struct op *o, struct snap *to, const int64_t *ns, const struct acc *acc);
bool acc_take_views(struct acc_layout *l, struct keyed_entry *x, struct acc *acc);

#endif
