/* What the commands on a running cluster have in common: which one it is, which job of it, how figures are printed. */
#ifndef WEIR_CLI_CLUSTER_H
#define WEIR_CLI_CLUSTER_H

#include "base/jsonw.h"
#include "base/table.h"
#include "cli/command.h"
#include "live/live.h"

struct cluster_opts {
    const char *url, *context;
    const char *ca_cert; /* instead of the context's; NULL: not given */
    uint64_t timeout;    /* seconds; 0: not given */
    bool read_only;      /* also where the context does not say so */
    uint64_t text_bytes; /* as in live_target */
    const char *gateway; /* instead of the context's; NULL: not given */
};

#define CA_CERT_HELP "PEM certificates that the server's must go back to"
/* Their rows, for a command whose options are struct `type`; `member` is its struct cluster_opts. */
#define CLUSTER_PLACE_ROWS(type, member)                                                                                    \
    {"url", 0, OPT_TEXT, offsetof(type, member.url), "URL", NULL, "the cluster's REST address"},                            \
        {"context", 0, OPT_TEXT, offsetof(type, member.context), "NAME", NULL, "the cluster of that name: weir-config(5)"}, \
    {                                                                                                                       \
        "ca-cert", 0, OPT_FILE, offsetof(type, member.ca_cert), "FILE", NULL, CA_CERT_HELP                                  \
    }
/* The same for a member `cluster`, and how long to wait. */
#define CLUSTER_ROWS(type)                                                                                \
    CLUSTER_PLACE_ROWS(type, cluster),                                                                    \
    {                                                                                                     \
        "timeout", 0, OPT_COUNT, offsetof(type, cluster.timeout), "SECONDS", NULL, "for each answer (10)" \
    }

struct cluster {
    struct live *live;
    struct live_target target;
    const char *from; /* where the address comes from, in words */
    struct arena arena;
};

/* cluster_close releases, also after a failure. */
bool cluster_open(struct cluster *c, const struct cluster_opts *opts, struct err *e);
void cluster_close(struct cluster *c);

/* The job that is meant: by name, by the beginning of its id, by the beginning of its name; of several the only one that has not
 * ended.
 * NULL: e says which ones there are. Lives as long as the cluster is open. */
const struct live_job_row *cluster_job(struct cluster *c, const char *wanted, struct err *e);
/* Its vertices and plan. */
const struct live_job *cluster_job_detail(struct cluster *c, const char *wanted, struct err *e);
/* The vertex that is meant: by id, by unique beginning of it, by unique part of its name. NULL: e is set. */
const struct live_vertex *cluster_vertex(const struct live_job *job, const char *wanted, struct err *e);
/* The task manager that is meant: by id, or by a unique part of it. NULL: e says which ones there are. */
const char *cluster_taskmanager(struct cluster *c, const char *wanted, struct err *e);
/* One question for each vertex of the job, all at once; answers in the vertices' order, in the arena. Sources are not asked for
 * watermarks, nor a job that has ended: such answers are empty. NULL: the cluster is away. */
const struct live_answer **cluster_vertices(struct cluster *c, const struct live_job *job, enum live_route route, struct err *e);

/* Begins a command's JSON document: {"formatVersion":1,"cluster":URL, … and the caller goes on. */
void cluster_json(struct jsonw *w, struct buf *out, const struct cluster *c);
/* Ends it and writes it out. */
bool cluster_json_end(struct jsonw *w, struct err *e);

/* Cells; empty for what is absent. */
void cell_count(struct table *t, int64_t n);
void cell_bytes(struct table *t, int64_t n);
void cell_ms(struct table *t, int64_t ms);   /* a duration: "350 ms", "4.2 s", "3:07 min" */
void cell_time(struct table *t, int64_t ms); /* since 1970 */
void cell_ratio(struct table *t, double v);  /* 0.375 as "38%" */
void cell_real(struct table *t, double v);
/* Empty cells up to the row's end; none when it is full. */
void cell_rest(struct table *t);
/* A vertex's name, cut. */
void cell_vertex(struct table *t, const char *name);
struct human duration_text(int64_t ms);

/* A remark on stderr for each question that got no answer; the higher of WEIR_OK and WEIR_FINDING. */
enum weir_exit complain_of_answers(const struct live_answer **answers, uint32_t n);

#endif
