/* Keyed state as snapshots have it, in the layout of Flink's operator of the same exec node: what an operator declares when it is opened, puts
 * into a snapshot, and takes from one. In between it keeps what it likes (kstate.h). */
#ifndef WEIR_RUNTIME_KEYED_H
#define WEIR_RUNTIME_KEYED_H

#include "base/rd.h"
#include "runtime/kstate.h"
#include "runtime/op.h"
#include "runtime/row.h"
#include "runtime/ttl.h"
#include "savepoint/state_kind.h"

struct ser;

enum keyed_ns { KEYED_VOID, KEYED_LONG, KEYED_WINDOW };

struct keyed_state {
    const char *name;
    enum state_kind kind; /* KIND_VALUE, _LIST, _MAP, _TIMERS */
    enum keyed_ns ns;
    struct ser *user_key, *value; /* of one element or map value; NULL: weir cannot make it */
    bool taken;                   /* timers that the operator looks at when it is restored */
    const struct ttl *ttl;        /* its values are TtlSerializer's: when they were written, then they; NULL: they stay */
};

struct cold;
struct keyed_entry;
struct keyed_entries;

/* How the entries of a kstate lie in snapshots. An entry is put and taken without a look at others, so that each can be at another time;
 * whoever puts one changes nothing that the operator works with, since that may be in the middle of its rows: it may only drop what has
 * expired. */
struct keyed_form {
    void (*put)(struct op *o, const struct keyed_entries *of, struct kentry *e,
                struct snap *to); /* all but its timers; its key is said */
    void (*timers)(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to); /* NULL: it has none */
    /* Reads it to its end. What comes of one entry comes in any order, so often as there are passes. */
    void (*take)(struct op *o, const struct keyed_entries *of, struct keyed_entry *x, uint32_t pass);
    uint32_t passes; /* 0: one */
    bool by_key;     /* the operator looks at an entry by its key alone, never at all of them: they may be out of memory (cold.h) */
    bool (*settle)(struct op *o, const struct keyed_entries *of, struct kentry *e,
                   struct err *why); /* all of the entry has been taken, which may go now. NULL: nothing to do */
};

/* A kstate of an operator. */
struct keyed_entries {
    struct kstate *state;
    struct ttl *ttl; /* to be looked at before; NULL: its entries stay */
    const struct keyed_form *form;
    void *self;          /* the operator's own */
    uint32_t first, end; /* the states that it lies in */
    struct op *o;
    struct snap *to; /* a snapshot that has begun */
};

enum { KEYED_ENTRIES = 2 }; /* an operator has no more of them */

/* The keyed states of an operator. */
struct keyed {
    const char *uid; /* the last part of the uid that they are under in Flink; NULL: the operator's own */
    const struct ltype *const *key_types;
    uint32_t n_keys;
    struct ser *key;
    uint32_t n, cap;
    struct keyed_state *states;
    uint32_t n_entries;
    struct keyed_entries entries[KEYED_ENTRIES];
    struct err why;           /* they cannot be in a snapshot */
    uint32_t max_parallelism; /* 1: of a key without columns, as Flink has it */
    struct buf key_bytes;     /* snapshots: the key that entries are put under, serialized */
    struct bytes key_kept;    /* … in the snapshot's arena */
    int64_t written;          /* … and when what is put was written, where it expires */
    struct buf scratch, timer;
    struct buf user_key, value; /* room for whoever puts an entry */
    union cell *walk_key;       /* room for the entries of a walk */
    uint8_t *walk_null;
    struct cold *cold; /* where they lie; NULL: in memory */
    uint32_t group;
};

void keyed_free(struct keyed *k); /* what is not in the arena */

/* --- declaring: in `open`, all in the task's arena --- */

/* The key: a row of these types. */
void ks_key(struct op *o, const struct ltype *const *key_types, uint32_t n_keys);
/* The state's number. user_key: of maps. */
uint32_t ks_add(struct op *o, const char *name, enum state_kind kind, enum keyed_ns ns, struct ser *user_key, struct ser *value);
/* The two queues of a timer service (InternalTimeServiceManagerImpl): the event timers', behind it the processing timers'. */
uint32_t ks_add_timers(struct op *o, const char *service, enum keyed_ns ns);
/* All states that have been declared since the last call are of that kstate. */
void ks_entries(struct op *o, struct kstate *state, struct ttl *ttl, const struct keyed_form *form, void *self);
/* What the states from `first` on hold expires. The time is the operator's; nothing, when it does not end. */
void ks_expires(struct op *o, uint32_t first, const struct ttl *ttl);
/* Timers of that queue come back with ks_next. */
void ks_take_timers(struct op *o, uint32_t state);
/* RowDataSerializer, or NULL, and then the operator's states cannot be in a snapshot. */
struct ser *ks_row(struct op *o, const struct ltype *const *types, uint32_t n);
/* SQL's windows are other classes than those of the DataStream API. */
struct ser *ks_namespace(struct arena *a, enum keyed_ns ns);
struct ser *ks_plain(struct op *o, const char *name); /* as ser_plain */
struct ser *ks_list(struct op *o, struct ser *element);
struct ser *ks_pair(struct op *o, struct ser *first, struct ser *second); /* Tuple2 */

