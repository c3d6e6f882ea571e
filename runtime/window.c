#include "runtime/window.h"

#include <string.h>

#include "base/duration.h"
#include "sql/civil.h"

enum { WINDOWS_MAX = 10000 };

static bool span(const struct value *v, const char *name, int64_t *ms, struct err *e)
{
    const char *text = cplan_text(v, name, NULL, e);
    return (text && duration_iso(text, ms)) || err_set(e, ERR_CORRUPT, "a window has no %s", name);
}

static bool read_window(struct windowing *w, struct op *o, const struct value *v, const struct ltype *row, struct err *e)
{
    const char *type = cplan_text(v, "type", "", e);
    if (cplan_member(v, "offset") && !span(v, "offset", &w->offset, e))
        return false;
    bool ok;
    if (!strcmp(type, "TumblingWindow")) {
        w->kind = WINDOW_TUMBLE;
        ok = span(v, "size", &w->size, e);
        w->step = w->size;
    } else if (!strcmp(type, "HoppingWindow")) {
        w->kind = WINDOW_HOP;
        ok = span(v, "size", &w->size, e) && span(v, "slide", &w->step, e);
    } else if (!strcmp(type, "CumulativeWindow")) {
        w->kind = WINDOW_CUMULATE;
        ok = span(v, "maxSize", &w->size, e) && span(v, "step", &w->step, e);
    } else if (!strcmp(type, "SessionWindow")) {
        w->kind = WINDOW_SESSION;
        ok = span(v, "gap", &w->size, e);
        w->step = w->size;
        w->keys = cplan_ints(o->a, v, "partition_key_indices", row->n, &w->n_keys, e);
    } else
        return op_refuse(o, e, arena_printf(o->a, "a window of type %s", type));
    if (ok && (w->size <= 0 || w->step <= 0 || w->size / w->step >= WINDOWS_MAX))
        return err_set(e, ERR_CORRUPT, "a window's size is impossible");
    return ok;
}

static bool column(uint32_t *to, const struct value *v, const char *name, const struct ltype *row, struct err *e)
{
    int64_t c = cplan_int(v, name, -1, e);
    *to = (uint32_t)c;
    return (c >= 0 && c < row->n && type_is_timestamp(row->kids[c])) ||
        err_set(e, ERR_CORRUPT, "'%s' is no column of timestamps", name);
}

bool windowing_read(struct windowing *w, struct op *o, const struct value *spec, const struct ltype *row, struct err *e)
{
    const char *strategy = cplan_text(spec, "strategy", "", e);
    const struct value *type = cplan_member(spec, "timeAttributeType"), *window = cplan_member(spec, "window");
    const struct ltype *time = type ? type_of_json(o->a, type, e) : NULL;
    *w = (struct windowing){.start = UINT32_MAX};
    if (!time || !window)
        return err_set(e, ERR_CORRUPT, "its windowing lacks window or time");
    w->proctime = !cplan_bool(spec, "isRowtime", true, e);
    w->local = time->root == L_TIMESTAMP_LTZ;
    if (!read_window(w, o, window, row, e))
        return false;
    if (!strcmp(strategy, "TimeAttribute"))
        return column(&w->time, spec, "timeAttributeIndex", row, e);
    if (strcmp(strategy, "WindowAttached"))
        return op_refuse(o, e, arena_printf(o->a, "windowing strategy %s", strategy));
    if (w->proctime)
        return op_refuse(o, e, "a window of processing time that rows carry");
    w->attached = true;
    if (cplan_int(spec, "windowStart", -1, e) >= 0 && !column(&w->start, spec, "windowStart", row, e))
        return false;
    return column(&w->end, spec, "windowEnd", row, e);
}

bool windowing_read_group(struct windowing *w, struct op *o, const struct value *spec, const struct ltype *row, struct err *e)
{
    const char *kind = cplan_text(spec, "kind", "", e);
    const struct value *time = cplan_member(spec, "timeField");
    bool ok;
    *w = (struct windowing){.start = UINT32_MAX};
    if (!cplan_bool(spec, "isTimeWindow", true, e))
        return op_refuse(o, e, "a group window of so many rows");
    if (!time || !column(&w->time, time, "fieldIndex", row, e))
        return err_set(e, ERR_CORRUPT, "its window has no time");
    w->proctime = type_is_proctime(row->kids[w->time]);
    w->local = row->kids[w->time]->root == L_TIMESTAMP_LTZ;
    if (!strcmp(kind, "TUMBLING")) {
        w->kind = WINDOW_TUMBLE;
        ok = span(spec, "size", &w->size, e);
        w->step = w->size;
    } else if (!strcmp(kind, "SLIDING")) {
        w->kind = WINDOW_HOP;
        ok = span(spec, "size", &w->size, e) && span(spec, "slide", &w->step, e);
    } else if (!strcmp(kind, "SESSION")) {
        w->kind = WINDOW_SESSION;
        ok = span(spec, "gap", &w->size, e);
        w->step = w->size;
    } else
        return op_refuse(o, e, arena_printf(o->a, "a group window of kind %s", kind));
    if (ok && (w->size <= 0 || w->step <= 0 || w->size / w->step >= WINDOWS_MAX))
        return err_set(e, ERR_CORRUPT, "a window's size is impossible");
    return ok;
}

uint32_t windowing_most(const struct windowing *w)
{
    return w->kind == WINDOW_HOP || w->kind == WINDOW_CUMULATE ? (uint32_t)(w->size / w->step) + 2 : 1;
}

uint32_t windowing_assign(const struct windowing *w, int64_t time, struct window *to)
{
    uint32_t n = 0;
    if (w->kind == WINDOW_CUMULATE) {
        int64_t start = time - floor_mod(time - w->offset, w->size), end = time - floor_mod(time - w->offset, w->step) + w->step;
        for (; end <= start + w->size; end += w->step)
            to[n++] = (struct window){start, end};
        return n;
    }
    for (int64_t start = time - floor_mod(time - w->offset, w->step); start > time - w->size; start -= w->step)
        to[n++] = (struct window){start, start + w->size};
    return n;
}

bool windowing_moment(const struct windowing *w, const struct op *o, const struct batch *b, uint32_t row, int64_t *to)
{
    const struct vec *time = &b->cols[w->time];
    const struct world *world = job_world(o->job);
    if (!w->proctime && time->null[row])
        return false;
    int64_t ms = w->proctime ? world->now(world->ctx) : time->v[row].t.ms;
    *to = w->local && o->ev->zone ? ms + zone_offset(o->ev->zone, ms) : ms;
    return true;
}

bool windowing_late(const struct windowing *w, const struct op *o, int64_t end)
{
    return !w->proctime && windowing_closes(w, o->ev, end) <= o->wm;
}

int64_t windowing_closes(const struct windowing *w, const struct eval *ev, int64_t end)
{
    return w->local && ev->zone ? zone_utc(ev->zone, end - 1) : end - 1;
}
