#include "cli/migrating.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/human.h"
#include "base/term.h"
#include "cli/out.h"
#include "migrate/quarantine.h"

bool migrating_open(struct migrating *m, const struct open_opts *open, const char *location, struct err *e)
{
    return opened_open(&m->opened, open, location, e) && trail_read(&m->trail, m->opened.snapshot, e);
}

bool migrating_draft(struct migrating *m, const char *location, unsigned jobs, bool count, struct err *e)
{
    const struct tree_opts look = {.depth = count ? TREE_NORMAL : TREE_QUICK, .jobs = jobs, .progress = &m->progress};
    if (!draft_open(&m->draft, m->opened.snapshot, &m->opened.names, location, &look, e))
        return false;
    for (uint32_t i = 0; i < m->scripts.n; i++)
        if (!m->scripts.files[i].ran && !draft_apply(&m->draft, &m->scripts.files[i].script, e))
            return false;
    return draft_end(&m->draft, e) && changes_of(&m->changes, &m->draft, e);
}

bool migrating_fingerprints(struct migrating *m, struct err *e)
{
    for (uint32_t i = 0; i < m->draft.n_inputs; i++)
        if (!fingerprint(&m->prints[i], m->draft.inputs[i]->snapshot, &m->progress, e))
            return false;
    for (uint32_t i = 0; i < m->draft.n_files; i++)
        if (!fingerprint_file(&m->prints[m->draft.n_inputs + i], m->draft.files[i], e))
            return false;
    return true;
}

const char *const on_error_words[] = {"stop", "drop", "default", NULL};

bool migrating_run(struct migrating *m, const char *target, const struct error_opts *errors, unsigned jobs, struct err *e)
{
    char at[32];
    struct timespec ts;
    struct buf trail = {0};
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &ts);
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&ts.tv_sec, &tm));
    scripts_record(&m->scripts, &m->trail, at);
    if (m->trail.n)
        trail_write(&m->trail, &trail);
    struct run_opts opts = {.target = target,
                            .jobs = jobs,
                            .progress = &m->progress,
                            .on_error = errors->quarantine ? ON_ERROR_QUARANTINE : (enum on_error)errors->on_error,
                            .now = ts.tv_sec * 1000 + ts.tv_nsec / 1000000,
                            .trail = {trail.p, trail.n}};
    m->progress.total = 0;
    m->progress.done = 0;
    for (uint32_t i = 0; i < m->draft.n_inputs; i++)
        m->progress.total += m->draft.inputs[i]->tree.bytes;
    bool ok = (!target || !errors->quarantine || quarantine_open(&opts.quarantine, errors->quarantine, e)) &&
        run_draft(&m->draft, &opts, e);
    ok = quarantine_close(opts.quarantine, ok, e) && ok;
    buf_free(&trail);
    return ok;
}

void migrating_point(const struct migrating *m)
{
    const struct script *s = scripts_faulty(&m->scripts);
    struct buf b = {0};
    if (!s)
        return;
    script_point(s, &b);
    fwrite(b.p, 1, b.n, stderr);
    buf_free(&b);
}

/* --- the report --- */

static const char mark[] = {' ', '+', '-', '~'};

static void escaped(struct buf *out, const char *s) { term_escape(out, s, strlen(s)); }

enum { TYPE_SHOWN = 100, DETAIL_SHOWN = 200 };

static void shortened(struct buf *out, const char *s, size_t max)
{
    size_t n = strlen(s);
    while (n > max && n > 0 && ((uint8_t)s[max] & 0xc0) == 0x80)
        max--;
    term_escape(out, s, n > max ? max : n);
    if (n > max)
        buf_puts(out, "…");
}

static void print_details(struct buf *out, const char *indent, const struct diff_details *d)
{
    for (uint32_t i = 0; i < d->n; i++) {
        const struct diff_detail *v = &d->v[i];
        buf_printf(out, "%s%c ", indent, v->from && v->to ? '~' : v->to ? '+' : '-');
        escaped(out, v->what);
        buf_puts(out, ": ");
        if (v->from)
            shortened(out, v->from, DETAIL_SHOWN);
        if (v->from && v->to)
            buf_puts(out, " → ");
        if (v->to)
            shortened(out, v->to, DETAIL_SHOWN);
        buf_putc(out, '\n');
    }
}

/* Is it said of the operator already, once for all of its states? */
static bool said_of_operator(const struct op_change *o, const struct state_change *s)
{
    return s->verdict == VERDICT_AS_IS || (o->verdict != VERDICT_AS_IS && o->why == s->why);
}

