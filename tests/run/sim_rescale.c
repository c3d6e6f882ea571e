#include "tests/run/sim_rescale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/control.h"
#include "tests/run/sim_plan.h"
#include "tests/support/program.h"

enum { TIMES = 4 };
static const uint32_t subtasks[TIMES] = {1, 3, 2, 1};

static char stop_id[CONTROL_ID + 1];

/* Nobody has anything to do: all has been read, and is in the state. */
static void stop(struct sim *s)
{
    struct err e = {0};
    struct arena a = {0};
    struct control_state c = {.progress = CONTROL_RUNS};
    if (s->stopped)
        c = job_ordered(s->job, stop_id, &a);
    if (c.progress == CONTROL_FAILED) {
        printf("%s\n", c.why);
        job_cancel(s->job);
    }
    arena_free(&a);
    if (!s->stopped && !job_order(s->job, &(struct control){.kind = CONTROL_STOP, .dir = s->savepoints}, stop_id, &e)) {
        fprintf(stderr, "a stop is refused: %s\n", e.text);
        abort();
    }
    s->stopped = true;
}

/* One life, from the savepoint and to another one, whose path is put there. */
static bool life(struct sim *s, const struct task *t, uint32_t parallelism, char path[4096], struct err *e)
{
    const struct world world = sim_world(s);
    struct job_opts opts = {.output = JOB_NDJSON, .batch_rows = 7, .parallelism = parallelism, .from = *path ? path : NULL};
    struct script x = {0};
    bool ok = sim_plan(&x, t, SIM_OPEN_ENDED, e);
    program_settings(buf_cstr(&x.settings), &x.sql.a, &opts);
    s->stopped = false;
    s->on_wait = stop;
    s->job = ok ? job_open(&x.cplan, &world, &opts, e) : NULL;
    ok = s->job && job_run(s->job, e);
    if (ok) {
        struct control_state c = job_ordered(s->job, stop_id, &x.sql.a);
        ok = c.location != NULL || err_set(e, ERR_IO, "it ends without a savepoint");
        if (ok)
            snprintf(path, 4096, "%s", strncmp(c.location, "file:", 5) ? c.location : c.location + 5);
    }
    job_free(s->job);
    sim_plan_free(&x);
    return ok;
}

/* What each subtask keeps for itself there is as often as there are subtasks, so that the first and the last one are compared. */
static bool same(const char *weir, char paths[TIMES][4096])
{
    struct buf b = {0};
    for (int i = 0; i < TIMES; i++)
        buf_printf(&b, "%s inspect %s >/dev/null && %s dump %s >/dev/null && ", weir, paths[i], weir, paths[i]);
    buf_printf(&b, "%s diff --data %s %s", weir, paths[0], paths[TIMES - 1]);
    bool ok = !system(buf_cstr(&b));
    buf_free(&b);
    return ok;
}

static int one(const char *weir, const struct task *t)
{
    static struct sim s;
    static char paths[TIMES][4096];
    const char *below = getenv("TMPDIR");
    char dir[4096], command[4200];
    struct err e = {0};
    snprintf(dir, sizeof dir, "%s/weir-rescale-XXXXXX", below && *below ? below : "/tmp");
    if (!mkdtemp(dir))
        return perror(dir), 1;
    s = (struct sim){.random = 1, .now = INT64_C(1700000000000000000), .savepoints = dir};
    sim_put_input(&s);
    bool ok = sim_put_tables(&s, t, &e);
    for (int i = 0; ok && i < TIMES; i++) {
        snprintf(paths[i], sizeof paths[i], "%s", i ? paths[i - 1] : "");
        ok = life(&s, t, subtasks[i], paths[i], &e);
    }
    bool right = ok && same(weir, paths);
    if (!right)
        printf("%s: %s\n", t->name, ok ? "its savepoints are not the same" : e.text);
    fflush(stdout);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return !right || system(command);
}

int sim_rescale(const char *weir, char **programs, uint32_t n_programs)
{
    uint32_t bad = 0, all = 0;
    for (uint32_t i = 0; i < sim_pipelines + n_programs; i++) {
        int status;
        const struct task t = sim_task(i, programs, n_programs);
        if (t.p && (t.p->flags & (BRIEF | ENDLESS)))
            continue; /* what the clock does to their state is no difference */
        all++;
        fflush(stdout);
        pid_t pid = fork();
        if (!pid)
            _exit(one(weir, &t));
        if (waitpid(pid, &status, 0) < 0 || status)
            bad++;
        if (WIFSIGNALED(status))
            printf("%s ends with signal %d\n", t.name, WTERMSIG(status));
    }
    printf("rescale: savepoints of %u of %u pipelines are the same through parallelism 1, 3, 2 and 1\n", all - bad, all);
    return bad != 0;
}
