/* Runs pipelines in a world of its own (simulate.h): one thread, a schedule that a seed makes, slow and failing disks, crashes. Meanwhile somebody
 * orders savepoints, checkpoints and stops, after which the job begins again, with another parallelism. What comes out must be what an undisturbed
 * run gives.
 *
 *   simulate FROM N [PROGRAM…]     the seeds FROM … FROM + N - 1, each in a process of its own; a seed that fails is told, and fails again. A
 *                                  PROGRAM is a directory as tests/sql/programs.c has them: its plan is one pipeline more
 *   simulate nodes [PROGRAM…]      whether each node of runtime/nodes.def is in some pipeline
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/sqljob.h"
#include "runtime/control.h"
#include "tests/run/simulate.h"
#include "tests/support/program.h"

enum { ROWS = 400, DRAINS = 1, BRIEF = 2, ENDLESS = 4, PLAIN_SORT = 8, KEEPS = 16 };

#define MINI_BATCH \
    "SET 'table.exec.mini-batch.enabled' = 'true'; SET 'table.exec.mini-batch.allow-latency' = '5 ms'; SET 'table.exec.mini-batch.size' = '7';"
#define WINDOWED(name) "(SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '25' SECOND))) " name
#define MODEL "SELECT COUNT(*), SUM(a) FROM t"

static const struct pipeline {
    const char *name;
    int flags;
    const char *settings, *columns, *query;
} pipelines[] = {
#define PIPELINE(name, flags, settings, columns, query) {name, flags, settings, columns, query},
#include "tests/run/pipelines.def"
#undef PIPELINE
};
enum { PIPELINES = sizeof pipelines / sizeof *pipelines };

/* Which pipeline a process runs, and how. */
struct task {
    const struct pipeline *p; /* NULL: a program */
    const char *program, *name;
    const char *ttl;
};

static void put_script(struct buf *to, const struct task *t, bool model)
{
    static const char a[] =
        "(a BIGINT, b BIGINT, c STRING, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)"
        "WITH ('connector' = 'filesystem', 'format' = 'csv', 'path' = '/in'";
    static const char keyed[] =
        "(k BIGINT, v BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'filesystem', 'format' = 'changelog-json'";
    bool has_key = strstr(t->p->columns, "PRIMARY KEY");
    buf_printf(to, "SET 'table.local-time-zone' = 'UTC'; SET 'table.exec.state.ttl' = '%s'; %s", t->ttl, t->p->settings);
    buf_printf(to, "CREATE TABLE t %s); CREATE TABLE endless %s, 'source.monitor-interval' = '2 ms');", a, a);
    buf_puts(
        to,
        "CREATE TABLE versions (a BIGINT, b BIGINT, c STRING, ts TIMESTAMP(3), PRIMARY KEY (b) NOT ENFORCED, WATERMARK FOR ts AS ts)"
        "WITH ('connector' = 'filesystem', 'format' = 'csv', 'path' = '/in');"
        "CREATE TABLE named (a BIGINT, b BIGINT, c STRING, ts TIMESTAMP(3), `file.name` STRING METADATA, `file.size` BIGINT METADATA)"
        "WITH ('connector' = 'filesystem', 'format' = 'csv', 'path' = '/in');");
    buf_printf(to, "CREATE TABLE upserts %s, 'changelog-json.changelog-mode' = 'I,UA,D', 'path' = '/upserts');", keyed);
    buf_printf(to, "CREATE TABLE changes %s, 'changelog-json.changelog-mode' = 'I,UB,UA,D', 'path' = '/changes');", keyed);
    buf_puts(
        to,
        "CREATE VIEW g AS SELECT b, COUNT(*) n FROM t GROUP BY b; CREATE VIEW w AS SELECT window_time rt, COUNT(*) n FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' SECOND))"
        "GROUP BY window_start, window_end, window_time;");
    buf_printf(to,
               "CREATE TABLE o (%s) WITH ('connector' = 'filesystem', 'format' = 'changelog-json', 'path' = '/out',"
               "'changelog-json.changelog-mode' = '%s', 'sink.rolling-policy.file-size' = '2000');",
               t->p->columns, has_key ? "I,UA,D" : "I,UB,UA,D");
    buf_printf(to, "INSERT INTO o %s;", model ? MODEL : t->p->query);
}

static void whole(struct file *f) { f->on_disk = f->content.n; }

