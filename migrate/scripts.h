/* The scripts of a migration: files as they are named, and directories of which each script runs once, by version. */
#ifndef WEIR_MIGRATE_SCRIPTS_H
#define WEIR_MIGRATE_SCRIPTS_H

#include "migrate/trail.h"
#include "migrate/script.h"

struct script_file {
    const char *location;
    const char *name; /* without its directory */
    struct digest_text sha256;
    bool versioned; /* one of a directory's */
    bool ran;       /* the snapshot has been through it: nothing is done */
    struct script script;
};
struct scripts {
    uint32_t n;
    struct script_file *files; /* in the order in which they run */
    struct arena arena;
};

/* Reads and parses n files or directories. Of a directory those that end in ".weir", by the numbers that their names begin with
 * (V1__first.weir, 002-second.weir, V2.1_third.weir); those in h are marked. ERR_CHANGED when one has another text than what ran;
 * ERR_REFUSED when one is older than one that ran. After a fault, the faulty script is in files. */
bool scripts_read(struct scripts *s, const char *const *locations, size_t n, const struct trail *h, struct err *e);
/* One whose text is there already. */
bool scripts_add(struct scripts *s, const char *location, struct bytes text, struct err *e);
/* The script with the fault, or NULL. */
const struct script *scripts_faulty(const struct scripts *s);
/* h with what is run now; at: the time. */
void scripts_record(const struct scripts *s, struct trail *h, const char *at);
void scripts_free(struct scripts *s);

#endif
