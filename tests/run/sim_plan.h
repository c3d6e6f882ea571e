/* What runs in the simulated world. */
#ifndef WEIR_TESTS_RUN_SIM_PLAN_H
#define WEIR_TESTS_RUN_SIM_PLAN_H

#include "cli/sqljob.h"
#include "tests/run/simulate.h"

/* Of a row of pipelines.def. */
enum { DRAINS = 1, BRIEF = 2, ENDLESS = 4, PLAIN_SORT = 8, KEEPS = 16 };

struct pipeline {
    const char *name;
    int flags;
    const char *settings, *columns, *query;
};

/* Which pipeline a process runs, and how. */
struct task {
    const struct pipeline *p; /* NULL: a program */
    const char *program, *name;
    const char *ttl;
    bool databases; /* keyed state lies in databases, but for some lives */
};

struct script {
    struct sqljob sql;
    struct buf plan, settings;
    struct value json;
    struct cplan cplan;
};

extern const uint32_t sim_pipelines; /* how many rows pipelines.def has; programs come behind them */
struct task sim_task(uint64_t seed, char **programs, uint32_t n_programs);
/* The tables that pipelines read. */
void sim_put_input(struct sim *s);
/* Of a program: its tables, below /program/input/; of another pipeline nothing. */
bool sim_put_tables(struct sim *s, const struct task *t, struct err *e);

/* MODEL: the query that tells what an endless pipeline has to give. OPEN: sources wait for more. */
enum { SIM_MODEL = 1, SIM_OPEN_ENDED = 2 };
/* Zero-initialise; sim_plan_free, also when it fails. */
bool sim_plan(struct script *x, const struct task *t, int how, struct err *e);
void sim_plan_free(struct script *x);
/* Do its sinks take the last row of a key for the one that counts? */
bool sim_keyed(struct script *x, struct err *e);
/* simulate nodes; its exit status. */
int sim_nodes(char **programs, uint32_t n_programs);

#endif
