/* Keyed state of a whole operator, dealt out to other subtasks or into other key groups. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/bootstrap.h"
#include "migrate/run_parts.h"
#include "savepoint/keyhash_guess.h"
#include "savepoint/out_file.h"
#include "savepoint/state_decode.h"

enum { GUESS_EVERY = 64 };
enum { BUDGET = 256 << 20, BUDGET_MIN = 1 << 20 }; /* bytes for sorting: all subtasks together, and each */

struct deal {
    const struct run *r;
    const struct draft_op *op;
    uint32_t n_parts;
    struct keyed_part **parts; /* by old subtask; NULL: no keyed state */
    struct run_header *maps;   /* their states in the common header */
    struct keyed_header header;
    struct keyed_out **outs; /* by new subtask */
    uint32_t n_outs;
    bool groups; /* the key groups are others */
    struct keyhash_guess guess;
    uint64_t guessed;
    const struct keyhash_rule *rule; /* how keys are hashed */
    struct arena arena;
    int32_t *made; /* by state of the draft: those from files have this place in the header */
    /* the part that is walked */
    uint32_t part;
    /* the state that is made */
    struct rows rows;
    const struct state_info *to;
};

static bool open_parts(struct deal *d, struct err *e)
{
    const struct meta_operator *m = d->op->meta;
    d->n_parts = m->n;
    d->parts = arena_array(&d->arena, m->n, sizeof(struct keyed_part *));
    d->maps = arena_array(&d->arena, m->n, sizeof *d->maps);
    for (uint32_t i = 0; i < m->n; i++)
        if (m->subtasks[i].keyed.tag != HANDLE_NULL &&
            !(keyed_open(&d->parts[i], d->op->in->snapshot, m, &m->subtasks[i].keyed, e) &&
              run_header(d->r, d->op, d->parts[i], &d->maps[i], &d->arena, e)))
            return false;
    return true;
}

static bool same_types(const struct state_info *a, const struct state_info *b)
{
    return a->value == b->value ||
        (a->value && b->value && ser_same(a->value, b->value) &&
         (!a->user_key || (b->user_key && ser_same(a->user_key, b->user_key))));
}

/* The place of a state among all; added when it is the first of its name and kind. */
static bool place_state(struct deal *d, const struct state_info *info, int32_t *place, struct err *e)
{
    struct keyed_header *h = &d->header;
    for (uint32_t i = 0; i < h->n; i++) {
        const struct state_info *have = &h->states[i];
        if (have->kind != info->kind || strcmp(have->name, info->name) != 0)
            continue;
        *place = (int32_t)i;
        return same_types(have, info) ||
            err_set(e, ERR_UNSUPPORTED, "the subtasks do not agree on the serializer of state \"%s\"", info->name);
    }
    struct state_info *all = arena_array(&d->arena, h->n + 1, sizeof *all);
    if (h->n)
        memcpy(all, h->states, h->n * sizeof *all);
    all[h->n] = *info;
    h->states = all;
    *place = (int32_t)h->n++;
    return true;
}

static bool join_headers(struct deal *d, struct err *e)
{
    for (uint32_t i = 0; i < d->n_parts; i++) {
        struct run_header *map = &d->maps[i];
        if (!d->parts[i])
            continue;
        if (!d->header.key)
            d->header.key = map->header.key;
        else if (!ser_same(d->header.key, map->header.key))
            return err_set(e, ERR_UNSUPPORTED, "the subtasks do not agree on the serializer of keys");
        for (uint32_t j = 0; j < d->parts[i]->header->n; j++)
            if (map->to[j] >= 0 && !place_state(d, &map->header.states[map->to[j]], &map->to[j], e))
                return false;
    }
    return true;
}

/* Those that are made from files, as they will be. */
static bool add_created(struct deal *d, struct err *e)
{
    if (!d->header.key)
        d->header.key = d->op->key;
    d->made = arena_array(&d->arena, d->op->n, sizeof *d->made);
    for (uint32_t i = 0; i < d->op->n; i++) {
        const struct draft_state *st = &d->op->states[i];
        struct state_info info;
        if (st->file && !st->dropped && (!draft_info(st, st->info, &info, &d->arena, e) || !place_state(d, &info, &d->made[i], e)))
            return false;
    }
    return true;
}

