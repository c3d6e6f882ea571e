/* weir watch: waits for a job, or says when something about it is out of order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/term.h"
#include "cli/cluster.h"
#include "cli/out.h"
#include "cli/watch_tell.h"
#include "live/http.h"
#include "live/rule_feed.h"

enum { EVERY_DEFAULT = 10, EVERY_MAX = 3600, RULES_MAX = 64, WEBHOOK_MAX = 4000 };

struct args {
    struct cluster_opts cluster;
    struct opt_texts rules;
    const char *until, *span, *exec, *webhook;
    uint64_t every; /* s */
    bool once, json;
};

struct watched {
    struct rule *rule;
    bool firing, assessed;
};

struct watch {
    const struct cli *cli;
    const struct args *args;
    struct cluster cluster;
    struct watched v[RULES_MAX + 1];
    struct rule *rules[RULES_MAX + 1];
    uint32_t n;
    const struct watched *until; /* the last of them; NULL: nothing is waited for */
    struct rule_feed feed;
    struct teller teller;
    bool fired, held;
};

/* --- what the user has said --- */

/* The rule with a caret below the place. */
static void point(const char *option, const char *text, const struct rule_fault *fault, struct err *e)
{
    struct buf safe = {0};
    term_escape(&safe, text, fault->at < strlen(text) ? fault->at : strlen(text));
    size_t columns = term_columns((const char *)safe.p, safe.n);
    safe.n = 0;
    term_escape(&safe, text, strlen(text));
    fprintf(stderr, "  %s\n  %*s^\n", buf_cstr(&safe), (int)columns, "");
    buf_free(&safe);
    err_set(e, ERR_USAGE, "%s: %s", option, fault->why);
}

static bool add_rule(struct watch *w, const char *option, const char *text, struct err *e)
{
    struct rule_fault fault;
    struct rule *r = rule_parse(text, &fault);
    if (!r) {
        point(option, text, &fault, e);
        return false;
    }
    w->v[w->n].rule = w->rules[w->n] = r;
    w->n++;
    return true;
}

/* "@FILE": the address stands in the file, since it may be a secret. */
static bool read_webhook(struct watch *w, struct err *e)
{
    const char *given = w->args->webhook;
    w->teller.webhook = given;
    if (!given || !strncmp(given, "http://", 7) || !strncmp(given, "https://", 8))
        return true;
    if (*given != '@')
        return err_set(e, ERR_USAGE, "--webhook takes an address of http:// or https://, or @FILE");
    char line[WEBHOOK_MAX] = "";
    FILE *f = fopen(given + 1, "r");
    bool good = f && fgets(line, sizeof line, f);
    if (f)
        fclose(f);
    line[strcspn(line, "\r\n")] = 0;
    w->teller.webhook = arena_str(&w->cluster.arena, line);
    return (good && *line) || err_set(e, ERR_MISSING, "%s: no address can be read from it", given + 1);
}

static bool understand(struct watch *w, struct err *e)
{
    const struct args *a = w->args;
    if (!a->rules.n && !a->until)
        return err_set(e, ERR_USAGE, "say what to watch for: --rule RULE, or --until RULE");
    if (a->rules.n > RULES_MAX)
        return err_set(e, ERR_USAGE, "at most %d rules are taken", RULES_MAX);
    if (!a->every || a->every > EVERY_MAX)
        return err_set(e, ERR_USAGE, "--every takes 1 to %d seconds", EVERY_MAX);
    if (a->span && rule_time(a->span) < 0)
        return err_set(e, ERR_USAGE, "--for: '%s' is no time; 90s, 5m, 2h are", a->span);
    for (size_t i = 0; i < a->rules.n; i++)
        if (!add_rule(w, "--rule", a->rules.v[i], e))
            return false;
    if (a->until) {
        if (!add_rule(w, "--until", a->until, e))
            return false;
        w->until = &w->v[w->n - 1];
    }
    return read_webhook(w, e);
}

/* --- watching --- */

static bool report(struct watch *w, const char *event, const char *rule, const struct rule_state *state, struct err *e)
{
    struct told t = {event, rule, w->feed.now_ms, state ? *state : (struct rule_state){.left = NAN, .right = NAN}};
    return tell(&w->teller, &t, e);
}

static bool judge(struct watch *w, struct err *e)
{
    for (uint32_t i = 0; i < w->n; i++) {
        struct watched *v = &w->v[i];
        struct rule_state s = rule_evaluate(v->rule, w->feed.now_ms);
        bool firing = s.truth == RULE_YES || (v->firing && s.truth == RULE_UNKNOWN); /* goes on until it is known to have ended */
        v->assessed = v->assessed || s.truth != RULE_UNKNOWN;
        if (firing == v->firing)
            continue;
        v->firing = firing;
        if (v == w->until) {
            w->held = firing;
            if (firing && !report(w, "holds", v->rule->text, &s, e))
                return false;
            continue;
        }
        w->fired = w->fired || firing;
        if (!report(w, firing ? "fires" : "ends", v->rule->text, &s, e))
            return false;
    }
    return true;
}

