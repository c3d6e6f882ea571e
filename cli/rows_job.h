/* Jobs that somebody waits for: the rows of a SELECT as a table, drawn while they change on a terminal, and printed in the end elsewhere. Ctrl-C
 * ends the job, not the program. */
#ifndef WEIR_CLI_ROWS_JOB_H
#define WEIR_CLI_ROWS_JOB_H

#include "cli/command.h"
#include "runtime/runtime.h"
#include "sql/catalog.h"

struct rows_job {
    const struct cli *cli;
    bool tty;
    const struct job_opts *opts; /* but where rows go */
};

/* Rows go to the plan's tables. */
bool rows_job_run(const struct rows_job *to, const struct cplan *plan, struct err *e);
bool rows_job_select(const struct rows_job *to, struct catalog *c, struct arena *a, const struct ast *query, struct err *e);
/* sql-client.execution.result-mode: changes, as they are, or else a table; `table`: which is the default. */
bool rows_job_changes(const struct catalog *c, bool table);
/* For signals_instead. */
bool rows_job_stop(int sig);

#endif