/* Keys whose values change, and go; all of a key in one file, since its order counts. */
static void put_changes(struct sim *s)
{
    enum { KEYS = 24, KEY_FILES = 5 };
    struct file *upserts[KEY_FILES], *changes[KEY_FILES];
    int64_t values[KEYS];
    char path[32];
    for (int i = 0; i < KEY_FILES; i++) {
        snprintf(path, sizeof path, "/upserts/%d", i);
        upserts[i] = sim_make(s, path);
        snprintf(path, sizeof path, "/changes/%d", i);
        changes[i] = sim_make(s, path);
    }
    for (int i = 0; i < KEYS; i++)
        values[i] = -1;
    for (int n = 0; n < ROWS / 2; n++) {
        uint32_t k = sim_chance(s, KEYS), v = sim_chance(s, 100);
        struct buf *up = &upserts[k % KEY_FILES]->content, *change = &changes[k % KEY_FILES]->content;
        bool there = values[k] >= 0, goes = there && !sim_chance(s, 4);
        if (there)
            buf_printf(change, "{\"data\":{\"k\":%u,\"v\":%lld},\"op\":\"%s\"}\n", k, (long long)values[k], goes ? "-D" : "-U");
        if (!goes)
            buf_printf(change, "{\"data\":{\"k\":%u,\"v\":%u},\"op\":\"%s\"}\n", k, v, there ? "+U" : "+I");
        buf_printf(up, "{\"data\":{\"k\":%u,\"v\":%lld},\"op\":\"%s\"}\n", k, goes ? (long long)values[k] : (long long)v,
                   goes        ? "-D"
                       : there ? "+U"
                               : "+I");
        values[k] = goes ? -1 : (int64_t)v;
    }
    for (int i = 0; i < KEY_FILES; i++) {
        whole(upserts[i]);
        whole(changes[i]);
    }
}

static void put_input(struct sim *s)
{
    for (uint32_t row = 0; row < ROWS;) {
        char path[32];
        snprintf(path, sizeof path, "/in/%03u.csv", row);
        struct file *f = sim_make(s, path);
        for (uint32_t n = sim_chance(s, 120); n && row < ROWS; n--, row++)
            buf_printf(&f->content, "%u,%u,row-%u,2024-01-01 00:%02u:%02u\n", row, row * 7 % 11, row % 17, row / 60, row % 60);
        whole(f);
    }
    put_changes(s);
}

/* --- a program's directory: its tables are below /program/input/ and /out/ --- */

static void put_program(struct buf *b)
{
    program_put(b, "${DIR}/output/", "/out/");
    program_put(b, "${DIR}", "/program");
}

static bool put_tables(struct sim *s, const char *dir, const char *plan)
{
    static const char head[] = "/program/input/";
    for (const char *p = plan; (p = strstr(p, head)); p += sizeof head - 1) {
        char path[4096], name[256];
        snprintf(name, sizeof name, "input/%.*s", (int)strcspn(p + sizeof head - 1, "\""), p + sizeof head - 1);
        snprintf(path, sizeof path, "/program/%s", name);
        struct file *f = sim_make(s, path);
        if (!program_file(dir, name, &f->content))
            return false;
        whole(f);
    }
    return true;
}

/* --- the pipeline's plan --- */

/* A sort that waits for the end of its input, which no statement makes, in place of one by event time. */
static void sort_plainly(struct cplan *p)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (!strcmp(p->nodes[i].type, "stream-exec-temporal-sort"))
            p->nodes[i].type = "stream-exec-sort";
}

struct script {
    struct sqljob sql;
    struct buf plan, settings;
    struct value json;
    struct cplan cplan;
};

static bool plan_of(struct script *x, const struct task *t, bool model, struct err *e)
{
    if (t->p) {
        put_script(&x->sql.bytes, t, model);
        if (!sqljob_read(&x->sql, "pipeline", NULL, 0, e) || !sqljob_plan(&x->sql, &x->json, e) ||
            !cplan_of(&x->cplan, &x->sql.a, &x->json, e))
            return false;
        if (t->p->flags & PLAIN_SORT)
            sort_plainly(&x->cplan);
        return true;
    }
    if (!program_file(t->program, "plan.json", &x->plan))
        return err_set(e, ERR_MISSING, "%s has no plan.json", t->program);
    program_file(t->program, "pipeline.sql", &x->settings);
    put_program(&x->plan);
    buf_cstr(&x->settings);
    return cplan_read(&x->cplan, &x->sql.a, buf_cstr(&x->plan), strlen(buf_cstr(&x->plan)), e);
}

static void free_plan(struct script *x)
{
    sqljob_free(&x->sql);
    buf_free(&x->plan);
    buf_free(&x->settings);
}

