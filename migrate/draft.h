/* What a migration makes of a snapshot: operators and states as they will be, each with what it comes from. Statements change the
 * draft one after the other; nothing is read or written but metadata and headers. */
#ifndef WEIR_MIGRATE_DRAFT_H
#define WEIR_MIGRATE_DRAFT_H

#include "inspect/compat.h"
#include "migrate/expr.h"
#include "migrate/script.h"
#include "savepoint/copy.h"

/* A snapshot that operators come from: the one that is migrated, or one that is merged into it. */
struct draft_input {
    const char *location; /* as the user gave it */
    struct snapshot *snapshot;
    const struct names *names; /* the caller's */
    struct tree tree;
    struct layout layout; /* of the tree: its states are referred to below */
};

/* The types of a state's rows. */
struct draft_type {
    enum state_kind kind;
    const struct ser *ns;       /* NULL: none, or the void namespace */
    const struct ser *user_key; /* of maps and broadcast states */
    const struct ser *value;    /* what a row's value is; without TTL; NULL for timers */
    bool ttl;
};

/* Something that is done with every row of a state, in the order of the statements. */
struct step {
    const struct stmt *st;
    struct bound *sets;         /* UPDATE: where the values go */
    struct bound way;           /* FIELD_*: to the structure that has the field; FIELD_TYPE: to the field itself */
    uint32_t i, to;             /* the field's place; MOVE: the new one */
    const char *name;           /* the field's name, where it has one */
    bool quiet;                 /* only for values that are written anew in any case */
    enum typing_class was, cls; /* FIELD_TYPE, FIELD_ADD: what values are, and become */
    _Atomic uint64_t *met;      /* OFFSETS: splits that were meant */
};

struct draft_count {
    _Atomic uint64_t changed, deleted, failed; /* rows */
    _Atomic uint64_t made;                     /* keys from a file */
};

struct draft_state {
    const struct layout_state *was;
    const char *name;
    bool dropped;
    struct draft_type type;
    uint32_t n_steps;
    struct step *steps;
    bool needs[ROW_PARTS]; /* parts of a row that steps look at or change */
    bool sets_value, sets_user_key, filters;
    bool typed;                    /* the description is another */
    const struct state_info *info; /* as an open part describes it (draft_load); NULL: not asked for yet */
    struct layout_state becomes;   /* its types as they will be (draft_end) */
    struct draft_count *count;
    const char *file; /* made from this file, with info as its description there; NULL: it was there */
    bool csv;         /* the file is no JSON */
};

/* What is known of an operator only when its entries have been read. */
struct draft_found {
    char hash[200]; /* how keys are hashed, where that is code of the job: keyhash_rule_text; "": not asked, or Flink's own */
};

struct draft_op {
    const struct draft_input *in;
    const struct draft_input *home; /* the snapshot that is migrated; `in` is another one when the operator is merged into it */
    const struct meta_operator *meta;
    const struct layout_op *was;
    bool dropped, renamed;
    const struct ser *key; /* NULL: none */
    const char *label;     /* its uid or, where it has none, its id */
    const char *uid;       /* NULL: not known */
    uint8_t id[16];
    char hex[33];
    int32_t parallelism, max_parallelism;
    bool loaded;  /* draft_load has been there */
    bool creates; /* it has states that are made from files */
    uint32_t n;
    struct draft_state *states; /* in the order of was->states */
    struct draft_found *found;
};

/* A part that is kept open, since serializers refer to its bytes. */
struct draft_part {
    struct keyed_part *keyed;
    struct opstate_part *managed;
};

enum { DRAFT_INPUTS = 16, DRAFT_FILES = 64 };

struct draft {
    struct draft_input *inputs[DRAFT_INPUTS]; /* the first is the one that is migrated */
    uint32_t n_inputs;
    struct snapshot_opts opening; /* how others are opened */
    struct copy_opts copy;        /* form, compression, version of the metadata */
    int flink;                    /* FLINK(…) when the script says it, else 0 */
    uint32_t n;
    struct draft_op *ops;
    uint32_t n_files;
    const char *files[DRAFT_FILES]; /* that states are made from */
    const struct stmt *flink_by;    /* the statement that says it */
    uint32_t n_parts;
    struct draft_part *parts;
    const char *relocate_from, *relocate_to; /* NULL: paths stay */
    bool other;                              /* something else than relocating is asked for */
    struct tree_opts look;                   /* TREE_NORMAL: entries are counted */
    struct arena arena;
};

/* Begins with the snapshot as it is, which is looked at as `look` says; it and the names outlive the draft. draft_free releases, also
 * after a failure. */
bool draft_open(struct draft *d, struct snapshot *s, const struct names *names, const char *location, const struct tree_opts *look,
                struct err *e);
/* All statements of a script. ERR_USAGE with the place where one does not fit what is there. */
bool draft_apply(struct draft *d, struct script *s, struct err *e);
/* Before types of an operator are changed: serializers with all of their bytes. */
bool draft_load(struct draft *d, struct draft_op *op, struct err *e);
/* When all statements have been carried out: what is left to be said about types. */
bool draft_end(struct draft *d, struct err *e);
/* Is everything there that the operators refer to? */
bool draft_whole(const struct draft *d, struct err *e);
void draft_free(struct draft *d);

/* Makes or changes a state's description as it will be, in the arena; its serializers are `old`'s where the draft changes none. */
bool draft_info(const struct draft_state *st, const struct state_info *old, struct state_info *to, struct arena *a, struct err *e);
/* The draft of a state in a header, by name and kind. */
const struct draft_state *draft_state_of(const struct draft_op *op, const struct state_info *info);
/* Are entries to be given to other subtasks or key groups than those that have them? */
bool draft_moves(const struct draft_op *op);
/* Are a state's rows looked at one by one? */
static inline bool draft_has_rows(const struct draft_state *st) { return st->sets_value || st->sets_user_key || st->filters; }
bool draft_has_steps(const struct draft *d);
/* What expressions see. */
struct scope draft_scope(const struct draft_op *op, const struct draft_state *st);

#endif
