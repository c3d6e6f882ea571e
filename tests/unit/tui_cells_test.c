/* Cells, meters, lists, keys of the console. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "live/model.h"
#include "tui/cells.h"
#include "tui/keys.h"
#include "tui/list.h"
#include "tui/meter.h"
#include "tui/prompt.h"
#include "tui/show.h"
#include "tui/term.h"

static void shows(const struct grid *g, bool ascii, const char *expected)
{
    struct buf b = {0};
    grid_print(g, &b, ascii);
    assert_string_equal(buf_cstr(&b), expected);
    buf_free(&b);
}

static void text_is_cut_and_escaped(void **state)
{
    (void)state;
    struct grid g = {0};
    grid_size(&g, 12, 3);
    assert_int_equal(grid_text(&g, 0, 0, 12, ST_NORMAL, "hello"), 5);
    assert_int_equal(grid_text(&g, 0, 1, 6, ST_NORMAL, "too long for it"), 6);
    grid_text(&g, 0, 2, 12, ST_NORMAL, "a\x1b[31mb");
    shows(&g, false, "hello\ntoo l…\na\\x1b[31mb\n");
    shows(&g, true, "hello\ntoo l~\na\\x1b[31mb\n");
    grid_size(&g, 5, 1);
    grid_right(&g, 0, 0, 5, ST_NORMAL, "42");
    shows(&g, false, "   42\n");
    grid_free(&g);
}

static void wide_characters_and_marks(void **state)
{
    (void)state;
    struct grid g = {0};
    grid_size(&g, 6, 1);
    assert_int_equal(grid_text(&g, 0, 0, 6, ST_NORMAL, "日本"), 4);
    shows(&g, false, "日本\n");
    shows(&g, true, "????\n");
    grid_put(&g, 1, 0, ST_NORMAL, 'x'); /* the half that is left of 日 goes */
    shows(&g, false, " x本\n");
    assert_int_equal(grid_text(&g, 0, 0, 4, ST_NORMAL, "日本語"), 3);
    shows(&g, false, "日…\n"); /* 本 would be half outside */
    grid_size(&g, 3, 1);
    grid_text(&g, 2, 0, 3, ST_NORMAL, "日"); /* half of it beyond the grid */
    shows(&g, false, "\n");
    grid_text(&g, 0, 0, 3, ST_NORMAL,
              "e\xcc\x81"
              "f");
    shows(&g, false,
          "e\xcc\x81"
          "f\n");
    grid_free(&g);
}

static void clips(void **state)
{
    (void)state;
    struct grid g = {0};
    grid_size(&g, 6, 3);
    const struct rect old = grid_clip(&g, (struct rect){1, 1, 3, 5});
    grid_box(&g, (struct rect){0, 0, 6, 3}, ST_FRAME);
    grid_text(&g, -2, 1, 20, ST_NORMAL, "abcdefghij");
    grid_put(&g, 1000000, 1, ST_NORMAL, 'x');
    grid_unclip(&g, old);
    shows(&g, false, "\n def\n ───\n");
    grid_free(&g);
}

static void every_character_has_an_ascii_one(void **state)
{
    (void)state;
    for (uint32_t code = 0x20; code < 0x3000; code++) {
        uint32_t a = cell_ascii(code);
        assert_true(a >= 0x20 && a < 0x7f + (code == 0x7f));
    }
}

static void meters(void **state)
{
    (void)state;
    struct grid g = {0};
    const double v[] = {0, 1, 2, 4, NAN, 8};
    grid_size(&g, 10, 1);
    meter_bar(&g, 0, 0, 10, ST_OK, 0.55);
    shows(&g, false, "█████▌\n");
    shows(&g, true, "######\n");
    meter_bar(&g, 0, 0, 10, ST_OK, 0.0001);
    shows(&g, false, "▏\n");
    meter_bar(&g, 0, 0, 10, ST_OK, 7);
    shows(&g, false, "██████████\n");
    meter_load(&g, 0, 0, 10, 0.5, 0.3, 0.2);
    shows(&g, false, "█████▓▓▓░░\n");
    meter_load(&g, 0, 0, 10, NAN, NAN, NAN);
    shows(&g, false, "·····?····\n");
    meter_load(&g, 0, 0, 10, NAN, 0.9, 0);
    shows(&g, false, "▓▓▓▓▓▓▓▓▓·\n");
    grid_size(&g, 8, 1);
    meter_spark(&g, 0, 0, 8, ST_CHART, v, 6, 0);
    shows(&g, false, "  ▁▁▂▄ █\n");
    shows(&g, true, "  __.- #\n");
    grid_size(&g, 3, 2);
    meter_chart(&g, (struct rect){0, 0, 3, 2}, ST_CHART, (const double[]){0, 1, 2, 3, 4, 5}, 6, 0, 5);
    struct buf b = {0};
    grid_print(&g, &b, false);
    assert_true(strstr(buf_cstr(&b), "\xe2\xa0") || strstr(buf_cstr(&b), "\xe2\xa1") || strstr(buf_cstr(&b), "\xe2\xa2"));
    buf_free(&b);
    grid_free(&g);
}

