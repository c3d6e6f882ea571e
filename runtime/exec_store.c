#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/temp.h"
#include "base/wr.h"
#include "runtime/cold.h"
#include "runtime/exec.h"
#include "runtime/exec_keyed.h"
#include "savepoint/opstate.h"
#include "savepoint/out_file.h"
#include "savepoint/ser_write.h"
#include "savepoint/writer.h"

char *node_uid(const struct job *j, const struct cplan_node *n, const char *name, struct arena *a)
{
    static const char *const holes[] = {"<id>", "<type>", "<version>", "<transformation>"};
    const char *format = job_config(j, "table.exec.uid.format", "<id>_<transformation>");
    const char *fill[] = {arena_printf(a, "%lld", (long long)n->id), n->type, arena_printf(a, "%d", n->version), name};
    struct buf b = {0};
    while (*format) {
        size_t i = 0;
        while (i < 4 && strncmp(format, holes[i], strlen(holes[i])))
            i++;
        if (i < 4)
            buf_puts(&b, fill[i]);
        else
            buf_putc(&b, (uint8_t)*format);
        format += i < 4 ? strlen(holes[i]) : 1;
    }
    char *uid = arena_strn(a, (const char *)b.p, b.n);
    buf_free(&b);
    return uid;
}

static char *own_uid(const struct op *o, struct arena *a) { return node_uid(o->job, o->node, node_transformation(o->node), a); }

/* Of its keyed states, which may be another operator's in Flink. */
static char *keyed_uid(const struct op *o, struct arena *a)
{
    return o->keyed->uid ? node_uid(o->job, o->node, o->keyed->uid, a) : own_uid(o, a);
}

char *chk_path(const struct job *j, uint64_t id, struct arena *a)
{
    return arena_printf(a, "%s/chk-%llu", j->checkpoints.dir, (unsigned long long)id);
}

/* --- writing --- */

/* The elements' list, which is new when it is the last one. */
static uint32_t list_of(struct state_info *infos, uint32_t *n, const struct snap_element *x)
{
    uint32_t i = 0;
    while (i < *n && strcmp(infos[i].name, x->list))
        i++;
    if (i == *n)
        infos[(*n)++] =
            (struct state_info){.name = x->list, .kind = KIND_OPERATOR_LIST, .mode = x->type ? OP_UNION : OP_SPLIT_DISTRIBUTE};
    return i;
}

/* The lists of a subtask. */
static bool write_lists(const struct snap *s, const struct out_place *place, struct meta_op_handle *h, struct arena *a,
                        struct err *e)
{
    static const struct op_out_opts opts = {.version = 5};
    struct state_info *infos = arena_array(a, s->n + 1, sizeof *infos);
    uint32_t n = 0, *order = arena_array(a, s->n + 1, sizeof *order);
    struct op_out *out;
    struct buf b = {0};
    if (!s->n)
        return true;
    for (uint32_t i = 0; i < s->n; i++)
        infos[list_of(infos, &n, &s->elements[i])].value = ser_plain(a, s->elements[i].type ? s->elements[i].type : "byte[]");
    for (uint32_t i = 0; i < n; i++) {
        order[i] = i;
        if (!state_info_make(a, &infos[i], e))
            return false;
    }
    if (!op_out_open(&out, place, infos, n, &opts, e))
        return false;
    bool ok = true;
    for (uint32_t l = 0; ok && l < n; l++) /* a list's elements stand together */
        for (uint32_t i = 0; ok && i < s->n; i++) {
            if (list_of(infos, &n, &s->elements[i]) != l)
                continue;
            b.n = 0;
            if (!s->elements[i].type)
                wr_u32(&b, (uint32_t)s->elements[i].bytes.n);
            wr_bytes(&b, s->elements[i].bytes);
            ok = op_out_element(out, l, (struct bytes){b.p, b.n}, e);
        }
    buf_free(&b);
    if (ok)
        return op_out_end(out, order, n, h, a, e);
    op_out_drop(out);
    return false;
}

