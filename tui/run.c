/* The console on a terminal: keys and snapshots come in, grids go out. Nothing here waits for the network. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/startup.h"
#include "live/http.h"
#include "tui/fleet.h"

static int to_next_second(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return 1000 - (int)(t.tv_nsec / 1000000);
}

/* What is on the screen: the list of clusters, or one of them. */
struct console {
    struct fleet fleet;
    struct app board;
    int current; /* place in the fleet; -1: the board */
    bool quit;
};

static struct app *shown(struct console *c) { return c->current < 0 ? &c->board : &c->fleet.v[c->current].app; }

static void load_board(struct console *c)
{
    app_clock(&c->board, NULL);
    app_view(&c->board)->ops->load(app_view(&c->board), &c->board.world);
}

/* Takes what has come for any of them. */
static bool take_all(struct console *c)
{
    bool changed = false;
    for (uint32_t i = 0; i < c->fleet.n; i++) {
        struct member *m = &c->fleet.v[i];
        app_clock(&m->app, m->live);
        changed |= fleet_take(&c->fleet, m);
        changed |= app_tick(&m->app);
    }
    if (c->current < 0)
        load_board(c);
    return changed;
}

static void tell_all(struct console *c)
{
    for (uint32_t i = 0; i < c->fleet.n; i++)
        fleet_tell(&c->fleet.v[i], (int)i == c->current, c->current < 0);
}

/* From the list into a cluster, and back. */
static void change_place(struct console *c)
{
    if (c->current < 0 && c->board.chosen) {
        uint32_t to = (uint32_t)c->board.chosen - 1;
        c->board.chosen = 0;
        if (to < c->fleet.n && c->fleet.v[to].live)
            c->current = (int)to;
        else
            snprintf(c->board.message, sizeof c->board.message, "it could not be opened");
    } else if (c->current >= 0 && shown(c)->leave) {
        shown(c)->leave = false;
        c->current = -1;
        load_board(c);
    }
}

static void take_key(struct console *c, int key)
{
    struct app *a = shown(c);
    enum verb v = a->prompt.kind || a->confirm.asked ? VERB_NONE : key_verb(key);
    if (v == VERB_REDRAW) {
        screen_forget();
    } else if (v == VERB_REFRESH) {
        for (uint32_t i = 0; i < c->fleet.n; i++)
            if (c->fleet.v[i].live && (c->current < 0 || c->current == (int)i))
                live_refresh(c->fleet.v[i].live);
    } else if (key != KEY_RESIZED) {
        app_key(a, key);
        c->quit = a->quit;
        change_place(c);
    }
}

static bool take_keys(struct console *c)
{
    bool some = false;
    for (int key; !c->quit && (key = screen_next_key()) != KEY_NOTHING; some = true)
        take_key(c, key);
    return some;
}

static void paint(struct console *c, struct grid *g)
{
    struct app *a = shown(c);
    int w, h;
    app_clock(a, c->current < 0 ? NULL : c->fleet.v[c->current].live);
    screen_size(&w, &h);
    if (g->w != w || g->h != h)
        grid_size(g, w, h);
    app_draw(a, g);
    screen_show(g);
}

static void loop(struct console *c)
{
    struct grid g = {0};
    struct pollfd *fd = mem_alloc(sizeof *fd * (c->fleet.n + 1u));
    tell_all(c);
    enum { STARTED_MS = 5000 };
    int64_t began = clock_monotonic_ms();
    while (!c->quit) {
        paint(c, &g);
        fd[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
        for (uint32_t i = 0; i < c->fleet.n; i++) {
            const struct member *m = &c->fleet.v[i];
            fd[i + 1] = (struct pollfd){.fd = m->app.paused || !m->live ? -1 : live_fd(m->live), .events = POLLIN};
        }
        if (began && clock_monotonic_ms() - began > STARTED_MS) { /* curl comes with some twenty libraries */
            startup_forget();
            began = 0;
        }
        if (poll(fd, c->fleet.n + 1u, to_next_second()) < 0 && errno != EINTR)
            break;
        if (fd[0].revents & (POLLHUP | POLLERR | POLLNVAL))
            break;
        bool changed = take_all(c);
        changed |= take_keys(c);
        if (changed && !c->quit)
            tell_all(c);
    }
    free(fd);
    grid_free(&g);
}

bool tui_run(const struct tui_cluster *clusters, uint32_t n, const struct tui_config *config, struct err *e)
{
    struct console c = {.board = {.board = true}, .current = n > 1 ? -1 : 0};
    sigset_t ours, before;
    if (!screen_open(&config->screen, e))
        return false;
    /* these are for this thread: a new size has to interrupt the poll */
    sigemptyset(&ours);
    sigaddset(&ours, SIGWINCH);
    sigaddset(&ours, SIGTSTP);
    sigaddset(&ours, SIGCONT);
    pthread_sigmask(SIG_BLOCK, &ours, &before);
    bool started = fleet_start(&c.fleet, clusters, n, config, false, e);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started) {
        c.board.world.fleet = &c.fleet;
        app_open(&c.board, &(struct step){.view = VIEW_clusters});
        load_board(&c);
        loop(&c);
    }
    app_free(&c.board);
    fleet_free(&c.fleet);
    screen_close();
    return started;
}