static void figures(void **state)
{
    (void)state;
    assert_string_equal(show_ms(340).s, "340 ms");
    assert_string_equal(show_ms(12340).s, "12.3 s");
    assert_string_equal(show_ms(187000).s, "3m07s");
    assert_string_equal(show_ms(5 * 3600000 + 3 * 60000).s, "5h03m");
    assert_string_equal(show_ms(52 * 3600000LL).s, "2d04h");
    assert_string_equal(show_ms(-187000).s, "-3m07s");
    assert_string_equal(show_ms(LIVE_ABSENT).s, "-");
    assert_string_equal(show_ms(INT64_MAX).s, "106751991167d07h");
    assert_string_equal(show_rate(0).s, "0/s");
    assert_string_equal(show_rate(3.25).s, "3.2/s");
    assert_string_equal(show_rate(999.4).s, "999/s");
    assert_string_equal(show_rate(12345).s, "12.3k/s");
    assert_string_equal(show_rate(1e300).s, show_rate(1e300).s);
    assert_string_equal(show_rate(NAN).s, "-");
    assert_string_equal(show_share(0.824).s, "82%");
    assert_string_equal(show_bytes(LIVE_ABSENT).s, "-");
    assert_string_equal(show_count(-1234567).s, "-1,234,567");
    show_now(1795401364922);
    assert_string_equal(show_time(1795401364922).s, "02:36:04");
    assert_string_equal(show_time(1795301364922).s, "11-21 22:49");
    assert_string_equal(show_time(0).s, "1970-01-01");
    show_now(0);
}

/* --- lists --- */

static const struct list_col cols[] = {
    {.title = "NAME", .json = "name", .flex = 4},
    {.title = "N", .json = "n", .align = LIST_RIGHT},
    {.title = "WORD", .json = "word", .rank = 1},
};

static void fill(struct list *l)
{
    static const struct {
        const char *id, *name, *word;
        double n;
    } rows[] = {
        {"a", "alpha", "one", 3}, {"b", "beta with a long name", "two", 1}, {"c", "gamma", NULL, NAN}, {"d", "delta", "four", 2}};
    list_begin(l);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        list_row(l, rows[i].id, ST_NORMAL);
        list_text(l, ST_NORMAL, rows[i].name);
        list_number(l, ST_NORMAL, rows[i].n, isnan(rows[i].n) ? "-" : (char[]){(char)('0' + rows[i].n), 0});
        list_text(l, ST_NORMAL, rows[i].word);
    }
    list_end(l);
}

static void list_shows(struct list *l, int w, int h, const char *expected)
{
    struct grid g = {0};
    grid_size(&g, w, h);
    list_draw(l, &g, (struct rect){0, 0, w, h}, true);
    shows(&g, false, expected);
    grid_free(&g);
}

static void lists_fit(void **state)
{
    (void)state;
    struct list l = {.cols = cols, .n_cols = 3, .sort = -1};
    fill(&l);
    list_shows(&l, 40, 6,
               " NAME                  N WORD\n"
               " alpha                 3 one\n"
               " beta with a long name 1 two\n"
               " gamma                 - -\n"
               " delta                 2 four\n\n");
    list_shows(&l, 14, 3, " NAME   N WORD\n alpha  3 one\n beta … 1 two\n");
    list_free(&l);
}

