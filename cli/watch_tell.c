#include "cli/watch_tell.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/human.h"
#include "base/jsonw.h"
#include "base/term.h"
#include "cli/out.h"
#include "live/notify.h"

enum { ARGS_MAX = 64, EXEC_MS = 60000, POLL_MS = 20 };

extern char **environ;

/* --- as text and as JSON --- */

static void line(const struct told *w, struct buf *b)
{
    buf_printf(b, "%s  %-5s  ", human_time(w->at_ms).s, w->event);
    term_escape(b, w->rule, strlen(w->rule));
    if (live_has_real(w->state.left))
        buf_printf(b, "  (%s against %s)", rule_show(w->state.left, w->state.unit).s, rule_show(w->state.right, w->state.unit).s);
    buf_putc(b, '\n');
}

static void real(struct jsonw *w, const char *name, double v)
{
    char digits[40];
    if (!live_has_real(v))
        return;
    jsonw_key(w, name);
    jsonw_raw(w, digits, (size_t)snprintf(digits, sizeof digits, "%.15g", v));
}

static void document(const struct teller *t, const struct told *what, struct buf *b)
{
    static const char *const units[] = {"number", "share", "ms", "bytes"};
    struct jsonw w = {.out = b};
    jsonw_object(&w);
    jsonw_member_int(&w, "formatVersion", 1);
    jsonw_member_int(&w, "timeMs", what->at_ms);
    jsonw_member_str(&w, "event", what->event);
    jsonw_member_str(&w, "rule", what->rule);
    jsonw_member_str(&w, "cluster", t->cluster);
    jsonw_member_str(&w, "job", t->job);
    jsonw_member_str(&w, "jobName", t->job_name);
    if (live_has_real(what->state.left))
        jsonw_member_str(&w, "unit", units[what->state.unit]);
    real(&w, "value", what->state.left);
    real(&w, "limit", what->state.right);
    jsonw_end_object(&w);
}

/* --- the command --- */

/* Our environment with the event's variables in front, in the arena; nothing of it goes through a shell. */
static char **environment(const struct teller *t, const struct told *w, struct arena *a)
{
    size_t n = 0, k = 0;
    while (environ[n])
        n++;
    char **env = arena_array(a, n + 9, sizeof *env);
    env[k++] = arena_printf(a, "WEIR_EVENT=%s", w->event);
    env[k++] = arena_printf(a, "WEIR_RULE=%s", w->rule);
    env[k++] = arena_printf(a, "WEIR_TIME_MS=%lld", (long long)w->at_ms);
    env[k++] = arena_printf(a, "WEIR_URL=%s", t->cluster);
    env[k++] = arena_printf(a, "WEIR_JOB=%s", t->job);
    env[k++] = arena_printf(a, "WEIR_JOB_NAME=%s", t->job_name);
    if (live_has_real(w->state.left)) {
        env[k++] = arena_printf(a, "WEIR_VALUE=%.15g", w->state.left);
        env[k++] =
            live_has_real(w->state.right) ? arena_printf(a, "WEIR_LIMIT=%.15g", w->state.right) : arena_str(a, "WEIR_LIMIT=");
    }
    for (size_t i = 0; i < n; i++)
        env[k++] = environ[i];
    return env;
}

/* Starts it in a process group of its own, its output on our stderr; -1: e is set. */
static pid_t start(char **argv, char **env, struct err *e)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none;
    pid_t pid = -1;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attr, &none);
    int failed = posix_spawnp(&pid, argv[0], &files, &attr, argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    if (failed)
        err_set(e, ERR_IO, "--exec: %s cannot be started: %s", argv[0], strerror(failed));
    return failed ? -1 : pid;
}

static void execute(const struct teller *t, const struct told *w, struct err *e)
{
    struct arena a = {0};
    char *argv[ARGS_MAX + 1] = {0}, *rest = arena_str(&a, t->exec), *save = NULL;
    int n = 0, status = 0;
    for (char *word; n < ARGS_MAX && (word = strtok_r(n ? NULL : rest, " \t", &save));)
        argv[n++] = word;
    pid_t pid = n ? start(argv, environment(t, w, &a), e) : -1;
    pid_t done = 0;
    for (int ms = 0; pid > 0 && !(done = waitpid(pid, &status, WNOHANG)) && ms < EXEC_MS; ms += POLL_MS)
        nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
    if (pid > 0 && !done) {
        kill(-pid, SIGKILL);
        waitpid(pid, &status, 0);
        err_set(e, ERR_IO, "--exec: %s was still running after %d s and has been killed", argv[0], EXEC_MS / 1000);
    } else if (pid > 0 && WIFSIGNALED(status)) {
        err_set(e, ERR_IO, "--exec: %s was ended by signal %d", argv[0], WTERMSIG(status));
    } else if (pid > 0 && WEXITSTATUS(status)) {
        err_set(e, ERR_IO, "--exec: %s ended with status %d", argv[0], WEXITSTATUS(status));
    }
    arena_free(&a);
}

bool tell(const struct teller *t, const struct told *what, struct err *e)
{
    struct buf out = {0}, json = {0};
    struct err trouble[2] = {0};
    document(t, what, &json);
    if (t->json) {
        buf_put(&out, json.p, json.n);
        buf_putc(&out, '\n');
    } else {
        line(what, &out);
    }
    out_write(&out, e);
    if (t->exec)
        execute(t, what, &trouble[0]);
    if (t->webhook && !notify_post(t->webhook, buf_cstr(&json), &trouble[1]))
        err_in(&trouble[1], "--webhook");
    for (int i = 0; i < 2; i++)
        if (trouble[i].kind)
            out_complain(trouble[i].text);
    buf_free(&out);
    buf_free(&json);
    return !e->kind;
}
