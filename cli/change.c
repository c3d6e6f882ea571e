#include "cli/change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/term.h"
#include "cli/cells.h"
#include "cli/out.h"

enum { ANSWER_SECONDS = 10, MOST_SECONDS = 86400 };

const char *const change_formats[] = {"canonical", "native", NULL};

const char *change_format(int choice)
{
    static const char *const words[] = {"CANONICAL", "NATIVE"};
    return choice < 0 ? NULL : words[choice];
}

bool change_open(struct change *c, const struct cli *cli, const struct change_opts *opts, struct err *e)
{
    c->cli = cli;
    c->opts = opts;
    struct cluster_opts cluster = opts->cluster;
    if (opts->timeout && opts->timeout < ANSWER_SECONDS)
        cluster.timeout = opts->timeout;
    if (opts->wait && opts->no_wait)
        return err_set(e, ERR_USAGE, "--wait and --no-wait exclude each other");
    if (!cluster_open(&c->cluster, &cluster, e))
        return false;
    return !c->cluster.target.read_only ||
        err_set(e, ERR_REFUSED, "%s is read-only for weir (%s): nothing is sent that changes it", live_url(c->cluster.live),
                c->cluster.from);
}

bool change_job(struct change *c, const char *wanted, struct err *e)
{
    const char *trigger = c->order.trigger;
    if (trigger && (strlen(trigger) != 32 || strspn(trigger, "0123456789abcdef") != 32))
        return err_set(e, ERR_USAGE, "'%s' is no trigger id: 32 hex digits", trigger);
    c->job = cluster_job(&c->cluster, wanted, e);
    if (!c->job)
        return false;
    c->order.job = c->job->id;
    return trigger || !live_job_ended(live_job_state(live_text_or(c->job->state, ""))) ||
        err_set(e, ERR_MISSING, "the job '%s' (%.8s) has ended: %s", live_text_or(c->job->name, "?"), live_text_or(c->job->id, "?"),
                c->job->state);
}

/* --- are you sure --- */

static void ask(const struct change *c, const char *what, const char *path)
{
    struct buf b = {0}, raw = {0};
    buf_printf(&raw, "%s %s%s", what, path ? "" : "job ", path ? path : live_text_or(c->job->name, "?"));
    if (!path)
        buf_printf(&raw, " (%s, %s)", live_text_or(c->job->id, "?"), live_text_or(c->job->state, "?"));
    buf_printf(&raw, " of %s?", live_url(c->cluster.live));
    term_escape(&b, raw.p, raw.n);
    buf_printf(&b, "\nType the %s again to go on: ", path ? "path" : "job's name or id");
    fwrite(b.p, 1, b.n, stderr);
    fflush(stderr);
    buf_free(&raw);
    buf_free(&b);
}

static bool answers(const struct change *c, const char *path, const char *line)
{
    if (path)
        return !strcmp(line, path);
    return !strcmp(line, live_text_or(c->job->name, "")) ||
        (strlen(line) >= SHORT_ID && !strncmp(line, live_text_or(c->job->id, ""), strlen(line)));
}

bool change_confirm(struct change *c, const char *what, const char *path, struct err *e)
{
    if (c->opts->yes)
        return true;
    if (!term_is(STDIN_FILENO) || !term_is(STDERR_FILENO))
        return err_set(e, ERR_REFUSED, "nothing was done: there is no terminal to ask on whether it is meant; --yes says so");
    ask(c, what, path);
    char *line = NULL;
    size_t cap = 0;
    ssize_t n = getline(&line, &cap, stdin);
    if (n > 0)
        line[strcspn(line, "\r\n")] = 0;
    bool good = n > 0 && *line && answers(c, path, line);
    free(line);
    return good || err_set(e, ERR_REFUSED, "nothing was done: that is not what was to be typed");
}

/* --- how it went --- */

