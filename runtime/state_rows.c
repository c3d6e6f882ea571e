/* The keyed state of an operator, a row a key. */
#include "runtime/state_rows.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "runtime/state_sql.h"
#include "savepoint/state_decode.h"

/* A column that is read. */
struct column {
    const struct state_rows_column *told;
    const struct state_column *of;   /* NULL: the key */
    const struct state_cells *cells; /* from what an entry has of the state */
    bool map;                        /* entries are gathered */
};

/* Entries of a map, as they come. */
struct piece {
    struct piece *next;
    const struct seq *q;
};

struct value_of {
    bool set;
    uint8_t null;
    uint32_t n; /* entries of a map */
    union cell cell;
    struct piece *pieces;
};

struct key {
    struct bytes bytes;
    struct key *next; /* of the same bucket */
    union cell cell;
    uint8_t null;
    struct value_of values[]; /* by column */
};

struct state_rows {
    struct snapshot *snapshot;
    const struct meta_operator *op;
    struct state_table table;
    uint32_t n;
    struct column *columns, *key;
    struct keyed_part *part; /* NULL: none is open */
    struct state_rows_at at;
    /* --- the slice at hand --- */
    struct scratch *heap; /* the caller's */
    uint32_t n_keys, cap, n_buckets, opaque;
    struct key **keys, **buckets;
    struct arena values; /* the entry's */
    struct value_sink sink;
};

/* --- opening --- */

static const char *uid_at(const void *ctx, size_t i)
{
    const struct meta *m = ctx;
    static const char none[] = "";
    return i < m->n ? m->operators[i].uid ? m->operators[i].uid : none : NULL;
}

static bool find_operator(struct state_rows *r, const char *uid, const char *hash, struct err *e)
{
    const struct meta *m = &r->snapshot->meta;
    uint8_t id[16];
    if (uid)
        operator_id_of_uid(uid, id);
    for (uint32_t i = 0; i < m->n && !r->op; i++)
        if (uid ? !memcmp(m->operators[i].id, id, 16) : !strcasecmp(m->operators[i].hex, hash))
            r->op = &m->operators[i];
    if (r->op)
        return true;
    const char *near = uid ? nearest_name(uid, uid_at, m) : NULL;
    near = near && *near ? near : NULL;
    return err_set(e, ERR_MISSING, "%s has no operator with the uid%s '%s'%s%s%s", r->snapshot->location, uid ? "" : " hash",
                   uid ? uid : hash, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static const char *state_at(const void *ctx, size_t i)
{
    const struct state_table *t = ctx;
    return i < t->n ? t->states[i].name : NULL;
}

/* VALUE, LIST or MAP: as the table says, or by the column's type. */
static bool kind_fits(const struct column *c, struct err *e)
{
    const struct ltype *type = c->told->type;
    const struct state_column *s = c->of;
    const char *told = c->told->kind;
    const char *as = told ? told : type->root == L_ARRAY ? "LIST" : type->root == L_MAP ? "MAP" : "VALUE";
    const char *is = s->kind == KIND_LIST ? "LIST" : s->kind == KIND_MAP ? "MAP" : "VALUE";
    if (c->map && type->root != L_MAP)
        return err_set(e, ERR_REFUSED, "state \"%s\" needs a column of type MAP", s->name);
    if (s->by_namespace || (!told && type_is_text(type)) || !strcasecmp(as, is))
        return true;
    return err_set(e, ERR_REFUSED, "it is read as a %s state, but state \"%s\" is a %s state: fields.%s.state-type", as, s->name,
                   is, c->told->name);
}

static bool find_state(struct state_rows *r, struct column *c, struct err *e)
{
    uint32_t k = 0;
    while (k < r->table.n && strcmp(r->table.states[k].name, c->told->state) != 0)
        k++;
    if (k < r->table.n) {
        c->of = &r->table.states[k];
        c->map = c->of->kind == KIND_MAP || c->of->by_namespace;
        return c->of->type ||
            err_set(e, ERR_UNSUPPORTED, "reading MAP states that have namespaces (\"%s\") is not there yet", c->of->name);
    }
    const char *near = nearest_name(c->told->state, state_at, &r->table);
    return err_set(e, ERR_MISSING, "the operator has no state \"%s\"%s%s%s", c->told->state, near ? "; did you mean \"" : "",
                   near ? near : "", near ? "\"?" : "");
}

static bool open_column(struct state_rows *r, struct arena *a, struct column *c, struct err *e)
{
    if (!c->told->state)
        r->key = c;
    else if (!find_state(r, c, e) || !kind_fits(c, e))
        return false;
    c->cells = state_cells_make(a, c->told->type, c->of ? c->of->type : r->table.key, e);
    return c->cells != NULL;
}

struct state_rows *state_rows_open(struct arena *a, const char *path, const char *uid, const char *hash,
                                   const struct state_rows_column *columns, uint32_t n, struct err *e)
{
    struct state_rows *r = arena_alloc(a, sizeof *r);
    value_sink_init(&r->sink, &r->values);
    r->n = n;
    r->columns = arena_array(a, n + 1, sizeof *r->columns);
    bool ok = snapshot_open(&r->snapshot, path, &(struct snapshot_opts){0}, e) && find_operator(r, uid, hash, e) &&
        state_table_read(&r->table, r->snapshot, r->op, a, e);
    for (uint32_t c = 0; ok && c < n; c++) {
        r->columns[c].told = &columns[c];
        ok = open_column(r, a, &r->columns[c], e) || err_in(e, "column '%s'", columns[c].name);
    }
    if (ok)
        return r;
    state_rows_close(r);
    return NULL;
}

void state_rows_close(struct state_rows *r)
{
    if (!r)
        return;
    keyed_close(r->part);
    snapshot_close(r->snapshot);
    value_sink_free(&r->sink);
    arena_free(&r->values);
    free(r->keys);
    free(r->buckets);
}

/* --- a slice's keys --- */

static struct key **bucket_of(struct state_rows *r, struct bytes b)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < b.n; i++)
        h = (h ^ b.p[i]) * UINT64_C(1099511628211);
    return &r->buckets[(h ^ h >> 29) & (r->n_buckets - 1)];
}

