#include "migrate/changes.h"

#include <string.h>

#include "migrate/relocate.h"
#include "savepoint/copy_parts.h"
#include "savepoint/meta_write.h"

static const char *number(struct changes *c, int64_t n) { return arena_printf(&c->arena, "%lld", (long long)n); }

static void add(struct changes *c, struct diff_details *to, const char *what, const char *from, const char *to_text)
{
    diff_add(to, what, from, to_text, &c->arena);
}

static const char *type_text(struct changes *c, const struct ser *s)
{
    struct buf b = {0};
    if (!s)
        return NULL;
    ser_type(s, &b);
    const char *text = arena_strn(&c->arena, b.n ? (char *)b.p : "", b.n);
    buf_free(&b);
    return text;
}

/* Map states and broadcast states: of key and value. */
static const char *state_type(struct changes *c, const struct layout_state *l)
{
    const char *value = type_text(c, l->element);
    return l->user_key && value ? arena_printf(&c->arena, "%s → %s", type_text(c, l->user_key), value) : value;
}

/* --- states --- */

static void operator_verdict(struct op_change *o)
{
    const struct draft_op *op = o->op;
    o->verdict = VERDICT_AS_IS;
    o->why = "the same types under the same name";
    if (op->in != op->home) {
        o->verdict = VERDICT_NEW;
        o->why = "the snapshot has no such operator";
    } else if (op->dropped) {
        o->verdict = VERDICT_DROPPED;
        o->why = "the job has no such operator";
    } else if (op->renamed) {
        o->verdict = VERDICT_DROPPED;
        o->why = "Flink finds operators by their ids, and the id is another";
    } else if (op->max_parallelism != op->meta->max_parallelism) {
        o->verdict = VERDICT_INCOMPATIBLE;
        o->why = "Flink refuses another maximum parallelism, unless it was derived and not set";
    }
}

static void state_verdict(struct changes *c, const struct op_change *o, struct state_change *s)
{
    const struct draft_state *st = s->state;
    s->verdict = o->verdict;
    s->why = o->why;
    if (o->verdict != VERDICT_AS_IS)
        return;
    if (st->file) {
        s->verdict = VERDICT_NEW;
        s->why = "the snapshot has no such state";
    } else if (st->dropped) {
        s->verdict = VERDICT_DROPPED;
        s->why = "the job has no such state";
    } else if (strcmp(st->name, st->was->name) != 0) {
        s->verdict = VERDICT_NEW;
        s->why = "Flink finds states by their names, and the name is another";
    } else if (st->typed) {
        struct compat compat = compat_state(st->was, &st->becomes, &c->target, &c->arena);
        s->verdict = compat.verdict;
        s->why = compat.why;
    }
}

static void describe_state(struct changes *c, const struct op_change *o, struct state_change *s)
{
    const struct draft_state *st = s->state;
    s->entries = st->was->entries;
    s->type_before = state_type(c, st->was);
    s->type_after = state_type(c, &st->becomes);
    state_verdict(c, o, s);
    bool dropped = st->dropped || s->op->dropped;
    if (dropped) {
        s->change = DIFF_REMOVED;
        s->type_after = NULL;
    } else if (!st->file && strcmp(st->name, st->was->name) != 0) {
        add(c, &s->details, "name", st->was->name, st->name);
    }
    if (!dropped && !st->file && st->typed) {
        diff_types(&s->details, st->was->element, st->becomes.element, "value", &c->arena);
        if (st->was->user_key)
            diff_types(&s->details, st->was->user_key, st->becomes.user_key, "user key", &c->arena);
        if (st->was->kind != st->becomes.kind)
            add(c, &s->details, "kind", kind_name(st->was->kind), kind_name(st->becomes.kind));
        if (st->was->ttl != st->becomes.ttl)
            add(c, &s->details, "TTL", st->was->ttl ? "on" : "off", st->becomes.ttl ? "on" : "off");
    }
    s->rows = draft_has_rows(st);
    bool keyed = st->was->kind != KIND_OPERATOR_LIST && st->was->kind != KIND_BROADCAST;
    if (dropped || (keyed && s->op->max_parallelism != s->op->meta->max_parallelism))
        s->touched = s->entries;
    if (!dropped && (s->details.n || s->rows || st->typed))
        s->change = DIFF_CHANGED;
    if ((s->op->in != s->op->home || st->file) && !dropped)
        s->change = DIFF_ADDED;
}

