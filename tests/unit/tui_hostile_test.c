/* Every view of the console, looked at once, on every recording and on answers in which things have been changed that no Flink would
 * say: nothing breaks (ASan and UBSan look on), text has no control characters and no line that is too long, JSON is JSON.
 *
 *   tui_hostile_test [RECORDINGS...]     those of tests/rest; ROUNDS and SEED in the environment for more of them */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/jsonr.h"
#include "base/temp.h"
#include "base/term.h"
#include "live/record.h"
#include "live/shape.h"
#include "tests/support/rest_stub.h"
#include "tui/tui.h"

enum { NAMES = 12, LOOKS = 3 /* small, as large as it takes, JSON */ };

/* --- recordings --- */

struct names {
    char *v[NAMES];
    uint32_t n;
};

static void add(struct names *to, const char *text, size_t n)
{
    for (uint32_t i = 0; i < to->n; i++)
        if (strlen(to->v[i]) == n && !strncmp(to->v[i], text, n))
            return;
    if (to->n < NAMES)
        to->v[to->n++] = strndup(text, n);
}

struct recordings {
    struct http_exchange *v;
    uint32_t n;
    struct names jobs, vertices, items; /* what views can be asked for, as the paths have them */
    struct arena arena;
};

/* What stands behind `mark` in a path, up to the next '/' or '?'. */
static void note(struct names *to, const char *path, const char *mark)
{
    const char *at = strstr(path, mark);
    if (at && at[strlen(mark)])
        add(to, at + strlen(mark), strcspn(at + strlen(mark), "/?"));
}

static void read_line(struct recordings *r, char *line)
{
    char *save, *method = strtok_r(line, "\t", &save), *path = strtok_r(NULL, "\t", &save), *status = strtok_r(NULL, "\t", &save);
    char *type = strtok_r(NULL, "\t", &save), *body = strtok_r(NULL, "\n", &save);
    if (!body || strcmp(method, "GET") != 0)
        return;
    r->v = mem_grow(r->v, r->n + 1, sizeof *r->v);
    struct http_exchange *x = &r->v[r->n++];
    *x = (struct http_exchange){.path = arena_str(&r->arena, path), .status = atoi(status)};
    struct jsonr j = {0};
    struct bytes text = {(const uint8_t *)body, strlen(body)};
    if (!strncmp(type, "text/plain", 10)) {
        jsonr_start(&j, text.p, text.n);
        jsonr_string(&j, &text);
    }
    buf_put(&x->answer, text.p, text.n);
    jsonr_free(&j);
    note(&r->jobs, path, "/jobs/");
    note(&r->vertices, path, "/vertices/");
    note(&r->items, path, "/checkpoints/details/");
    note(&r->items, path, "/taskmanagers/");
}

static void read_recordings(struct recordings *r, const char *path)
{
    char *line = NULL;
    size_t cap = 0;
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    while (getline(&line, &cap, in) > 0)
        if (line[0] != '#')
            read_line(r, line);
    free(line);
    fclose(in);
    static const char *const more[] = {"java.lang.ArithmeticException: / by zero", "jobmanager", "0", "x"};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        add(&r->items, more[i], strlen(more[i]));
    assert_true(r->n > 0);
}

static void forget(struct recordings *r)
{
    for (uint32_t i = 0; i < r->n; i++)
        buf_free(&r->v[i].answer);
    free(r->v);
    struct names *all[] = {&r->jobs, &r->vertices, &r->items};
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < all[k]->n; i++)
            free(all[k]->v[i]);
    arena_free(&r->arena);
}

/* --- changes that no Flink would make --- */

static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* The place behind the value that begins at `at`, as far as brackets and quotes tell. */
static size_t value_end(const struct buf *b, size_t at)
{
    int depth = 0;
    for (bool quoted = false; at < b->n; at++) {
        char c = (char)b->p[at];
        if (quoted && c == '\\')
            at++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '[' || c == '{'))
            depth++;
        else if (!quoted && ((c == ',' && !depth) || ((c == ']' || c == '}') && depth-- <= 0)))
            return at;
    }
    return b->n < at ? b->n : at;
}

