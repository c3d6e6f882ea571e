/* Compiled plans, explained in all ways. */
#include "sql/explain.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = {0};
    struct err e = {0};
    struct cplan plan;
    struct explain x;
    struct buf text = {0};
    struct jsonw w = {.out = &text};
    if (cplan_read(&plan, &a, (const char *)data, n, &e) && explain_read(&x, &plan, &a, &e)) {
        explain_tree(&x, &text);
        explain_plain(&x, &text);
        explain_json(&x, &w);
    }
    buf_free(&text);
    arena_free(&a);
    return 0;
}
