/* How rows are dealt by their keys, and when a job begins again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/wr.h"
#include "runtime/exec_restart.h"
#include "runtime/keygroup.h"
#include "savepoint/keyhash.h"
#include "savepoint/ser_write.h"
#include "sql/types.h"

static struct arena arena;

/* Flink's group of the same key, as it would stand in a snapshot. */
static uint32_t group_in_snapshot(const struct buf *row, const struct ltype *const *types, uint32_t n)
{
    struct err e = {0};
    struct buf key = {0};
    int32_t hash;
    struct ser *s = ser_rowdata(&arena, types, n, NULL, &e);
    assert_non_null(s);
    wr_bytes32(&key, (struct bytes){row->p, row->n});
    struct rd r = rd_of(key.p, key.n, 0);
    assert_true(keyhash_read(s, &r, &hash));
    buf_free(&key);
    return key_group_of_hash(hash, 128);
}

static void keys_are_binary_rows(void **state)
{
    (void)state;
    const struct ltype *types[] = {type_simple(&arena, L_BIGINT, true), type_length(&arena, L_VARCHAR, 100, true),
                                   type_time(&arena, L_TIMESTAMP, 9, NULL, true), type_decimal(&arena, 30, 2, true)};
    static const char *const texts[] = {"", "short", "of more than seven bytes"};
    struct vec cols[4];
    struct batch b = {.n = 3, .n_cols = 4, .cols = cols};
    struct buf scratch = {0};
    const uint32_t keys[] = {0, 1, 2, 3};
    for (uint32_t c = 0; c < 4; c++)
        cols[c] = vec_new(&arena, 3);
    for (uint32_t i = 0; i < 3; i++) {
        cols[0].v[i].i = 5 - (int64_t)i * 7;
        cols[1].v[i].s = (struct bytes){(const uint8_t *)texts[i], strlen(texts[i])};
        cols[2].v[i].t = (struct stamp){1700000000000 + i, 999};
        cols[3].v[i].dec = -((i128)1 << (i * 30));
    }
    cols[2].null[1] = 1;
    cols[3].null[1] = 1;
    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t n = 1; n <= 4; n++) {
            uint32_t group = key_group_of(&scratch, &b, i, keys, n, types, 128);
            assert_true(scratch.n % 8 == 0);
            assert_int_equal(group, group_in_snapshot(&scratch, types, n));
        }
    /* a header of eight bytes, then the number */
    static const uint8_t five[16] = {[8] = 5};
    key_group_of(&scratch, &b, 0, keys, 1, types, 128);
    assert_int_equal(scratch.n, 16);
    assert_memory_equal(scratch.p, five, 16);
    /* what is NULL, but has a place of its own, keeps it */
    key_group_of(&scratch, &b, 1, keys, 4, types, 128);
    assert_int_equal(scratch.n, 8 + 4 * 8 + 8 + 16);
    assert_int_equal(scratch.p[1], 4 | 8);
    buf_free(&scratch);
}

static void groups_are_ranges(void **state)
{
    (void)state;
    uint32_t n[3] = {0};
    for (uint32_t g = 0; g < 128; g++)
        n[key_group_subtask(g, 3, 128)]++;
    assert_int_equal(n[0], 43); /* KeyGroupRangeAssignment: 0 to 42, 43 to 85, 86 to 127 */
    assert_int_equal(n[1], 43);
    assert_int_equal(n[2], 42);
    assert_int_equal(key_group_default_max(1), 128);
    assert_int_equal(key_group_default_max(85), 128);
    assert_int_equal(key_group_default_max(100), 256);
    assert_int_equal(key_group_default_max(32768), 32768);
}

static void restarts(void **state)
{
    (void)state;
    int64_t delay;
    struct restarts r = {.kind = RESTART_NEVER};
    assert_false(restarts_again(&r, 0, 0.5, &delay));
    r = (struct restarts){.kind = RESTART_FIXED, .attempts = 2, .delay = 10};
    assert_true(restarts_again(&r, 0, 0.5, &delay) && delay == 10);
    assert_true(restarts_again(&r, 0, 0.5, &delay) && delay == 10);
    assert_false(restarts_again(&r, 0, 0.5, &delay));
    r = (struct restarts){.kind = RESTART_EXPONENTIAL,
                          .attempts = UINT64_MAX,
                          .delay = 100,
                          .max_delay = 350,
                          .reset = 1000,
                          .multiplier = 2,
                          .jitter = 0.1};
    assert_true(restarts_again(&r, 0, 0.5, &delay) && delay == 100);
    assert_true(restarts_again(&r, 100, 1, &delay) && delay == 220); /* a tenth more at most */
    assert_true(restarts_again(&r, 300, 0.5, &delay) && delay == 350);
    assert_true(restarts_again(&r, 5000, 0.5, &delay) && delay == 100); /* it has been well for long */
    r = (struct restarts){.kind = RESTART_RATE, .attempts = 2, .delay = 1, .interval = 1000};
    assert_true(restarts_again(&r, 0, 0.5, &delay));
    assert_true(restarts_again(&r, 10, 0.5, &delay));
    assert_false(restarts_again(&r, 20, 0.5, &delay));
    r = (struct restarts){.kind = RESTART_RATE, .attempts = 1, .delay = 1, .interval = 1000};
    assert_true(restarts_again(&r, 0, 0.5, &delay));
    assert_true(restarts_again(&r, 2000, 0.5, &delay));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keys_are_binary_rows), cmocka_unit_test(groups_are_ranges),
                                       cmocka_unit_test(restarts)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
