/* Flame graphs: trees as Flink tells them and as nobody should, what is laid out of them, the methods that burn most. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/flame.h"
#include "tui/flame_draw.h"

/* "name value ( children )": main 10 ( a 6 ( b 6 ) c 4 ) */
static struct live_flame_node *parse(struct arena *a, const char **p, uint32_t *n)
{
    struct live_flame_node *v = arena_array(a, 64, sizeof *v);
    char name[64];
    long value;
    int used;
    for (*n = 0; sscanf(*p, " %63s %ld%n", name, &value, &used) == 2; (*n)++) {
        *p += used;
        v[*n] = (struct live_flame_node){.name = arena_str(a, name), .value = value};
        while (**p == ' ')
            (*p)++;
        if (**p == '(') {
            (*p)++;
            v[*n].children = parse(a, p, &v[*n].n_children);
        }
    }
    while (**p == ' ' || **p == ')') {
        bool end = **p == ')';
        (*p)++;
        if (end)
            break;
    }
    return v;
}

static void take(struct flame *f, const char *text)
{
    struct arena a = {0};
    uint32_t n;
    const struct live_flame_node *root = parse(&a, &text, &n);
    assert_int_equal(n, 1);
    flame_take(f, root);
    arena_free(&a);
}

/* The rows of boxes: "main[0,20] / a[0,12] c[12,8]"; a folded one "main-a". */
static const char *boxes(const struct flame *f, const struct flame_boxes *b)
{
    static char text[2048];
    size_t n = 0;
    int row = 0;
    text[0] = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        const struct flame_box *x = &b->v[i];
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? " " : "", x->row != row ? "/ " : "");
        n += (size_t)snprintf(text + n, sizeof text - n, "%s", f->v[x->frame].name);
        if (x->last != x->frame)
            n += (size_t)snprintf(text + n, sizeof text - n, "-%s", f->v[x->last].name);
        n += (size_t)snprintf(text + n, sizeof text - n, "[%d,%d]", x->x, x->w);
        row = x->row;
    }
    return text;
}

static void a_tree_becomes_boxes(void **state)
{
    struct flame f = {0};
    struct flame_boxes b = {0};
    (void)state;
    take(&f, "main 10 ( c 4 a 6 ( b 6 ( d 5 ) ) )");
    assert_int_equal(f.n, 5);
    flame_layout(&f, 0, 20, false, &b);
    assert_string_equal(boxes(&f, &b), "main[0,20] / a[0,12] c[12,8] / b[0,12] / d[0,10]");
    flame_layout(&f, 0, 20, true, &b); /* b has one sample of its own: it stays the end of its chain */
    assert_string_equal(boxes(&f, &b), "main[0,20] / a-b[0,12] c[12,8] / d[0,10]");
    flame_layout(&f, flame_follow(&f, "a\n", &(bool){false}), 12, true, &b);
    assert_string_equal(boxes(&f, &b), "a-b[0,12] / d[0,10]");
    free(b.v);
    flame_free(&f);
}

static void what_has_no_column_is_left_out(void **state)
{
    struct flame f = {0};
    struct flame_boxes b = {0};
    (void)state;
    take(&f, "main 1000 ( a 500 b 498 c 1 ( e 1 ) d 1 )");
    flame_layout(&f, 0, 10, true, &b);
    assert_string_equal(boxes(&f, &b), "main[0,10] / a[0,5] b[5,5]");
    flame_layout(&f, 0, 1, true, &b);
    assert_string_equal(boxes(&f, &b), "main[0,1] / a[0,1]");
    flame_layout(&f, 0, 0, true, &b);
    assert_int_equal(b.n, 0);
    flame_layout(&f, 99, 10, true, &b);
    assert_int_equal(b.n, 0);
    free(b.v);
    flame_free(&f);
}

/* Children lie below their callers, side by side, however wrong the figures are. */
static void check(const struct flame_boxes *b, int columns)
{
    for (uint32_t i = 0; i < b->n; i++) {
        const struct flame_box *x = &b->v[i], *up = &b->v[x->up], *before = i ? &b->v[i - 1] : NULL;
        assert_true(x->w >= 1 && x->x >= 0 && x->x + x->w <= columns);
        assert_true(!i || (x->up < i && x->row == up->row + 1 && x->x >= up->x && x->x + x->w <= up->x + up->w));
        if (before && before->row == x->row)
            assert_true(before->x + before->w <= x->x);
    }
}

