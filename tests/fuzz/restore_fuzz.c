/* Keyed state as an operator takes it from a snapshot: the first byte picks a pipeline, and whether its state expires, then entries follow: which state, how long its user key and
 * its value are, and their bytes. Keys are whole, so that more than they is looked at. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "base/rd.h"
#include "cli/sqljob.h"
#include "runtime/exec.h"
#include "runtime/keyed.h"
#include "tests/support/keyed_queries.h"

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
    buf_printf(&sql.bytes, KEYED_TABLES, ttl, keyed_queries[(data[0] & 127) % (sizeof keyed_queries / sizeof *keyed_queries)]);
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
                while (op_snapshot_go_on(o, 3))
                    ;
            }
        }
    job_free(j);
    sqljob_free(&sql);
    return 0;
}
