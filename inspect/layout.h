/* What state a job has, and how it is typed: read from a snapshot, or from a document that `weir schema` wrote.
 *
 * A layout from a snapshot points into the snapshot's tree; one from a document owns all that it says. Serializers from a document
 * have no facts of their own (ser.extra, but for POJOs): they can be compared, not read by. */
#ifndef WEIR_INSPECT_LAYOUT_H
#define WEIR_INSPECT_LAYOUT_H

#include "inspect/tree.h"

struct layout_state {
    const char *name;
    enum state_kind kind;
    enum op_mode mode; /* operator state */
    bool v2;           /* Flink 2's asynchronous state */
    bool ttl;
    const struct ser *ns;       /* NULL: none, or the void namespace */
    const struct ser *user_key; /* MAP and BROADCAST, else NULL */
    const struct ser *element;  /* the value, a list's element, a map's value; without TTL; timers: the whole of it */
    const struct ser *value;    /* as the snapshot has it */
    uint64_t entries, bytes;    /* 0 from a document */
    bool untold;                /* of a job's classes: none of them says what the state is, so it is taken for what it was */
};

struct layout_op {
    const char *id, *uid, *name; /* hex digits; uid, name: NULL where not known */
    const char *label;           /* the uid or, where there is none, the id */
    int32_t max_parallelism;
    bool max_told;         /* the job sets it, so that Flink has not derived it */
    int32_t parallelism;   /* 0: not known */
    const struct ser *key; /* NULL: no keyed state */
    uint32_t n;
    struct layout_state *states; /* by name, then kind */
    uint64_t bytes;              /* of all handles; 0 from a document */
    bool stateful;               /* has state that Flink must place: states, coordinator, raw state */
};

struct layout {
    const char *name;     /* the location, for messages */
    int32_t meta_version; /* 0: from a document */
    uint32_t n;
    struct layout_op *ops; /* by label, then id; from a document only those with states */
    struct arena arena;
};

/* The tree must outlive it. */
void layout_of_tree(struct layout *l, const struct tree *t);
/* Reads a document of weir schema. ERR_CORRUPT with the place when it is none. */
bool layout_read(struct layout *l, struct bytes text, const char *name, struct err *e);
void layout_free(struct layout *l);

/* Does the text look like a document of weir schema, and not like a snapshot's metadata? */
bool layout_is_document(struct bytes text);

const struct layout_op *layout_op_by_id(const struct layout *l, const char *id);
/* By name; of several with one name (of different kinds) the one of this kind, else the first. */
const struct layout_state *layout_state_by_name(const struct layout_op *op, const char *name, enum state_kind kind);

#endif
