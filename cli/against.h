/* What `weir validate` compares a snapshot with: all that tells of the new job. */
#ifndef WEIR_CLI_AGAINST_H
#define WEIR_CLI_AGAINST_H

#include "cli/side.h"
#include "inspect/job_code.h"

struct against {
    const char *label; /* for reports; NULL: nothing was given */
    struct side side;
    struct layout old, job; /* where the new job is the old one with other classes */
    struct job_given given;
    struct job_code *code;
    struct arena arena;
    const struct layout *layout; /* the new job's, or NULL */
};

/* `location` (NULL: none): another snapshot, a document of weir schema, a compiled plan or an Avro schema; a jar counts where the
 * others leave open what classes are. `flink`: where it is to be restored, or 0 where the user did not say. against_close releases,
 * also after a failure. */
bool against_open(struct against *g, const char *location, const struct opened *opened, const struct open_opts *open,
                  const struct tree *old, int flink, struct err *e);
void against_close(struct against *g);

#endif
