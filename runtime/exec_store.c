#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/wr.h"
#include "runtime/exec.h"
#include "savepoint/opstate.h"
#include "savepoint/ser_write.h"
#include "savepoint/writer.h"

/* The uid that Flink gives the operator of a compiled plan's node: ID_TYPE_VERSION_NAME (ExecNodeBase#createTransformationUid). */
static const char *uid_of(const struct op *o, struct arena *a)
{
    return arena_printf(a, "%lld_%s_%d_%s", (long long)o->node->id, o->node->type, o->node->version, o->class->uid);
}

char *chk_path(const struct job *j, uint64_t id, struct arena *a)
{
    return arena_printf(a, "%s/chk-%llu", j->checkpoints.dir, (unsigned long long)id);
}

/* --- writing --- */

static uint32_t list_of(struct state_info *infos, uint32_t *n, const char *name)
{
    uint32_t i = 0;
    while (i < *n && strcmp(infos[i].name, name))
        i++;
    if (i == *n)
        infos[(*n)++] = (struct state_info){.name = name, .kind = KIND_OPERATOR_LIST};
    return i;
}

/* The lists of a subtask, each element a byte[]. */
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
        list_of(infos, &n, s->elements[i].list);
    for (uint32_t i = 0; i < n; i++) {
        infos[i].value = ser_plain(a, "byte[]");
        order[i] = i;
        if (!state_info_make(a, &infos[i], e))
            return false;
    }
    if (!op_out_open(&out, place, infos, n, &opts, e))
        return false;
    bool ok = true;
    for (uint32_t l = 0; ok && l < n; l++) /* a list's elements stand together */
        for (uint32_t i = 0; ok && i < s->n; i++) {
            if (list_of(infos, &n, s->elements[i].list) != l)
                continue;
            b.n = 0;
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

static bool write_operator(struct job *j, struct writer *w, uint32_t node, struct ack *const *acks, struct err *e)
{
    uint32_t chain = j->graph.chain[node], p = chain == UINT32_MAX ? 0 : j->graph.subtasks[chain], at = 0;
    struct arena a = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i < p; i++) {
        const struct task *t = j->tasks[j->first_task[chain] + i];
        const struct out_place place = writer_place(w);
        struct meta_subtask sub = {.index = (int32_t)i};
        while (t->ops[at]->node != &j->plan->nodes[node])
            at++;
        if (!t->ops[at]->class->snapshot)
            break;
        if (!i) {
            struct meta_operator op = {.uid = uid_of(t->ops[at], &a),
                                       .parallelism = (int32_t)p,
                                       .max_parallelism = (int32_t)j->graph.max_parallelism,
                                       .n = p};
            operator_id_of_uid(op.uid, op.id);
            ok = writer_operator(w, &op, e);
        }
        ok = ok && write_lists(&acks[t->id]->ops[at], &place, &sub.managed, &a, e) && writer_subtask(w, &sub, e);
    }
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

bool chk_write(struct job *j, uint64_t id, const char *path, struct ack *const *acks, struct err *e)
{
    const struct meta m = {.version = 3, .checkpoint_id = (int64_t)id};
    struct arena a = {0};
    struct writer *w;
    if (j->world->fault && j->world->fault(j->world->ctx, "checkpoint"))
        return err_set(e, ERR_IO, "the disk is full");
    bool ok = make_dirs(arena_strn(&a, path, (size_t)(strrchr(path, '/') - path)), e) && writer_open(&w, path, &m, e);
    if (ok) {
        for (uint32_t i = 0; ok && i < j->plan->n; i++)
            ok = write_operator(j, w, i, acks, e);
        if (ok)
            ok = writer_finish(w, e);
        else
            writer_abort(w);
    }
    arena_free(&a);
    return ok;
}

/* Its metadata first: what is left is no checkpoint any more. */
void chk_remove(struct job *j, uint64_t id)
{
    struct arena a = {0};
    const char *path = chk_path(j, id, &a);
    DIR *dir;
    unlink(arena_printf(&a, "%s/_metadata", path));
    if ((dir = opendir(path))) {
        for (struct dirent *d; (d = readdir(dir));)
            if (d->d_name[0] != '.')
                unlinkat(dirfd(dir), d->d_name, 0);
        closedir(dir);
        rmdir(path);
    }
    arena_free(&a);
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

static bool take_element(void *ctx, const struct state_info *info, struct bytes element, uint64_t at, struct err *e)
{
    struct reading *r = ctx;
    (void)info;
    (void)at;
    struct rd in = rd_of(element.p, element.n, 0);
    struct bytes b = rd_bytes32(&in);
    if (!rd_ok(&in) || rd_left(&in))
        return err_set(e, ERR_CORRUPT, "an element of state \"%s\" is no byte[]", r->list);
    snap_put(r->to, r->list, b.p, b.n);
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

/* The node whose operator has that id. */
static uint32_t node_of(const struct job *j, const uint8_t id[16], struct arena *a)
{
    for (uint32_t c = 0; c < j->graph.n_chains; c++) {
        const struct task *t = j->tasks[j->first_task[c]];
        for (uint32_t k = 0; k < t->n_ops; k++) {
            uint8_t mine[16];
            if (!t->ops[k]->class->snapshot)
                continue;
            operator_id_of_uid(uid_of(t->ops[k], a), mine);
            if (!memcmp(mine, id, 16))
                return (uint32_t)(t->ops[k]->node - j->plan->nodes);
        }
    }
    return UINT32_MAX;
}

bool chk_read(struct job *j, uint64_t id, struct err *e)
{
    static const struct snapshot_opts opts = {0};
    struct arena *a = &j->run;
    const char *path = chk_path(j, id, a);
    struct snapshot *s;
    if (!snapshot_open(&s, path, &opts, e))
        return false;
    bool ok = true;
    j->restored = arena_array(a, j->plan->n + 1, sizeof *j->restored);
    for (uint32_t i = 0; ok && i < s->meta.n; i++) {
        const struct meta_operator *op = &s->meta.operators[i];
        uint32_t node = node_of(j, op->id, a);
        if (node == UINT32_MAX)
            ok = err_set(e, ERR_REFUSED, "it has state of operator %s, which this plan has not; is it another plan's?", op->hex);
        else
            j->restored[node] = (struct snap){.a = a};
        for (uint32_t k = 0; ok && k < op->n; k++)
            ok = read_subtask(s, op, &op->subtasks[k].managed, &j->restored[node], e);
    }
    snapshot_close(s);
    return ok || err_in(e, "%s", path);
}
