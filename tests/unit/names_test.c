/* What operators are called, and which one the user means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/temp.h"
#include "inspect/names.h"

static struct meta_operator operator_of(const char *id_of, const char *uid, const char *name)
{
    struct meta_operator op = {.uid = uid, .name = name};
    operator_id_of_uid(id_of, op.id);
    for (int i = 0; i < 16; i++)
        snprintf(op.hex + 2 * i, 3, "%02x", op.id[i]);
    return op;
}

static void labels(void **state)
{
    (void)state;
    struct meta_operator nameless = operator_of("orders", NULL, NULL), with_uid = operator_of("other", "the-uid", "the name");
    assert_null(operator_uid(NULL, &nameless));
    assert_string_equal(operator_label(NULL, &nameless), nameless.hex);
    assert_string_equal(operator_label(NULL, &with_uid), "the-uid");
    struct names names = {0};
    names_add(&names, "unknown");
    assert_string_equal(operator_label(&names, &nameless), nameless.hex);
    names_add(&names, "orders");
    names_add(&names, "other");
    assert_string_equal(operator_uid(&names, &nameless), "orders");
    assert_string_equal(operator_label(&names, &nameless), "orders");
    assert_string_equal(operator_label(&names, &with_uid), "the-uid"); /* the snapshot knows better */
    names_free(&names);
    assert_int_equal(names.n, 0);
}

static void matches(void **state)
{
    (void)state;
    struct meta_operator op = operator_of("orders-map", NULL, NULL), named = operator_of("x", "the-uid", "the name");
    assert_string_equal(op.hex, "902d5c7d09964510a4d1779c87f577d2");
    assert_true(operator_matches(NULL, &op, NULL));
    assert_true(operator_matches(NULL, &op, "orders-map")); /* its hash */
    assert_true(operator_matches(NULL, &op, "902d5c7d09964510a4d1779c87f577d2"));
    assert_true(operator_matches(NULL, &op, "902d5c7d"));
    assert_true(operator_matches(NULL, &op, "902d5c7d0"));
    assert_false(operator_matches(NULL, &op, "902d5c7")); /* too short to be meant */
    assert_false(operator_matches(NULL, &op, "902d5c7e"));
    assert_false(operator_matches(NULL, &op, "902d5c7d09964510a4d1779c87f577d20"));
    assert_false(operator_matches(NULL, &op, ""));
    assert_false(operator_matches(NULL, &op, "orders"));
    assert_true(operator_matches(NULL, &named, "the-uid"));
    assert_true(operator_matches(NULL, &named, "the name"));
    assert_true(operator_matches(NULL, &named, "x"));
    assert_false(operator_matches(NULL, &named, "the"));
}

static void from_file(void **state)
{
    (void)state;
    struct err e = {0};
    struct names names = {0};
    char *dir = temp_dir(&e), path[4096];
    assert_non_null(dir);
    snprintf(path, sizeof path, "%s/uids", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("# uids of the job\n\norders\r\nwith blanks \n#orders-2\n last", f); /* no newline at the end */
    fclose(f);
    assert_true(names_load(&names, path, &e));
    assert_int_equal(names.n, 3);
    assert_string_equal(names.rows[0].uid, "orders");
    assert_string_equal(names.rows[1].uid, "with blanks ");
    assert_string_equal(names.rows[2].uid, " last");
    uint8_t id[16];
    operator_id_of_uid("orders", id);
    assert_memory_equal(names.rows[0].id, id, 16);
    assert_true(names_load(&names, path, &e)); /* a second file adds to the first */
    assert_int_equal(names.n, 6);
    names_free(&names);

    snprintf(path, sizeof path, "%s/nothing", dir);
    assert_false(names_load(&names, path, &e));
    assert_int_equal(e.kind, ERR_MISSING);
    assert_non_null(strstr(e.text, path));
    e = (struct err){0};
    assert_false(names_load(&names, dir, &e)); /* a directory */
    assert_int_equal(e.kind, ERR_IO);
    assert_int_equal(names.n, 0);
    temp_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels),
        cmocka_unit_test(matches),
        cmocka_unit_test(from_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
