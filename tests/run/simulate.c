/* Runs pipelines in a world of its own (simulate.h): one thread, a schedule that a seed makes, slow and failing disks, crashes. Meanwhile somebody
 * orders savepoints, checkpoints and stops, after which the job begins again, with another parallelism. What comes out must be what an undisturbed
 * run gives.
 *
 *   simulate FROM N [PROGRAM…]     the seeds FROM … FROM + N - 1, each in a process of its own; a seed that fails is told, and fails again. A
 *                                  PROGRAM is a directory as tests/sql/programs.c has them: its plan is one pipeline more
 *   simulate rescale WEIR [PROGRAM…]   what sim_rescale.h says, of all pipelines
 *   simulate nodes [PROGRAM…]      whether each node of runtime/nodes.def is in some pipeline
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/control.h"
#include "tests/run/sim_plan.h"
#include "tests/run/sim_rescale.h"
#include "tests/support/program.h"

/* --- lives --- */

/* Some order, now and then. */
static void order(struct sim *s)
{
    struct err e = {0};
    char id[CONTROL_ID + 1];
    if (!s->savepoints || sim_chance(s, 40))
        return;
    struct control c = {.kind = (enum control_kind)sim_chance(s, 3),
                        .dir = sim_chance(s, 2) ? s->savepoints : NULL,
                        .drain = s->drains && !sim_chance(s, 3)};
    if (c.kind == CONTROL_SAVEPOINT)
        c.dir = s->savepoints;
    if (!job_order(s->job, &c, id, &e)) {
        fprintf(stderr, "an order is refused: %s\n", e.text);
        abort();
    }
    s->stopped = s->stopped || c.kind == CONTROL_STOP;
}

/* Of an endless pipeline: once all has come out, it is stopped. */
static void look(struct sim *s)
{
    struct err e = {0};
    char id[CONTROL_ID + 1];
    struct buf got = {0};
    if (++s->waits % 20)
        return;
    if (s->waits > 100000) {
        sim_fold(s, s->keyed, &got);
        fprintf(stderr, "not all comes out, only %s\n", buf_cstr(&got));
        abort();
    }
    sim_fold(s, s->keyed, &got);
    if (!strcmp(buf_cstr(&got), buf_cstr(&s->expected)) && job_order(s->job, &(struct control){.kind = CONTROL_STOP}, id, &e))
        s->complete = true;
    buf_free(&got);
}

/* One life of the process: to the end, or to a crash, or until it is stopped, which leaves no error. dir NULL: undisturbed, and without checkpoints. */
__attribute__((noinline)) static bool live(struct sim *s, const char *dir, const struct task *t, struct err *e)
{
    static const char *const names[] = {"execution.checkpointing.interval",
                                        "restart-strategy.type",
                                        "restart-strategy.fixed-delay.attempts",
                                        "restart-strategy.fixed-delay.delay",
                                        "execution.checkpointing.tolerable-failed-checkpoints",
                                        "table.exec.state.ttl",
                                        "state.backend.type",
                                        "weir.state.entries",
                                        "execution.checkpointing.incremental",
                                        "execution.checkpointing.timeout"};
    enum { CONFIG = sizeof names / sizeof *names };
    const char *values[CONFIG] = {sim_chance(s, 2) ? "1 ms" : "7 ms",
                                  "fixed-delay",
                                  "100000",
                                  "3 ms",
                                  sim_chance(s, 2) ? "0" : "3",
                                  t->ttl,
                                  t->databases && sim_chance(s, 4) ? "rocksdb" : "hashmap",
                                  sim_chance(s, 2) ? "4" : "65536",
                                  sim_chance(s, 2) ? "true" : "false",
                                  sim_chance(s, 8) ? "10 min" : "20 ms"};
    const struct world world = sim_world(s);
    struct job_opts opts = {.batch_rows = 1 + sim_chance(s, 40),
                            .parallelism = 1 + sim_chance(s, 4),
                            .checkpoint_dir = dir,
                            .n_config = dir ? CONFIG : 0,
                            .config_names = names,
                            .config_values = values};
    struct script x = {0};
    bool endless = t->p && (t->p->flags & ENDLESS) != 0;
    s->crash_at = dir && sim_chance(s, 4) ? s->calls + 1 + sim_chance(s, 400) : 0;
    bool ok = sim_plan(&x, t, endless && !dir ? SIM_MODEL : 0, e);
    program_settings(buf_cstr(&x.settings), &x.sql.a, &opts);
    s->keyed = ok && sim_keyed(&x, e);
    struct job *j = ok ? job_open(&x.cplan, &world, &opts, e) : NULL;
    s->job = j;
    s->drains = t->p && (t->p->flags & DRAINS);
    s->stopped = s->complete = false;
    s->waits = 0;
    s->on_read = order;
    s->on_wait = endless && dir ? look : NULL;
    ok = j && job_run(j, e);
    if (ok && job_figures(j).late)
        ok = err_set(e, ERR_CONVERT, "%llu rows are late", (unsigned long long)job_figures(j).late);
    job_free(j);
    sim_plan_free(&x);
    return ok && (!s->stopped || s->complete);
}

