/* What the commands that change a running cluster have in common: who is meant, whether it is meant, how it ends. */
#ifndef WEIR_CLI_CHANGE_H
#define WEIR_CLI_CHANGE_H

#include "cli/cluster.h"
#include "live/act.h"

struct change_opts {
    struct cluster_opts cluster; /* its timeout is not used */
    bool yes, wait, no_wait, json;
    uint64_t timeout; /* seconds, of all of it */
};

/* Their rows, for a command whose options are struct `type` with a member `change`; waits: the default timeout in words. */
#define CHANGE_ROWS(type, waits)                                                                                            \
    {"wait", 'w', OPT_FLAG, offsetof(type, change.wait), NULL, NULL, "wait for its end; so it is unless --no-wait"},        \
        {"no-wait", 0, OPT_FLAG, offsetof(type, change.no_wait), NULL, NULL, "only until the cluster has taken the order"}, \
        {"timeout", 0, OPT_COUNT, offsetof(type, change.timeout), "SECONDS", NULL, "how long it may take (" waits ")"},     \
        {"json", 0, OPT_FLAG, offsetof(type, change.json), NULL, NULL, "say how it went as one JSON document"},             \
        CLUSTER_PLACE_ROWS(type, change.cluster)
/* For those that ask first. */
#define CHANGE_YES_ROW(type)                                                             \
    {                                                                                    \
        "yes", 'y', OPT_FLAG, offsetof(type, change.yes), NULL, NULL, "do not ask first" \
    }

/* Where savepoints go; the rows of a command whose options have these members. */
#define SAVEPOINT_ROWS(type)                                                                                               \
    {"dir", 'd', OPT_TEXT, offsetof(type, directory), "DIRECTORY", NULL, "where it is put; else the cluster's own place"}, \
    {                                                                                                                      \
        "format", 0, OPT_CHOICE, offsetof(type, format), NULL, change_formats, "Flink's own form, or the state backend's"  \
    }
#define TRIGGER_ROW(type)                                                                                                       \
    {                                                                                                                           \
        "trigger", 0, OPT_TEXT, offsetof(type, trigger), "ID", NULL, "its id, 32 hex digits; an id of before takes that one up" \
    }
extern const char *const change_formats[]; /* for the user; -1: none is said */
/* As Flink calls them; NULL for -1. */
const char *change_format(int choice);

struct change {
    const struct cli *cli;
    const struct change_opts *opts;
    struct cluster cluster;
    const struct live_job_row *job; /* NULL: it is not about a job */
    struct order order;             /* the command fills it */
};

/* Opens the cluster; ERR_REFUSED when that is read-only. change_close in any case. */
bool change_open(struct change *c, const struct cli *cli, const struct change_opts *opts, struct err *e);
/* The job that is meant, into c->job and the order. One that has ended only where the order takes an earlier one up (trigger). */
bool change_job(struct change *c, const char *wanted, struct err *e);
/* Asks whether "<what> job 'x' of cluster y" (path NULL) or "<what> path of cluster y" is meant; with --yes it does not. Whoever is
 * asked types the job's name or id, or the path, again. ERR_REFUSED: no, or there is no terminal to ask on. */
bool change_confirm(struct change *c, const char *what, const char *path, struct err *e);
/* Sends the order, waits as the options say, prints how it went. seconds: the default timeout. */
void change_run(struct change *c, uint64_t seconds, struct err *e);
void change_close(struct change *c);

#endif
