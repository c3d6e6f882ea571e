/* Which changes nodes send (flink-table-planner 2.3: FlinkChangelogModeInferenceProgram, FlinkRelMdModifiedMonotonicity): kinds and keys from the
 * sources to the sink; then back from it, what updates and deletes have to look like, and whether that can be had. */
#include <string.h>

#include "sql/phys.h"
#include "sql/rex_make.h"

void phys_kinds(struct planner *pl, struct phys *p)
{
    for (uint32_t i = 0; i < p->n; i++)
        phys_kinds(pl, p->inputs[i]);
    p->kinds = p->cls->kinds ? p->cls->kinds(p) : p->n ? p->inputs[0]->kinds : KIND_INSERT;
    p->keys.n = 0;
    if (p->cls->keys)
        p->cls->keys(pl, p, &p->keys);
    else if (p->n)
        p->keys = p->inputs[0]->keys;
}

/* --- updates --- */

static bool ask_updates(struct phys *p, enum updates asked);

static bool ask_inputs(struct phys *p, enum updates asked)
{
    for (uint32_t i = 0; i < p->n; i++) {
        int want = p->cls->wants ? p->cls->wants(p, i, asked) : (int)asked;
        if (want < 0 || !ask_updates(p->inputs[i], (enum updates)want))
            return false;
    }
    return true;
}

static bool ask_union(struct phys *p, enum updates asked)
{
    bool ok = true;
    for (uint32_t i = 0; ok && i < p->n; i++)
        ok = ask_updates(p->inputs[i], asked);
    return ok;
}

/* Whether p can send its updates so. */
static bool ask_updates(struct phys *p, enum updates asked)
{
    if (!(p->kinds & KIND_UPDATE))
        asked = UPDATES_NONE;
    p->updates = asked;
    p->drops = false;
    if (p->cls->sends) { /* a source: UPDATE_BEFORE can be dropped, nothing can be made up */
        enum updates sent = p->cls->sends(p);
        p->drops = sent == UPDATES_BOTH && asked == UPDATES_AFTER;
        return (sent == asked || p->drops) && ask_inputs(p, asked);
    }
    if (p->cls->ways) /* of several ways to execute it the first that can be had */
        for (p->way = 0; p->way < p->cls->ways(p); p->way++)
            if (ask_inputs(p, asked))
                return true;
    return p->cls->ways ? false : p->cls->merges ? ask_union(p, asked) : ask_inputs(p, asked);
}

/* --- deletes --- */

static bool ask_deletes(struct planner *pl, struct phys *p, enum deletes asked);

static bool exactly(struct planner *pl, struct phys *p, enum deletes asked)
{
    return ask_deletes(pl, p, asked) && p->deletes == (p->kinds & KIND_DELETE ? asked : DELETES_NONE);
}

static bool forward_deletes(struct planner *pl, struct phys *p, enum deletes asked)
{
    if (!exactly(pl, p->inputs[0], asked))
        return false;
    p->deletes = p->inputs[0]->deletes;
    return true;
}

/* What has the whole rows of deletes: each input is asked for them, or for keys alone where those do. */
static bool take_deletes(struct planner *pl, struct phys *p, enum deletes asked)
{
    bool by_key = false;
    for (uint32_t i = 0; i < p->n; i++) {
        bool key = asked == DELETES_KEY && p->cls->takes_keys && p->cls->takes_keys(p, i);
        if ((!key || !ask_deletes(pl, p->inputs[i], DELETES_KEY)) && !ask_deletes(pl, p->inputs[i], DELETES_FULL))
            return false;
        by_key = by_key || p->inputs[i]->deletes == DELETES_KEY;
    }
    p->deletes = by_key && p->cls->takes_keys ? DELETES_KEY : DELETES_FULL;
    return true;
}

static bool merge_deletes(struct planner *pl, struct phys *p, enum deletes asked)
{
    p->deletes = DELETES_FULL;
    for (uint32_t i = 0; i < p->n; i++) {
        if (!ask_deletes(pl, p->inputs[i], asked))
            return false;
        if (p->inputs[i]->deletes == DELETES_KEY)
            p->deletes = DELETES_KEY;
    }
    return true;
}

