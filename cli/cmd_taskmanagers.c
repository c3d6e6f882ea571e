/* weir taskmanagers: the processes that do the work. */
#include <string.h>

#include "base/human.h"
#include "cli/cluster.h"
#include "cli/out.h"
#include "live/shape.h"

struct args {
    struct cluster_opts cluster;
    bool json;
};

struct facts {
    const struct live_taskmanagers *all;
    const struct live_answer **answers; /* the details of each */
    int64_t came_ms;
};

static bool gather(struct cluster *c, struct facts *f, struct err *e)
{
    const struct live_answer *list;
    if (!live_fetch(c->live, &(struct live_ask){.route = LIVE_TASKMANAGERS}, 1, &list, e))
        return false;
    f->all = list->data;
    f->came_ms = list->came_ms;
    if (!f->all)
        return err_set(e, list->err.kind, "%s", list->err.text);
    struct live_ask *asks = arena_array(&c->arena, f->all->n_list, sizeof *asks);
    f->answers = arena_array(&c->arena, f->all->n_list + 1, sizeof(const struct live_answer *));
    for (uint32_t i = 0; i < f->all->n_list; i++)
        asks[i] = (struct live_ask){.route = LIVE_TASKMANAGER, .item = f->all->list[i].id};
    return live_fetch(c->live, asks, f->all->n_list, f->answers, e);
}

static void of_cell(struct table *t, int64_t used, int64_t max)
{
    if (live_has(used) && used >= 0 && live_has(max) && max > 0)
        table_cellf(t, "%s of %s", human_bytes((uint64_t)used).s, human_bytes((uint64_t)max).s);
    else
        cell_bytes(t, used);
}

static void print_table(const struct cli *cli, const struct facts *f, struct buf *out)
{
    static const struct table_col cols[] = {{"TASK MANAGER", false, true}, {"SLOTS", true, false},    {"FREE", true, false},
                                            {"HEAP", true, false},         {"NON-HEAP", true, false}, {"NETWORK", true, false},
                                            {"GC", true, false},           {"GC TIME", true, false},  {"MEMORY", true, false},
                                            {"HEARTBEAT", true, false}};
    struct table t;
    table_start(&t, cols, sizeof cols / sizeof *cols);
    for (uint32_t i = 0; i < f->all->n_list; i++) {
        const struct live_taskmanager *m = &f->all->list[i], *more = f->answers[i]->data;
        const struct live_jvm *jvm = more && !f->answers[i]->unsettled ? more->jvm : NULL;
        int64_t count, ms, age;
        live_collections(jvm, &count, &ms);
        table_cell(&t, m->id);
        cell_count(&t, m->slots);
        cell_count(&t, m->free_slots);
        of_cell(&t, jvm ? jvm->heap_used : LIVE_ABSENT, jvm ? jvm->heap_max : LIVE_ABSENT);
        cell_bytes(&t, jvm ? jvm->non_heap_used : LIVE_ABSENT);
        of_cell(&t, jvm ? jvm->shuffle_used : LIVE_ABSENT, jvm ? jvm->shuffle_total : LIVE_ABSENT);
        cell_count(&t, count);
        cell_ms(&t, ms);
        cell_bytes(&t, m->memory.total_process);
        if (live_has(m->last_heartbeat_ms) && !__builtin_sub_overflow(f->came_ms, m->last_heartbeat_ms, &age) && age >= 0)
            table_cellf(&t, "%s ago", duration_text(age).s);
        cell_rest(&t);
    }
    if (!t.cells)
        buf_puts(out, "no task managers\n");
    table_print(&t, out, cli->width, cli->colour);
    table_free(&t);
}

static void print_json(const struct cluster *c, const struct facts *f, struct buf *out, struct err *e)
{
    struct jsonw w;
    cluster_json(&w, out, c);
    jsonw_key(&w, "taskManagers");
    jsonw_array(&w);
    for (uint32_t i = 0; i < f->all->n_list; i++)
        shape_write(&shape_live_taskmanager, f->answers[i]->data ? f->answers[i]->data : &f->all->list[i], &w, false);
    jsonw_end_array(&w);
    cluster_json_end(&w, e);
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct cluster c = {0};
    struct facts f = {0};
    struct buf out = {0};
    enum weir_exit status = WEIR_OK;
    if (cluster_open(&c, &a->cluster, e) && gather(&c, &f, e)) {
        if (a->json) {
            print_json(&c, &f, &out, e);
        } else {
            print_table(cli, &f, &out);
            out_write(&out, e);
        }
        status = complain_of_answers(f.answers, f.all->n_list);
    }
    buf_free(&out);
    cluster_close(&c);
    return status;
}

static const struct opt opts[] = {
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "as one JSON document"},
    CLUSTER_ROWS(struct args),
    {0},
};

const struct command cmd_taskmanagers = {
    .operands = "",
    .about = "Lists the task managers of a cluster: slots, memory, garbage collection, and how long ago each was heard of.\n",
    .opts = opts,
    .size = sizeof(struct args),
    .run = run,
};
