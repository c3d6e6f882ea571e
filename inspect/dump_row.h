/* Rows of a dump: each is made member by member, and comes out in the order of the parts, though several are read at a time. */
#ifndef WEIR_INSPECT_DUMP_ROW_H
#define WEIR_INSPECT_DUMP_ROW_H

#include <pthread.h>
#include <stdatomic.h>

#include "inspect/dump.h"
#include "inspect/json_sink.h"
#include "savepoint/state_decode.h"

enum { ROW_LIMIT = 8 << 20 }; /* a map or list whose text grows beyond this goes on in a further row ("continued") */

struct dump_run { /* shared by all parts */
    const struct scan *scan;
    const struct dump_opts *opts;
    dump_row_fn *row;
    dump_trouble_fn *trouble;
    void *ctx;
    struct dump_figures *figures;
    struct err *e;
    pthread_mutex_t lock;
    pthread_cond_t turn;
    uint32_t head;    /* the part whose rows are due */
    atomic_bool stop; /* looked at by all threads, set by the one whose turn it is */
};

struct dump_rows { /* what one part makes, a row after the other */
    struct dump_run *run;
    const struct part *part;
    const char *label;
    struct buf line;
    struct json_sink json;
    bool decode;              /* the present state is one whose bytes may be well known … */
    struct json_sink decoded; /* … and this is what they say, an item for each element */
    struct buf decoded_text;
    struct buf held;   /* rows made ahead of turn: struct held_row and its text, again and again */
    struct buf prefix; /* of the present state's rows */
    const struct state_info *info, *skipped;
    struct dump_row row;
    uint32_t opaque;
    bool ahead; /* not this part's turn yet */
    /* the MAP row that is open: entries of one key and namespace */
    bool open;
    uint32_t group;
    struct buf group_key; /* key and namespace bytes */
    size_t group_key_n;
};

/* Blocks until it is this part's turn; then what it has held back goes out. */
void row_wait_turn(struct dump_rows *d);
bool row_deliver_held(struct dump_rows *d);

/* Is the state wanted (--state)? Then it is the present one. */
bool row_wanted_state(struct dump_rows *d, const struct state_info *info);

/* A row begins; of keyed state, with the key group. */
void row_begin(struct dump_rows *d);
void row_begin_keyed(struct dump_rows *d, uint32_t group);
/* Group, key and namespace of an entry. *wanted: by --key. */
bool row_begin_entry(struct dump_rows *d, const struct entry *en, bool *wanted, struct err *e);
/* Does the key fit --key? */
bool row_wanted_key(const struct dump_rows *d, struct bytes key);

/* The name of a member; where its value begins. Spans are kept as offsets while the line may still grow, and made pointers at its end. */
size_t row_member(struct dump_rows *d, const char *name);
struct bytes row_span(const struct dump_rows *d, size_t from);
bool row_finish(struct dump_rows *d);

/* The pairs of a MAP's row, which is open until another group of key and namespace comes. */
void row_open_pairs(struct dump_rows *d);
bool row_end_group(struct dump_rows *d);
/* Ends the row in the middle of a map or list and begins the next with the same key. */
bool row_continue(struct dump_rows *d, enum sink_box box);
/* --decode: the items gathered so far become a member of the row, and new ones may follow. */
void row_put_decoded(struct dump_rows *d);

#endif