static bool open_outs(struct deal *d, struct err *e)
{
    struct keyed_out_opts opts = {
        .form = d->r->form, .sort = d->groups || d->op->creates, .once = d->op->creates, .max_parallelism = d->op->max_parallelism};
    for (uint32_t i = 0; i < d->n_parts; i++)
        if (d->parts[i]) {
            opts.compress = keeps_compression(d->r, opts.compress || d->parts[i]->header->compressed);
            opts.sort = opts.sort || d->parts[i]->format == KEYED_DATABASE || d->parts[i]->format == KEYED_CHANGELOG;
        }
    opts.budget = BUDGET / d->n_outs < BUDGET_MIN ? BUDGET_MIN : BUDGET / d->n_outs;
    d->outs = arena_array(&d->arena, d->n_outs, sizeof(struct keyed_out *));
    for (uint32_t i = 0; i < d->n_outs; i++) {
        struct key_groups groups = key_groups_of(d->op->max_parallelism, d->op->parallelism, (int32_t)i);
        opts.kg_first = groups.first;
        opts.kg_count = groups.n;
        if (!keyed_out_open(&d->outs[i], &d->r->place, &d->header, &opts, e))
            return false;
    }
    return true;
}

static bool key_of(struct entry *en, struct bytes *key, struct err *e)
{
    struct timer t;
    if (!entry_split(en, e))
        return false;
    if (en->why)
        return err_set(e, ERR_UNSUPPORTED, "%s, so its key group cannot be told", en->why);
    *key = en->key;
    if (en->form != FORM_TIMER)
        return true;
    if (!timer_split(en, &t, e))
        return false;
    *key = t.key;
    return t.key_ser || err_set(e, ERR_UNSUPPORTED, "timers of unknown form, whose key groups cannot be told");
}

/* By the hash of its key, which must also explain where it lies now. */
static bool regroup(const struct deal *d, struct entry *en, struct err *e)
{
    struct bytes key = {0};
    int32_t hash;
    if (!key_of(en, &key, e))
        return false;
    struct rd r = rd_of(key.p, key.n, en->at);
    if (!keyhash_by_rule(d->header.key, d->rule, &r, &hash))
        return err_set(e, ERR_CORRUPT, "%s: a key that cannot be read, at offset %llu", en->file, (unsigned long long)en->at);
    if (key_group_of_hash(hash, d->op->meta->max_parallelism) != en->key_group)
        return err_set(
            e, ERR_UNSUPPORTED,
            "%s: a key at offset %llu lies in another key group than its hash says, so that no other group can be told for it",
            en->file, (unsigned long long)en->at);
    en->key_group = key_group_of_hash(hash, d->op->max_parallelism);
    return true;
}

/* --- keys whose hash is code of the job: which of the usual formulas explains where they lie --- */

static bool guess_by(void *ctx, struct entry *given, struct err *e)
{
    struct deal *d = ctx;
    struct entry en = *given;
    struct bytes key = {0};
    /* whether there is a rule is looked at now and then: most entries add nothing */
    return key_of(&en, &key, e) && keyhash_guess_key(&d->guess, key, en.key_group) &&
        !(++d->guessed % GUESS_EVERY == 0 && keyhash_guess_rule(&d->guess));
}

static void tell_rule(const struct deal *d)
{
    struct buf b = {0};
    if (!keyhash_rule_guessed(d->rule))
        return;
    keyhash_rule_text(d->header.key, d->rule, &b);
    snprintf(d->op->found->hash, sizeof d->op->found->hash, "%s", buf_cstr(&b));
    buf_free(&b);
}

static bool find_rule(struct deal *d, struct err *e)
{
    if (!d->groups && !d->op->creates)
        return true;
    keyhash_guess_begin(&d->guess, d->header.key, d->op->meta->max_parallelism);
    d->rule = keyhash_guess_rule(&d->guess);
    for (uint32_t i = 0; !d->rule && i < d->n_parts; i++) {
        if (d->parts[i] && !keyed_walk(d->parts[i], guess_by, d, e) && e->kind != ERR_NONE)
            return false;
        d->rule = keyhash_guess_rule(&d->guess);
    }
    if (!d->rule)
        return err_set(e, ERR_UNSUPPORTED, "keys cannot be given other key groups: %s", keyhash_guess_why(&d->guess));
    tell_rule(d);
    return true;
}

