/* All attempts of the subtasks of a vertex: those that run, those beside them, and those that are over, with the failure that ended
 * them. */
#include <stdio.h>
#include <string.h>

#include "tui/attempts.h"
#include "tui/exceptions.h"
#include "tui/show.h"

static const struct list_col cols[] = {
    {.title = "SUBTASK", .json = "subtask", .align = LIST_RIGHT},
    {.title = "ATTEMPT", .json = "attempt", .align = LIST_RIGHT},
    {.title = "STATE", .json = "state"},
    {.title = "BEGAN", .json = "startMs", .align = LIST_RIGHT, .rank = 1},
    {.title = "ENDED", .json = "endMs", .align = LIST_RIGHT, .rank = 5},
    {.title = "FOR", .json = "durationMs", .align = LIST_RIGHT},
    {.title = "RECORDS IN", .json = "recordsIn", .align = LIST_RIGHT, .rank = 6},
    {.title = "RECORDS OUT", .json = "recordsOut", .align = LIST_RIGHT, .rank = 6},
    {.title = "READ", .json = "bytesIn", .align = LIST_RIGHT, .rank = 7},
    {.title = "WRITTEN", .json = "bytesOut", .align = LIST_RIGHT, .rank = 7},
    {.title = "WHERE", .json = "endpoint", .flex = 10, .rank = 3},
    {.title = "TASK MANAGER", .json = "taskManager", .flex = 10, .rank = 4},
    {.title = "WHY IT ENDED", .json = "cause", .flex = 16, .rank = 2},
};

enum { ATTEMPTS_EACH = 16 }; /* as many as Flink keeps: jobmanager.execution.attempts-history-size */

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
    want(wants, LIVE_VERTEX, v->at.job, v->at.vertex, NULL, NULL);
    want_exceptions(v, wants);
    attempts_want(v, w, wants, ATTEMPTS_EACH);
}

/* Whether a failure is that of an attempt: Flink names a task "NAME (2/4) - execution #3", before 1.18 without the last part. */
static bool is_of(const struct live_exception *e, const char *vertex, const struct live_subtask *s)
{
    char subtask[32], attempt[48];
    size_t n = vertex ? strlen(vertex) : 0;
    if (!e->task || !n || strncmp(e->task, vertex, n))
        return false;
    snprintf(subtask, sizeof subtask, "(%lld/", (long long)s->index + 1);
    snprintf(attempt, sizeof attempt, " - execution #%lld", (long long)s->attempt);
    const char *found = strstr(e->task + n, subtask), *execution = strstr(e->task + n, " - execution #");
    if (!found || (execution && strcmp(execution, attempt)))
        return false;
    return execution || (live_has(s->start_ms) && live_has(s->end_ms) && e->at_ms >= s->start_ms && e->at_ms <= s->end_ms + 1000);
}

static const char *cause_in(struct arena *a, const struct live_exception *list, uint32_t n, const char *vertex,
                            const struct live_subtask *s)
{
    for (uint32_t i = 0; i < n; i++) {
        if (is_of(&list[i], vertex, s))
            return exception_cause(a, &list[i]);
        for (uint32_t k = 0; k < list[i].n_concurrent; k++)
            if (is_of(&list[i].concurrent[k], vertex, s))
                return exception_cause(a, &list[i].concurrent[k]);
    }
    return NULL;
}

struct filling {
    struct view *v;
    const struct live_exceptions *x;
    const char *vertex; /* its name */
};

static void fill(const struct filling *f, const struct live_subtask *s, bool past)
{
    struct arena a = {0};
    struct list *l = &f->v->list;
    bool over = s->status && live_task_state(s->status) >= LIVE_TASK_FINISHED && live_task_state(s->status) != LIVE_TASK_CANCELING;
    const char *cause = f->x && over ? cause_in(&a, f->x->list, f->x->n_list, f->vertex, s) : NULL;
    list_row(l, arena_printf(&a, "%lld/%lld", (long long)s->index, (long long)s->attempt), past ? ST_DIM : ST_NORMAL);
    list_whole(l, past ? ST_DIM : ST_BOLD, s->index, show_count(s->index).s);
    list_whole(l, ST_NORMAL, s->attempt, show_count(s->attempt).s);
    list_text(l, state_style(s->status), s->status);
    list_whole(l, ST_NORMAL, s->start_ms, show_time(s->start_ms).s);
    list_whole(l, ST_NORMAL, s->end_ms, show_time(s->end_ms).s);
    list_whole(l, ST_NORMAL, s->duration_ms, show_ms(s->duration_ms).s);
    list_whole(l, ST_NORMAL, s->io.read_records, show_count(s->io.read_records).s);
    list_whole(l, ST_NORMAL, s->io.write_records, show_count(s->io.write_records).s);
    list_whole(l, ST_NORMAL, s->io.read_bytes, show_bytes(s->io.read_bytes).s);
    list_whole(l, ST_NORMAL, s->io.write_bytes, show_bytes(s->io.write_bytes).s);
    list_text(l, ST_NORMAL, s->endpoint);
    list_text(l, ST_DIM, s->taskmanager);
    list_text(l, ST_BAD, cause);
    arena_free(&a);
}

static void load(struct view *v, const struct world *w)
{
    const struct live_vertex_detail *d = answer_data(w, LIVE_VERTEX, v->at.job, v->at.vertex, NULL, NULL);
    struct filling f = {v, exceptions_of(v, w), d ? d->name : NULL};
    list_begin(&v->list);
    for (uint32_t i = 0; d && i < d->n_subtasks; i++) {
        const struct live_subtask *s = &d->subtasks[i];
        fill(&f, s, false);
        for (uint32_t k = 0; k < s->n_other_attempts; k++)
            fill(&f, &s->other_attempts[k], false);
        struct attempts past = attempts_of(d, ATTEMPTS_EACH);
        while (attempts_next(&past)) {
            const struct live_subtask *old = past.subtask == s->index ? attempt_of(v, w, past.subtask, past.attempt) : NULL;
            if (old)
                fill(&f, old, true);
        }
    }
    list_end(&v->list);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_vertex_detail *d = answer_data(w, LIVE_VERTEX, v->at.job, v->at.vertex, NULL, NULL);
    int64_t most = 0, sum = 0;
    int x = r.x + 1, end = r.x + r.w;
    if (!d) {
        draw_missing(g, r, w, LIVE_VERTEX, v->at.job, v->at.vertex, NULL);
        return 1;
    }
    for (uint32_t i = 0; i < d->n_subtasks; i++) {
        int64_t n = d->subtasks[i].attempt > 0 && d->subtasks[i].attempt < 1 << 30 ? d->subtasks[i].attempt : 0;
        most = n > most ? n : most;
        sum += n;
    }
    x += grid_text(g, x, r.y, (end - x) / 2, ST_BOLD, live_text_or(d->name, v->at.vertex));
    if (!sum)
        grid_text(g, x, r.y, end - x, ST_OK, "  no subtask has been restarted");
    else
        grid_textf(g, x, r.y, end - x, ST_WARN, "  restarted %s times, a subtask up to %s times", show_count(sum).s,
                   show_count(most).s);
    return 1;
}

const struct view_ops view_attempts = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .want = ask,
    .load = load,
    .draw = draw,
};
