#include "live/act.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/jsonw.h"
#include "live/client.h"

enum {
    PAUSE_MS = 200, /* before the second question about the progress, doubling up to … */
    PAUSE_MAX_MS = 1000,
    MOST_PARALLEL = 32768, /* Flink's own limit */
    AWAY_MS = 30000,       /* how long a cluster may be away before an errand gives up */
    FORMATS = 115          /* the first release with formats and trigger ids of our own for savepoints */
};

static const struct {
    const char *word;
    enum live_route send, status;
    bool again;
} kinds[ORDER_KINDS] = {
#define ORDER(id, word, send, status, again) {word, send, status, again},
    ORDERS
#undef ORDER
};

const char *order_word(enum order_kind kind) { return kinds[kind].word; }

/* The digits up to `end`; 0: they are none, or too large. */
static int64_t parallelism(const char *s, const char *end)
{
    int64_t v = 0;
    for (; s < end; s++)
        if (*s < '0' || *s > '9' || (v = v * 10 + (*s - '0')) > MOST_PARALLEL)
            return 0;
    return v;
}

bool order_scale_read(struct order_scale *s, const char *text, struct err *e)
{
    const char *dash = strchr(text, '-');
    s->lower = dash ? parallelism(text, dash) : LIVE_ABSENT;
    s->upper = parallelism(dash ? dash + 1 : text, text + strlen(text));
    return (s->upper && s->lower && s->lower <= s->upper) ||
        err_set(e, ERR_USAGE, "'%s' is no parallelism: a number, or two as in 2-8, of 1 to %d", text, MOST_PARALLEL);
}

/* --- the beginning --- */

static const char *kept(struct arena *a, const char *s) { return s ? arena_str(a, s) : NULL; }

static void copy_order(struct errand *r, const struct order *o)
{
    r->order = *o;
    const char **texts[] = {&r->order.job,  &r->order.directory, &r->order.format,
                            &r->order.type, &r->order.path,      &r->order.trigger};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = kept(&r->arena, *texts[i]);
    struct order_scale *scale = arena_array(&r->arena, o->n_scale + 1u, sizeof *scale);
    for (uint32_t i = 0; i < o->n_scale; i++) {
        scale[i] = o->scale[i];
        scale[i].vertex = kept(&r->arena, scale[i].vertex);
    }
    r->order.scale = scale;
}

