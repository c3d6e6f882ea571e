/* Managed operator state: list (split, union) and broadcast states of one subtask
 * (flink-runtime: DefaultOperatorStateBackendSnapshotStrategy, OperatorBackendSerializationProxy versions 5 and 6). */
#ifndef WEIR_SAVEPOINT_OPSTATE_H
#define WEIR_SAVEPOINT_OPSTATE_H

#include "savepoint/savepoint.h"

struct opstate_part {
    int32_t version;
    bool compressed;
    uint32_t n;
    struct state_info *states;          /* KIND_OPERATOR_LIST and KIND_BROADCAST; lists first */
    const struct meta_op_state **where; /* per state: its offsets in the handle, NULL when the handle does not name it */
    const char *lost;                   /* first unknown serializer class, or NULL */
    const struct snapshot *snapshot;
    const struct meta_op_handle *handle;
    struct arena arena;
    struct blob blob; /* p: all bytes in memory */
    void *own;        /* opstate.c's */
};

/* ERR_CORRUPT also when the handle and the header do not fit together. A serializer that is not known is no error: the state is
 * there, its elements are opaque. */
bool opstate_open(struct opstate_part **p, const struct snapshot *s, const struct meta_operator *op, const struct meta_op_handle *h,
                  struct err *e);
/* Calls fn for every element of state i: the bytes of one list element, or of a whole broadcast map (i32 n, n * (key, value)).
 * The span is valid during the call; `at` is its position in the file (compressed: of its first chunk). False: fn stopped the
 * walk, or e is set. */
typedef bool element_fn(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e);
bool opstate_walk(struct opstate_part *p, uint32_t i, element_fn *fn, void *ctx, struct err *e);
void opstate_close(struct opstate_part *p);

#endif
