#include "runtime/generate.h"

#include <string.h>

void generated_put(struct op *o, struct snap *to, int64_t made, int64_t own)
{
    int64_t at[4] = {o->subtask, o->subtasks, made, own};
    snap_put(to, "rows", at, sizeof at);
}

bool generated_take(struct op *o, struct source *s, const struct snap *of, int64_t *made, int64_t *own, struct err *e)
{
    for (uint32_t i = 0; i < of->n; i++) {
        int64_t at[4];
        if (strcmp(of->elements[i].list, "rows"))
            continue;
        if (of->elements[i].bytes.n != sizeof at)
            return err_set(e, ERR_CORRUPT, "the position of table %s is malformed", s->table.name);
        memcpy(at, of->elements[i].bytes.p, sizeof at);
        if (at[1] != o->subtasks)
            return err_set(e, ERR_UNSUPPORTED, "%s (table %s) goes on with its parallelism of before only, which was %lld",
                           s->conn->name, s->table.name, (long long)at[1]);
        if (at[2] < 0 || at[2] > INT64_MAX / o->subtasks - 1)
            return err_set(e, ERR_CORRUPT, "the position of table %s is malformed", s->table.name);
        *own = at[3];
        if (at[0] == o->subtask)
            *made = at[2];
    }
    return true;
}