static void print_verdict(struct buf *out, const char *indent, enum verdict v, const char *why)
{
    buf_printf(out, "%sFlink alone: %s; ", indent, verdict_name(v));
    escaped(out, why);
    buf_putc(out, '\n');
}

static void print_state(struct buf *out, const struct op_change *o, const struct state_change *s, bool counted)
{
    buf_printf(out, "  %c ", mark[s->change]);
    escaped(out, s->state->name);
    buf_printf(out, " (%s", kind_name(s->change == DIFF_ADDED ? s->state->type.kind : s->state->was->kind));
    const char *type = s->type_after ? s->type_after : s->type_before;
    if (type) {
        buf_puts(out, ", ");
        shortened(out, type, TYPE_SHOWN);
    }
    buf_putc(out, ')');
    if (counted && !s->rows && !s->state->file)
        buf_printf(out, ": %s of %s entries", human_count(s->touched).s, human_count(s->entries).s);
    if (s->state->file) {
        buf_printf(out, ": %s keys from ", human_count(s->state->count->made).s);
        escaped(out, s->state->file);
    }
    if (s->rows) {
        const struct draft_count *n = s->state->count;
        buf_printf(out, "%s %s rows changed, %s deleted", s->state->file ? "," : ":", human_count(n->changed).s,
                   human_count(n->deleted).s);
        if (n->failed)
            buf_printf(out, ", %s did not convert", human_count(n->failed).s);
    }
    buf_putc(out, '\n');
    print_details(out, "      ", &s->details);
    if (!said_of_operator(o, s))
        print_verdict(out, "      ", s->verdict, s->why);
}

static void print_op(struct buf *out, const struct op_change *o, bool counted, uint32_t *same)
{
    uint64_t touched = 0;
    for (uint32_t i = 0; i < o->n; i++) {
        touched += o->states[i].touched;
        *same += o->states[i].change == DIFF_SAME;
    }
    if (o->change == DIFF_SAME)
        return;
    buf_printf(out, "%c ", mark[o->change]);
    escaped(out, o->op->label);
    if (counted && touched)
        buf_printf(out, ": %s entries", human_count(touched).s);
    buf_putc(out, '\n');
    print_details(out, "    ", &o->details);
    if (*o->op->found->hash) {
        buf_puts(out, "    keys are hashed by ");
        shortened(out, o->op->found->hash, DETAIL_SHOWN);
        buf_puts(out, ", as their key groups tell\n");
    }
    if (o->verdict != VERDICT_AS_IS)
        print_verdict(out, "    ", o->verdict, o->why);
    for (uint32_t i = 0; i < o->n; i++)
        if (o->states[i].change == DIFF_CHANGED || (o->states[i].change != DIFF_SAME && o->change == DIFF_CHANGED))
            print_state(out, o, &o->states[i], counted);
}

static void print_text(const struct migrating *m, const char *output, const char *what, struct buf *out)
{
    uint32_t same = 0;
    bool counted = m->draft.look.depth == TREE_NORMAL;
    buf_puts(out, "snapshot  ");
    escaped(out, m->draft.inputs[0]->location);
    buf_puts(out, "\nscripts   ");
    for (uint32_t i = 0; i < m->scripts.n; i++) {
        buf_puts(out, i ? ", " : "");
        escaped(out, m->scripts.files[i].name);
        buf_puts(out, m->scripts.files[i].ran ? " (ran before)" : "");
    }
    buf_printf(out, "%s\n%-10s", m->scripts.n ? "" : "none", what);
    escaped(out, output ? output : "nothing");
    buf_puts(out, "\n\n");
    print_details(out, "", &m->changes.whole);
    for (uint32_t i = 0; i < m->changes.n; i++)
        print_op(out, &m->changes.ops[i], counted, &same);
    buf_printf(out, "%u %s of the same type\n", same, same == 1 ? "state stays" : "states stay");
}

void migrating_report(const struct cli *cli, const struct migrating *m, bool json, bool prints, const char *output,
                      const char *what, struct err *e)
{
    struct buf out = {0};
    const struct plan_facts facts = {
        .draft = &m->draft, .scripts = &m->scripts, .changes = &m->changes, .prints = prints ? m->prints : NULL, .output = output};
    if (json)
        plan_write(&facts, &out);
    else if (!cli->quiet)
        print_text(m, output, what, &out);
    out_write(&out, e);
    buf_free(&out);
}

void migrating_close(struct migrating *m)
{
    progress_end(&m->progress);
    changes_free(&m->changes);
    draft_free(&m->draft);
    scripts_free(&m->scripts);
    trail_free(&m->trail);
    opened_close(&m->opened);
}
