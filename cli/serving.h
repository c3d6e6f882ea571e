/* A job that is watched while it runs: the options of `weir run` for its REST server. */
#ifndef WEIR_CLI_SERVING_H
#define WEIR_CLI_SERVING_H

#include "cli/command.h"
#include "runtime/runtime.h"

struct serving {
    const char *rest; /* "PORT" or "ADDRESS:PORT"; NULL: not given */
};

#define SERVING_ROWS(type, member)                                                                                         \
    {                                                                                                                      \
        "rest", 0, OPT_TEXT, offsetof(type, member.rest), "PORT", NULL, "answer Flink's REST questions there; 0: any port" \
    }

/* Runs the job, and answers meanwhile when that is wanted. */
bool serving_run(struct job *j, const struct serving *s, const struct job_opts *opts, struct err *e);

#endif
