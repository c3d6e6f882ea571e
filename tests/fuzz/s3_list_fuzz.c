/* A page of a bucket's listing, as a server sends it. */
#include <stdlib.h>
#include <string.h>

#include "savepoint/s3.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = {0};
    struct err e = {0};
    struct s3_names names = {0};
    const char *token;
    bool ok = s3_list_page(&names, (struct bytes){data, size}, "p/", &token, &a, &e);
    if (ok != (e.kind == ERR_NONE))
        __builtin_trap();
    for (uint32_t i = 0; i < names.n; i++)
        if (!strlen(names.p[i]))
            __builtin_trap();
    free(names.p);
    arena_free(&a);
    return 0;
}
