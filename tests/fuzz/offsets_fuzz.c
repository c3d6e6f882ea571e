/* Splits of sources and coordinators' states whose offsets are set: what was made is such a thing again, and stays what it is. The first
 * byte says what is wanted. */
#include <string.h>

#include "migrate/offsets.h"
#include "tests/fuzz/fuzz.h"

static bool set(int coordinator, struct bytes b, const struct offsets_want *want, struct buf *to, uint32_t *n)
{
    struct err e = {0};
    bool done = false;
    bool ok = coordinator ? offsets_set_pending(b, want, to, n, &e) : offsets_set(b, want, to, &done, &e);
    if (!coordinator)
        *n = done;
    if (ok != (e.kind == ERR_NONE) || (*n && !ok) || (!*n && to->n))
        __builtin_trap();
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const struct offsets_want want = {.topic = data[0] & 1 ? "t" : NULL,
                                      .partition = data[0] & 2 ? 1 : -1,
                                      .file = data[0] & 4 ? "a.txt" : NULL,
                                      .records = data[0] & 8,
                                      .offset = data[0] >> 4};
    for (int coordinator = 0; coordinator < 2; coordinator++) {
        struct buf to = {0}, again = {0};
        uint32_t n = 0, m = 0;
        if (set(coordinator, (struct bytes){data + 1, size - 1}, &want, &to, &n) && n &&
            (!set(coordinator, (struct bytes){to.p, to.n}, &want, &again, &m) || m != n || again.n != to.n ||
             memcmp(again.p, to.p, to.n) != 0))
            __builtin_trap();
        buf_free(&to);
        buf_free(&again);
    }
    return 0;
}
