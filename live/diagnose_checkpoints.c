/* Rules on checkpoints. */
#include <string.h>

#include "base/human.h"
#include "live/diagnose.h"
#include "live/pressure.h"

enum {
    LOOP = 3,               /* failures in a row; 2 when none has ever completed */
    SLOW_MIN_MS = 3000,     /* below that nothing is slow */
    PENDING_MIN_MS = 20000, /* one under way */
    OLD_INTERVALS = 5,
    OLD_MS = 60000,
    GROWTH_SAMPLES = 5,
    GROWTH_MIN_BYTES = 1 << 20,
    JOBMANAGER_MAX = 5 << 20 /* MemoryStateBackendOptions: a subtask's state in JobManager storage */
};
#define GROWTH_FACTOR 1.5
#define GROWTH_CONCORD 0.9
#define NEAR_MAX 0.8

static bool is(const char *s, const char *word) { return s && !strcmp(s, word); }

/* The checkpoints of a job that runs as a stream; NULL: there is nothing to look at, or it is noted. */
static const struct live_checkpoints *checkpoints(struct diagnosis *d, enum finding_id id, const struct facts *f)
{
    const struct live_job *j = job_alive(f);
    if (!j || is(j->job_type, "BATCH"))
        return NULL;
    /* a job without checkpoints answers 404 before 2.0 */
    if (f->checkpoints && f->checkpoints->state == LIVE_UNKNOWN && strcasestr(f->checkpoints->err.text, "enabled"))
        return NULL;
    return finding_need(d, id, f->checkpoints);
}

static const struct live_checkpoint_config *config(const struct facts *f) { return facts_data(f->checkpoint_config); }
static int64_t interval(const struct facts *f) { return config(f) ? config(f)->interval_ms : LIVE_ABSENT; }

void check_off(struct diagnosis *d, const struct facts *f)
{
    const struct live_job *j = job_alive(f);
    if (!j || is(j->job_type, "BATCH"))
        return;
    bool refused = f->checkpoint_config && f->checkpoint_config->state == LIVE_UNKNOWN &&
        strcasestr(f->checkpoint_config->err.text, "enabled");
    const struct live_checkpoint_config *c = refused ? NULL : finding_need(d, FINDING_CHECKPOINT_OFF, f->checkpoint_config);
    if (refused || (c && !live_has(c->interval_ms)))
        finding_add(d, FINDING_CHECKPOINT_OFF, "no interval is configured");
}

/* --- failures --- */

struct failing {
    uint32_t n;       /* in a row */
    uint32_t expired; /* of them */
    const struct live_checkpoint *newest;
    bool ever; /* one has completed before */
};

static struct failing failing(const struct live_checkpoints *c)
{
    struct failing r = {.n = facts_failed_in_a_row(c), .ever = c->latest.completed || live_or(c->counts.completed, 0) > 0};
    uint32_t left = r.n;
    for (uint32_t i = 0; i < c->n_history && left; i++) {
        const struct live_checkpoint *k = &c->history[i];
        if (!is(k->status, "FAILED") || !facts_failure_counts(k->failure_message))
            continue;
        left--;
        if (!r.newest)
            r.newest = k;
        r.expired += k->failure_message && strstr(k->failure_message, "expired") != NULL;
    }
    return r;
}

static bool loops(const struct failing *r) { return r->n >= LOOP || (r->n == LOOP - 1 && !r->ever); }

static void say_failures(struct diagnosis *d, struct finding *found, const struct live_checkpoints *c, const struct failing *r,
                         const struct facts *f)
{
    if (r->newest->failure_message)
        finding_say(d, found, "checkpoint %lld: %.300s", (long long)live_or(r->newest->id, -1), r->newest->failure_message);
    if (!r->ever)
        finding_say(d, found, "none has ever completed");
    else if (c->latest.completed && live_has(c->latest.completed->latest_ack_ms))
        finding_say(d, found, "the last one that completed is %s old",
                    span_text(facts_now(f) - c->latest.completed->latest_ack_ms).s);
}

static bool in_jobmanager(const struct facts *f)
{
    return config(f) && config(f)->checkpoint_storage && strstr(config(f)->checkpoint_storage, "JobManager");
}

/* The largest state of a subtask; where subtasks were not told, an even share of the largest checkpoint. */
static int64_t largest_subtask(const struct facts *f, const struct live_checkpoints *c)
{
    const struct live_checkpoint_subtasks *s = facts_data(f->largest);
    const struct live_checkpoint *k = facts_completed(c);
    int64_t most = 0, parallelism = 1;
    for (uint32_t i = 0; s && i < s->n_subtasks; i++)
        if (live_or(s->subtasks[i].state_size, 0) > most)
            most = s->subtasks[i].state_size;
    const struct live_job *j = facts_job(f);
    for (uint32_t i = 0; i < j->n_vertices; i++)
        if (live_or(j->vertices[i].parallelism, 1) > parallelism)
            parallelism = j->vertices[i].parallelism;
    return most ? most : k ? live_or(k->state_size, 0) / parallelism : 0;
}

