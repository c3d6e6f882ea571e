/* A plan: what a migration would do, with the scripts that say it and the digest of what it was made for, as JSON. Whoever applies it
 * does that, or nothing. */
#ifndef WEIR_MIGRATE_PLAN_H
#define WEIR_MIGRATE_PLAN_H

#include "migrate/changes.h"
#include "migrate/fingerprint.h"
#include "migrate/scripts.h"

/* What a plan, or the report of a migration, is made of. */
struct plan_facts {
    const struct draft *draft;
    const struct scripts *scripts;
    const struct changes *changes;
    const struct fingerprint *prints; /* by input of the draft, then by file; NULL: not taken */
    const char *output;               /* NULL: not said */
};
void plan_write(const struct plan_facts *f, struct buf *out);

enum { PLAN_INPUTS = DRAFT_INPUTS + DRAFT_FILES };

struct plan {
    uint32_t n_inputs;
    struct plan_input {
        const char *location, *sha256;
    } inputs[PLAN_INPUTS]; /* snapshots, then files; the first is the one that is migrated */
    const char *output;    /* NULL: not said */
    uint32_t n_scripts;
    struct plan_script {
        const char *name;
        struct bytes text;
    } * scripts;
    struct arena arena;
};

enum { PLAN_MAX = 64 << 20 };

/* ERR_CORRUPT, ERR_UNSUPPORTED when the text is no plan of this version. The text may be hostile. */
bool plan_read(struct plan *p, struct bytes text, const char *name, struct err *e);
void plan_free(struct plan *p);

#endif
