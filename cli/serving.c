#include "cli/serving.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cli/memory_limit.h"
#include "cli/run_top.h"
#include "cli/signals.h"
#include "runtime/control.h"
#include "serve/serve.h"

enum { TOKEN_MAX = 4096 };

static const char *config(const struct job_opts *opts, const char *name)
{
    for (uint32_t i = 0; i < opts->n_config; i++)
        if (!strcmp(opts->config_names[i], name))
            return opts->config_values[i];
    return NULL;
}

static bool port_of(const char *text, uint16_t *port)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    *port = (uint16_t)n;
    return *text >= '0' && *text <= '9' && !*end && n <= 65535;
}

/* "8081", "0.0.0.0:8081", "[::1]:8081". */
static bool place_of(const char *rest, struct serve_opts *to, struct arena *a, struct err *e)
{
    const char *colon = strrchr(rest, ':');
    size_t n = colon ? (size_t)(colon - rest) : 0;
    if (colon) {
        bool six = n > 2 && rest[0] == '[' && rest[n - 1] == ']';
        to->address = arena_strn(a, rest + six, n - 2 * six);
    }
    return port_of(colon ? colon + 1 : rest, &to->port) ||
        err_set(e, ERR_USAGE, "--rest takes PORT or ADDRESS:PORT, not '%s'", rest);
}

/* The first line of the file. */
static bool token_of(const char *path, struct serve_opts *to, struct arena *a, struct err *e)
{
    char line[TOKEN_MAX] = "";
    FILE *f = fopen(path, "re");
    if (!f)
        return err_set(e, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: %s", path, strerror(errno));
    bool read = fgets(line, sizeof line, f) != NULL;
    fclose(f);
    line[strcspn(line, "\r\n")] = 0;
    to->token = arena_str(a, line);
    return (read && line[0]) || err_set(e, ERR_USAGE, "%s: its first line has no token", path);
}

/* --- signals --- */

enum { END_AUTO, END_STOP, END_DRAIN, END_CANCEL };
const char *const serving_ends[] = {"auto", "stop", "drain", "cancel", NULL};

static struct {
    pthread_mutex_t lock;
    struct job *job; /* NULL: none runs */
    int how;
    bool ordered, top; /* top: the screen is the console's */
} running = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The first one is an order; whoever sends a second one does not want to wait. */
static bool on_signal(int sig)
{
    struct err e = {0};
    char id[CONTROL_ID + 1];
    bool drain = running.how == END_DRAIN;
    if (sig == SIGHUP)
        return false;
    pthread_mutex_lock(&running.lock);
    bool ordered = running.job && !running.ordered && running.how != END_CANCEL &&
        job_order(running.job, &(struct control){.kind = CONTROL_STOP, .drain = drain}, id, &e);
    running.ordered = running.ordered || ordered;
    pthread_mutex_unlock(&running.lock);
    if (ordered && !running.top)
        fprintf(stderr, "weir: %s; again: at once\n", drain ? "draining" : "stopping");
    return ordered;
}

/* False, with no error: one has come already, and nothing is begun any more. */
static bool heed_signals(struct job *j, int how, struct err *e)
{
    if (how == END_STOP && !job_may(j, &(struct control){.kind = CONTROL_STOP}, e))
        return err_in(e, "--on-signal stop");
    pthread_mutex_lock(&running.lock);
    bool ordered = running.ordered;
    running.job = j;
    running.how = how == END_AUTO ? (job_takes_checkpoints(j) ? END_STOP : END_CANCEL) : how;
    pthread_mutex_unlock(&running.lock);
    signals_instead(on_signal);
    return !ordered;
}

static void forget_job(void)
{
    pthread_mutex_lock(&running.lock);
    running.job = NULL;
    pthread_mutex_unlock(&running.lock);
}

/* --- running --- */

/* What may change the job where nobody has said one: this process may. */
static const char *own_token(struct arena *a)
{
    uint8_t bytes[16];
    struct buf b = {0};
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return NULL;
    for (size_t i = 0; i < sizeof bytes; i++)
        buf_printf(&b, "%02x", bytes[i]);
    const char *token = arena_str(a, buf_cstr(&b));
    buf_free(&b);
    return token;
}

/* Where others, or this machine itself (`inside`), find a server that is bound to the address. */
static const char *url_of(const char *address, uint16_t port, bool inside, struct arena *a)
{
    if (!address || (inside && !strcmp(address, "0.0.0.0")))
        address = "127.0.0.1";
    else if (inside && !strcmp(address, "::"))
        address = "::1";
    bool six = strchr(address, ':');
    return arena_printf(a, "http://%s%s%s:%u", six ? "[" : "", address, six ? "]" : "", port);
}

static bool open_server(struct serve **server, struct job *j, const struct serving *s, const char *rest, struct serve_opts *to,
                        struct arena *a, struct err *e)
{
    if (place_of(rest, to, a, e) && (!s->token || token_of(s->token, to, a, e))) {
        if (s->top && !to->token)
            to->token = own_token(a);
        *server = serve_open(j, to, e);
    }
    if (*server && !s->top)
        fprintf(stderr, "weir: answers at %s\n", url_of(to->address, serve_port(*server), false, a));
    return *server != NULL;
}

/* --- beside the console --- */

struct beside {
    struct job *job;
    struct err e;
    atomic_bool over;
};

static void *run_beside(void *arg)
{
    struct beside *b = arg;
    job_run(b->job, &b->e);
    atomic_store(&b->over, true);
    return NULL;
}

/* Who leaves the console ends the job as by a signal. */
static bool run_under_top(struct job *j, const char *url, const char *token, struct err *e)
{
    struct beside b = {.job = j};
    running.top = true; /* no thread but this one yet */
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_beside, &b))
        return err_set(e, ERR_IO, "there can be no further thread");
    run_top_look(url, token, e);
    bool left = !atomic_load(&b.over);
    running.top = false;
    if (left && !on_signal(SIGINT))
        job_cancel(j);
    pthread_join(thread, NULL);
    if (b.e.kind && !(left && b.e.kind == ERR_INTERRUPTED))
        *e = b.e; /* says more */
    return e->kind == ERR_NONE;
}

bool serving_run(struct job *j, const struct serving *s, const struct job_opts *opts, struct err *e)
{
    const char *rest = s->rest ? s->rest : config(opts, "rest.port");
    struct serve_opts to = {.address = config(opts, "rest.bind-address")};
    struct serve *server = NULL;
    struct arena a = {0};
    if (!rest && s->token)
        return err_set(e, ERR_USAGE, "--rest-token is for --rest PORT");
    if (s->top && !rest)
        rest = "0";
    struct memory_limit limit;
    if ((!rest || open_server(&server, j, s, rest, &to, &a, e)) && heed_signals(j, s->on_signal, e) &&
        memory_limit_begin(&limit, j, config(opts, "taskmanager.memory.process.size"), e)) {
        if (s->top)
            run_under_top(j, url_of(to.address, serve_port(server), true, &a), to.token, e);
        else
            job_run(j, e);
        memory_limit_end(&limit, e);
    }
    forget_job();
    serve_close(server);
    arena_free(&a);
    return e->kind == ERR_NONE;
}