static void change(struct buf *b, uint64_t *seed)
{
    static const char *const hostile[] = {"null",
                                          "-1",
                                          "0",
                                          "1e308",
                                          "-1e308",
                                          "9223372036854775807",
                                          "-9223372036854775808",
                                          "123456789012345678901234567890",
                                          "2147483648",
                                          "0.5",
                                          "true",
                                          "\"NaN\"",
                                          "\"-Infinity\"",
                                          "\"\"",
                                          "\"\\u001b[2J\\u0007\\u009b31m\\u0000\\u202e\"",
                                          "\"\\ud800\"",
                                          "\"\\t\\n\\r\"",
                                          "\"9223372036854775807\"",
                                          "[]",
                                          "{}",
                                          "[null]",
                                          "[[],{}]",
                                          "{\"\":1}",
                                          "\"RUNNING\"",
                                          "\"COMPLETED\""};
    size_t places = 0, chosen = 0;
    for (size_t i = 0; i < b->n; i++) /* where a value may begin; in a string it does no harm either */
        if (strchr(":[,", b->p[i]) && next(seed) % ++places == 0)
            chosen = i + 1;
    if (!chosen)
        return;
    size_t end = value_end(b, chosen), n = sizeof hostile / sizeof *hostile, kind = next(seed) % (n + 3);
    struct buf made = {0};
    buf_put(&made, b->p, chosen);
    if (kind < n) {
        buf_puts(&made, hostile[kind]);
    } else if (kind == n) { /* long */
        buf_putc(&made, '"');
        for (int i = 0; i < 5000; i++)
            buf_puts(&made, i % 2 ? "\xe6\x97\xa5" : "e\xcc\x81");
        buf_putc(&made, '"');
    } else if (kind == n + 1) { /* many times the same */
        for (int i = 0; i < 300; i++) {
            buf_put(&made, b->p + chosen, end - chosen);
            buf_puts(&made, i < 299 ? "," : "");
        }
    } /* else: nothing stands there */
    buf_put(&made, b->p + end, b->n - end);
    buf_free(b);
    *b = made;
}

/* --- views --- */

static struct live *play(const struct recordings *r, const char *file, uint64_t *seed)
{
    struct err e = {0};
    struct recorder *to = recorder_open(file, "http://flink.example:8081", 0, &e);
    assert_non_null(to);
    for (uint32_t i = 0; i < r->n; i++) {
        struct http_exchange x = r->v[i];
        x.answer = (struct buf){0};
        buf_put(&x.answer, r->v[i].answer.p, r->v[i].answer.n);
        for (uint64_t k = seed && next(seed) % 2 ? next(seed) % 4 : 0; k > 0; k--)
            change(&x.answer, seed);
        if (seed && next(seed) % 50 == 0)
            x.answer.n /= 2;
        assert_true(recorder_put(to, &x, &e));
        buf_free(&x.answer);
    }
    assert_true(recorder_close(to, &e));
    struct live *l = live_replay(file, &e);
    if (!l)
        fail_msg("%s", e.text);
    return l;
}

static void judge_text(const struct tui_config *c, const char *text)
{
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        for (size_t i = 0; i < n; i++)
            if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
                fail_msg("view %s of %s: a control character in: %s", c->view, c->job, line);
        if (c->w && term_columns(line, n) > (size_t)c->w)
            fail_msg("view %s of %s: wider than %d: %.*s", c->view, c->job, c->w, (int)n, line);
        line += n + (line[n] == '\n');
    }
}

static void judge_json(const struct tui_config *c, const struct buf *out)
{
    struct jsonr j = {0};
    jsonr_start(&j, out->p, out->n);
    jsonr_skip(&j);
    if (!jsonr_end(&j))
        fail_msg("view %s of %s: no JSON: %s", c->view, c->job, (const char *)out->p);
    jsonr_free(&j);
}

/* Returns whether there was something to show. whole: the answers are as Flink gave them, so there must be. */
static bool look(struct live *l, struct tui_config c, bool whole, int looks)
{
    static const int sizes[][2] = {{60, 15}, {0, 0}};
    bool ok = true;
    for (int i = 0; i < looks && ok; i++) {
        struct buf out = {0};
        struct err e = {0};
        c.json = i == 2;
        c.w = i < 2 ? sizes[i][0] : 0;
        c.h = i < 2 ? sizes[i][1] : 0;
        ok = tui_once(&(struct tui_cluster){.name = "made", .live = l}, 1, &c, &out, &e);
        if (!ok && (!*e.text || e.kind == ERR_NONE || strchr(e.text, '\n')))
            fail_msg("view %s of %s: fails without a clear line: '%s'", c.view, c.job, e.text);
        if (!ok && whole && e.kind != ERR_USAGE && e.kind != ERR_MISSING)
            fail_msg("view %s of %s: %s", c.view, c.job, e.text);
        if (ok && c.json)
            judge_json(&c, &out);
        else if (ok)
            judge_text(&c, buf_cstr(&out));
        buf_free(&out);
    }
    return ok;
}

