/* A compiled plan, against the layout of a job that has some of its states. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "inspect/compat.h"
#include "inspect/plan_layout.h"

static const char document[] =
    "{\"weir-schema\":1,\"operators\":[{\"uid\":\"2_changelog-normalize\",\"id\":\"dbc6823955b04f16a46fb7dea58c30f4\","
    "\"maxParallelism\":128,\"states\":[{\"name\":\"left-records\",\"kind\":\"MAP\",\"value\":{\"type\":\"Map\",\"snapshot\":\"x\"}}]}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct compat_target target = {FLINK(2, 3), BACKEND_ROCKSDB};
    struct layout old, new;
    struct err e = {0};
    struct arena a = {0};
    if (!plan_is((struct bytes){data, size}) ||
        !layout_read(&old, (struct bytes){(const uint8_t *)document, strlen(document)}, "old", &e))
        return 0;
    if (layout_of_plan(&new, (struct bytes){data, size}, &old, "plan", &e)) {
        for (uint32_t i = 0; i < new.n; i++)
            for (uint32_t k = 0; k < new.ops[i].n &&new.ops[i].states[k].element; k++)
                compat_state(&new.ops[i].states[k], &new.ops[i].states[k], &target, &a);
        layout_free(&new);
    }
    layout_free(&old);
    arena_free(&a);
    return 0;
}
