#include "serve/change.h"

#include <string.h>
#include <strings.h>

#include "runtime/control.h"

bool change_wants_token(const struct request *r) { return r->route != LIVE_ROUTES && routes[r->route].method != GET; }

bool change_is(const struct request *r)
{
    return change_wants_token(r) || r->route == LIVE_SAVEPOINT_STATUS || r->route == LIVE_CHECKPOINT_STATUS;
}

/* --- orders --- */

static void order(struct job *j, const struct asked *q, const struct control *c, struct reply *r)
{
    struct err e = {0};
    char id[CONTROL_ID + 1];
    if (job_order(j, c, id, &e)) {
        r->status = 202;
        answer_write(r, q->request->route, &(struct live_trigger){id});
        return;
    }
    unsigned status = e.kind == ERR_REFUSED ? 409 : 400;
    answer_refuse(r, status, "org.apache.flink.runtime.rest.handler.RestHandlerException: %s", e.text);
}

static bool is_native(const struct request_body *b) { return b->format && !strcasecmp(b->format, "NATIVE"); }

/* CANONICAL, or not told; NATIVE where state lies in databases. */
static bool format_known(const struct job *j, const struct request_body *b, struct reply *r)
{
    if (!b->format || !strcasecmp(b->format, "CANONICAL") || (is_native(b) && job_has_databases(j)))
        return true;
    answer_refuse(r, 400, "org.apache.flink.runtime.rest.handler.RestHandlerException: savepoints are CANONICAL%s here, not %s",
                  job_has_databases(j) ? " or NATIVE" : "", b->format);
    return false;
}

static void checkpoint(struct job *j, const struct asked *q, const struct request_body *b, struct reply *r)
{
    if (b->type && strcasecmp(b->type, "CONFIGURED") != 0 && strcasecmp(b->type, "FULL") != 0)
        answer_refuse(r, 400, "org.apache.flink.runtime.rest.handler.RestHandlerException: checkpoints are FULL here, not %s",
                      b->type);
    else
        order(j, q, &(struct control){.kind = CONTROL_CHECKPOINT, .id = b->trigger}, r);
}

static void save(struct job *j, const struct asked *q, const struct request_body *b, bool stop, struct reply *r)
{
    if (format_known(j, b, r))
        order(j, q,
              &(struct control){.kind = stop ? CONTROL_STOP : CONTROL_SAVEPOINT,
                                .id = b->trigger,
                                .dir = b->directory,
                                .native = is_native(b),
                                .drain = stop && b->drain},
              r);
}

static void cancel(struct job *j, const struct asked *q, struct reply *r)
{
    const char *mode = request_query(q->request, "mode", q->a);
    enum job_phase p = q->now->phase;
    if (mode && strcasecmp(mode, "cancel") != 0) {
        answer_refuse(r, 400, "Bad request, could not parse parameters: the mode is cancel, not '%s'", mode);
    } else if (job_phase_ended(p) && p != PHASE_CANCELED) {
        answer_refuse(
            r, 409,
            "org.apache.flink.runtime.rest.handler.RestHandlerException: Job cancellation failed because the job has already "
            "reached another terminal state (%s).",
            job_phase_words[p]);
    } else {
        job_cancel(j);
        r->status = 202;
        r->type = "application/json; charset=UTF-8";
        buf_puts(&r->body, "{}");
    }
}

/* --- how they go on --- */

static void progress(struct job *j, const struct asked *q, struct reply *r, bool *tells)
{
    struct control_state s = job_ordered(j, q->request->item, q->a);
    bool checkpoint = q->request->route == LIVE_CHECKPOINT_STATUS;
    struct live_operation to;
    struct live_outcome outcome;
    struct live_failure failure = {"weir", s.why};
    if (s.progress == CONTROL_UNKNOWN || checkpoint != (s.kind == CONTROL_CHECKPOINT)) {
        answer_refuse(
            r, 404,
            "org.apache.flink.runtime.rest.NotFoundException: There is no savepoint or checkpoint operation with triggerId=%s",
            q->request->item);
        return;
    }
    shape_clear(&shape_live_operation, &to);
    outcome = (struct live_outcome){.checkpoint_id = LIVE_ABSENT};
    to.status.id = s.progress == CONTROL_RUNS ? "IN_PROGRESS" : "COMPLETED";
    if (s.progress != CONTROL_RUNS)
        to.outcome = &outcome;
    if (s.progress == CONTROL_FAILED)
        outcome.failure = &failure;
    else if (checkpoint)
        outcome.checkpoint_id = (int64_t)s.checkpoint;
    else
        outcome.location = s.location;
    *tells = s.progress != CONTROL_RUNS && s.kind == CONTROL_STOP;
    r->status = 200;
    answer_write(r, q->request->route, &to);
}

void change(struct job *j, const struct asked *q, struct bytes body, struct reply *r, bool *ends, bool *tells)
{
    const struct request *in = q->request;
    struct request_body b;
    const char *why;
    if (in->route == LIVE_DO_DISPOSE) {
        answer_refuse(
            r, 400,
            "org.apache.flink.runtime.rest.handler.RestHandlerException: a savepoint is a directory of this machine: remove that");
        return;
    }
    if (!in->job || strcasecmp(in->job, q->now->id) != 0) {
        answer_refuse(r, 404, "org.apache.flink.runtime.rest.NotFoundException: Job %s not found", in->job ? in->job : "");
        return;
    }
    if (!request_body_read(&b, body, q->a, &why)) {
        answer_refuse(r, 400, "%s", why);
        return;
    }
    switch (in->route) {
    case LIVE_DO_CHECKPOINT:
        checkpoint(j, q, &b, r);
        break;
    case LIVE_DO_SAVEPOINT:
        save(j, q, &b, b.cancel, r);
        break;
    case LIVE_DO_STOP:
        save(j, q, &b, true, r);
        break;
    case LIVE_DO_CANCEL:
        cancel(j, q, r);
        break;
    case LIVE_SAVEPOINT_STATUS:
    case LIVE_CHECKPOINT_STATUS:
        progress(j, q, r, tells);
        break;
    default:
        answer_refuse(r, 404, "Not found: %s", in->path);
    }
    *ends = r->status == 202 &&
        (in->route == LIVE_DO_STOP || in->route == LIVE_DO_CANCEL || (in->route == LIVE_DO_SAVEPOINT && b.cancel));
}
