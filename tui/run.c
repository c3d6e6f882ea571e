/* The console on a terminal: keys and snapshots come in, grids go out. Nothing here waits for the network. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/startup.h"
#include "live/find.h"
#include "live/http.h"
#include "tui/app.h"
#include "tui/playing.h"

static int to_next_second(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return 1000 - (int)(t.tv_nsec / 1000000);
}

/* Tells the collector what the views want, when that has changed. */
static void tell_wants(struct live *l, struct app *a, struct wants *told)
{
    struct wants now = {0};
    app_want(a, &now);
    bool same = now.n == told->n;
    for (uint32_t i = 0; same && i < now.n; i++)
        same = !live_ask_compare(&now.v[i].ask, &told->v[i].ask) && now.v[i].every_ms == told->v[i].every_ms;
    if (same) {
        wants_free(&now);
        return;
    }
    live_want(l, now.v, now.n);
    wants_free(told);
    *told = now;
}

/* The view that was asked for by name, once the jobs are known. */
struct start {
    const struct tui_config *config;
    enum view_id view;
    bool pending;
};

static void begin(struct app *a, struct start *s)
{
    const struct live_jobs *jobs = answer_data(&a->world, LIVE_JOBS, NULL, NULL, NULL, NULL);
    struct err e = {0};
    if (!s->pending || !jobs)
        return;
    const struct live_job_row *row = live_find_job(jobs, s->config->job, a->url, &e);
    struct step step = {.view = s->view, .job = row ? row->id : NULL, .item = s->config->item};
    const struct live_job *job = step.job ? answer_data(&a->world, LIVE_JOB, step.job, NULL, NULL, NULL) : NULL;
    if (step.job && s->config->vertex) {
        if (!job) { /* the graph asks for it */
            app_open(a, &(struct step){.view = VIEW_graph, .job = step.job});
            return;
        }
        step.vertex = app_find_vertex(job, s->config->vertex, &e);
    }
    s->pending = false;
    if (e.kind)
        memcpy(a->message, e.text, sizeof a->message - 1);
    else
        app_open(a, &step);
}

static bool take_snapshot(struct live *l, struct app *a, struct start *start)
{
    const struct live_snapshot *s = a->paused ? NULL : live_take(l);
    if (!s)
        return false;
    const struct live_snapshot *old = a->world.snapshot;
    app_load(a, s);
    begin(a, start);
    if (old)
        live_release(old);
    return true;
}

static bool take_keys(struct live *l, struct app *a)
{
    bool some = false;
    for (int key; !a->quit && (key = screen_next_key()) != KEY_NOTHING; some = true) {
        enum verb v = a->prompt.kind || a->confirm.asked ? VERB_NONE : key_verb(key);
        if (v == VERB_REDRAW)
            screen_forget();
        else if (v == VERB_REFRESH)
            live_refresh(l);
        else if (key != KEY_RESIZED)
            app_key(a, key);
    }
    return some;
}

static void paint(struct app *a, const struct live *l, struct grid *g)
{
    int w, h;
    app_clock(a, l);
    screen_size(&w, &h);
    if (g->w != w || g->h != h)
        grid_size(g, w, h);
    app_draw(a, g);
    screen_show(g);
}

static void loop(struct live *l, struct app *a, struct start *start)
{
    enum { STARTED_MS = 5000 };
    int64_t began = clock_monotonic_ms();
    struct wants told = {0};
    struct grid g = {0};
    tell_wants(l, a, &told);
    while (!a->quit) {
        paint(a, l, &g);
        if (began && clock_monotonic_ms() - began > STARTED_MS) { /* curl comes with some twenty libraries */
            startup_forget();
            began = 0;
        }
        struct pollfd fd[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = a->paused ? -1 : live_fd(l), .events = POLLIN}};
        if (poll(fd, 2, to_next_second()) < 0 && errno != EINTR)
            break;
        if (fd[0].revents & (POLLHUP | POLLERR | POLLNVAL))
            break;
        bool changed = take_snapshot(l, a, start);
        app_step_operations(a); /* also when nothing comes: what was lost is sent again, and patience ends */
        changed |= take_keys(l, a);
        if (changed && !a->quit)
            tell_wants(l, a, &told);
    }
    wants_free(&told);
    grid_free(&g);
}

bool tui_run(struct live *l, const struct tui_config *c, struct err *e)
{
    struct app a = {.url = live_url(l), .live = l, .read_only = c->read_only};
    struct start start = {.config = c, .view = app_find_view(c->view ? c->view : c->job ? "graph" : "jobs")};
    sigset_t ours, before;
    if (start.view == VIEWS)
        return err_set(e, ERR_USAGE, "no view '%s'", c->view);
    if (live_playing(l, &a.playing)) {
        live_play(l, a.playing.from_ms, 1);
        if (c->at && !playing_seek(l, c->at, e))
            return false;
    }
    if (!screen_open(&c->screen, e))
        return false;
    /* these are for this thread: a new size has to interrupt the poll */
    sigemptyset(&ours);
    sigaddset(&ours, SIGWINCH);
    sigaddset(&ours, SIGTSTP);
    sigaddset(&ours, SIGCONT);
    pthread_sigmask(SIG_BLOCK, &ours, &before);
    bool started = live_start(l, e);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started) {
        enum scope scope = view_rows[start.view].scope;
        start.pending = scope != SCOPE_CLUSTER && (scope != SCOPE_ANY || c->job || c->vertex);
        a.world.loads = &a.loads;
        a.world.history = live_history(l);
        app_clock(&a, l);
        app_open(&a, &(struct step){.view = start.pending ? VIEW_jobs : start.view, .item = start.pending ? NULL : c->item});
        loop(l, &a, &start);
    }
    const struct live_snapshot *last = a.world.snapshot;
    app_free(&a);
    if (last)
        live_release(last);
    screen_close();
    return started;
}
