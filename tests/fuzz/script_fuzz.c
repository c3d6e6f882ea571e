/* Migration scripts: any text is read or refused, with a place in it. */
#include <string.h>

#include "migrate/script.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script s;
    struct err e = {0};
    struct buf b = {0};
    bool ok = script_parse(&s, (struct bytes){data, size}, "script", &e);
    script_point(&s, &b);
    if (ok ? e.kind != ERR_NONE || b.n : !e.kind || (s.faulty && (s.fault.at > size || !strchr(buf_cstr(&b), '^'))))
        __builtin_trap();
    for (uint32_t i = 0; ok && i < s.n; i++)
        if (s.stmts[i].where.at + s.stmts[i].where.n > size)
            __builtin_trap();
    buf_free(&b);
    script_free(&s);
    return 0;
}
