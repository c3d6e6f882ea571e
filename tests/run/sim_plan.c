/* Pipelines of the simulated world, and their plans: those of pipelines.def, and programs as tests/sql/programs.c has them. */
#include "tests/run/sim_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/program.h"

enum { ROWS = 400 };

#define MONITOR ", 'source.monitor-interval' = '2 ms'"
#define MINI_BATCH \
    "SET 'table.exec.mini-batch.enabled' = 'true'; SET 'table.exec.mini-batch.allow-latency' = '5 ms'; SET 'table.exec.mini-batch.size' = '7';"
#define WINDOWED(name) "(SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '25' SECOND))) " name
#define MODEL "SELECT COUNT(*), SUM(a) FROM t"

static const struct pipeline pipelines[] = {
#define PIPELINE(name, flags, settings, columns, query) {name, flags, settings, columns, query},
#include "tests/run/pipelines.def"
#undef PIPELINE
};
enum { PIPELINES = sizeof pipelines / sizeof *pipelines };
const uint32_t sim_pipelines = PIPELINES;

static void put_script(struct buf *to, const struct task *t, int how)
{
    const char *open = how & SIM_OPEN_ENDED ? MONITOR : ""; /* its sources wait for more */
    static const char a[] =
        "(a BIGINT, b BIGINT, c STRING, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)"
        "WITH ('connector' = 'filesystem', 'format' = 'csv', 'path' = '/in'";
    static const char keyed[] =
        "(k BIGINT, v BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'filesystem', 'format' = 'changelog-json'";
    bool has_key = strstr(t->p->columns, "PRIMARY KEY");
    buf_printf(to, "SET 'table.local-time-zone' = 'UTC'; SET 'table.exec.state.ttl' = '%s'; %s", t->ttl, t->p->settings);
    buf_printf(to, "CREATE TABLE t %s%s); CREATE TABLE endless %s" MONITOR ");", a, open, a);
    buf_printf(
        to,
        "CREATE TABLE versions (a BIGINT, b BIGINT, c STRING, ts TIMESTAMP(3), PRIMARY KEY (b) NOT ENFORCED, WATERMARK FOR ts AS ts)"
        "WITH ('connector' = 'filesystem', 'format' = 'csv', 'path' = '/in'%s);",
        open);
    buf_printf(
        to,
        "CREATE TABLE named (a BIGINT, b BIGINT, c STRING, ts TIMESTAMP(3), `file.name` STRING METADATA, `file.size` BIGINT METADATA)"
        "WITH ('connector' = 'filesystem', 'format' = 'csv', 'path' = '/in'%s);",
        open);
    buf_printf(to, "CREATE TABLE upserts %s, 'changelog-json.changelog-mode' = 'I,UA,D', 'path' = '/upserts'%s);", keyed, open);
    buf_printf(to, "CREATE TABLE changes %s, 'changelog-json.changelog-mode' = 'I,UB,UA,D', 'path' = '/changes'%s);", keyed, open);
    buf_puts(
        to,
        "CREATE VIEW g AS SELECT b, COUNT(*) n FROM t GROUP BY b; CREATE VIEW w AS SELECT window_time rt, COUNT(*) n FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '7' SECOND))"
        "GROUP BY window_start, window_end, window_time;");
    buf_printf(to,
               "CREATE TABLE o (%s) WITH ('connector' = 'filesystem', 'format' = 'changelog-json', 'path' = '/out',"
               "'changelog-json.changelog-mode' = '%s', 'sink.rolling-policy.file-size' = '2000');",
               t->p->columns, has_key ? "I,UA,D" : "I,UB,UA,D");
    buf_printf(to, "INSERT INTO o %s;", how & SIM_MODEL ? MODEL : t->p->query);
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

void sim_put_input(struct sim *s)
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

bool sim_plan(struct script *x, const struct task *t, int how, struct err *e)
{
    if (t->p) {
        put_script(&x->sql.bytes, t, how);
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
    if (how & SIM_OPEN_ENDED)
        program_put(&x->plan, "\"filesystem\"", "\"filesystem\", \"source.monitor-interval\": \"2 ms\"");
    buf_cstr(&x->settings);
    return cplan_read(&x->cplan, &x->sql.a, buf_cstr(&x->plan), strlen(buf_cstr(&x->plan)), e);
}

void sim_plan_free(struct script *x)
{
    sqljob_free(&x->sql);
    buf_free(&x->plan);
    buf_free(&x->settings);
}

/* Do its sinks take the last row of a key for the one that counts? */
bool sim_keyed(struct script *x, struct err *e)
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

struct task sim_task(uint64_t seed, char **programs, uint32_t n_programs)
{
    uint32_t n = PIPELINES + n_programs, i = (uint32_t)(seed % n);
    /* state that nobody needs for longer; otherwise it stays, or has a time with it that does not come */
    struct task t = {.ttl = seed / n % 2 ? "1000 d" : "0 ms", .databases = seed / n % 3 == 2}; /* which takes its time */
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

/* --- nodes --- */

static bool has(const struct cplan *p, const char *type)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (!strcmp(p->nodes[i].type, type))
            return true;
    return false;
}

int sim_nodes(char **programs, uint32_t n_programs)
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
        const struct task t = sim_task(i, programs, n_programs);
        struct script x = {0};
        struct err e = {0};
        if (!sim_plan(&x, &t, 0, &e)) {
            printf("%s: %s\n", t.name, e.text);
            missing++;
        }
        for (uint32_t k = 0; k < TYPES; k++)
            seen[k] = seen[k] || has(&x.cplan, types[k]);
        sim_plan_free(&x);
    }
    for (uint32_t k = 0; k < TYPES; k++)
        if (!seen[k]) {
            printf("%s is in no pipeline\n", types[k]);
            missing++;
        }
    return missing != 0;
}

bool sim_put_tables(struct sim *s, const struct task *t, struct err *e)
{
    struct script x = {0};
    bool ok = t->p ||
        (sim_plan(&x, t, 0, e) &&
         (put_tables(s, t->program, buf_cstr(&x.plan)) ||
          err_set(e, ERR_MISSING, "%s has not the tables of its plan", t->program)));
    sim_plan_free(&x);
    return ok;
}