/* Every view of a job; returns how many have shown something. */
static unsigned look_all(struct live *l, const struct recordings *r, const char *job, bool whole)
{
    unsigned shown = 0;
    for (int i = 0; i < VIEWS; i++) {
        struct tui_config c = {.view = tui_view_names[i], .job = job};
        if (!whole && i == VIEW_clusters) /* waits for answers that make no sense as for those to come: seconds each */
            continue;
        enum scope scope = view_rows[i].scope;
        bool item = scope == SCOPE_ITEM, vertex = scope == SCOPE_VERTEX, part = scope == SCOPE_PART || scope == SCOPE_ANY,
             some = false;
        for (uint32_t k = 0; k < (item ? r->items.n : vertex ? r->vertices.n : part ? r->vertices.n + 1 : 1); k++) {
            c.item = item ? r->items.v[k] : NULL;
            c.vertex = vertex ? r->vertices.v[k] : part && k ? r->vertices.v[k - 1] : NULL;
            some = look(l, c, whole, LOOKS) || some;
        }
        shown += some;
    }
    return shown;
}

/* Whether it is a recording of a cluster, and not of what actions are answered. */
static bool is_cluster(const char *path) { return !strstr(path, "/acts-") && !strstr(path, "/submit"); }

static glob_t files;

static void every_view_of_every_recording(void **state)
{
    (void)state;
    struct err e = {0};
    for (size_t f = 0; f < files.gl_pathc; f++) {
        struct recordings r = {0};
        char *dir = temp_dir(&e), path[4096];
        if (!is_cluster(files.gl_pathv[f])) {
            temp_remove(dir);
            continue;
        }
        read_recordings(&r, files.gl_pathv[f]);
        snprintf(path, sizeof path, "%s/r", dir);
        struct live *l = play(&r, path, NULL);
        unsigned most = 0;
        for (uint32_t i = 0; i < r.jobs.n; i++) {
            unsigned shown = look_all(l, &r, r.jobs.v[i], true);
            most = shown > most ? shown : most;
        }
        printf("%s: %u answers, %u jobs, %u views show something\n", files.gl_pathv[f], r.n, r.jobs.n, most);
        assert_true(most >= 5); /* of seven answers, in the smallest one */
        live_close(l);
        forget(&r);
        temp_remove(dir);
    }
}

static void changed_answers(void **state)
{
    (void)state;
    struct err e = {0};
    const char *rounds = getenv("ROUNDS"), *start = getenv("SEED");
    uint64_t seed = start ? strtoull(start, NULL, 10) : 88172645463325252;
    for (size_t f = 0; f < files.gl_pathc; f++)
        for (int k = 0; is_cluster(files.gl_pathv[f]) && k < (rounds ? atoi(rounds) : 4); k++) {
            struct recordings r = {0};
            char *dir = temp_dir(&e), path[4096];
            read_recordings(&r, files.gl_pathv[f]);
            snprintf(path, sizeof path, "%s/r", dir);
            struct live *l = play(&r, path, &seed);
            look_all(l, &r, r.jobs.v[next(&seed) % r.jobs.n], false);
            live_close(l);
            forget(&r);
            temp_remove(dir);
        }
}

/* A server that misbehaves gets no view to hang, and each says so in a line. */
static void misbehaving_servers(void **state)
{
    (void)state;
    static const enum stub_way ways[] = {STUB_TYPES,  STUB_MANY,       STUB_PAGE,  STUB_NO_JSON,
                                         STUB_LOCKED, STUB_LEADERLESS, STUB_FAILS, STUB_CLOSES};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct rest_stub *s = rest_stub_start(NULL, ways[i]);
        struct err e = {0};
        struct live *l = live_open(&(struct live_target){.url = rest_stub_url(s), .proxy = "", .timeout_ms = 1000}, &e);
        assert_non_null(l);
        for (int v = 0; v < VIEWS; v++) {
            if (v == VIEW_clusters && ways[i] != STUB_FAILS) /* patient with each of them */
                continue;
            struct tui_config c = {.view = tui_view_names[v],
                                   .job = ways[i] == STUB_MANY ? "00000000000000000000000000000001" : NULL,
                                   .vertex = "x",
                                   .item = "x"};
            look(l, c, false, 1);
        }
        live_close(l);
        rest_stub_stop(s);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_view_of_every_recording), cmocka_unit_test(changed_answers),
                                       cmocka_unit_test(misbehaving_servers)};
    setenv("LC_ALL", "C.UTF-8", 1);
    for (int i = 1; i < argc; i++)
        glob(argv[i], i > 1 ? GLOB_APPEND : 0, NULL, &files);
    if (argc < 2)
        glob("tests/rest/*.tsv", 0, NULL, &files);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    globfree(&files);
    return failed;
}