/* What Flink chains to an operator with one key for all cannot be split either: what comes behind it without an exchange. */
static bool behind_single(const struct task *t, const struct cplan_node *node)
{
    for (uint32_t k = 0; k < t->n_ops; k++)
        if (t->ops[k]->node == node && t->ops[k]->keyed)
            return t->ops[k]->keyed->max_parallelism == 1;
    for (uint32_t i = 0; i < node->n_inputs; i++)
        if (strcmp(node->inputs[i]->type, "stream-exec-exchange") != 0 && behind_single(t, node->inputs[i]))
            return true;
    return false;
}

static uint32_t max_parallelism(const struct job *j, uint32_t chain, uint32_t at)
{
    const struct task *t = j->tasks[j->first_task[chain]];
    return behind_single(t, t->ops[at]->node) ? 1 : j->graph.max_parallelism;
}

struct writing {
    uint64_t id;
    enum keyed_writing form;
    struct ack *const *acks;
};

/* An operator of Flink's, of all subtasks: the lists of weir's operator, its keyed states, or both. */
static bool write_part(const struct job *j, struct writer *w, uint32_t chain, uint32_t at, const char *uid, bool lists, bool keyed,
                       const struct writing *wr, struct err *e)
{
    uint32_t p = j->graph.subtasks[chain];
    struct arena a = {0};
    const struct out_place place = writer_place(w);
    struct meta_operator op = {
        .uid = uid, .parallelism = (int32_t)p, .max_parallelism = (int32_t)max_parallelism(j, chain, at), .n = p};
    operator_id_of_uid(op.uid, op.id);
    bool ok = writer_operator(w, &op, e);
    for (uint32_t i = 0; ok && i < p; i++) {
        const struct task *t = j->tasks[j->first_task[chain] + i];
        const struct snap *s = &wr->acks[t->id]->ops[at];
        struct meta_subtask sub = {.index = (int32_t)i};
        ok = (!lists || write_lists(s, &place, &sub.managed, &a, e)) &&
            (!keyed || keyed_write(t->ops[at], s, &place, wr->form, wr->id, &sub.keyed, &a, e)) && writer_subtask(w, &sub, e);
    }
    arena_free(&a);
    return ok;
}

static bool write_operator(struct job *j, struct writer *w, uint32_t node, const struct writing *wr, struct err *e)
{
    uint32_t chain = j->graph.chain[node], at = 0;
    struct arena a = {0};
    if (chain == UINT32_MAX)
        return true;
    const struct task *t = j->tasks[j->first_task[chain]];
    while (t->ops[at]->node != &j->plan->nodes[node])
        at++;
    const struct op *o = t->ops[at];
    bool apart = o->keyed && o->keyed->uid, lists = !o->class->stateless;
    bool ok = !lists || write_part(j, w, chain, at, own_uid(o, &a), true, o->keyed && !apart, wr, e);
    ok = ok && (!apart || write_part(j, w, chain, at, keyed_uid(o, &a), false, true, wr, e));
    arena_free(&a);
    return ok;
}

/* The directory and those above it. */
static bool make_dirs(const char *path, struct err *e)
{
    char *copy = mem_strdup(path);
    bool ok = true;
    for (char *p = copy + 1; ok; p++) {
        char was = *p;
        if (was && was != '/')
            continue;
        *p = 0;
        ok = !mkdir(copy, 0777) || errno == EEXIST || err_set(e, ERR_IO, "%s: %s", copy, strerror(errno));
        *p = was;
        if (!was)
            break;
    }
    free(copy);
    return ok;
}

/* The directory of tables that checkpoints share: made where it is wanted. */
static bool find_shared(struct job *j, struct err *e)
{
    struct checkpoints *c = &j->checkpoints;
    struct arena a = {0};
    const char *path = arena_printf(&a, "%s/shared", c->dir);
    bool wanted = j->rocks && c->incremental, ok = !wanted || make_dirs(path, e);
    if (ok && !(c->shared = realpath(path, NULL)) && (wanted || errno != ENOENT))
        ok = err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    arena_free(&a);
    return ok;
}