/* One look and what follows from it; *over: there is nothing more to watch. */
static bool turn(struct watch *w, bool first, bool *away, bool *over, struct err *e)
{
    struct err lost = {0};
    bool was_away = *away;
    *away = !rule_feed_look(&w->feed, &lost);
    if (*away && first)
        return err_set(e, lost.kind, "%s", lost.text);
    if (*away && !was_away && !w->cli->quiet)
        out_complain(lost.text);
    if (*away)
        return true;
    if (first && w->feed.unmatched)
        return err_set(e, ERR_MISSING, "the job has no vertex '%s'; see weir graph", w->feed.unmatched);
    if (!judge(w, e))
        return false;
    bool ended = live_job_ended(w->feed.state);
    *over = w->held || (w->fired && w->args->once) || w->feed.gone || ended;
    if ((ended || w->feed.gone) && !w->held)
        return report(w, "over",
                      ended ? arena_printf(&w->cluster.arena, "the job is %s", live_job_words[w->feed.state])
                            : "the cluster does not know the job any more",
                      NULL, e);
    return true;
}

static enum weir_exit watch(struct watch *w, struct err *e)
{
    int64_t every = (int64_t)w->args->every * 1000, next = clock_monotonic_ms();
    int64_t end = w->args->span ? next + rule_time(w->args->span) : INT64_MAX;
    bool away = false, over = false;
    for (bool first = true; !over; first = false) {
        if (!turn(w, first, &away, &over, e))
            return WEIR_OK;
        int64_t now = clock_monotonic_ms();
        next = next + every > now ? next + every : now;
        if (over || now >= end)
            break;
        int64_t nap = (next < end ? next : end) - now;
        nanosleep(&(struct timespec){.tv_sec = nap / 1000, .tv_nsec = nap % 1000 * 1000000}, NULL);
    }
    enum weir_exit status = w->fired || (w->until && !w->held) ? WEIR_FINDING : WEIR_OK;
    for (uint32_t i = 0; i < w->n && !w->held; i++)
        if (!w->v[i].assessed) {
            const char *why = w->feed.why.kind ? w->feed.why.text : "its figures were not there, or too few of them";
            out_complain(arena_printf(&w->cluster.arena, "'%s' could never be assessed: %s", w->v[i].rule->text, why));
            status = WEIR_FINDING;
        }
    return away ? WEIR_SERVER : status;
}

static enum weir_exit run(const struct cli *cli, struct err *e)
{
    const struct args *a = cli->opts;
    struct watch w = {.cli = cli, .args = a};
    enum weir_exit status = WEIR_OK;
    const struct live_job_row *job;
    if (understand(&w, e) && cluster_open(&w.cluster, &a->cluster, e) && (job = cluster_job(&w.cluster, cli->args.v[0], e))) {
        const char *id = arena_str(&w.cluster.arena, live_text_or(job->id, "?"));
        w.teller = (struct teller){.json = a->json,
                                   .exec = a->exec,
                                   .webhook = w.teller.webhook,
                                   .cluster = live_url(w.cluster.live),
                                   .job = id,
                                   .job_name = arena_str(&w.cluster.arena, live_text_or(job->name, "?"))};
        w.feed = (struct rule_feed){.live = w.cluster.live, .job = id, .rules = w.rules, .n_rules = w.n};
        status = watch(&w, e);
    }
    for (uint32_t i = 0; i < w.n; i++)
        rule_free(w.rules[i]);
    cluster_close(&w.cluster);
    return status;
}

static const struct opt opts[] = {
    {"rule", 'r', OPT_TEXTS, offsetof(struct args, rules), "RULE", NULL,
     "tell when it begins to hold, and when it ceases to; repeatable"},
    {"until", 'u', OPT_TEXT, offsetof(struct args, until), "RULE", NULL, "wait until it holds"},
    {"once", 0, OPT_FLAG, offsetof(struct args, once), NULL, NULL, "end when the first --rule begins to hold"},
    {"for", 'f', OPT_TEXT, offsetof(struct args, span), "TIME", NULL, "end after that time, as in 90s, 5m, 2h"},
    {"every", 'n', OPT_COUNT, offsetof(struct args, every), "SECONDS", NULL, "between two looks (10)"},
    {"exec", 'x', OPT_TEXT, offsetof(struct args, exec), "COMMAND", NULL, "run it at each event; the event is in its environment"},
    {"webhook", 'w', OPT_TEXT, offsetof(struct args, webhook), "URL", NULL,
     "post each event there as JSON; @FILE: the address is in the file"},
    {"json", 0, OPT_FLAG, offsetof(struct args, json), NULL, NULL, "a line of JSON for each event"},
    CLUSTER_ROWS(struct args),
    {0},
};

static const struct args defaults = {.every = EVERY_DEFAULT};

const struct command cmd_watch = {
    .operands = "JOB",
    .about = "Watches a job by rules: tells when one begins to hold and when it ceases to, or waits until one holds.\n"
             "  checkpoint.size > 3 * median(20)      backpressure(Join) > 80% for 60s      checkpoint.age > 5m\n"
             "  checkpoint.size anomalous             restarts > 3 in 10m                   watermark.lag > 2m\n"
             "weir-watch(1) has the figures and the grammar.\n",
    .opts = opts,
    .defaults = &defaults,
    .size = sizeof(struct args),
    .min = 1,
    .max = 1,
    .run = run,
};
