#include "tests/support/made_view.h"

#include <string.h>

static const char *const names[] = {"table.local-time-zone", "parallelism.default", "table.local-time-zone"};
static const char *const values[] = {"UTC", "2", "CET"};

static struct view_subtask *subtasks(struct arena *a, uint32_t vertex, int when)
{
    struct view_subtask *s = arena_array(a, 2, sizeof *s);
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t rows = (uint64_t)when * (i ? 300 : 100);
        s[i] = (struct view_subtask){.status = "RUNNING",
                                     .busy_ms = when * 250,
                                     .idle_ms = when * 150,
                                     .pressed_ms = when * 600,
                                     .rows_in = rows,
                                     .rows_out = rows,
                                     .bytes_in = vertex ? rows * 34 : 0,
                                     .bytes_out = vertex ? 0 : rows * 34,
                                     .queued = vertex ? 3 : 0};
        s[i].ops = arena_array(a, 2, sizeof *s[i].ops);
        for (uint32_t k = 0; k < 2; k++)
            s[i].ops[k] =
                (struct view_op_figures){.rows_in = rows, .rows_out = rows, .late = i, .wm_in = INT64_MIN, .wm_out = INT64_MIN};
        if (vertex)
            s[i].ops[0].wm_in = s[i].ops[0].wm_out = s[i].ops[1].wm_in = 1600000000000 + i;
    }
    return s;
}

static void vertex(struct arena *a, struct view_vertex *v, uint32_t at, int when)
{
    static const struct view_input from_source = {0, "HASH"};
    static const struct view_op ops[2][2] = {
        {{MADE_SOURCE, "Source: t[1]", 0}, {"31111111111111111111111111111111", "Calc[2]", 1}},
        {{MADE_SINK, "GroupAggregate[4]", 0}, {"32222222222222222222222222222222", "out[5]: Writer", 1}}};
    *v = (struct view_vertex){.name = at ? "GroupAggregate[4] -> out[5]: Writer" : "Source: t[1] -> Calc[2]",
                              .about = at ? "[4]:GroupAggregate<br/>+- out[5]: Writer<br/>" : "[1]:Scan<br/>+- [2]:Calc<br/>",
                              .source = !at,
                              .n_inputs = at,
                              .inputs = &from_source,
                              .n_ops = 2,
                              .ops = ops[at],
                              .n_subtasks = 2,
                              .first = at * 2};
    memcpy(v->id, ops[at][0].id, sizeof v->id);
    v->subtasks = subtasks(a, at, when);
}

static struct view_checkpoint checkpoint(struct arena *a, uint64_t id, int status, bool savepoint)
{
    struct view_checkpoint c = {.id = id,
                                .savepoint = savepoint,
                                .trigger_ms = 1700000000000 + (int64_t)id * 1000,
                                .n_parts = 4,
                                .n_acks = status == CHECKPOINT_DONE ? 4 : 1,
                                .bytes = 100};
    c.status = status;
    c.parts = arena_array(a, 4, sizeof *c.parts);
    for (uint32_t i = 0; i < c.n_acks; i++)
        c.parts[i] = (struct view_part){true, c.trigger_ms + 5 + i, 1, 2, 1, 3, 25};
    c.latest_ack_ms = c.trigger_ms + 4 + c.n_acks;
    c.end_ms = status == CHECKPOINT_RUNS ? 0 : c.trigger_ms + 12;
    c.path = status == CHECKPOINT_DONE ? arena_printf(a, "/chk/chk-%d", (int)id) : NULL;
    c.why = status == CHECKPOINT_FAILED ? arena_str(a, "the disk is full") : NULL;
    return c;
}

struct job_view *made_view(struct arena *a, int when)
{
    static const struct view_sample samples[] = {{100, 10}, {300, 30}, {200, 20}};
    struct job_view *v = arena_alloc(a, sizeof *v);
    *v = (struct job_view){
        .id = MADE_JOB,
        .name = "insert-into_default_catalog.default_database.out",
        .phase = PHASE_RUNNING,
        .at_ms = {[PHASE_CREATED] = 1700000000000, [PHASE_RUNNING] = 1700000000500, [PHASE_RESTARTING] = 1700000000400},
        .start_ms = 1700000000000,
        .now_ms = 1700000000500 + when * 1000,
        .ticks = when * INT64_C(1000000000),
        .restarts = 1,
        .parallelism = 2,
        .max_parallelism = 128,
        .restart_strategy = "Restart deactivated.",
        .n_config = 3,
        .config_names = names,
        .config_values = values,
        .n_vertices = 2,
        .n_subtasks = 4,
        .n_failures = 1};
    v->vertices = arena_array(a, 2, sizeof *v->vertices);
    vertex(a, &v->vertices[0], 0, when);
    vertex(a, &v->vertices[1], 1, when);
    v->failures = arena_alloc(a, sizeof *v->failures);
    v->failures[0] =
        (struct view_failure){1700000000300, arena_str(a, "node 4: 1/0"), arena_str(a, "Calc[2] (1/2) - execution #0")};
    struct view_checkpoints *c = &v->checkpoints;
    *c = (struct view_checkpoints){.on = true,
                                   .interval_ms = 1000,
                                   .timeout_ms = 600000,
                                   .retained = 1,
                                   .dir = "/chk",
                                   .completed = 3,
                                   .failed = 1,
                                   .restored = 1,
                                   .running = 1,
                                   .n = 4,
                                   .restored_id = 1,
                                   .restored_ms = 1700000000450,
                                   .restored_path = "/chk/chk-1",
                                   .n_samples = 3,
                                   .samples = samples};
    c->list = arena_array(a, 4, sizeof *c->list);
    c->list[0] = checkpoint(a, 5, CHECKPOINT_RUNS, false);
    c->list[1] = checkpoint(a, 4, CHECKPOINT_FAILED, false);
    c->list[2] = checkpoint(a, 3, CHECKPOINT_DONE, true);
    c->list[3] = checkpoint(a, 2, CHECKPOINT_DONE, false);
    c->last_failed = &c->list[1];
    c->last_savepoint = &c->list[2];
    c->last_completed = &c->list[3];
    return v;
}
