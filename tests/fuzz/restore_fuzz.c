/* Keyed state as an operator takes it from a snapshot: the first byte picks a pipeline, and whether its state expires, then entries follow: which state, how long its user key and
 * its value are, and their bytes. Keys are whole, so that more than they is looked at. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "base/rd.h"
#include "cli/sqljob.h"
#include "runtime/exec.h"
#include "runtime/keyed.h"

static const char *const queries[] = {
    "SELECT b, COUNT(*), SUM(d), MIN(c), COUNT(DISTINCT c), AVG(d) FROM t GROUP BY b",
    "SELECT COUNT(*), MAX(s), SUM(DISTINCT s) FROM (SELECT b, COUNT(*) s FROM t GROUP BY b) GROUP BY s",
    "SELECT b, window_end, COUNT(DISTINCT c) FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '20' SECOND)) GROUP BY b, "
    "window_start, window_end",
    "SELECT b, window_end, SUM(d) FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '20' SECOND)) GROUP BY b, "
    "window_start, window_end",
    "SELECT b, window_start, COUNT(*) FROM TABLE(SESSION(TABLE t PARTITION BY b, DESCRIPTOR(ts), INTERVAL '3' SECOND)) GROUP BY b, "
    "window_start, window_end",
    "SELECT l.a, r.a FROM t l LEFT JOIN t r ON l.b = r.b",
    "SELECT l.a, r.a FROM t l JOIN t r ON l.b = r.b AND l.ts BETWEEN r.ts - INTERVAL '9' SECOND AND r.ts",
    "SELECT b, a, r FROM (SELECT b, a, ROW_NUMBER() OVER (PARTITION BY b ORDER BY a DESC) r FROM t) WHERE r <= 3",
    "SELECT b, n FROM (SELECT b, n, ROW_NUMBER() OVER (ORDER BY n DESC) r FROM (SELECT b, COUNT(*) n FROM t GROUP BY b)) WHERE r <= 2",
    "SELECT b, a, c FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY b ORDER BY ts DESC) r FROM t) WHERE r = 1",
    "SELECT a, SUM(a) OVER (PARTITION BY b ORDER BY ts ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) FROM t",
    "SELECT a, SUM(a) OVER (PARTITION BY b ORDER BY ts) FROM t",
    "SELECT a, SUM(a) OVER (PARTITION BY b ORDER BY a) FROM t",
    "SELECT s, MIN(c), MAX(d), MIN(ts), FIRST_VALUE(c), LAST_VALUE(d), COUNT(*) FROM (SELECT COUNT(*) s, MAX(c) c, MAX(d) d, MAX(ts) ts FROM t "
    "GROUP BY b) GROUP BY s",
    "SELECT s, COUNT(DISTINCT c), COUNT(DISTINCT c) FILTER (WHERE d > 1), SUM(DISTINCT d) FILTER (WHERE d > 2) FROM (SELECT COUNT(*) s, MAX(c) c, "
    "MAX(d) d FROM t GROUP BY b) GROUP BY s",
    "SELECT s, c, r FROM (SELECT s, c, ROW_NUMBER() OVER (PARTITION BY s ORDER BY c DESC, d) r FROM (SELECT COUNT(*) s, MAX(c) c, MAX(d) d FROM t "
    "GROUP BY b)) WHERE r <= 2",
    "SELECT b, window_end, COUNT(*), MAX(c) FROM TABLE(HOP(TABLE t, DESCRIPTOR(p), INTERVAL '5' SECOND, INTERVAL '20' SECOND)) GROUP BY b, "
    "window_start, window_end",
    "SELECT l.a, r.a FROM t l JOIN t r ON l.b = r.b AND l.p BETWEEN r.p - INTERVAL '9' SECOND AND r.p",
    "SELECT a, SUM(a) OVER (PARTITION BY b ORDER BY p), LAST_VALUE(c) OVER (PARTITION BY b ORDER BY p) FROM t",
    "SELECT b, x, m FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY b ORDER BY ts DESC) r FROM (SELECT b, ts, ARRAY[ARRAY[c, 'x']] x, MAP[a, ROW(d, c)] m FROM t)) WHERE r = 1",
    "SELECT l.b, l.x, r.m FROM (SELECT b, ARRAY[ARRAY[c, 'x']] x FROM t) l JOIN (SELECT b, MAP[a, ROW(d, c)] m FROM t) r ON l.b = r.b",
};

static struct bytes some(struct rd *in)
{
    size_t n = rd_u8(in);
    n = n < rd_left(in) ? n : rd_left(in);
    return (struct bytes){rd_take(in, n), n};
}

static void entries(struct op *o, struct rd *in, struct snap *to)
{
    union cell *v = arena_array(to->a, o->keyed->n_keys + 1, sizeof *v);
    uint8_t *null = arena_alloc(to->a, o->keyed->n_keys + 1);
    memset(null, 1, o->keyed->n_keys + 1);
    snap_key(to, o, v, null);
    while (rd_left(in)) {
        uint32_t state = rd_u8(in) % (o->keyed->n ? o->keyed->n : 1);
        struct bytes ns = {(const uint8_t *)"\0\0\1\x8c\xc2\0\0\0\0\0\1\x8c\xc2\0\x10\0", 16}, user_key = some(in),
                     value = some(in);
        if (o->keyed->states[state].kind == KIND_TIMERS && !o->keyed->states[state].taken) /* which nobody takes */
            continue;
        snap_put_keyed(
            to, &(struct snap_keyed){state, o->keyed->group, {o->keyed->key_bytes.p, o->keyed->key_bytes.n}, ns, user_key, value});
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sqljob sql = {0};
    struct value json;
    struct cplan plan;
    struct err e = {0};
    const struct world world = world_real();
    static const char *const names[] = {"table.exec.state.ttl"};
    static const char *const times[] = {"0 s", "100000000 d"}; /* in which the smallest of times is not over */
    const char *ttl = times[size && data[0] >> 7];
    const struct job_opts opts = {.output = JOB_NDJSON, .n_config = 1, .config_names = names, .config_values = &ttl};
    if (!size)
        return 0;
    buf_printf(
        &sql.bytes,
        "CREATE TABLE t (a BIGINT, b BIGINT, c STRING, d DECIMAL(20, 2), ts TIMESTAMP(3), p AS PROCTIME(), WATERMARK FOR ts AS ts) WITH ('connector' = "
        "'filesystem', 'format' = 'csv', 'path' = '/nowhere'); SET 'table.exec.state.ttl' = '%s'; %s;",
        ttl, queries[(data[0] & 127) % (sizeof queries / sizeof *queries)]);
    if (!sqljob_read(&sql, "fuzz", NULL, 0, &e) || !sqljob_plan(&sql, &json, &e) || !cplan_of(&plan, &sql.a, &json, &e))
        __builtin_trap();
    struct job *j = job_open(&plan, &world, &opts, &e);
    for (uint32_t t = 0; j && t < j->n_tasks; t++)
        for (uint32_t k = 0; k < j->tasks[t]->n_ops; k++) {
            struct op *o = j->tasks[t]->ops[k];
            struct rd in = rd_of(data + 1, size - 1, 0);
            struct snap snap = {.a = &j->run};
            struct err bad = {0};
            if (!o->keyed)
                continue;
            entries(o, &in, &snap);
            if (op_restore(o, &snap, &bad)) { /* what it has taken, it can put */
                struct snap again = {.a = &j->run};
                op_snapshot(o, 1, &again);
            }
        }
    job_free(j);
    sqljob_free(&sql);
    return 0;
}