bool chk_prepare(struct job *j, struct err *e)
{
    const struct checkpoints *c = &j->checkpoints;
    const char *local = job_config(j, "state.backend.rocksdb.localdir", c->on ? c->dir : temp_below());
    if (c->on && !find_shared(j, e))
        return false;
    if (!j->rocks)
        return true;
    j->rocks_dir = arena_printf(&j->a, "%s/state", local);
    if (!make_dirs(local, e))
        return false;
    cold_dirs_clear(j->rocks_dir);
    return true;
}

/* The shared tables of databases are known from now on, or are not needed. */
static void settle_files(struct job *j, bool done)
{
    for (uint32_t i = 0; i < j->n_tasks; i++)
        for (uint32_t k = 0; k < j->tasks[i]->n_ops; k++) {
            struct cold *c = j->tasks[i]->ops[k]->keyed ? j->tasks[i]->ops[k]->keyed->cold : NULL;
            if (c && done)
                files_done(&c->known, &c->fresh);
            else if (c)
                files_drop(&c->known, &c->fresh);
        }
}

bool chk_write(struct job *j, uint64_t id, const char *path, int form, struct ack *const *acks, struct err *e)
{
    const struct writing wr = {id, (enum keyed_writing)form, acks};
    const struct meta m = {.version = 3, .checkpoint_id = (int64_t)id};
    struct arena a = {0};
    struct writer *w;
    if (j->world->fault && j->world->fault(j->world->ctx, "checkpoint"))
        return err_set(e, ERR_IO, "the disk is full");
    bool ok = make_dirs(arena_strn(&a, path, (size_t)(strrchr(path, '/') - path)), e) && writer_open(&w, path, &m, e);
    if (ok) {
        for (uint32_t i = 0; ok && i < j->plan->n; i++)
            ok = write_operator(j, w, i, &wr, e);
        if (ok)
            ok = writer_finish(w, e);
        else
            writer_abort(w);
    }
    if (form == WRITE_SHARED)
        settle_files(j, ok);
    arena_free(&a);
    return ok;
}

/* --- reading --- */

