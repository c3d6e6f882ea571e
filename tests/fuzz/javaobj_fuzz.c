/* A Java object stream, read, walked, and taken for a logical type. */
#include "savepoint/javaobj.h"
#include "savepoint/logical_type.h"
#include "tests/fuzz/fuzz.h"

static unsigned steps;

static void walk(const struct jobj *o, int depth)
{
    if (!o || !depth || ++steps > 100000)
        return;
    const char *text = jobj_text(o);
    if (text && text[o->n_text])
        __builtin_trap();
    uint32_t n;
    struct jobj *const *items = jobj_elements(o, &n);
    for (uint32_t i = 0; i < n; i++)
        walk(items[i], depth - 1);
    for (uint32_t l = 0; l < o->n_levels; l++)
        for (uint32_t i = 0; o->levels[l].vals && i < o->levels[l].cls->n; i++) {
            const char *name = o->levels[l].cls->fields[i].name;
            if (!jobj_val(o, name))
                __builtin_trap();
            walk(jobj_field(o, name), depth - 1);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rd r = rd_of(data, size, 0);
    struct arena a = {0};
    struct jobj *o;
    struct buf b = {0};
    bool ok = javaobj_read(&r, &a, &o);
    if (ok != rd_ok(&r) || (!ok && o))
        __builtin_trap();
    steps = 0;
    walk(o, 20);
    ltype_text(ltype_of(o, &a), LTYPE_SUMMARY, 10000, &b);
    if (b.n > 11000 + 10 * size)
        __builtin_trap();
    buf_free(&b);
    arena_free(&a);
    return 0;
}