static const char *new_trigger(struct arena *a)
{
    uint8_t b[16];
    char hex[2 * sizeof b + 1];
    size_t n = 0;
    while (n < sizeof b) {
        ssize_t k = getrandom(b + n, sizeof b - n, 0);
        n += k > 0 ? (size_t)k : 0;
    }
    for (size_t i = 0; i < sizeof b; i++) {
        hex[2 * i] = "0123456789abcdef"[b[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[b[i] & 15];
    }
    return arena_strn(a, hex, 2 * sizeof b);
}

static bool saves(const struct errand *r) { return r->order.kind == ORDER_SAVEPOINT || r->order.kind == ORDER_STOP; }
static bool old_savepoints(const struct errand *r) { return saves(r) && r->release && r->release < FORMATS; }
static bool has_trigger(const struct errand *r) { return r->order.kind == ORDER_CHECKPOINT || (saves(r) && !old_savepoints(r)); }

static void end(struct errand *r, enum errand_state state, int64_t now)
{
    r->state = state;
    r->ended_ms = now;
}

/* The body, as each route wants it. */
static void write_order(struct errand *r)
{
    const struct order *o = &r->order;
    struct buf b = {0};
    struct jsonw w = {.out = &b};
    bool savepoint = o->kind == ORDER_SAVEPOINT;
    jsonw_object(&w);
    if (saves(r)) {
        if (o->directory)
            jsonw_member_str(&w, savepoint ? "target-directory" : "targetDirectory", o->directory);
        jsonw_member_bool(&w, savepoint ? "cancel-job" : "drain", o->drain);
        if (o->format && !old_savepoints(r))
            jsonw_member_str(&w, "formatType", o->format);
    } else if (o->kind == ORDER_CHECKPOINT) {
        jsonw_member_str(&w, "checkpointType", live_text_or(o->type, "CONFIGURED"));
    } else if (o->kind == ORDER_DISPOSE) {
        jsonw_member_str(&w, "savepoint-path", o->path);
    }
    for (uint32_t i = 0; i < r->wanted.n_list; i++) {
        const struct live_requirement *x = &r->wanted.list[i];
        jsonw_key(&w, x->vertex);
        jsonw_object(&w);
        jsonw_key(&w, "parallelism");
        jsonw_object(&w);
        jsonw_member_int(&w, "lowerBound", x->parallelism.lower);
        jsonw_member_int(&w, "upperBound", x->parallelism.upper);
        jsonw_end_object(&w);
        jsonw_end_object(&w);
    }
    if (has_trigger(r)) {
        r->trigger = o->trigger ? o->trigger : new_trigger(&r->arena);
        jsonw_member_str(&w, "triggerId", r->trigger);
    }
    jsonw_end_object(&w);
    r->body = arena_strn(&r->arena, (const char *)b.p, b.n);
    buf_free(&b);
}

/* All is known: from now on things change. */
static void ready(struct errand *r, int64_t now)
{
    if (old_savepoints(r) && (r->order.trigger || (r->order.format && strcmp(r->order.format, "CANONICAL") != 0))) {
        err_set(&r->err, ERR_SERVER, "savepoint formats and trigger ids came with Flink 1.15; the cluster's release is older");
        end(r, ERRAND_FAILED, now);
        return;
    }
    if (r->order.kind != ORDER_CANCEL)
        write_order(r);
    r->state = ERRAND_SENDS;
}

static void know_release(struct errand *r, const char *version, int64_t now)
{
    r->told = true;
    r->release = live_release_number(version);
    if (r->order.kind != ORDER_RESCALE)
        ready(r, now);
}

void errand_begin(struct errand *r, const struct order *o, const char *release, int64_t now_ms, int64_t patience_ms)
{
    *r = (struct errand){.state = ERRAND_PREPARES,
                         .checkpoint_id = LIVE_ABSENT,
                         .began_ms = now_ms,
                         .due_ms = now_ms,
                         .until_ms = now_ms + patience_ms,
                         .lost_ms = LIVE_ABSENT};
    copy_order(r, o);
    if (release)
        know_release(r, release, now_ms);
}

void errand_free(struct errand *r)
{
    arena_free(&r->arena);
    *r = (struct errand){0};
}

/* --- the end --- */

static void fail(struct errand *r, enum err_kind kind, const char *text, int64_t now)
{
    err_set(&r->err, kind, "%s", text);
    end(r, ERRAND_FAILED, now);
}

/* Of the vertex that is furthest from what was ordered. */
static void parallelism_differs(struct errand *r, long long seconds)
{
    long long has = 0, wants = 0;
    for (uint32_t i = 0; i < r->wanted.n_list; i++) {
        long long here = r->parallelism[i], there = r->wanted.list[i].parallelism.upper;
        if (here != there && llabs(there - here) >= llabs(wants - has)) {
            has = here;
            wants = there;
        }
    }
    err_set(&r->err, ERR_INCOMPLETE, "taken, but after %lld s the job is %s with parallelism %lld instead of %lld%s", seconds,
            live_text_or(r->job_state, "?"), has, wants, has < wants ? "; has the cluster slots enough?" : "");
}

static void time_is_up(struct errand *r, int64_t now)
{
    long long seconds = (long long)(now - r->began_ms) / 1000;
    if (live_has(r->lost_ms))
        fail(r, ERR_SERVER, r->lost.text, now);
    else if (r->state != ERRAND_RUNS)
        fail(r, ERR_SERVER, "the cluster has not answered in time", now);
    else if (r->order.kind == ORDER_RESCALE)
        parallelism_differs(r, seconds);
    else
        err_set(&r->err, ERR_INCOMPLETE, "the %s is still in progress after %lld s", order_word(r->order.kind), seconds);
    if (r->state == ERRAND_RUNS)
        end(r, ERRAND_LATE, now);
}

/* Nothing has come back: it may be asked again. */
static void not_heard(struct errand *r, const struct err *why, int64_t now)
{
    bool sent = r->state == ERRAND_SENDS, taken = r->state == ERRAND_RUNS;
    if (!live_has(r->lost_ms))
        r->lost_ms = now;
    r->lost = (struct err){0};
    err_set(&r->lost, why->kind, "%s%s", why->text,
            taken      ? "; the cluster had taken the order, how it has ended is not known"
                : sent ? "; whether the cluster has taken the order is not known"
                       : "");
    bool again = taken || (sent && kinds[r->order.kind].again && !old_savepoints(r));
    if (!again || now - r->lost_ms >= AWAY_MS)
        fail(r, r->lost.kind, r->lost.text, now);
}

/* --- answers --- */

/* The row that is about a vertex; NULL: none. */
static const struct order_scale *scale_of(const struct order *o, const char *vertex)
{
    const struct order_scale *others = NULL;
    for (uint32_t i = 0; i < o->n_scale; i++)
        if (!o->scale[i].vertex)
            others = &o->scale[i];
        else if (!strcmp(o->scale[i].vertex, vertex))
            return &o->scale[i];
    return others;
}

static void know_requirements(struct errand *r, const struct live_requirements *now_has, int64_t now)
{
    r->wanted.list = arena_array(&r->arena, now_has->n_list + 1u, sizeof *r->wanted.list);
    r->parallelism = arena_array(&r->arena, now_has->n_list + 1u, sizeof *r->parallelism);
    for (uint32_t i = 0; i < now_has->n_list; i++) {
        const struct live_requirement *x = &now_has->list[i];
        const struct order_scale *s = x->vertex ? scale_of(&r->order, x->vertex) : NULL;
        int64_t lower = live_or(x->parallelism.lower, 1), upper = live_or(x->parallelism.upper, lower);
        if (!x->vertex)
            continue;
        if (s) {
            upper = s->upper;
            lower = live_has(s->lower) ? s->lower : lower < upper ? lower : upper;
        }
        r->wanted.list[r->wanted.n_list++] =
            (struct live_requirement){.vertex = arena_str(&r->arena, x->vertex), .parallelism = {lower, upper}};
    }
    ready(r, now);
}

static void take_facts(struct errand *r, const struct live_answer *a, int64_t now)
{
    if (a->state == LIVE_HERE && a->ask.route == LIVE_CONFIG)
        know_release(r, ((const struct live_config *)a->data)->flink_version, now);
    else if (a->state == LIVE_HERE)
        know_requirements(r, a->data, now);
    else if (strstr(a->err.text, "does not support changing the parallelism"))
        fail(r, ERR_SERVER,
             "the job's scheduler cannot change its parallelism; that takes Flink's adaptive one (jobmanager.scheduler: adaptive)",
             now);
    else
        fail(r, a->err.kind, a->err.text, now);
}

static void take_receipt(struct errand *r, const struct live_answer *a, int64_t now)
{
    if (a->state != LIVE_HERE) {
        fail(r, a->err.kind, a->err.text, now);
        return;
    }
    bool told = r->order.kind != ORDER_CANCEL && r->order.kind != ORDER_RESCALE;
    const char *id = told ? ((const struct live_trigger *)a->data)->id : NULL;
    if (id && *id)
        r->trigger = arena_str(&r->arena, id);
    r->state = ERRAND_RUNS;
    r->pause_ms = PAUSE_MS / 2;
    if (told && !r->trigger)
        fail(r, ERR_SERVER, "the cluster has taken the order but does not say under which id it goes on", now);
}

/* What was wrong: the first line, and that of the innermost cause. */
static void take_failure(struct errand *r, const struct live_failure *f, int64_t now)
{
    const char *stack = live_text_or(f->stack_trace, live_text_or(f->class_name, "no reason given")), *inner = stack;
    for (const char *next; (next = strstr(inner, "\nCaused by: "));)
        inner = next + strlen("\nCaused by: ");
    struct bytes outer = route_without_classes((struct bytes){(const uint8_t *)stack, strcspn(stack, "\r\n")});
    r->stack = arena_str(&r->arena, stack);
    struct bytes cause = route_without_classes((struct bytes){(const uint8_t *)inner, strcspn(inner, "\r\n")});
    bool same = cause.n == outer.n && !memcmp(cause.p, outer.p, cause.n);
    err_set(&r->err, ERR_INCOMPLETE, "the %s has failed: %.*s%s%.*s%s", order_word(r->order.kind), (int)outer.n, outer.p,
            same ? "" : " (", same ? 0 : (int)cause.n, cause.p, same ? "" : ")");
    end(r, ERRAND_FAILED, now);
}

static void take_operation(struct errand *r, const struct live_operation *o, int64_t now)
{
    if (!o->status.id || strcmp(o->status.id, "COMPLETED") != 0)
        return;
    if (o->outcome && o->outcome->failure) { /* COMPLETED does not mean success */
        take_failure(r, o->outcome->failure, now);
        return;
    }
    if (o->outcome) {
        r->location = kept(&r->arena, o->outcome->location);
        r->checkpoint_id = o->outcome->checkpoint_id;
    }
    end(r, ERRAND_DONE, now);
}

static void take_cancelled(struct errand *r, int64_t now)
{
    enum live_job_state state = live_job_state(r->job_state);
    if (!strcmp(r->job_state, "CANCELED"))
        end(r, ERRAND_DONE, now);
    else if (live_job_ended(state)) {
        err_set(&r->err, ERR_INCOMPLETE, "the job has ended as %s before it was cancelled", r->job_state);
        end(r, ERRAND_FAILED, now);
    }
}

static void take_parallelism(struct errand *r, const struct live_job *j, int64_t now)
{
    bool all = true;
    for (uint32_t i = 0; i < r->wanted.n_list; i++) {
        for (uint32_t k = 0; k < j->n_vertices; k++)
            if (j->vertices[k].id && !strcmp(j->vertices[k].id, r->wanted.list[i].vertex))
                r->parallelism[i] = live_or(j->vertices[k].parallelism, 0);
        all = all && r->parallelism[i] == r->wanted.list[i].parallelism.upper;
    }
    enum live_job_state state = live_job_state(r->job_state);
    if (live_job_ended(state)) {
        err_set(&r->err, ERR_INCOMPLETE, "the job has ended as %s before it was rescaled", r->job_state);
        end(r, ERRAND_FAILED, now);
    } else if (all && !strcmp(r->job_state, "RUNNING")) {
        end(r, ERRAND_DONE, now);
    }
}

static void take_job(struct errand *r, const struct live_job *j, int64_t now)
{
    if (!j->state)
        return;
    if (!r->job_state || strcmp(r->job_state, j->state) != 0)
        r->job_state = arena_str(&r->arena, j->state);
    if (r->order.kind == ORDER_CANCEL)
        take_cancelled(r, now);
    else
        take_parallelism(r, j, now);
}

static void take_progress(struct errand *r, const struct live_answer *a, int64_t now)
{
    if (a->state == LIVE_UNKNOWN || a->state == LIVE_LACKING)
        fail(r, ERR_INCOMPLETE, "the cluster had taken the order and no longer knows of it; was its JobManager restarted?", now);
    else if (a->state != LIVE_HERE)
        fail(r, a->err.kind, a->err.text, now);
    else if (a->ask.route == LIVE_JOB)
        take_job(r, a->data, now);
    else
        take_operation(r, a->data, now);
}

void errand_take(struct errand *r, const struct live_answer *a, int64_t now)
{
    r->pause_ms = 2 * r->pause_ms < PAUSE_MAX_MS ? 2 * r->pause_ms : PAUSE_MAX_MS;
    if (a->state == LIVE_FAILED && a->unheard) {
        r->pause_ms = PAUSE_MAX_MS;
        not_heard(r, &a->err, now);
    } else {
        r->lost_ms = LIVE_ABSENT;
        if (r->state == ERRAND_PREPARES)
            take_facts(r, a, now);
        else if (r->state == ERRAND_SENDS)
            take_receipt(r, a, now);
        else if (r->state == ERRAND_RUNS)
            take_progress(r, a, now);
    }
    r->due_ms = r->state == ERRAND_RUNS || live_has(r->lost_ms) ? now + r->pause_ms : now;
}

bool errand_asks(const struct errand *r, struct errand_question *q)
{
    const struct order *o = &r->order;
    *q = (struct errand_question){.ask.job = o->job, .due_ms = r->due_ms};
    switch (r->state) {
    case ERRAND_PREPARES:
        q->ask.route = r->told ? LIVE_REQUIREMENTS : LIVE_CONFIG;
        return true;
    case ERRAND_SENDS:
        q->ask.route = kinds[o->kind].send;
        q->body = r->body;
        q->changes = true;
        return true;
    case ERRAND_RUNS:
        q->ask.route = kinds[o->kind].status;
        q->ask.item = r->trigger;
        return true;
    default:
        return false;
    }
}

bool errand_next(struct errand *r, int64_t now, struct errand_question *q)
{
    if (r->state < ERRAND_DONE && now >= r->until_ms)
        time_is_up(r, now);
    return errand_asks(r, q);
}

bool errand_run(struct errand *r, struct live *l, const struct order *o, int64_t patience_ms, bool wait, struct err *e)
{
    struct errand_question q;
    int64_t now = clock_monotonic_ms();
    errand_begin(r, o, NULL, now, patience_ms);
    if (l->read_only)
        fail(r, ERR_REFUSED, "the cluster is opened read-only: nothing is sent that changes it", now);
    while (errand_next(r, now, &q) && (wait || r->state != ERRAND_RUNS)) {
        int64_t until = q.due_ms < r->until_ms ? q.due_ms : r->until_ms;
        if (until > now) {
            poll(NULL, 0, (int)(until - now));
        } else {
            struct answer *a = client_ask(l, &q.ask, q.body);
            errand_take(r, &a->pub, clock_monotonic_ms());
            answer_release(a);
        }
        now = clock_monotonic_ms();
    }
    return !r->err.kind || err_set(e, r->err.kind, "%s", r->err.text);
}
