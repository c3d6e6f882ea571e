/* A job that is watched and ended by others while it runs: the options of `weir run` for its REST server and for signals. */
#ifndef WEIR_CLI_SERVING_H
#define WEIR_CLI_SERVING_H

#include "cli/command.h"
#include "runtime/runtime.h"

struct serving {
    const char *rest;  /* "PORT" or "ADDRESS:PORT"; NULL: not given */
    const char *token; /* a file */
    int on_signal;     /* of serving_ends */
    bool top;          /* the console, until its user leaves */
};

extern const char *const serving_ends[];

#define SERVING_ROWS(type, member)                                                                                              \
    {"top", 0, OPT_FLAG, offsetof(type, member.top), NULL, NULL, "open the console on it; who leaves it ends the job"},         \
        {"rest", 0, OPT_TEXT, offsetof(type, member.rest), "PORT", NULL, "answer Flink's REST questions there; 0: any port"},   \
        {"rest-token", 0, OPT_TEXT, offsetof(type, member.token), "FILE", NULL, "who knows its first line may change the job"}, \
    {                                                                                                                           \
        "on-signal", 0, OPT_CHOICE, offsetof(type, member.on_signal), NULL, serving_ends,                                       \
            "what SIGINT and SIGTERM do; auto: stop where there are checkpoints, else cancel"                                   \
    }

/* Runs the job, and answers meanwhile when that is wanted. */
bool serving_run(struct job *j, const struct serving *s, const struct job_opts *opts, struct err *e);

#endif