static void grow(struct state_rows *r)
{
    r->cap = r->cap ? 2 * r->cap : 256;
    r->keys = mem_grow(r->keys, r->cap, sizeof *r->keys);
    r->n_buckets = 2 * r->cap;
    free(r->buckets);
    r->buckets = mem_zalloc(r->n_buckets * sizeof(struct key *));
    for (uint32_t i = 0; i < r->n_keys; i++) {
        struct key **b = bucket_of(r, r->keys[i]->bytes);
        r->keys[i]->next = *b;
        *b = r->keys[i];
    }
}

static bool decoded(struct state_rows *r, const struct column *c, union cell *to, uint8_t *null, const struct entry *en,
                    struct err *e)
{
    struct value v;
    if (!value_sink_take(&r->sink, &v, e))
        return false;
    return state_cell(r->heap, c->cells, &v, to, null, &r->opaque, e) || err_in(e, "%s: column '%s'", en->file, c->told->name);
}

static struct key *key_of(struct state_rows *r, const struct entry *en, struct err *e)
{
    uint32_t opaque = 0;
    struct scratch *heap = r->heap;
    if (r->n_keys == r->cap)
        grow(r);
    struct key **b = bucket_of(r, en->key);
    for (struct key *k = *b; k; k = k->next)
        if (k->bytes.n == en->key.n && (!k->bytes.n || !memcmp(k->bytes.p, en->key.p, k->bytes.n)))
            return k;
    struct key *k = scratch_alloc(heap, sizeof *k + r->n * sizeof *k->values);
    memset(k, 0, sizeof *k + r->n * sizeof *k->values);
    k->bytes = scratch_copy(heap, en->key.p, en->key.n);
    k->next = *b;
    if (!decode_key(en, &r->sink.sink, &opaque, e) || !decoded(r, r->key, &k->cell, &k->null, en, e))
        return NULL;
    *b = k;
    r->keys[r->n_keys++] = k;
    return k;
}

/* A map's entry, or all of its entries; with a namespace, that and the value as an entry. */
static bool report(struct state_rows *r, const struct column *c, struct entry *en, struct err *e)
{
    struct sink *to = &r->sink.sink;
    uint32_t opaque = 0;
    uint64_t elements;
    bool pair = c->of->by_namespace || en->form == FORM_MAP_ENTRY;
    if (pair)
        sink_begin(to, BOX_PAIRS);
    if ((c->of->by_namespace && !decode_ns(en, to, &opaque, e)) || !decode_value(en, to, &opaque, &elements, e))
        return false;
    if (pair)
        sink_end(to, BOX_PAIRS);
    return true;
}

