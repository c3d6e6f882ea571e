/* What real Flink wrote, made again from trees: the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/again.h"

static const char *const golden[] = {"1.20.5-hashmap-canonical-lists-compressed",
                                     "1.20.5-hashmap-canonical-types",
                                     "1.20.5-hashmap-checkpoint-basic-changelog",
                                     "2.3.0-hashmap-canonical-lists-compressed",
                                     "2.3.0-hashmap-canonical-types",
                                     "2.3.0-rocksdb-incremental-basic-changelog",
                                     "2.3.0-rocksdb-native-basic"};

static void golden_again(void **state)
{
    struct again a = {.log = stderr};
    (void)state;
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        char path[200];
        struct err e = {0};
        snprintf(path, sizeof path, "tests/golden/%s/snapshot", golden[i]);
        if (!again_snapshot(&a, path, &e))
            fail_msg("%s", e.text);
    }
    for (int k = 0; k < AGAIN_KINDS; k++)
        assert_int_equal(a.differ[k], 0);
    assert_true(a.same[AGAIN_SNAPSHOT] > 800);
    assert_true(a.same[AGAIN_STATE] > 400);
    assert_true(a.same[AGAIN_VALUE] > 10000);
    assert_true(a.opaque[AGAIN_JSON] < a.same[AGAIN_JSON] / 10);
    again_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(golden_again)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