void check_too_big(struct diagnosis *d, const struct facts *f)
{
    const struct live_checkpoints *c = checkpoints(d, FINDING_CHECKPOINT_TOO_BIG, f);
    if (!c)
        return;
    if (!config(f)) {
        finding_need(d, FINDING_CHECKPOINT_TOO_BIG, f->checkpoint_config);
        return;
    }
    if (!in_jobmanager(f))
        return;
    struct failing r = failing(c);
    int64_t most = largest_subtask(f, c);
    bool failed =
        r.n && r.newest->failure_message && strstr(r.newest->failure_message, "Asynchronous") && most >= JOBMANAGER_MAX / 2;
    if (!failed && (double)most < NEAR_MAX * JOBMANAGER_MAX)
        return;
    struct finding *found =
        finding_add(d, FINDING_CHECKPOINT_TOO_BIG, "a subtask's state was %s in the last checkpoint that completed; %s takes %s",
                    human_bytes((uint64_t)most).s, config(f)->checkpoint_storage, human_bytes(JOBMANAGER_MAX).s);
    if (r.n)
        say_failures(d, found, c, &r, f);
}

void check_timeouts(struct diagnosis *d, const struct facts *f)
{
    const struct live_checkpoints *c = checkpoints(d, FINDING_CHECKPOINT_TIMEOUT, f);
    struct failing r = c ? failing(c) : (struct failing){0};
    if (!r.expired || 2 * r.expired < r.n || (r.n < 2 && r.ever))
        return;
    int64_t timeout = config(f) ? config(f)->timeout_ms : LIVE_ABSENT;
    struct finding *found = finding_add(d, FINDING_CHECKPOINT_TIMEOUT, "%u in a row; the timeout is %s", r.expired,
                                        live_has(timeout) ? span_text(timeout).s : "not told");
    say_failures(d, found, c, &r, f);
}

static bool told_already(const struct diagnosis *d)
{
    return finding_found(d, FINDING_CHECKPOINT_TOO_BIG) || finding_found(d, FINDING_CHECKPOINT_TIMEOUT) ||
        finding_found(d, FINDING_CHECKPOINT_FAILING);
}

void check_failing(struct diagnosis *d, const struct facts *f)
{
    const struct live_checkpoints *c = checkpoints(d, FINDING_CHECKPOINT_FAILING, f);
    struct failing r = c ? failing(c) : (struct failing){0};
    if (!c || told_already(d) || !loops(&r))
        return;
    struct finding *found = finding_add(d, FINDING_CHECKPOINT_FAILING, "%u in a row", r.n);
    say_failures(d, found, c, &r, f);
}

void check_one_failed(struct diagnosis *d, const struct facts *f)
{
    const struct live_checkpoints *c = checkpoints(d, FINDING_CHECKPOINT_FAILED, f);
    struct failing r = c ? failing(c) : (struct failing){0};
    if (!c || told_already(d) || !r.n)
        return;
    struct finding *found = finding_add(d, FINDING_CHECKPOINT_FAILED, "%u since the last one that completed", r.n);
    say_failures(d, found, c, &r, f);
}

/* --- time --- */

/* Where the slowest subtask of the slowest vertex spent its time, and which have not answered. */
static void say_where(struct diagnosis *d, struct finding *found, const struct facts *f)
{
    const struct live_checkpoint_subtasks *s = facts_data(f->slowest);
    const struct live_checkpoint_subtask *worst = NULL;
    uint32_t pending = 0;
    for (uint32_t i = 0; s && i < s->n_subtasks; i++) {
        const struct live_checkpoint_subtask *k = &s->subtasks[i];
        pending += is(k->status, "pending_or_failed");
        if (live_has(k->duration_ms) && (!worst || k->duration_ms > worst->duration_ms))
            worst = k;
    }
    uint32_t place = live_vertex_place(facts_job(f), f->slowest_vertex);
    if (!s || place == facts_job(f)->n_vertices)
        return;
    found->vertex = &facts_job(f)->vertices[place];
    const char *name = live_text_or(found->vertex->name, "?");
    if (pending)
        finding_say(d, found, "%u of %u subtasks of %.120s have not answered", pending, s->n_subtasks, name);
    if (!worst || worst->duration_ms < SLOW_MIN_MS)
        return;
    const struct {
        const char *what;
        int64_t ms;
    } phases[] = {{"waiting for the barrier (start delay: backpressure)", worst->start_delay_ms},
                  {"aligning barriers (skewed or slow inputs)", worst->alignment.duration_ms},
                  {"the synchronous part", worst->checkpoint.sync_ms},
                  {"the asynchronous part (storage)", worst->checkpoint.async_ms}};
    size_t most = 0;
    for (size_t i = 1; i < 4; i++)
        if (live_or(phases[i].ms, 0) > live_or(phases[most].ms, 0))
            most = i;
    if (live_or(phases[most].ms, 0) > 0)
        finding_say(d, found, "%.120s, subtask %lld: %s, of that %s %s", name, (long long)live_or(worst->index, -1),
                    span_text(worst->duration_ms).s, span_text(phases[most].ms).s, phases[most].what);
}

