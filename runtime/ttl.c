#include "runtime/ttl.h"

#include "base/duration.h"

static bool read_duration(struct ttl *t, const char *text, const char *what, struct err *e)
{
    if (duration_option(text, &t->ms) && t->ms <= INT64_MAX / 4) /* so that sums with a time are times, too */
        return true;
    return err_set(e, ERR_USAGE, "%s is no duration: %s", what, text);
}

bool ttl_option(struct ttl *t, const struct op *o, struct err *e)
{
    return read_duration(t, job_config(o->job, "table.exec.state.ttl", "0 ms"), "table.exec.state.ttl", e);
}

bool ttl_read(struct ttl *t, const struct op *o, uint32_t input, struct err *e)
{
    const struct value *list = cplan_member(o->node->json, "state");
    if (!list || list->kind != VAL_LIST || !list->n)
        return ttl_option(t, o, e);
    for (uint32_t i = 0; i < list->n; i++)
        if (cplan_int(&list->items[i], "index", -1, e) == input)
            return e->kind == ERR_NONE &&
                read_duration(t, cplan_text(&list->items[i], "ttl", "0 ms", e), "the ttl of its state", e);
    return e->kind == ERR_NONE && err_set(e, ERR_CORRUPT, "it does not say how long it keeps the state of input %u", input);
}
