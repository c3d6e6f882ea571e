/* stream-exec-mini-batch-assigner: where batches of rows begin (flink-table-planner 2.3, MiniBatchIntervalInferRule): above sources and watermarks,
 * by event time where one of the nodes above needs watermarks. */
#include <string.h>

#include "base/duration.h"
#include "sql/phys.h"

struct batch {
    int64_t ms;
    bool rowtime;
};

static void put(struct planner *pl, const struct phys *p, struct members *to)
{
    const struct batch *b = p->spec;
    struct members m = {0};
    put_member(&m, "interval", value_int(b->ms));
    put_member(&m, "mode", put_text(pl->a, b->rowtime ? "RowTime" : "ProcTime"));
    put_member(to, "miniBatchInterval", put_object(pl->a, &m));
}

static const struct phys_class assigner = {.type = "stream-exec-mini-batch-assigner", .version = 1, .forwards = true, .put = put};

bool phys_mini_batch(const struct planner *pl)
{
    return !strcmp(catalog_config(pl->c, "table.exec.mini-batch.enabled", "false"), "true");
}

static bool named(const struct phys *p, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(p->cls->type, names[i]))
            return true;
    return false;
}

/* Nodes that do what they do when the watermark comes. */
static bool needs_watermarks(const struct phys *p)
{
    static const char *const timed[] = {"stream-exec-window-aggregate", "stream-exec-local-window-aggregate",
                                        "stream-exec-window-rank",      "stream-exec-window-deduplicate",
                                        "stream-exec-window-join",      "stream-exec-window-table-function",
                                        "stream-exec-interval-join",    "stream-exec-temporal-sort",
                                        "stream-exec-deduplicate",      "stream-exec-over-aggregate"};
    for (uint32_t i = 0; i < p->n && named(p, timed, sizeof timed / sizeof *timed); i++)
        for (uint32_t c = 0; c < p->inputs[i]->row->n; c++)
            if (type_is_rowtime(p->inputs[i]->row->kids[c]))
                return true;
    return false;
}

static void assign(struct planner *pl, struct phys *p, const struct batch *asked)
{
    static const char *const first[] = {"stream-exec-watermark-assigner", "stream-exec-table-source-scan"};
    struct batch *mine = arena_alloc(pl->a, sizeof *mine);
    *mine = *asked;
    mine->rowtime = mine->rowtime || needs_watermarks(p);
    for (uint32_t i = 0; i < p->n; i++) {
        struct phys *in = p->inputs[i];
        if (!named(in, first, 2)) {
            assign(pl, in, mine);
            continue;
        }
        struct phys *b = phys_of(pl, &assigner, in->row, in->at, 1, &in);
        b->spec = mine;
        b->kinds = in->kinds;
        b->keys = in->keys;
        b->updates = in->updates;
        b->deletes = in->deletes;
        b->before = in->before;
        p->inputs[i] = b;
    }
}

bool phys_batches(struct planner *pl, struct phys *sink, struct err *e)
{
    const char *text = catalog_config(pl->c, "table.exec.mini-batch.allow-latency", "0 ms");
    struct batch b = {0};
    if (!phys_mini_batch(pl))
        return true;
    if (!duration_option(text, &b.ms) || b.ms <= 0)
        return phys_wrong(pl, sink->at, e, "table.exec.mini-batch.allow-latency = %s: mini-batches need a time, as in '5 s'", text);
    assign(pl, sink, &b);
    return true;
}