static void lists_sort_filter_walk(void **state)
{
    (void)state;
    struct list l = {.cols = cols, .n_cols = 3, .sort = -1};
    fill(&l);
    list_goto(&l, "d");
    assert_true(list_verb(&l, VERB_SORT));
    assert_true(list_verb(&l, VERB_SORT)); /* numbers come largest first, what is not known last */
    list_shows(&l, 30, 5,
               " NAME                  N▼ WORD\n"
               " alpha                  3 one\n"
               " delta                  2 four\n"
               " beta with a long name  1 two\n"
               " gamma                  - -\n");
    assert_string_equal(list_here(&l)->id, "d"); /* the cursor stays with its row */
    list_verb(&l, VERB_REVERSE);
    assert_string_equal(l.rows[l.order[0]].id, "c");
    list_verb(&l, VERB_BOTTOM);
    assert_string_equal(list_here(&l)->id, "a");
    strcpy(l.filter, "TA");
    list_arrange(&l);
    assert_int_equal(l.n_order, 2);
    strcpy(l.filter, "!ta");
    list_arrange(&l);
    assert_int_equal(l.n_order, 2);
    strcpy(l.filter, "~dlt");
    list_arrange(&l);
    assert_int_equal(l.n_order, 1);
    assert_string_equal(list_here(&l)->id, "d");
    list_verb(&l, VERB_MARK);
    assert_true(list_marked(&l, "d"));
    strcpy(l.filter, "nothing like it");
    list_arrange(&l);
    assert_null(list_here(&l));
    list_verb(&l, VERB_DOWN);
    list_verb(&l, VERB_MARK);
    list_shows(&l, 20, 2, " NAME N▲ WORD\n\n");
    list_free(&l);
}

static void lists_are_json(void **state)
{
    (void)state;
    struct list l = {.cols = cols, .n_cols = 3, .sort = -1};
    struct buf b = {0};
    struct jsonw w = {.out = &b};
    fill(&l);
    strcpy(l.filter, "gam");
    list_arrange(&l);
    list_json(&l, &w);
    assert_string_equal(buf_cstr(&b), "[{\"name\":\"gamma\",\"n\":null,\"word\":null}]");
    buf_free(&b);
    list_free(&l);
}

/* --- keys and prompts --- */

static void keys_are_unique(void **state)
{
    (void)state;
    for (int i = 0; i < VERBS - 1; i++) {
        assert_int_equal(key_verb(key_rows[i].key), key_rows[i].verb);
        if (key_rows[i].other)
            assert_int_equal(key_verb(key_rows[i].other), key_rows[i].verb);
    }
    assert_int_equal(key_verb('~'), VERB_NONE);
    assert_string_equal(key_name(12).s, "^L");
    assert_string_equal(key_name(KEY_RETURN).s, "Enter");
}

static void prompts(void **state)
{
    (void)state;
    static const char *const words[] = {"checkpoints", "checkpoint", "graph", NULL};
    struct prompt p;
    prompt_open(&p, PROMPT_COMMAND, "");
    assert_int_equal(prompt_key(&p, 'c', words), PROMPT_CHANGED);
    prompt_key(&p, KEY_TAB_, words);
    assert_string_equal(p.text, "checkpoint");
    prompt_key(&p, KEY_ERASE, words);
    prompt_key(&p, 0x20ac, words);
    assert_string_equal(p.text, "checkpoin€");
    prompt_key(&p, KEY_ERASE, words);
    assert_string_equal(p.text, "checkpoin");
    for (int i = 0; i < 300; i++)
        prompt_key(&p, 'x', words);
    assert_true(strlen(p.text) < sizeof p.text);
    assert_int_equal(prompt_key(&p, KEY_RETURN, words), PROMPT_ENTERED);
    prompt_key(&p, 'U' - '@', words);
    assert_int_equal(prompt_key(&p, KEY_ERASE, words), PROMPT_LEFT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_cut_and_escaped),
        cmocka_unit_test(wide_characters_and_marks),
        cmocka_unit_test(clips),
        cmocka_unit_test(every_character_has_an_ascii_one),
        cmocka_unit_test(meters),
        cmocka_unit_test(figures),
        cmocka_unit_test(lists_fit),
        cmocka_unit_test(lists_sort_filter_walk),
        cmocka_unit_test(lists_are_json),
        cmocka_unit_test(keys_are_unique),
        cmocka_unit_test(prompts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
