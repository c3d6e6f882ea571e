/* Commands that ask one question of each vertex of a job, and show the answers in the vertices' order. */
#ifndef WEIR_CLI_BY_VERTEX_H
#define WEIR_CLI_BY_VERTEX_H

#include "cli/cluster.h"

struct by_vertex_opts {
    struct cluster_opts cluster;
    bool subtasks, json;
};

struct by_vertex {
    struct cluster *cluster;
    const struct live_job *job;
    const struct live_answer **answers; /* a vertex each */
    void *assessed;                     /* what `assess` has made of them, in the cluster's arena */
};

struct by_vertex_ops {
    enum live_route route;
    bool (*assess)(struct by_vertex *, struct err *);
    /* Rows of the vertex, and if wanted of its subtasks. */
    void (*rows)(const struct by_vertex *, uint32_t i, bool subtasks, struct table *);
    const struct table_col *cols;
    size_t n_cols;
    void (*remark)(const struct by_vertex *, struct buf *); /* lines below the table; may be NULL */
    void (*json)(const struct by_vertex *, struct jsonw *); /* members of the document; may be NULL */
    void (*json_vertex)(const struct by_vertex *, uint32_t i, struct jsonw *);
};

/* The command's run, with struct by_vertex_opts. */
enum weir_exit by_vertex_run(const struct cli *cli, const struct by_vertex_ops *ops, struct err *e);

extern const struct opt by_vertex_rows[];

#endif
