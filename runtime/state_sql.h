/* Values of a snapshot's state as SQL has them: what type a serializer's values are, and cells of values that were decoded by it.
 *
 * Values of which SQL knows no type (Kryo's, Avro's, Java objects …) are STRING: the JSON that `weir dump` prints. Any type may be asked for as
 * STRING. */
#ifndef WEIR_RUNTIME_STATE_SQL_H
#define WEIR_RUNTIME_STATE_SQL_H

#include "savepoint/savepoint.h"
#include "sql/batch.h"

/* In the arena, nullable at every level. Rows of Java classes have their fields' names; tuples and SQL's own rows f0, f1 … */
const struct ltype *state_sql_type(struct arena *a, const struct ser *s);

/* --- the keyed states of an operator --- */

struct state_column {
    const char *name;
    enum state_kind kind;
    const struct ltype
        *type; /* LIST: an ARRAY; MAP: a MAP; with namespaces: a MAP of them; NULL: it is no column: a MAP state with namespaces */
    bool by_namespace;
};
struct state_table {
    const struct ltype *key;
    uint32_t n;
    struct state_column *states; /* timers aside; by the headers of all subtasks, in the order in which they stand */
};
/* ERR_MISSING: it has no keyed state. */
bool state_table_read(struct state_table *t, const struct snapshot *s, const struct meta_operator *op, struct arena *a,
                      struct err *e);

/* --- values --- */

struct state_cells; /* how values of one type become cells of another */

/* From values of the serializer, whose type is `has`, to `wanted`: numbers of any width, rows with some of the fields by name (or all of them by
 * place), anything as STRING. ERR_REFUSED: they are others. NULL then. */
const struct state_cells *state_cells_make(struct arena *a, const struct ltype *wanted, const struct ltype *has, struct err *e);
/* What is pointed to lives in `to`. ERR_CONVERT: the value does not fit, which a number may not. A decimal that does not fit is NULL, as in Flink;
 * so is what could not be decoded, of which *opaque grows. */
bool state_cell(struct scratch *to, const struct state_cells *c, const struct value *v, union cell *out, uint8_t *null,
                uint32_t *opaque, struct err *e);

#endif