/* --- values, as those serializers write them --- */

/* Columns of a row, as a row of their own. */
void ks_put_columns(struct buf *to, const struct ltype *const *types, const struct row *r, const uint32_t *columns, uint32_t n);
void ks_put_row(struct buf *to, const struct ltype *const *types, uint32_t n, const union cell *v, const uint8_t *null);
static inline void ks_put_kept(struct buf *to, const struct ltype *const *types, const struct row *r)
{
    ks_put_row(to, types, r->n, r->v, r->null);
}
/* A row that is kept with the change that it was; what one was, of a reader that stands before it. */
void ks_put_changed(struct buf *to, enum row_kind kind, const struct ltype *const *types, const struct row *r);
enum row_kind ks_kind(const struct rd *in);
/* A value by itself, which is not NULL (InternalSerializers#create). The cell that is read lives in `heap`. */
void ks_put_cell(struct buf *to, const struct ltype *t, union cell v);
bool ks_get_cell(struct rd *in, const struct ltype *t, union cell *v, struct scratch *heap);
/* The cells of a row, which live in `heap`. False: `in` has failed. */
bool ks_get_cells(struct rd *in, const struct ltype *const *types, uint32_t n, union cell *v, uint8_t *null, struct scratch *heap);

/* --- a snapshot --- */

/* What follows is of that key. */
void snap_key(struct snap *to, struct op *o, const union cell *key, const uint8_t *null);
/* One entry, with its timers. */
void keyed_put(struct op *o, const struct keyed_entries *of, struct kentry *e, struct snap *to);
/* What follows was written then, for states that expire. */
static inline void snap_written(struct op *o, int64_t written) { o->keyed->written = written; }
/* Bytes are copied. ns: i64 or two of them (the window's start and end), by the state; a list's value: i32 count, then its elements. */
void snap_value(struct snap *to, struct op *o, uint32_t state, const int64_t *ns, const struct buf *value);
void snap_map(struct snap *to, struct op *o, uint32_t state, const int64_t *ns, const struct buf *user_key,
              const struct buf *value);
void snap_timer(struct snap *to, struct op *o, uint32_t state, const int64_t *ns, int64_t time);

/* --- a restore: what all subtasks of the node have put, or an operator of Flink --- */

struct keyed_entry {
    uint32_t state;
    union cell *key; /* valid until the next one */
    uint8_t *key_null;
    int64_t ns[2];
    struct rd user_key, value; /* a map's pair; a list's element */
    int64_t written;           /* when, where the state expires; what has expired is not among the entries */
    struct scratch *heap;      /* of the walk, for what is read: until the next entry */
    uint64_t among;            /* so many entries there are */
};

struct ks_walk {
    const struct snap_block *of;
    struct op *o;
    uint32_t next; /* in the block */
    bool begun;
    struct keyed_entry entry;
    struct scratch heap;
};

/* A row that lies in `in`, which is the entry's user key or value; the caller releases it. NULL: `in` has failed. */
struct row *ks_get_row(struct keyed_entry *x, struct rd *in, const struct ltype *const *types, uint32_t n);
/* Does its key belong to this subtask? Sets its key group. */
bool ks_is_mine(const struct op *o, struct snap_keyed *x);
/* The key groups that do (KeyGroupRangeAssignment#computeKeyGroupRangeForOperatorIndex). */
void ks_groups(const struct op *o, uint32_t *first, uint32_t *n);
/* Entries whose key belongs to this subtask. Timers are not among them, since they follow from the other states, unless they are asked for. */
struct ks_walk ks_walk_of(struct op *o, const struct snap *of);
/* False: no more, or e. Before the next one the readers of the last have to be at their ends. */
bool ks_next(struct ks_walk *w, struct err *e);
void ks_walk_end(struct ks_walk *w);
int64_t ks_get_time(struct keyed_entry *x); /* of a timer */
/* One of a walk, in its turn among `passes` walks; timers are left. */
void keyed_take(struct op *o, struct keyed_entry *x, uint32_t pass);
uint32_t keyed_passes(const struct op *o);
/* All have been taken. */
bool keyed_settle(struct op *o, struct err *e);
/* What the operator has no use for. */
static inline void ks_skip(struct keyed_entry *x)
{
    x->user_key.p = x->user_key.end;
    x->value.p = x->value.end;
}

/* --- an operator's snapshot: what its class puts, then, while it works on, its entries as they were then --- */

void op_snapshot(struct op *o, uint64_t checkpoint, struct snap *to); /* begins it; `to` stays until it is whole or given up */
/* Puts some more, so many entries at most; false: it is whole. */
bool op_snapshot_go_on(struct op *o, uint32_t some);
void op_snapshot_abandon(struct op *o);
bool op_restore(struct op *o, const struct snap *of, struct err *e);

#endif
