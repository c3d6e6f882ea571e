/* What simulated sinks have written: lines of formats json and changelog-json ({"data": {…}, "op": "+I"}). */
#include <stdlib.h>
#include <string.h>

#include "tests/run/simulate.h"

struct line {
    const char *text; /* its table, and the row */
    size_t key;       /* how much of it tells rows apart */
    uint32_t at;      /* in the order of writing */
    int sign;
};

static int by_text(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    int r = strcmp(x->text, y->text);
    return r ? r : (x->at > y->at) - (x->at < y->at);
}

static int by_key(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    int r = memcmp(x->text, y->text, x->key < y->key ? x->key : y->key);
    r = r ? r : (x->key > y->key) - (x->key < y->key);
    return r ? r : (x->at > y->at) - (x->at < y->at);
}

static int by_birth(const void *a, const void *b)
{
    const struct file *x = *(const struct file *const *)a, *y = *(const struct file *const *)b;
    return (x->born > y->born) - (x->born < y->born);
}

/* Files of whole lines, the first one that was begun first: a part is written between two checkpoints, so what a key has become of comes in its
 * order. Pointers to static memory; *n of them. */
static const struct file *const *parts(const struct sim *s, uint32_t *n)
{
    static const struct file *list[SIM_FILES];
    *n = 0;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->files[i].path && !strncmp(s->files[i].path, "/out/", 5) && strstr(s->files[i].path, "/part-"))
            list[(*n)++] = &s->files[i];
    if (*n)
        qsort(list, *n, sizeof *list, by_birth);
    return list;
}

/* From `line` to `end`: the row, with its table before it. */
static struct line line_of(struct arena *a, const char *table, const char *line, const char *end)
{
    static const char head[] = "{\"data\":", op[] = ",\"op\":\"";
    const char *at = memmem(line, (size_t)(end - line), op, sizeof op - 1);
    bool changes = at && !strncmp(line, head, sizeof head - 1);
    if (changes)
        line += sizeof head - 1;
    struct line l = {.sign = changes && at[sizeof op - 1] == '-' ? -1 : 1};
    l.text = arena_printf(a, "%s%.*s", table, (int)((changes ? at : end) - line), line);
    l.key = strcspn(l.text, ",");
    return l;
}

static void sums(const struct line *lines, uint32_t n, struct buf *to)
{
    for (uint32_t i = 0, k; i < n; i = k) {
        int sum = 0;
        for (k = i; k < n && !strcmp(lines[k].text, lines[i].text); k++)
            sum += lines[k].sign;
        if (sum)
            buf_printf(to, "%d %s\n", sum, lines[i].text);
    }
}

static void lasts(const struct line *lines, uint32_t n, struct buf *to)
{
    for (uint32_t i = 0; i < n; i++)
        if (lines[i].sign > 0 &&
            (i + 1 == n || lines[i].key != lines[i + 1].key || memcmp(lines[i].text, lines[i + 1].text, lines[i].key)))
            buf_printf(to, "1 %s\n", lines[i].text);
}

void sim_fold(const struct sim *s, bool keyed, struct buf *to)
{
    struct arena a = {0};
    struct line *lines = NULL;
    uint32_t n = 0, cap = 0, files;
    const struct file *const *list = parts(s, &files);
    for (uint32_t f = 0; f < files; f++) {
        const char *p = (const char *)list[f]->content.p, *end = p + list[f]->content.n, *stop;
        const char *below = list[f]->path + strlen("/out/"),
                   *table = arena_strn(&a, below, (size_t)(strstr(list[f]->path, "part-") - below));
        for (; p < end && (stop = memchr(p, '\n', (size_t)(end - p))); p = stop + 1) {
            if (n == cap)
                lines = mem_grow(lines, cap = cap ? cap * 2 : 256, sizeof *lines);
            lines[n] = line_of(&a, table, p, stop);
            lines[n].at = n;
            n++;
        }
    }
    if (n)
        qsort(lines, n, sizeof *lines, keyed ? by_key : by_text);
    (keyed ? lasts : sums)(lines, n, to);
    free(lines);
    arena_free(&a);
}
