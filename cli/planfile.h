/* Files of compiled plans, as COMPILE PLAN and weir compile write them. */
#ifndef WEIR_CLI_PLANFILE_H
#define WEIR_CLI_PLANFILE_H

#include "base/mem.h"
#include "sql/catalog.h"
#include "sql/plan.h"

struct planfile {
    const char *path; /* the script's */
    struct buf text;
    bool execute;    /* COMPILE AND EXECUTE PLAN */
    bool keep, over; /* a file that is there stays; is written anew */
};

/* Of AST_COMPILE_PLAN, with the tables and options that there are by now. Nothing is written. planfile_free in any case. */
bool planfile_compile(struct planfile *f, struct catalog *c, const struct ast *x, struct err *e);
bool planfile_write(const struct planfile *f, struct err *e);
void planfile_free(struct planfile *f);

/* The plan as JSON. */
void planfile_put(const struct value *plan, struct buf *to);
/* A new file, or nothing; over: also instead of one that is there. */
bool planfile_save(const char *path, const struct buf *text, bool over, struct err *e);

/* What a file of a plan holds, its tables completed by those of the catalog (NULL: by none). */
bool planfile_read(struct cplan *plan, const char *path, const struct buf *text, const struct catalog *c, struct arena *a,
                   struct err *e);

#endif