/* Whether p can send deletes; p->deletes: how. */
static bool ask_deletes(struct planner *pl, struct phys *p, enum deletes asked)
{
    bool ok;
    p->skipped = false;
    if (!(p->kinds & KIND_DELETE))
        asked = DELETES_NONE;
    p->deletes = DELETES_NONE;
    if (p->cls->deletes) {
        p->deletes = p->cls->deletes(p);
        for (uint32_t i = 0; i < p->n; i++)
            if (!ask_deletes(pl, p->inputs[i], DELETES_FULL))
                return false;
        return true;
    }
    if (p->cls->normalizes) {
        /* what needs no UPDATE_BEFORE takes the source's changes as they are, where it takes its deletes, too */
        if (p->updates == UPDATES_AFTER && p->cls->normalizes(pl, p) && exactly(pl, p->inputs[0], asked)) {
            p->skipped = true;
            p->deletes = p->inputs[0]->deletes;
            return true;
        }
        ok = exactly(pl, p->inputs[0], DELETES_KEY) || exactly(pl, p->inputs[0], DELETES_FULL);
        p->deletes = DELETES_FULL;
        return ok;
    }
    if (p->cls->merges)
        ok = merge_deletes(pl, p, asked);
    else if (p->cls->forwards)
        ok = !(p->cls->refuses_keys && asked == DELETES_KEY && p->cls->refuses_keys(p)) && forward_deletes(pl, p, asked);
    else
        ok = take_deletes(pl, p, asked);
    if (!(p->kinds & KIND_DELETE))
        p->deletes = DELETES_NONE;
    return ok;
}

/* --- what follows for the nodes --- */

static const struct phys_class drop = {.type = "stream-exec-drop-update-before", .version = 1, .forwards = true};

static struct phys *settled(struct planner *pl, struct phys *p)
{
    for (uint32_t i = 0; i < p->n; i++)
        p->inputs[i] = settled(pl, p->inputs[i]);
    p->before = p->updates == UPDATES_BOTH;
    if (p->skipped) /* and the exchange below it */
        return p->inputs[0]->inputs[0];
    if (!p->drops)
        return p;
    p->drops = false;
    p->before = true;
    struct phys *d = phys_of(pl, &drop, p->row, p->at, 1, &p);
    d->kinds = p->kinds;
    d->keys = p->keys;
    d->updates = UPDATES_AFTER;
    d->deletes = p->deletes;
    return d;
}

bool phys_infer(struct planner *pl, struct phys *sink, const enum updates *updates, const enum deletes *deletes, struct err *e)
{
    struct phys *in = sink->inputs[0];
    uint32_t i = 0, k = 0;
    phys_kinds(pl, sink);
    while (i < 2 && !ask_updates(in, updates[i]))
        i++;
    while (i < 2 && k < 2 && !exactly(pl, in, deletes[k]))
        k++;
    if (i == 2 || k == 2)
        return phys_wrong(pl, sink->at, e, "the changes of this query cannot be had as its table takes them");
    sink->inputs[0] = settled(pl, in);
    sink->deletes = in->deletes;
    return true;
}

/* --- how values of one row change while it is updated --- */

static enum monotony *steady(struct planner *pl, uint32_t n, enum monotony m)
{
    enum monotony *to = arena_array(pl->a, n + 1u, sizeof *to);
    for (uint32_t i = 0; i < n; i++)
        to[i] = m;
    return to;
}

const enum monotony *phys_monotony(struct planner *pl, const struct phys *p)
{
    if (p->kinds == KIND_INSERT)
        return steady(pl, p->row->n, MONOTONY_CONSTANT);
    if (p->cls->monotony)
        return p->cls->monotony(pl, p);
    if (p->cls->forwards && p->n == 1)
        return phys_monotony(pl, p->inputs[0]);
    return p->n ? NULL : steady(pl, p->row->n, MONOTONY_NONE);
}
