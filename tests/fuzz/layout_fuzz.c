/* Documents of weir schema, compared with themselves and with a job of their neighbours: half of the input against the other half. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "inspect/compat.h"
#include "inspect/diff.h"

static void compare(const struct layout *a, const struct layout *b)
{
    static const struct compat_target targets[] = {{FLINK(1, 20), BACKEND_HASHMAP}, {FLINK(2, 3), BACKEND_ROCKSDB}};
    struct arena arena = {0};
    for (uint32_t i = 0; i < a->n; i++)
        for (uint32_t j = 0; j < b->n && j < 8; j++) {
            const struct layout_op *x = &a->ops[i], *y = &b->ops[j];
            compat_keys(x->key, y->key, &targets[0], &arena);
            for (uint32_t k = 0; k < x->n && k < y->n; k++)
                for (size_t t = 0; t < 2; t++)
                    compat_state(&x->states[k], &y->states[k], &targets[t], &arena);
        }
    struct diff d;
    diff_layouts(&d, a, b, NULL, NULL, true);
    diff_free(&d);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *cut = size ? memchr(data, 0, size) : NULL;
    size_t n = cut ? (size_t)(cut - data) : size;
    struct layout a, b;
    struct err e = {0};
    if (!layout_read(&a, (struct bytes){data, n}, "input", &e))
        return 0;
    compare(&a, &a);
    if (cut && layout_read(&b, (struct bytes){cut + 1, size - n - 1}, "input", &e)) {
        compare(&a, &b);
        layout_free(&b);
    }
    layout_free(&a);
    return 0;
}
