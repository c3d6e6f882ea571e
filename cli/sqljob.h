/* Scripts of SQL for commands: reading, carrying out what is not a job, and making plans of what is. */
#ifndef WEIR_CLI_SQLJOB_H
#define WEIR_CLI_SQLJOB_H

#include "cli/planfile.h"
#include "cli/script.h"
#include "sql/compile.h"
#include "sql/show.h"

/* Zero-initialise; sqljob_free. */
struct sqljob {
    struct arena a;
    struct buf bytes;
    struct bytes prelude; /* CREATE statements that come first; n = 0: none. The caller's */
    struct sql_text text;
    struct catalog catalog;
    uint32_t n_inserts, n_files, n_plans;
    const struct ast **inserts; /* INSERT INTO and statement sets */
    const char **files;         /* of EXECUTE PLAN, in their order */
    struct planfile *plans;     /* of COMPILE PLAN, which are among `files` where they are executed, too */
    const struct ast *query;    /* SELECT; NULL: none */
    uint32_t n_shows;
    struct show *shows; /* answers to SHOW, DESCRIBE and EXPLAIN, in their order */
};

/* Everything but jobs is carried out; jobs are collected. `settings` count before what the script sets. */
bool sqljob_read(struct sqljob *s, const char *name, const char *const (*settings)[2], uint32_t n_settings, struct err *e);
/* The plan of all INSERT INTO together, or of the query. */
bool sqljob_plan(struct sqljob *s, struct value *plan, struct err *e);
/* Files of COMPILE PLAN: before anything runs. */
bool sqljob_write_plans(const struct sqljob *s, struct err *e);
/* With the line that is at fault, if there is one, on standard error. */
void sqljob_free(struct sqljob *s);

#endif