static bool same_kind(const struct state_column *s, const struct state_info *info)
{
    return s->kind == info->kind && s->by_namespace == info->has_ns;
}

static bool take(void *ctx, struct entry *en, struct err *e)
{
    struct state_rows *r = ctx;
    struct key *k = NULL;
    for (uint32_t c = 0; c < r->n; c++) {
        struct column *col = &r->columns[c];
        if (col == r->key || strcmp(col->of->name, en->info->name) != 0 || !same_kind(col->of, en->info))
            continue;
        if (!k && (!entry_split(en, e) || !(k = key_of(r, en, e))))
            return false;
        if (!col->told->wanted)
            continue;
        struct value_of *v = &k->values[c];
        arena_reset(&r->values);
        value_sink_reset(&r->sink);
        if (!report(r, col, en, e) || !decoded(r, col, &v->cell, &v->null, en, e))
            return false;
        v->set = true;
        if (col->map) {
            struct piece *p = scratch_alloc(r->heap, sizeof *p);
            *p = (struct piece){v->pieces, v->cell.q};
            v->pieces = p;
            v->n += v->cell.q->n;
        }
    }
    return true;
}

/* --- rows --- */

static union cell whole_map(struct scratch *heap, const struct value_of *v)
{
    union cell *cells, map;
    uint8_t *null;
    uint32_t at = v->n;
    map.q = seq_new(heap, v->n, 2 * v->n, &cells, &null);
    for (const struct piece *p = v->pieces; p; p = p->next) { /* the last one first */
        uint32_t n = p->q->n;
        at -= n;
        for (uint32_t half = 0; half < 2; half++)
            for (uint32_t i = 0; i < n; i++) {
                cells[half * v->n + at + i] = p->q->v[half * n + i];
                null[half * v->n + at + i] = p->q->null[half * n + i];
            }
    }
    return map;
}

/* Lists and maps that a key does not have are empty, as Flink's UserFacingListState and UserFacingMapState give them. */
void state_rows_cell(struct state_rows *r, uint32_t row, uint32_t column, union cell *cell, uint8_t *null)
{
    const struct column *c = &r->columns[column];
    const struct key *k = r->keys[row];
    const struct value_of *v = &k->values[column];
    bool empty = !v->set && c->of && (c->map || (c->of->kind == KIND_LIST && c->told->type->root == L_ARRAY));
    *cell = c == r->key ? k->cell : v->cell;
    *null = c == r->key ? k->null : !v->set || v->null;
    if (empty || (v->set && c->map)) {
        *cell = whole_map(r->heap, v);
        *null = 0;
    }
}

/* The next handle that is ours; false, without an error: there is none. */
static bool open_part(struct state_rows *r, uint32_t stride, struct err *e)
{
    while (r->at.subtask < r->op->n && r->op->subtasks[r->at.subtask].keyed.tag == HANDLE_NULL)
        r->at = (struct state_rows_at){r->at.subtask + stride, 0};
    return r->at.subtask < r->op->n && keyed_open(&r->part, r->snapshot, r->op, &r->op->subtasks[r->at.subtask].keyed, e);
}

bool state_rows_next(struct state_rows *r, uint32_t stride, struct scratch *heap, uint32_t *n, uint32_t *opaque, struct err *e)
{
    *n = *opaque = r->n_keys = r->opaque = 0;
    r->heap = heap;
    if (r->n_buckets)
        memset(r->buckets, 0, r->n_buckets * sizeof *r->buckets);
    if (!r->part && !open_part(r, stride, e))
        return false;
    uint32_t slices = keyed_slices(r->part);
    if (r->at.slice < slices && !keyed_walk_slice(r->part, r->at.slice, take, r, e))
        return false;
    *n = r->n_keys;
    *opaque = r->opaque;
    if (++r->at.slice >= slices) {
        keyed_close(r->part);
        r->part = NULL;
        r->at = (struct state_rows_at){r->at.subtask + stride, 0};
    }
    return true;
}

struct state_rows_at state_rows_tell(const struct state_rows *r) { return r->at; }

void state_rows_seek(struct state_rows *r, struct state_rows_at at)
{
    keyed_close(r->part);
    r->part = NULL;
    r->at = at;
}