static bool as_it_should(const struct sim *s)
{
    struct buf got = {0};
    struct buf expected = s->expected;
    sim_fold(s, s->keyed, &got);
    const char *a = buf_cstr(&expected), *b = buf_cstr(&got);
    bool ok = !strcmp(a, b);
    if (!ok) {
        while (*a && *a == *b)
            a++, b++;
        while (a > (const char *)expected.p && a[-1] != '\n')
            a--, b--;
        printf("it should be: %.*s\nit is:        %.*s\n", (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
    }
    buf_free(&got);
    return ok;
}

/* What an undisturbed run gives, which is taken away again. */
static bool expect(struct sim *s, const struct task *t, struct err *e)
{
    if (!sim_put_tables(s, t, e) || !live(s, NULL, t, e))
        return false;
    sim_fold(s, s->keyed, &s->expected);
    for (uint32_t i = 0; i < s->n; i++)
        if (s->files[i].path && !strncmp(s->files[i].path, "/out/", 5))
            sim_remove(s, s->files[i].path);
    return s->expected.n || !t->p || err_set(e, ERR_CORRUPT, "it gives nothing");
}

/* Once more from where the one before has come to; true: it has come to the end. */
static bool once(struct sim *s, const char *dir, const struct task *t, struct err *e)
{
    if (!setjmp(s->crash))
        return live(s, dir, t, e);
    sim_crash(s); /* what the process had is nobody's any more */
    return false;
}

static int one(uint64_t seed, const struct task *t)
{
    static struct sim s;
    const char *below = getenv("TMPDIR");
    char dir[4096], savepoints[4110], command[4200];
    snprintf(dir, sizeof dir, "%s/weir-simulate-XXXXXX", below && *below ? below : "/tmp");
    struct err e;
    if (!mkdtemp(dir))
        return perror(dir), 2;
    s = (struct sim){.random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15), .now = INT64_C(1700000000000000000)};
    sim_put_input(&s);
    snprintf(savepoints, sizeof savepoints, "%s/savepoints", dir);
    e = (struct err){0};
    int lives = 0;
    bool expected = expect(&s, t, &e);
    for (bool ok = false; expected && !ok && lives < 300; lives++) {
        e = (struct err){0};
        s.trouble = lives < 12 ? sim_chance(&s, 30) : 0;
        s.savepoints = lives < 12 && sim_chance(&s, 2) ? savepoints : NULL;
        if ((ok = once(&s, dir, t, &e)) || (s.trouble == 0 && e.kind))
            break;
    }
    if (e.kind)
        printf("%s\n", e.text);
    bool right = e.kind == ERR_NONE && as_it_should(&s);
    if (!right)
        printf("seed %llu (%s) fails after %d lives, %u crashes, %u failures\n", (unsigned long long)seed, t->name, lives + 1,
               s.crashes, s.failures);
    fflush(stdout);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command) || !right;
}

static int seeds(uint64_t from, uint64_t n, char **programs, uint32_t n_programs)
{
    uint64_t bad = 0;
    for (uint64_t i = 0; i < n; i++) {
        int status;
        const struct task t = sim_task(from + i, programs, n_programs);
        fflush(stdout);
        pid_t pid = fork();
        if (!pid)
            _exit(one(from + i, &t)); /* without looking for leaks: crashes leave some */
        if (waitpid(pid, &status, 0) < 0 || status) {
            bad++;
            if (WIFSIGNALED(status))
                printf("seed %llu (%s) ends with signal %d\n", (unsigned long long)(from + i), t.name, WTERMSIG(status));
            printf("  again: simulate %llu 1%s\n", (unsigned long long)(from + i), n_programs ? " PROGRAM…" : "");
        }
    }
    printf("simulate: %llu of %llu seeds as they should, of %u pipelines\n", (unsigned long long)(n - bad), (unsigned long long)n,
           sim_pipelines + n_programs);
    return bad != 0;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && !strcmp(argv[1], "nodes"))
        return sim_nodes(argv + 2, (uint32_t)argc - 2);
    if (argc >= 3 && !strcmp(argv[1], "rescale"))
        return sim_rescale(argv[2], argv + 3, (uint32_t)argc - 3);
    if (argc < 3)
        return fprintf(stderr, "usage: simulate FROM N [PROGRAM...] | simulate nodes [PROGRAM...]\n"), 64;
    return seeds(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10), argv + 3, (uint32_t)argc - 3);
}