static void figures_that_cannot_be(void **state)
{
    static const char *const trees[] = {"main 0", "main -5 ( a -3 b 0 )", "main 1 ( a 5 ( b 9 ( c 100 ) ) d 7 )",
                                        "main 9223372036854775807 ( a 9223372036854775807 b 9223372036854775807 )",
                                        "main 0 ( a 0 ( b 0 ) )"};
    (void)state;
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        struct flame f = {0};
        struct flame_boxes b = {0};
        uint32_t n;
        take(&f, trees[i]);
        for (int columns = 1; columns < 60; columns++) {
            flame_layout(&f, 0, columns, columns % 2, &b);
            assert_true(b.n >= 1);
            check(&b, columns);
        }
        for (uint32_t k = 0; k < f.n; k++)
            assert_true(f.v[k].self >= 0 && f.v[k].samples >= 0 && f.v[k].samples <= f.v[f.v[k].parent].samples);
        free(flame_methods(&f, 0, &n));
        free(b.v);
        flame_free(&f);
    }
}

static void too_deep_and_too_wide(void **state)
{
    enum { DEEP = 5000, WIDE = FLAME_FRAMES + 500 };
    struct live_flame_node *v = calloc(WIDE + 1, sizeof *v);
    struct flame f = {0};
    struct flame_boxes b = {0};
    uint32_t n;
    (void)state;
    for (int i = 0; i < DEEP; i++)
        v[i] = (struct live_flame_node){
            .name = i % 2 ? "odd" : NULL, .value = DEEP, .children = &v[i + 1], .n_children = i + 1 < DEEP};
    flame_take(&f, v);
    assert_true(f.cut && f.n == FLAME_DEPTH);
    flame_layout(&f, 0, 50, false, &b);
    assert_int_equal(b.rows, FLAME_DEPTH);
    struct flame_method *m = flame_methods(&f, 0, &n);
    assert_int_equal(n, 2); /* "odd" and "?" call each other, and count once a stack */
    assert_true(m[0].samples <= DEEP && m[1].samples <= DEEP);
    free(m);
    for (int i = 0; i < WIDE; i++)
        v[i + 1] = (struct live_flame_node){.name = "wide", .value = 1};
    v[0] = (struct live_flame_node){.name = "root", .value = 1, .children = v + 1, .n_children = WIDE};
    flame_take(&f, v);
    assert_true(f.cut && f.n == FLAME_FRAMES);
    flame_layout(&f, 0, 50, true, &b);
    check(&b, 50);
    free(b.v);
    free(v);
    flame_free(&f);
}

static void the_way_is_found_again(void **state)
{
    struct flame f = {0};
    struct flame_boxes b = {0};
    struct buf way = {0};
    bool all;
    (void)state;
    take(&f, "main 10 ( a 6 ( b 6 ( d 5 ) ) c 4 )");
    uint32_t d = flame_follow(&f, "a\nb\nd\n", &all);
    assert_true(all);
    assert_string_equal(f.v[d].name, "d");
    flame_way(&f, d, &way);
    assert_string_equal(buf_cstr(&way), "a\nb\nd\n");
    flame_layout(&f, 0, 20, true, &b);
    for (uint32_t i = 0; i < f.n; i++) { /* each frame is shown by the box it lies in */
        const struct flame_box *x = &b.v[flame_box_of(&f, &b, i)];
        assert_true(f.v[x->frame].depth <= f.v[i].depth && f.v[i].depth <= f.v[x->last].depth);
    }
    flame_layout(&f, 0, 2, true, &b); /* too narrow for c or with d gone: the nearest above */
    assert_int_equal(flame_box_of(&f, &b, flame_follow(&f, "c\n", &all)), b.n > 2 ? 2 : flame_box_of(&f, &b, 0));
    take(&f, "main 10 ( a 6 ( x 6 ) )");
    uint32_t a = flame_follow(&f, buf_cstr(&way), &all);
    assert_false(all);
    assert_string_equal(f.v[a].name, "a");
    buf_free(&way);
    free(b.v);
    flame_free(&f);
}

