/* How a job is configured: execution, checkpoints, its own parameters; secrets masked. */
#include "tui/pairs.h"

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)w;
    want(wants, LIVE_JOB_CONFIG, v->at.job, NULL, NULL, NULL);
    want(wants, LIVE_CHECKPOINT_CONFIG, v->at.job, NULL, NULL, NULL);
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
}

static void load_checkpoints(struct list *l, const struct live_checkpoint_config *c)
{
    static const char group[] = "checkpoints";
    pair_text(l, group, "mode", c->mode);
    if (live_has(c->interval_ms))
        pair_ms(l, group, "interval", c->interval_ms);
    else
        pair_text(l, group, "interval", "none: no periodic checkpoints");
    pair_ms(l, group, "timeout", c->timeout_ms);
    pair_ms(l, group, "pause at least", c->min_pause_ms);
    pair_count(l, group, "at the same time, at most", c->max_concurrent);
    pair_count(l, group, "failures tolerated", c->tolerable_failed);
    pair_bool(l, group, "unaligned", c->unaligned);
    pair_ms(l, group, "aligned for at most", c->aligned_timeout_ms);
    pair_bool(l, group, "after tasks have finished", c->after_tasks_finish);
    pair_text(l, group, "state backend", c->state_backend);
    pair_text(l, group, "storage", c->checkpoint_storage);
    pair_bool(l, group, "kept when the job ends", c->externalization.enabled);
    pair_bool(l, group, "deleted when it is cancelled", c->externalization.delete_on_cancellation);
    pair_bool(l, group, "changelog", c->changelog);
    if (c->changelog == LIVE_YES) {
        pair_text(l, group, "changelog storage", c->changelog_storage);
        pair_ms(l, group, "materialized every", c->materialization_interval_ms);
    }
}

static void load(struct view *v, const struct world *w)
{
    const struct live_job_config *c = answer_data(w, LIVE_JOB_CONFIG, v->at.job, NULL, NULL, NULL);
    const struct live_checkpoint_config *k = answer_data(w, LIVE_CHECKPOINT_CONFIG, v->at.job, NULL, NULL, NULL);
    const struct live_job *j = job_of(v, w);
    struct list *l = &v->list;
    list_begin(l);
    if (j) {
        pair_text(l, "job", "id", j->id);
        if (j->job_type) /* from 1.16 on */
            pair_text(l, "job", "type", j->job_type);
        if (j->scheduler_type) /* 2.0 and later */
            pair_text(l, "job", "scheduler", j->scheduler_type);
        pair_count(l, "job", "max parallelism", j->max_parallelism);
    }
    if (c) {
        pair_text(l, "execution", "mode", c->execution.execution_mode);
        pair_text(l, "execution", "restart strategy", c->execution.restart_strategy);
        pair_count(l, "execution", "parallelism", c->execution.parallelism);
        pair_bool(l, "execution", "objects are reused", c->execution.object_reuse);
    }
    if (k)
        load_checkpoints(l, k);
    if (c)
        pair_all(l, "parameters", c->execution.user_config, c->execution.n_user_config);
    list_end(l);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    if (answer_data(w, LIVE_JOB_CONFIG, v->at.job, NULL, NULL, NULL))
        return 0;
    draw_missing(g, r, w, LIVE_JOB_CONFIG, v->at.job, NULL, NULL);
    return 1;
}

const struct view_ops view_config = {.cols = pair_cols, .n_cols = PAIR_COLS, .sort = -1, .want = ask, .load = load, .draw = draw};
