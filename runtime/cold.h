/* Keyed state that lies in RocksDB (--state rocksdb): a database a subtask of an operator, a column family a state, keys and values as
 * Flink lays them out (savepoint/rocks_kv.h).
 *
 * The operator goes on working with kstate.h's entries, of which only those are in memory that have been asked for lately. One that is not
 * there is read from the database by the form (keyed.h) by which it comes back from a snapshot, and what may have changed of it is put
 * by the form by which it goes into one; of that the database is given what it does not have already. An operator that looks at all of
 * its entries has them in memory; for it the database is only what its snapshots are made of. */
#ifndef WEIR_RUNTIME_COLD_H
#define WEIR_RUNTIME_COLD_H

#include "runtime/keyed.h"
#include "savepoint/rocks_kv.h"
#include "savepoint/savepoint.h"
#include "savepoint/write_files.h"

struct kept; /* what the database has of an entry */

/* Behind the value of an entry that may be out of memory. */
struct kpage {
    struct kept *kept; /* NULL: nothing */
    bool touched;      /* asked for since it was compared with that: it may have changed */
    bool used;         /* asked for since the last look for those that nobody asks for */
};

/* A kstate whose entries may be out of memory. */
struct kpages {
    struct cold *cold;
    const struct keyed_entries *of;
    struct kentry *hand; /* the next one of which is seen whether anybody has asked for it; NULL: the first */
    bool loading;        /* entries come from the database */
    struct kept *found;  /* of the key that has been looked up, until its entry is there */
    size_t bytes;        /* that the database has of what is in memory */
};

struct cold {
    struct op *o;
    struct rocks_family *families; /* of the database */
    struct cold_ttl {
        const struct cold *cold;
        int64_t ms;
        uint32_t at;     /* where in a value it says when it was written */
    } * ttls;            /* one a state */
    _Atomic int64_t now; /* the clock, as of the last batch, for threads that merge tables */
    char *dir;           /* base/temp's: the database, and what is left of it for snapshots; held as long as it is needed */
    int held;
    struct rocks_kv *db; /* NULL before cold_begin */
    bool whole;          /* all entries are in memory */
    uint32_t most;       /* entries in memory, of each kstate */
    struct kpages pages[KEYED_ENTRIES];
    struct keyed_header *header;     /* of its states, as in snapshots */
    char backend[37];                /* its UUID */
    struct files_known known, fresh; /* the coordinator's: shared tables of the last snapshot, and of one that is being written */
    struct arena a;                  /* of what is put or taken */
    struct cold_items *items;
    struct buf key, value;
};

/* Does the job keep its state so? Behind `open` of the operator, whose states are declared. */
bool cold_open(struct op *o, struct err *e);
/* Opens the database: the one that these handles of its node hold (NULL: an empty one). What of it belongs to other subtasks is left. */
bool cold_begin(struct op *o, const struct snapshot *from, const struct meta_operator *op, struct err *e);
void cold_close(struct op *o);
/* Between two batches: entries that nobody has asked for lately leave memory, where there are too many. */
void cold_trim(struct op *o);
/* Lists, and the database as it is now. */
void cold_snapshot(struct op *o, uint64_t checkpoint, struct snap *to);

/* --- where databases lie (cold_dir.c) --- */

/* ".<name>.weir-XXXXXX" beside that path, as temp_dir_beside makes it. It is held until that descriptor is closed. */
char *cold_dir_make(const char *beside, int *held, struct err *e);
/* Removes those that nobody holds. */
void cold_dirs_clear(const char *beside);

/* --- for kstate.c --- */

/* A key whose entry e is there, or not (NULL): the entry, or what could be found of it. */
struct kentry *cold_look(struct kstate *k, struct kentry *e, const union cell *key, const uint8_t *null);
/* No entry has come of what was found. */
void cold_leave(struct kpages *p);
/* An entry has been made for it. */
void cold_made(struct kstate *k, struct kentry *e);
/* The operator drops it; it leaves memory; what the database has of it is not asked for any more. */
void cold_removed(struct kstate *k, struct kentry *e);
void cold_gone(struct kstate *k, struct kentry *e);
void cold_released(struct kstate *k, struct kentry *e);

#endif
