/* Plans, and the file that says which scripts a savepoint has been through. */
#include <string.h>

#include "migrate/plan.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plan p;
    struct trail t = {0}, again = {0};
    struct err e = {0}, none = {0};
    struct buf b = {0};
    if (plan_read(&p, (struct bytes){data, size}, "plan", &e))
        for (uint32_t i = 0; i < p.n_scripts; i++)
            if (!p.scripts[i].name || !p.scripts[i].text.p)
                __builtin_trap();
    plan_free(&p);
    e = (struct err){0};
    if (trail_parse(&t, (struct bytes){data, size}, "trail", &e)) {
        trail_write(&t, &b);
        if (!trail_parse(&again, (struct bytes){b.p, b.n}, "again", &none) || again.n != t.n)
            __builtin_trap();
    }
    buf_free(&b);
    trail_free(&t);
    trail_free(&again);
    return 0;
}
