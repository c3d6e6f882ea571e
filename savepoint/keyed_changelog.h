/* The changelog state backend's handles (flink-statebackend-changelog, flink-dstl-dfs; Flink 1.15 to 2.3): materialized handles of
 * another backend, and the changes made since, as logs. For keyed_changelog*.c only. */
#ifndef WEIR_SAVEPOINT_KEYED_CHANGELOG_H
#define WEIR_SAVEPOINT_KEYED_CHANGELOG_H

#include "savepoint/savepoint.h"

/* StateChangeOperation. */
enum change_op {
    OP_CLEAR,
    OP_SET,
    OP_SET_INTERNAL,
    OP_ADD,
    OP_MERGE_NS,
    OP_ADD_ELEMENT,
    OP_ADD_OR_UPDATE_ELEMENT,
    OP_REMOVE_ELEMENT,
    OP_METADATA
};

struct change {
    int32_t key_group;  /* -1: metadata (StateChange.META_KEY_GROUP) */
    uint32_t state;     /* index of its state in the header; UINT32_MAX: it was not announced. Set by changelog_index */
    struct bytes bytes; /* the operation's byte first; at least one */
    const char *file;   /* for messages, with the position; in compressed files a position in the plain bytes behind the flag */
    uint64_t at;
};

struct change_log {
    struct change *v; /* owned */
    size_t n, cap;
    uint64_t copied; /* bytes copied out of files */
};

/* All changes of a changelog handle, in order. Bytes and names live in the arena or the snapshot. v is to be freed also on failure. */
bool change_log_read(struct change_log *log, const struct snapshot *s, const struct meta_keyed *h, struct arena *a, struct err *e);

/* What the log has about one piece of state: the value of a key and namespace, a map (a scope: the map itself; besides, each of its
 * entries), a timer. */
struct record {
    struct record *chain;
    uint64_t hash;
    uint32_t state; /* the first state in the header that has its name */
    uint32_t key_group;
    struct bytes key, ns, sub; /* timers: sub is the queue element, key and ns are empty; map entries: sub is the user key */
    bool has_sub;
    struct record *scope;          /* map entries */
    uint32_t epoch;                /* scopes: how often the map was cleared; map entries: which of these lives they were put in */
    size_t index;                  /* scopes: place among the sorted records */
    const struct state_info *info; /* of the value; NULL: gone (or never there) */
    struct bytes value;            /* not lists */
    bool null;                     /* map entries: the value is null */
    struct buf body;               /* lists: the elements */
    uint32_t count;
    bool done; /* of the present walk */
    const char *file;
    uint64_t at;
};

/* A change of a list, reducing or aggregating state. These need what was materialized, so they wait for it. */
struct late {
    enum change_op op;
    struct record *rec;
    const struct state_info *info;
    struct bytes bytes;
    struct record **sources; /* OP_MERGE_NS */
    uint32_t n;
    const char *file;
    uint64_t at;
};

/* A change that could not be taken apart. */
struct loose {
    const struct change *change;
    uint32_t state; /* the first of its name */
};

struct changelog {
    struct arena *arena; /* the part's */
    struct keyed_part **bases;
    uint32_t n_bases;
    struct keyed_header header;       /* of all */
    struct keyed_header loose_header; /* for loose changes: key and states are not known */
    uint32_t *base_states;            /* per state of each base, one base behind the other: its index in the header */
    uint32_t *first;                  /* per state: the first of its name */
    const struct state_info **opaque; /* per state: a twin whose values cannot be read, NULL until one is needed */
    bool *touched;                    /* per first state: there are records */
    const char **why;                 /* per first state: why some of its changes could not be taken apart, or NULL */
    struct change_log log;
    struct record **table; /* hash table; its size is a power of two */
    size_t size;
    struct record **recs; /* all, sorted once the log is read */
    size_t n_recs, cap_recs;
    struct late *late;
    size_t n_late, cap_late;
    struct loose *loose;
    size_t n_loose, cap_loose;
};

/* The record, or NULL. */
struct record *changelog_find(const struct changelog *c, uint32_t state, struct bytes key, struct bytes ns,
                              const struct bytes *sub);
/* Index and states: header, records, late and loose changes. Bases are open and c->log is read. */
bool changelog_index(struct changelog *c, struct keyed_part *p, struct err *e);
/* The key's serializer, when the changes leave no doubt; else NULL. Header and changes have their states. */
const struct ser *changelog_guess_key(const struct changelog *c, int32_t max_parallelism, struct arena *a);
/* The twin of a state (an index in the header) for values that cannot be known. */
const struct state_info *changelog_opaque(struct changelog *c, const struct state_info *info, const char *why);

#endif