/* Do its sinks take the last row of a key for the one that counts? */
static bool keyed(struct script *x, struct err *e)
{
    for (uint32_t i = 0; i < x->cplan.n; i++) {
        const struct cplan_node *node = &x->cplan.nodes[i];
        struct cplan_table t = {0};
        if (strcmp(node->type, "stream-exec-sink") != 0 ||
            !cplan_table_read(&t, &x->sql.a, cplan_member(cplan_member(node->json, "dynamicTableSink"), "table"), e))
            continue;
        if (t.n_key && !strstr(cplan_option(&t, "changelog-json.changelog-mode", "UB"), "UB"))
            return true;
    }
    return false;
}

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
                                        "table.exec.state.ttl"};
    const char *values[] = {sim_chance(s, 2) ? "1 ms" : "7 ms", "fixed-delay", "100000", "3 ms",
                            sim_chance(s, 2) ? "0" : "3",       t->ttl};
    const struct world world = sim_world(s);
    struct job_opts opts = {.batch_rows = 1 + sim_chance(s, 40),
                            .parallelism = 1 + sim_chance(s, 4),
                            .checkpoint_dir = dir,
                            .n_config = dir ? 6 : 0,
                            .config_names = names,
                            .config_values = values};
    struct script x = {0};
    bool endless = t->p && (t->p->flags & ENDLESS) != 0;
    s->crash_at = dir && sim_chance(s, 4) ? s->calls + 1 + sim_chance(s, 400) : 0;
    bool ok = plan_of(&x, t, endless && !dir, e);
    program_settings(buf_cstr(&x.settings), &x.sql.a, &opts);
    s->keyed = ok && keyed(&x, e);
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
    free_plan(&x);
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
    struct script x = {0};
    bool ok = t->p || (plan_of(&x, t, false, e) && put_tables(s, t->program, buf_cstr(&x.plan)));
    free_plan(&x);
    if (!ok || !live(s, NULL, t, e))
        return false;
    sim_fold(s, s->keyed, &s->expected);
    for (uint32_t i = 0; i < s->n; i++)
        if (s->files[i].path && !strncmp(s->files[i].path, "/out/", 5))
            sim_remove(s, s->files[i].path);
    return s->expected.n || !t->p || err_set(e, ERR_CORRUPT, "it gives nothing");
}

static struct task task_of(uint64_t seed, char **programs, uint32_t n_programs)
{
    uint32_t n = PIPELINES + n_programs, i = (uint32_t)(seed % n);
    /* state that nobody needs for longer; otherwise it stays, or has a time with it that does not come */
    struct task t = {.ttl = seed / n % 2 ? "1000 d" : "0 ms"};
    if (i >= PIPELINES) {
        t.ttl = "0 ms"; /* theirs stand in their plans */
        t.program = programs[i - PIPELINES];
        t.name = strrchr(t.program, '/') ? strrchr(t.program, '/') + 1 : t.program;
        return t;
    }
    t.p = &pipelines[i];
    t.name = t.p->name;
    if (t.p->flags & BRIEF)
        t.ttl = "5 ms";
    else if (t.p->flags & KEEPS)
        t.ttl = "0 ms";
    return t;
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
    put_input(&s);
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
        const struct task t = task_of(from + i, programs, n_programs);
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
           PIPELINES + n_programs);
    return bad != 0;
}

/* --- nodes --- */

static bool has(const struct cplan *p, const char *type)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (!strcmp(p->nodes[i].type, type))
            return true;
    return false;
}

static int nodes(char **programs, uint32_t n_programs)
{
    static const char *const types[] = {
#define NODE(type, version, class) type,
#include "runtime/nodes.def"
#undef NODE
    };
    enum { TYPES = sizeof types / sizeof *types };
    bool seen[TYPES] = {0};
    int missing = 0;
    for (uint32_t i = 0; i < PIPELINES + n_programs; i++) {
        const struct task t = task_of(i, programs, n_programs);
        struct script x = {0};
        struct err e = {0};
        if (!plan_of(&x, &t, false, &e)) {
            printf("%s: %s\n", t.name, e.text);
            missing++;
        }
        for (uint32_t k = 0; k < TYPES; k++)
            seen[k] = seen[k] || has(&x.cplan, types[k]);
        free_plan(&x);
    }
    for (uint32_t k = 0; k < TYPES; k++)
        if (!seen[k]) {
            printf("%s is in no pipeline\n", types[k]);
            missing++;
        }
    return missing != 0;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && !strcmp(argv[1], "nodes"))
        return nodes(argv + 2, (uint32_t)argc - 2);
    if (argc < 3)
        return fprintf(stderr, "usage: simulate FROM N [PROGRAM...] | simulate nodes [PROGRAM...]\n"), 64;
    return seeds(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10), argv + 3, (uint32_t)argc - 3);
}