/* The entry is a copy: whoever sends several of one key sends them with the key group in which they lie. */
static bool give(void *ctx, struct entry *given, struct err *e)
{
    const struct deal *d = ctx;
    struct entry en = *given;
    if (d->groups && !regroup(d, &en, e))
        return err_in(e, "state \"%s\"", en.info->name);
    uint32_t subtask = subtask_of_group(d->op->max_parallelism, d->op->parallelism, en.key_group);
    return keyed_out_entry(d->outs[subtask < d->n_outs ? subtask : 0], &en, e);
}

static bool deal_entry(void *ctx, struct entry *given, struct err *e)
{
    struct deal *d = ctx;
    return run_entry(d->r, d->op, d->parts[d->part]->header, &d->maps[d->part], &d->header, given, give, d, e);
}

static bool walk_parts(struct deal *d, struct err *e)
{
    for (d->part = 0; d->part < d->n_parts; d->part++) {
        struct keyed_part *p = d->parts[d->part];
        if (p && !keyed_walk(p, deal_entry, d, e))
            return false;
        if (p)
            run_progress(d->r, p->handle);
    }
    return true;
}

static bool give_created(void *ctx, struct entry *given, struct err *e)
{
    const struct deal *d = ctx;
    struct entry en = *given;
    struct rd r = rd_of(en.key.p, en.key.n, 0);
    int32_t hash;
    if (!d->rule || !keyhash_by_rule(d->header.key, d->rule, &r, &hash))
        return err_set(e, ERR_UNSUPPORTED, "%s: the key group of a key cannot be told: %s", en.file, keyhash_guess_why(&d->guess));
    en.info = d->to;
    en.key_group = key_group_of_hash(hash, d->op->max_parallelism);
    uint32_t subtask = subtask_of_group(d->op->max_parallelism, d->op->parallelism, en.key_group);
    return keyed_out_entry(d->outs[subtask < d->n_outs ? subtask : 0], &en, e);
}

/* What a file gives, through the draft's steps. */
static bool create_entry(void *ctx, struct entry *given, struct err *e)
{
    struct deal *d = ctx;
    return d->rows.st ? rows_entry(&d->rows, given, give_created, d, e) : give_created(d, given, e);
}

static bool walk_file(struct deal *d, const struct draft_state *st, uint32_t place, struct err *e)
{
    d->to = &d->header.states[place];
    if (draft_has_rows(st))
        rows_open(&d->rows, d->r->opts, d->op, st, &d->header, st->info, d->to);
    bool ok = bootstrap_walk(st, &d->header, create_entry, d, e);
    rows_close(&d->rows);
    return ok || (strstr(e->text, "operator ") ? false : err_in(e, "operator %s, state \"%s\"", d->op->label, st->name));
}

static bool walk_files(struct deal *d, struct err *e)
{
    for (uint32_t i = 0; i < d->op->n; i++) {
        const struct draft_state *st = &d->op->states[i];
        if (st->file && !st->dropped && !walk_file(d, st, (uint32_t)d->made[i], e))
            return false;
    }
    return true;
}

static bool end_outs(struct deal *d, struct meta_subtask *to, struct arena *a, struct err *e)
{
    for (uint32_t i = 0; i < d->n_outs; i++) {
        struct keyed_out *out = d->outs[i];
        d->outs[i] = NULL;
        if (!keyed_out_end(out, &to[i].keyed, a, e))
            return false;
    }
    return true;
}

bool deal_keyed(const struct run *r, const struct draft_op *op, struct meta_subtask *to, uint32_t n, struct arena *a, struct err *e)
{
    struct deal d = {.r = r, .op = op, .n_outs = n, .groups = op->max_parallelism != op->meta->max_parallelism};
    bool ok = open_parts(&d, e) && join_headers(&d, e) && add_created(&d, e);
    if (ok && d.header.n)
        ok = find_rule(&d, e) && open_outs(&d, e) && walk_parts(&d, e) && walk_files(&d, e) && end_outs(&d, to, a, e);
    for (uint32_t i = 0; d.outs && i < n; i++)
        keyed_out_drop(d.outs[i]);
    keyhash_guess_free(&d.guess);
    for (uint32_t i = 0; i < d.n_parts; i++) {
        run_header_close(&d.maps[i], d.parts[i] ? d.parts[i]->header->n : 0);
        keyed_close(d.parts[i]);
    }
    arena_free(&d.arena);
    return ok;
}