static void names_are_cut_to_what_tells_most(void **state)
{
    static const struct {
        const char *name, *class_name, *method;
    } names[] = {
        {"java.lang.Thread.run:840", "Thread.run:840", "run"},
        {"jdk.internal.misc.Unsafe.park:-2", "Unsafe.park", "park"},
        {"StreamExecCalc$9.processElement:-1", "StreamExecCalc$9.processElement", "processElement"},
        {"org.x.Task$$Lambda$858/0x00007f.run:-1", "Task$$Lambda$858/0x00007f.run", "run"},
        {"root", "root", "root"},
        {"", "", ""},
        {".", "", ""},
        {"a..b:", "", "b"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int n;
        const char *p = flame_name(names[i].name, FLAME_METHOD, &n);
        assert_true(n >= 0);
        assert_true((int)strlen(names[i].method) == n && !strncmp(p, names[i].method, (size_t)n));
        p = flame_name(names[i].name, FLAME_CLASS, &n);
        assert_true(n >= 0 && p >= names[i].name);
        if (names[i].class_name[0])
            assert_true((int)strlen(names[i].class_name) == n && !strncmp(p, names[i].class_name, (size_t)n));
    }
    assert_int_equal(flame_kind("org.apache.flink.runtime.state.heap.X.get:1"), FLAME_STATE);
    assert_int_equal(flame_kind("org.apache.flink.streaming.X.get:1"), FLAME_FLINK);
    assert_int_equal(flame_kind("java.util.HashMap.get:1"), FLAME_JAVA);
    assert_int_equal(flame_kind("com.example.Job.map:1"), FLAME_YOURS);
    assert_int_equal(flame_kind("KeyProjection$0.apply:-1"), FLAME_YOURS);
}

static void methods_are_summed_over_lines_and_stacks(void **state)
{
    struct flame f = {0};
    uint32_t n;
    (void)state;
    take(&f, "root 100 ( x.a:1 60 ( x.b:5 30 x.b:7 20 ( x.a:9 20 ) ) x.c:1 40 ( x.b:5 15 ) )");
    struct flame_method *m = flame_methods(&f, 0, &n);
    assert_int_equal(n, 3);
    assert_string_equal(f.v[m[0].frame].name, "x.b:5");
    assert_true(m[0].self == 45 && m[0].samples == 65);
    assert_string_equal(f.v[m[1].frame].name, "x.a:9"); /* where it has most of its own */
    assert_true(m[1].self == 30 && m[1].samples == 60); /* its call of itself is no more */
    assert_true(m[2].self == 25 && m[2].samples == 40);
    free(m);
    m = flame_methods(&f, flame_follow(&f, "x.c:1\n", &(bool){false}), &n);
    assert_int_equal(n, 2);
    free(m);
    flame_free(&f);
}

static void a_graph_is_drawn(void **state)
{
    struct flame f = {0};
    struct flame_boxes b = {0};
    struct grid g = {0};
    struct buf out = {0};
    struct flame_look look = {.at = 1, .filter = "", .method = -1, .plain = true};
    (void)state;
    take(&f, "root 10 ( x.Main.run:1 8 ( x.Hot.loop:7 5 x.\x1b[31mcold:1 3 ) )");
    flame_layout(&f, 0, 40, true, &b);
    grid_size(&g, 40, 4);
    flame_draw(&f, &b, &look, &g, g.clip);
    grid_print(&g, &out, false);
    assert_string_equal(buf_cstr(&out),
                        "▏all 10 samples░░░░░░░░░░░░░░░░░░░░░░░░░\n"
                        "▶Main.run:1 80%━━━━━━━━━━━━━━━━━\n"
                        "▏Hot.loop:7 50%░░░░░▏\\x1b[31mco…\n\n");
    assert_int_equal(g.cell[2 * 40].style, ST_FLAME_YOURS | STYLE_REVERSED);
    take(&f, "root 10 ( java.lang.Thread.run:1 10 ( x.Job.map:1 10 ( java.lang.Thread.sleep:-2 10 ) ) )");
    flame_layout(&f, 0, 40, true, &b);
    look.at = UINT32_MAX;
    flame_draw(&f, &b, &look, &g, g.clip);
    assert_int_equal(g.cell[0].style, ST_FLAME_YOURS | STYLE_REVERSED); /* who sleeps is the job's method */
    take(&f, "root 10 ( x.Main.run:1 8 ( x.Hot.loop:7 5 x.cold:1 3 ) )");
    flame_layout(&f, 0, 40, true, &b);
    look.filter = "hot";
    assert_false(flame_lit(&f, &b.v[1], &look));
    assert_true(flame_lit(&f, &b.v[2], &look));
    buf_free(&out);
    grid_free(&g);
    free(b.v);
    flame_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_becomes_boxes),
        cmocka_unit_test(what_has_no_column_is_left_out),
        cmocka_unit_test(figures_that_cannot_be),
        cmocka_unit_test(too_deep_and_too_wide),
        cmocka_unit_test(the_way_is_found_again),
        cmocka_unit_test(names_are_cut_to_what_tells_most),
        cmocka_unit_test(methods_are_summed_over_lines_and_stacks),
        cmocka_unit_test(a_graph_is_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
