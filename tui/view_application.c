/* One application: its jobs, why it failed, when it was in which state, and the configuration of its JobManager (2.3 on). */
#include <stdio.h>
#include <string.h>

#include "live/facts.h"
#include "tui/pairs.h"
#include "tui/show.h"

static const char jobs_group[] = "jobs";

static const struct live_application *data(const struct view *v, const struct world *w)
{
    return answer_data(w, LIVE_APPLICATION, NULL, NULL, v->at.item, NULL);
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)w;
    want(wants, LIVE_APPLICATION, NULL, NULL, v->at.item, NULL);
    want(wants, LIVE_APPLICATION_EXCEPTIONS, NULL, NULL, v->at.item, NULL);
    want(wants, LIVE_APPLICATION_CONFIG, NULL, NULL, v->at.item, NULL);
}

static void load_exceptions(struct list *l, const struct live_exceptions *x)
{
    for (uint32_t i = 0; i < x->n_list; i++) {
        const struct live_exception *k = &x->list[i];
        struct bytes cause = facts_cause(k);
        char name[80], value[512];
        snprintf(name, sizeof name, "%s %.40s", show_time(k->at_ms).s, live_text_or(k->job, ""));
        snprintf(value, sizeof value, "%.*s", cause.n < 500 ? (int)cause.n : 500, (const char *)cause.p);
        pair_text(l, "failures", name, value);
    }
}

static void load(struct view *v, const struct world *w)
{
    const struct live_application *x = data(v, w);
    const struct live_exceptions *failures = answer_data(w, LIVE_APPLICATION_EXCEPTIONS, NULL, NULL, v->at.item, NULL);
    const struct live_pairs *config = answer_data(w, LIVE_APPLICATION_CONFIG, NULL, NULL, v->at.item, NULL);
    struct list *l = &v->list;
    char value[256];
    list_begin(l);
    for (uint32_t i = 0; x && i < x->n_jobs; i++) {
        const struct live_job_row *j = &x->jobs[i];
        if (!j->id)
            continue;
        snprintf(value, sizeof value, "%.200s  %.20s", live_text_or(j->name, "?"), live_text_or(j->state, "?"));
        pair_text(l, jobs_group, j->id, value);
    }
    if (failures)
        load_exceptions(l, failures);
    for (uint32_t i = 0; x && i < x->n_timestamps; i++)
        if (x->timestamps[i].state && x->timestamps[i].n > 0)
            pair_text(l, "was", x->timestamps[i].state, show_time(x->timestamps[i].n).s);
    if (config)
        pair_all(l, "configuration", config->list, config->n_list);
    list_end(l);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_application *x = data(v, w);
    const struct live_exceptions *failures = answer_data(w, LIVE_APPLICATION_EXCEPTIONS, NULL, NULL, v->at.item, NULL);
    if (!x) {
        draw_missing(g, r, w, LIVE_APPLICATION, NULL, NULL, v->at.item);
        return 1;
    }
    int at = r.x + 1, end = r.x + r.w;
    at += grid_text(g, at, r.y, end - at, ST_BOLD, live_text_or(x->name, v->at.item));
    at += grid_textf(g, at, r.y, end - at, state_style(x->status), "  %s", live_text_or(x->status, "?"));
    at += grid_textf(g, at, r.y, end - at, ST_NORMAL, "  for %s", show_ms(x->duration_ms).s);
    if (failures)
        grid_textf(g, at, r.y, end - at, failures->n_list ? ST_BAD : ST_DIM, "  %u failures", failures->n_list);
    return 1;
}

static bool step(const struct view *v, struct step *to)
{
    const struct list_row *here = list_here(&v->list);
    if (!here || strncmp(here->id, jobs_group, sizeof jobs_group - 1) != 0 || here->id[sizeof jobs_group - 1] != '/')
        return false;
    *to = (struct step){.view = VIEW_graph, .job = here->id + sizeof jobs_group};
    return true;
}

const struct view_ops view_application = {
    .cols = pair_cols, .n_cols = PAIR_COLS, .sort = -1, .want = ask, .load = load, .draw = draw, .step = step};