static const char *state_word(const struct errand *r)
{
    return r->state == ERRAND_DONE ? "COMPLETED" : r->state == ERRAND_FAILED ? "FAILED" : "IN_PROGRESS";
}

static void print_json(const struct change *c, const struct errand *r, struct buf *out, struct err *e)
{
    struct jsonw w;
    cluster_json(&w, out, &c->cluster);
    jsonw_member_str(&w, "action", order_word(r->order.kind));
    if (c->job) {
        jsonw_key(&w, "job");
        jsonw_object(&w);
        jsonw_member_str(&w, "id", c->job->id);
        jsonw_member_str(&w, "name", c->job->name);
        jsonw_end_object(&w);
    }
    jsonw_member_str(&w, "state", state_word(r));
    if (r->trigger)
        jsonw_member_str(&w, "triggerId", r->trigger);
    if (r->location)
        jsonw_member_str(&w, "location", r->location);
    if (live_has(r->checkpoint_id))
        jsonw_member_int(&w, "checkpointId", r->checkpoint_id);
    if (r->job_state)
        jsonw_member_str(&w, "jobState", r->job_state);
    if (r->wanted.n_list) {
        jsonw_key(&w, "vertices");
        jsonw_array(&w);
        for (uint32_t i = 0; i < r->wanted.n_list; i++) {
            jsonw_object(&w);
            jsonw_member_str(&w, "id", r->wanted.list[i].vertex);
            jsonw_member_int(&w, "lower", r->wanted.list[i].parallelism.lower);
            jsonw_member_int(&w, "upper", r->wanted.list[i].parallelism.upper);
            jsonw_member_int(&w, "parallelism", r->parallelism[i]);
            jsonw_end_object(&w);
        }
        jsonw_end_array(&w);
    }
    if (r->err.kind) {
        jsonw_member_str(&w, "error", r->err.text);
        if (r->stack)
            jsonw_member_str(&w, "stackTrace", r->stack);
    }
    if (r->state >= ERRAND_DONE)
        jsonw_member_int(&w, "tookMs", r->ended_ms - r->began_ms);
    cluster_json_end(&w, e);
}

/* One line: what a script wants next. */
static void print_line(const struct errand *r, struct buf *out)
{
    char number[24];
    const char *text = "accepted";
    snprintf(number, sizeof number, "%lld", (long long)r->checkpoint_id);
    if (r->state == ERRAND_DONE)
        text = r->location                   ? r->location
            : live_has(r->checkpoint_id)     ? number
            : r->order.kind == ORDER_DISPOSE ? "disposed"
                                             : live_text_or(r->job_state, "done");
    else if (r->trigger)
        text = r->trigger;
    term_escape(out, text, strlen(text));
    buf_putc(out, '\n');
}

void change_run(struct change *c, uint64_t seconds, struct err *e)
{
    uint64_t patience = c->opts->timeout ? c->opts->timeout : seconds;
    struct errand r;
    struct err how = {0};
    struct buf out = {0};
    if (patience > MOST_SECONDS)
        patience = MOST_SECONDS;
    if (!c->opts->no_wait && !c->cli->quiet && term_is(STDERR_FILENO))
        fprintf(stderr, "weir: %s: waiting for its end, at most %llu s\n", order_word(c->order.kind), (unsigned long long)patience);
    errand_run(&r, c->cluster.live, &c->order, (int64_t)patience * 1000, !c->opts->no_wait, &how);
    if (c->opts->json)
        print_json(c, &r, &out, e);
    else if (!how.kind)
        print_line(&r, &out);
    out_write(&out, e);
    if (r.state == ERRAND_LATE && r.trigger && c->job)
        err_set(e, how.kind, "%s; --trigger %s goes on waiting for it", how.text, r.trigger);
    else if (how.kind)
        err_set(e, how.kind, "%s", how.text);
    buf_free(&out);
    errand_free(&r);
}

void change_close(struct change *c) { cluster_close(&c->cluster); }