static int by_id(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

uint64_t chk_latest(struct job *j, struct err *e)
{
    struct checkpoints *c = &j->checkpoints;
    struct arena a = {0};
    DIR *dir = opendir(c->dir);
    if (!dir) {
        if (errno != ENOENT)
            err_set(e, ERR_IO, "%s: %s", c->dir, strerror(errno));
        return 0;
    }
    for (struct dirent *d; (d = readdir(dir));) {
        unsigned long long id;
        int end = 0;
        if (sscanf(d->d_name, "chk-%llu%n", &id, &end) != 1 || d->d_name[end])
            continue;
        if (id > c->last)
            c->last = id; /* such a name is not given again */
        if (access(arena_printf(&a, "%s/%s/_metadata", c->dir, d->d_name), R_OK))
            continue;
        if (c->n_kept == c->cap_kept)
            c->kept = mem_grow(c->kept, c->cap_kept = c->cap_kept ? c->cap_kept * 2 : 8, sizeof *c->kept);
        c->kept[c->n_kept++] = id;
    }
    closedir(dir);
    arena_free(&a);
    if (!c->n_kept)
        return 0;
    qsort(c->kept, c->n_kept, sizeof *c->kept, by_id);
    return c->kept[c->n_kept - 1];
}

struct reading {
    struct snap *to;
    const char *list;
};

/* A byte[] is its content; of other types the bytes that their serializers wrote. */
static bool take_element(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    struct reading *r = ctx;
    struct rd in = rd_of(element.p, element.n, 0);
    const char *type = info->value && info->value->row ? info->value->row->name : "?";
    bool plain = !strcmp(type, "byte[]");
    struct bytes b = plain ? rd_bytes32(&in) : element;
    (void)at;
    if (plain && (!rd_ok(&in) || rd_left(&in)))
        return err_set(e, ERR_CORRUPT, "an element of state \"%s\" is no byte[]", r->list);
    snap_put(r->to, r->list, b.p, b.n);
    r->to->elements[r->to->n - 1].type = plain ? NULL : arena_str(r->to->a, type);
    return true;
}

static bool read_subtask(const struct snapshot *s, const struct meta_operator *op, const struct meta_op_handle *h, struct snap *to,
                         struct err *e)
{
    struct opstate_part *p;
    if (h->tag == HANDLE_NULL)
        return true;
    if (!opstate_open(&p, s, op, h, e))
        return false;
    bool ok = true;
    for (uint32_t i = 0; ok && i < p->n; i++) {
        struct reading r = {to, arena_str(to->a, p->states[i].name)};
        ok = opstate_walk(p, i, take_element, &r, e);
    }
    opstate_close(p);
    return ok;
}

/* Operators that Flink makes of a sink, whose state is the connector's. */
static const char *const of_sinks[] = {"sink", "sink: Writer", "constraint-validator", "row-kind-setter", "timestamp-inserter"};

static bool is_called(const struct op *o, const char *name, const uint8_t id[16], struct arena *a)
{
    uint8_t mine[16];
    operator_id_of_uid(node_uid(o->job, o->node, name, a), mine);
    return !memcmp(mine, id, 16);
}

static bool is_node(const struct op *o, const uint8_t id[16], struct arena *a)
{
    bool is =
        is_called(o, node_transformation(o->node), id, a) || (o->keyed && o->keyed->uid && is_called(o, o->keyed->uid, id, a));
    for (size_t i = 0; !is && !strcmp(o->node->type, "stream-exec-sink") && i < sizeof of_sinks / sizeof *of_sinks; i++)
        is = is_called(o, of_sinks[i], id, a);
    return is;
}

/* The first subtask of the node whose operator has that id. */
static const struct op *op_of(const struct job *j, const uint8_t id[16], struct arena *a)
{
    for (uint32_t c = 0; c < j->graph.n_chains; c++) {
        const struct task *t = j->tasks[j->first_task[c]];
        for (uint32_t k = 0; k < t->n_ops; k++)
            if (is_node(t->ops[k], id, a))
                return t->ops[k];
    }
    return NULL;
}

static bool has_state(const struct meta_operator *op)
{
    for (uint32_t i = 0; i < op->n; i++)
        if (op->subtasks[i].managed.tag != HANDLE_NULL || op->subtasks[i].keyed.tag != HANDLE_NULL)
            return true;
    return false;
}

static bool read_operator(struct job *j, const struct snapshot *s, const struct meta_operator *op, struct err *e)
{
    const struct op *o = op_of(j, op->id, &j->run);
    if (!has_state(op) || (!o && j->opts.allow_non_restored))
        return true;
    if (!o)
        return err_set(e, ERR_REFUSED,
                       "it has state of operator %s, which this plan has not; is it another plan's? (--allow-non-restored-state)",
                       op->hex);
    struct snap *to = &j->restored[o->node - j->plan->nodes];
    to->a = &j->run;
    for (uint32_t k = 0; k < op->n; k++) {
        const struct meta_subtask *sub = &op->subtasks[k];
        bool keyed = sub->keyed.tag != HANDLE_NULL;
        if (keyed && !o->keyed)
            return op_refuse(o, e, "going on from keyed state");
        if (keyed && o->keyed->cold)
            j->from_ops[o->node - j->plan->nodes] = op;
        keyed = keyed && (!o->keyed->cold || o->keyed->cold->whole);
        if (!read_subtask(s, op, &sub->managed, to, e) || (keyed && !keyed_read(s, op, &sub->keyed, o, to, NULL, NULL, e)))
            return err_in(e, "operator %s (%s)", op->hex, o->node->type);
    }
    return true;
}

bool chk_read(struct job *j, const char *path, struct err *e)
{
    static const struct snapshot_opts opts = {0};
    struct snapshot *s;
    if (!snapshot_open(&s, path, &opts, e))
        return false;
    bool ok = true;
    j->restored = arena_array(&j->run, j->plan->n + 1, sizeof *j->restored);
    j->from_ops = arena_array(&j->run, j->plan->n + 1, sizeof *j->from_ops);
    for (uint32_t i = 0; ok && i < s->meta.n; i++)
        ok = read_operator(j, s, &s->meta.operators[i], e);
    j->from = s;
    return ok || err_in(e, "%s", path);
}
