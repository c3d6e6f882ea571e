/* _metadata that is wrong in one place, of versions that weir does not read, nested without end: said with the place, never more memory
 * than in proportion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/meta_made.h"

static void refused(void **state)
{
    (void)state;
    static const int others[] = {1, 7, 0, -1, INT32_MAX};
    for (size_t i = 0; i < COUNT(others); i++) {
        struct buf b = empty(others[i]);
        must_fail(&b, ERR_UNSUPPORTED, "weir reads 2 to 6");
        buf_free(&b);
    }
    struct buf b = empty(3);
    b.p[0] ^= 1;
    must_fail(&b, ERR_CORRUPT, "not a Flink _metadata file");
    b.p[0] ^= 1;
    b.p[8] = 0x80;
    must_fail(&b, ERR_CORRUPT, "negative checkpoint id, at offset 16");
    buf_free(&b);

    b = (struct buf){0};
    head(&b, 3, 1);
    u32(&b, 0xC96B1697);
    u32(&b, 0);
    must_fail(&b, ERR_CORRUPT, "no master-state magic");
    buf_free(&b);

    /* a byte of another place, or of none */
    for (unsigned tag = 0; tag < 256; tag++) {
        b = (struct buf){0};
        head(&b, 3, 0);
        u32(&b, 1);
        operator_of(&b, 3, 1);
        subtask_head(&b, 3, 0);
        u32(&b, 0);
        u32(&b, 0);
        size_t at = b.n;
        u8(&b, tag);
        for (int i = 0; i < 100; i++)
            u8(&b, 0);
        struct meta m;
        struct err e;
        assert_false(read_bytes(&m, &b, b.n, &e)); /* if only for what follows */
        bool known = tag == HANDLE_NULL;
        for (size_t i = 0; i < COUNT(keyed_tags); i++)
            known = known || tag == keyed_tags[i];
        assert_int_equal(strstr(e.text, "a keyed-state handle of a type that weir does not know") == NULL, known);
        if (!known)
            assert_true(strtoul(strstr(e.text, "offset ") + 7, NULL, 10) == at);
        read_done();
        buf_free(&b);
    }
}

/* What is wrong in one place of a file that is right else. */
static void faults(void **state)
{
    (void)state;
    struct buf b = {0};
    head(&b, 3, 0);
    u32(&b, 1);
    operator_of(&b, 3, 1);
    size_t before = b.n;
    static const struct {
        const char *hex, *part;
    } all[] = {
        {"00000000 00000001 05", "no operator-state handle where one must stand"},
        {"00000000 00000001 04 00000001 000161 03 00000000", "a distribution mode that weir does not know"},
        {"00000000 00000000 00000000 03 ffffffff 00000001 0000000000000000 00", "key groups outside 0 to 32768"},
        {"00000000 00000000 00000000 03 00000000 00008001", "key groups outside 0 to 32768"},
        {"00000000 00000000 00000000 07 00000000 00000000 02 8000000000000000", "negative size of a state file"},
        {"00000000 00000000 00000000 07 00000000 00000000 09", "a state handle of a type that weir does not know"},
        {"00000000 00000000 00000000 00 00 ffffffff", "negative count"},
        {"00000000 00000000 00000000 00 00 7fffffff", "count larger than what is left"},
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        b.n = before;
        hexed(&b, all[i].hex);
        must_fail(&b, ERR_CORRUPT, all[i].part);
    }
    buf_free(&b);

    b = (struct buf){0}; /* an operator that is parallel beyond reason */
    head(&b, 3, 0);
    u32(&b, 1);
    hexed(&b, ID);
    u32(&b, 1 << 21);
    u32(&b, 128);
    u8(&b, 0);
    u32(&b, 0);
    must_fail(&b, ERR_CORRUPT, "parallelism outside 0 to 1048576");
    buf_free(&b);

    b = (struct buf){0}; /* Flink 1.1's states in version 2 */
    head(&b, 2, 0);
    u32(&b, 1);
    operator_of(&b, 2, 1);
    u32(&b, 0);
    u64(&b, UINT64_MAX);
    u32(&b, 1);
    must_fail(&b, ERR_CORRUPT, "legacy (Flink 1.1) states");
    buf_free(&b);

    /* an input where outputs are, and a type that is none */
    for (unsigned type = 0; type < 6; type++) {
        b = (struct buf){0};
        head(&b, 6, 0);
        u32(&b, 1);
        operator_of(&b, 6, 1);
        subtask_head(&b, 6, 0);
        hexed(&b, "00000000 00000000 00 00 00000000 00000001");
        u8(&b, type);
        if (type == 2)
            hexed(&b, "00000000 00000000 00000000 00000000 0000000000000000 00");
        else if (type == 4)
            hexed(&b, "00000000 0000000000000000 00 00000000");
        else
            hexed(&b, "000000000000000000000000");
        end(&b, 6);
        if (type == 2 || type == 4) {
            struct meta m;
            must_read(&m, &b);
            assert_int_equal(m.operators[0].subtasks[0].outputs[0].type, type);
            read_done();
        } else {
            must_fail(&b, ERR_CORRUPT, "an in-flight data handle of a type that weir does not know");
        }
        buf_free(&b);
    }
}

/* Changelogs in changelogs in …, each with lists as long as all that is left: memory stays in proportion to the file. */
static void nested_without_end(void **state)
{
    (void)state;
    struct buf b = {0};
    head(&b, 3, 0);
    u32(&b, 1);
    operator_of(&b, 3, 1);
    subtask_head(&b, 3, 0);
    u32(&b, 0);
    u32(&b, 0);
    size_t levels = 1000, level = 1 + 8 + 8 + 4, n = b.n + levels * level;
    for (size_t i = 0; i < levels; i++) {
        u8(&b, HANDLE_CHANGELOG);
        range(&b);
        u64(&b, 0);
        u32(&b, (uint32_t)(n - b.n - 4));
    }
    struct meta m;
    struct err e;
    assert_false(read_bytes(&m, &b, b.n, &e));
    assert_int_equal(e.kind, ERR_CORRUPT);
    assert_true(arena.used < 1000 * b.n);
    read_done();
    buf_free(&b);

    b = (struct buf){0}; /* and key-group handles as each other's streams */
    head(&b, 3, 0);
    u32(&b, 1);
    operator_of(&b, 3, 1);
    subtask_head(&b, 3, 0);
    u32(&b, 0);
    u32(&b, 0);
    for (int i = 0; i < 100000; i++) {
        u8(&b, HANDLE_KEY_GROUPS);
        u64(&b, 0);
    }
    must_fail(&b, ERR_CORRUPT, "nested too deeply");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused),
        cmocka_unit_test(faults),
        cmocka_unit_test(nested_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
