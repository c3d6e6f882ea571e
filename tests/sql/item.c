#include "tests/sql/item.h"

#include <string.h>
#include <time.h>

#include "sql/cell_json.h"

static int64_t wall(void *clock)
{
    (void)clock;
    return (int64_t)time(NULL) * 1000;
}

const struct value *item_member(const struct value *v, const char *name)
{
    const struct value *m = v->kind == VAL_OBJECT ? value_member(v, name) : NULL;
    return m && m->kind != VAL_NULL ? m : NULL;
}

static bool fields(struct item *it, struct err *e)
{
    const struct value *list = item_member(&it->v, "fields");
    it->n = list ? list->n : 0;
    it->types = arena_array(&it->a, it->n + 1, sizeof *it->types);
    it->cols = arena_array(&it->a, it->n + 1, sizeof *it->cols);
    for (uint32_t i = 0; i < it->n; i++) {
        const struct value *f = &list->items[i];
        if (!(it->types[i] = type_of_json(&it->a, item_member(f, "type"), e)))
            return false;
        it->cols[i] = vec_new(&it->a, 1);
        struct err mine = {0};
        if (!cell_of_json(&it->ev.heap, it->types[i], value_member(f, "value"), it->cols[i].v, it->cols[i].null, &mine))
            it->cols[i].null[0] = 1; /* of a type that is not there: matters only to who uses it */
    }
    return true;
}

static bool configure(struct item *it, struct err *e)
{
    const struct value *config = item_member(&it->v, "config");
    const struct value *zone = config ? item_member(config, "table.local-time-zone") : NULL;
    const struct value *legacy = config ? item_member(config, "table.exec.legacy-cast-behaviour") : NULL;
    it->ev.now = wall;
    it->ev.random = 42;
    it->ev.watermark = INT64_MIN;
    it->ev.legacy_cast = legacy && !strcmp(legacy->text, "ENABLED");
    return !zone || (it->ev.zone = zone_load(&it->a, zone->text, zone->n, e));
}

bool item_run(struct item *it, const struct rex *rex, struct buf *out, struct err *e)
{
    struct binding b = {&it->a, &it->ev, it->types, it->n};
    struct expr *x = rex ? expr_make(&b, rex, e) : NULL;
    if (!x)
        return false;
    it->ev.cols = it->cols;
    expr_run(x, &it->ev, NULL, 1);
    if (it->ev.e.kind != ERR_NONE) {
        *e = it->ev.e;
        return false;
    }
    struct jsonw w = {.out = out};
    cell_json(&w, CELL_JSON_TYPED, x->type, x->out.v[0], x->out.null[0]);
    return true;
}

bool item_same(struct item *it, struct buf *got)
{
    struct value v;
    struct err e = {0};
    const struct value *want = value_member(&it->v, "value");
    const struct value *type = item_member(&it->v, "type");
    if (!want || !value_from_json(&v, got->p, got->n, &it->a, &e))
        return false;
    if (type && type->kind == VAL_TEXT && !strncmp(type->text, "FLOAT", 5) && v.kind == VAL_REAL && want->kind == VAL_REAL)
        return (float)v.d == (float)want->d; /* JDK 17 does not write the shortest text of one */
    return value_same(&v, want);
}

bool item_open(struct item *it, struct err *e) { return fields(it, e) && configure(it, e); }

void item_free(struct item *it)
{
    scratch_free(&it->ev.heap);
    buf_free(&it->ev.text);
    arena_free(&it->a);
}