void check_slow(struct diagnosis *d, const struct facts *f)
{
    const struct live_checkpoints *c = checkpoints(d, FINDING_CHECKPOINT_SLOW, f);
    if (!c || finding_found(d, FINDING_CHECKPOINT_TIMEOUT))
        return;
    int64_t every = live_or(interval(f), INT64_MAX / 4), took = facts_checkpoint_duration(c);
    int64_t timeout = config(f) ? live_or(config(f)->timeout_ms, INT64_MAX / 4) : INT64_MAX / 4;
    bool running = live_job_state(facts_job(f)->state) == LIVE_JOB_RUNNING; /* else the one under way is a leftover */
    const struct live_checkpoint *under_way =
        running && c->n_history && is(c->history[0].status, "IN_PROGRESS") ? &c->history[0] : NULL;
    int64_t age = under_way && live_has(under_way->trigger_ms) ? facts_now(f) - under_way->trigger_ms : 0;
    struct finding *found = NULL;
    if (age >= PENDING_MIN_MS && (age > 2 * every || age > timeout / 2))
        found = finding_add(d, FINDING_CHECKPOINT_SLOW, "checkpoint %lld has been under way for %s",
                            (long long)live_or(under_way->id, -1), span_text(age).s);
    else if (live_has(took) && took >= SLOW_MIN_MS && (took > every || took > timeout / 2))
        found = finding_add(d, FINDING_CHECKPOINT_SLOW, "half of the last ones took %s or longer", span_text(took).s);
    if (!found)
        return;
    if (live_has(interval(f)))
        finding_say(d, found, "the interval is %s, the timeout %s", span_text(every).s, span_text(timeout).s);
    say_where(d, found, f);
}

void check_old(struct diagnosis *d, const struct facts *f)
{
    const struct live_checkpoints *c = checkpoints(d, FINDING_CHECKPOINT_OLD, f);
    int64_t every = interval(f), took = c ? live_or(facts_checkpoint_duration(c), 0) : 0;
    if (!c || told_already(d) || (config(f) && !live_has(every)))
        return;
    if (!config(f)) {
        finding_need(d, FINDING_CHECKPOINT_OLD, f->checkpoint_config);
        return;
    }
    const struct live_checkpoint *last = facts_completed(c);
    int64_t since = last && live_has(last->latest_ack_ms) ? last->latest_ack_ms : live_or(facts_job(f)->start_ms, facts_now(f));
    int64_t age = facts_now(f) - since, most = every < INT64_MAX / 8 ? OLD_INTERVALS * every : INT64_MAX;
    if (age < OLD_MS || age < most || age < 3 * took)
        return;
    struct finding *found = finding_add(d, FINDING_CHECKPOINT_OLD,
                                        last ? "the last one completed %s ago" : "none since the start, %s ago", span_text(age).s);
    finding_say(d, found, "the interval is %s", span_text(every).s);
}

/* --- size --- */

/* Sizes of the history's completed checkpoints, oldest first. */
static uint32_t sizes(const struct live_checkpoints *c, int64_t *to, uint32_t room)
{
    uint32_t n = 0;
    for (uint32_t i = c->n_history; i-- && n < room;) {
        const struct live_checkpoint *k = &c->history[i];
        if (is(k->status, "COMPLETED") && k->is_savepoint != LIVE_YES && live_or(k->state_size, -1) >= 0)
            to[n++] = k->state_size;
    }
    return n;
}

/* The share of pairs in which the later one is larger. */
static double concord(const int64_t *v, uint32_t n)
{
    uint32_t up = 0, pairs = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = i + 1; k < n; k++, pairs++)
            up += v[k] > v[i];
    return pairs ? (double)up / pairs : 0;
}

void check_growing(struct diagnosis *d, const struct facts *f)
{
    enum { MOST = 64 };
    const struct live_checkpoints *c = checkpoints(d, FINDING_CHECKPOINT_GROWING, f);
    int64_t v[MOST];
    uint32_t n = c ? sizes(c, v, MOST) : 0;
    const struct live_checkpoint *last = c ? facts_completed(c) : NULL;
    if (!last || live_or(last->state_size, 0) < GROWTH_MIN_BYTES)
        return;
    const struct live_stats *all = &c->summary.state_size;
    if (n >= GROWTH_SAMPLES && (double)v[n - 1] >= GROWTH_FACTOR * (double)v[0] && concord(v, n) >= GROWTH_CONCORD)
        finding_add(d, FINDING_CHECKPOINT_GROWING, "larger from one to the next: from %2$s to %3$s in %1$u checkpoints", n,
                    human_bytes((uint64_t)v[0]).s, human_bytes((uint64_t)v[n - 1]).s);
    else if (live_or(c->counts.completed, 0) >= 4 * GROWTH_SAMPLES && all->p50 > 0 &&
             (double)last->state_size >= GROWTH_FACTOR * all->p50 && (double)last->state_size >= 0.9 * (double)live_or(all->max, 0))
        finding_add(d, FINDING_CHECKPOINT_GROWING, "the last one has %s, half of all had %s or less",
                    human_bytes((uint64_t)last->state_size).s, human_bytes((uint64_t)all->p50).s);
}
