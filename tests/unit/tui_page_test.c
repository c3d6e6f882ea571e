/* The tables of weir-top(1) are the program's own: views.def and keys.def. UPDATE=1 writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/keys.h"
#include "tui/view.h"

static const char path[] = "man/weir-top.1";

static void views(struct buf *b)
{
    buf_puts(b, ".Bl -column \"taskmanagers\" \"key\" \"what\"\n");
    for (int i = 0; i < VIEWS; i++) {
        const struct view_row *r = &view_rows[i];
        if (r->key)
            buf_printf(b, ".It %s Ta %c Ta %s\n", r->name, r->key, r->about);
        else
            buf_printf(b, ".It %s Ta Ta %s\n", r->name, r->about);
    }
    buf_puts(b, ".El\n");
}

/* A key in mdoc: what would be punctuation is text. */
static void put_key(struct buf *b, int key)
{
    struct key_name n = key_name(key);
    buf_printf(b, strchr(".,:;?!()[]-", n.s[0]) && !n.s[1] ? "Ic \\&%s" : "Ic %s", n.s);
}

static void keys(struct buf *b)
{
    buf_puts(b, ".Bl -tag -width \"Tab, Shift-Tab\"\n");
    for (int i = 0; i < VERBS - 1; i++) {
        buf_puts(b, ".It ");
        put_key(b, key_rows[i].key);
        if (key_rows[i].other) {
            buf_puts(b, " , ");
            put_key(b, key_rows[i].other);
        }
        buf_printf(b, "\n%s\n", key_rows[i].help);
    }
    buf_puts(b, ".El\n");
}

static void read_page(struct buf *b)
{
    char part[4096];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    for (size_t n; (n = fread(part, 1, sizeof part, f));)
        buf_put(b, part, n);
    fclose(f);
}

static void has_table(const char *what, void (*make)(struct buf *))
{
    struct buf page = {0}, table = {0}, now = {0};
    char begin[32], end[32];
    read_page(&page);
    make(&table);
    snprintf(begin, sizeof begin, ".\\\" begin %s\n", what);
    snprintf(end, sizeof end, ".\\\" end %s\n", what);
    const char *text = buf_cstr(&page), *from = strstr(text, begin), *to = strstr(text, end);
    assert_true(from && to && to > from);
    from += strlen(begin);
    if (getenv("UPDATE")) {
        buf_put(&now, text, (size_t)(from - text));
        buf_put(&now, table.p, table.n);
        buf_puts(&now, to);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fwrite(now.p, 1, now.n, f), now.n);
        assert_int_equal(fclose(f), 0);
    } else {
        buf_put(&now, from, (size_t)(to - from));
        assert_string_equal(buf_cstr(&now), buf_cstr(&table));
    }
    buf_free(&page);
    buf_free(&table);
    buf_free(&now);
}

static void the_page_has_the_views(void **state)
{
    (void)state;
    has_table("views", views);
}

static void the_page_has_the_keys(void **state)
{
    (void)state;
    has_table("keys", keys);
}

static void views_are_told_apart(void **state)
{
    (void)state;
    for (int i = 0; i < VIEWS; i++)
        for (int k = 0; k < VIEWS; k++) {
            assert_true(i == k || strcmp(view_rows[i].name, view_rows[k].name));
            assert_true(i == k || !view_rows[i].key || view_rows[i].key != view_rows[k].key);
            assert_int_equal(key_verb(view_rows[i].key), VERB_NONE);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_page_has_the_views), cmocka_unit_test(the_page_has_the_keys),
                                       cmocka_unit_test(views_are_told_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