/* --- operators --- */

static void describe_op(struct changes *c, struct op_change *o)
{
    const struct draft_op *op = o->op;
    if (op->renamed)
        add(c, &o->details, op->uid ? "uid" : "id", op->was->label, op->label);
    if (op->parallelism != op->meta->parallelism)
        add(c, &o->details, "parallelism", number(c, op->meta->parallelism), number(c, op->parallelism));
    if (op->max_parallelism != op->meta->max_parallelism)
        add(c, &o->details, "maximum parallelism", number(c, op->meta->max_parallelism), number(c, op->max_parallelism));
    if (op->in != op->home)
        add(c, &o->details, "from", NULL, op->in->location);
    operator_verdict(o);
    o->n = op->n;
    o->states = arena_array(&c->arena, o->n, sizeof *o->states);
    for (uint32_t i = 0; i < o->n; i++) {
        o->states[i] = (struct state_change){.op = op, .state = &op->states[i]};
        describe_state(c, o, &o->states[i]);
        if (o->states[i].change != DIFF_SAME)
            o->change = DIFF_CHANGED;
    }
    if (o->details.n)
        o->change = DIFF_CHANGED;
    if (op->in != op->home)
        o->change = DIFF_ADDED;
    if (op->dropped)
        o->change = DIFF_REMOVED;
}

/* --- the whole --- */

static const char *const form_words[] = {[OUT_CANONICAL] = "canonical", [OUT_HEAP] = "hashmap", [OUT_DATABASE] = "rocksdb"};

static bool describe_form(struct changes *c, const struct draft *d, struct err *e)
{
    static const enum keyed_out_form forms[] = {
        [COPY_CANONICAL] = OUT_CANONICAL, [COPY_HEAP] = OUT_HEAP, [COPY_DATABASE] = OUT_DATABASE};
    const struct tree *t = &d->inputs[0]->tree;
    enum keyed_out_form was;
    if (!copy_form_of(d->inputs[0]->snapshot, &was, e))
        return false;
    if (d->copy.form != COPY_FORM_KEEP && forms[d->copy.form] != was)
        add(c, &c->whole, "format", form_words[was], form_words[forms[d->copy.form]]);
    if (t->formats[KEYED_CHANGELOG] && d->copy.form == COPY_FORM_KEEP)
        add(c, &c->whole, "format", "changelog", "canonical");
    if (d->copy.compress != COPY_COMPRESS_KEEP)
        add(c, &c->whole, "compression", tree_compression(t), d->copy.compress == COPY_COMPRESS ? "Snappy" : "none");
    return true;
}

static bool describe_whole(struct changes *c, const struct draft *d, struct err *e)
{
    int32_t was = d->inputs[0]->snapshot->meta.version, version = d->copy.version ? d->copy.version : was;
    if (d->relocate_from) {
        struct relocation r;
        if (!relocate_bytes(d->inputs[0]->snapshot, d->relocate_from, d->relocate_to, NULL, &r, e))
            return false;
        add(c, &c->whole, arena_printf(&c->arena, "paths (%u of %u)", r.found, r.all), d->relocate_from, d->relocate_to);
        return true;
    }
    version = version < META_WRITE_MIN ? META_WRITE_MIN : version;
    if (version != was)
        add(c, &c->whole, "metadata version", number(c, was), number(c, version));
    return describe_form(c, d, e);
}

bool changes_of(struct changes *c, const struct draft *d, struct err *e)
{
    *c = (struct changes){.n = d->n};
    c->target = (struct compat_target){.flink = d->flink ? d->flink : flink_of_metadata(d->inputs[0]->snapshot->meta.version)};
    if (!describe_whole(c, d, e))
        return false;
    c->ops = arena_array(&c->arena, c->n, sizeof *c->ops);
    for (uint32_t i = 0; i < c->n; i++) {
        c->ops[i].op = &d->ops[i];
        describe_op(c, &c->ops[i]);
    }
    return true;
}

void changes_free(struct changes *c)
{
    arena_free(&c->arena);
    *c = (struct changes){0};
}
