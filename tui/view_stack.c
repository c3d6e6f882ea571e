/* The stack of a group of threads, and who they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/threads.h"

static const struct list_col cols[] = {{.title = "STACK", .json = "line", .flex = 20}};

/* "PROCESS/KEY" */
static const char *process_of(const struct view *v, struct arena *a, uint32_t *key)
{
    const char *slash = strrchr(v->at.item, '/');
    *key = slash ? (uint32_t)strtoul(slash + 1, NULL, 16) : 0;
    return slash ? arena_strn(a, v->at.item, (size_t)(slash - v->at.item)) : v->at.item;
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    struct arena a = {0};
    uint32_t key;
    const struct live_ask dump = process_ask(PROCESS_THREADS, process_of(v, &a, &key), NULL);
    (void)w;
    want_ask(wants, &dump);
    arena_free(&a);
}

/* The group that the view is about; NULL: no thread has this stack any more. */
static const struct thread_group *group_of(const struct view *v, const struct world *w, struct arena *a)
{
    uint32_t key, n = 0;
    const struct live_answer *got = threads_answer(w, process_of(v, a, &key));
    const struct thread_group *g = got && got->data ? thread_groups(a, got->data, &n) : NULL;
    for (uint32_t i = 0; i < n; i++)
        if (g[i].key == key)
            return &g[i];
    return NULL;
}

static enum style style_of(const char *line)
{
    const char *module = strchr(line, '/'), *call = module && module < line + strcspn(line, "(") ? module + 1 : line + 4;
    if (strncmp(line, "\tat ", 4) != 0)
        return ST_WARN; /* locks */
    return !strncmp(call, "java.", 5) || !strncmp(call, "jdk.", 4) || !strncmp(call, "sun.", 4) ? ST_DIM : ST_NORMAL;
}

static void load(struct view *v, const struct world *w)
{
    struct arena a = {0};
    const struct thread_group *k = group_of(v, w, &a);
    struct list *l = &v->list;
    unsigned number = 0;
    char id[16];
    if (!k) { /* what was shown stays */
        arena_free(&a);
        return;
    }
    list_begin(l);
    for (const char *p = live_text_or(k->thread->stack, ""); *p; number++) {
        size_t n = strcspn(p, "\n"), tab = *p == '\t';
        enum style s = number ? style_of(p) : ST_BOLD;
        if (n) {
            snprintf(id, sizeof id, "%u", number);
            list_row(l, id, s);
            list_textf(l, s, "%s%.*s", tab ? "    " : "", (int)((n < 900 ? n : 900) - tab), p + tab);
        }
        p += n + (p[n] == '\n');
    }
    list_end(l);
    arena_free(&a);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    struct arena a = {0};
    const struct thread_group *k = group_of(v, w, &a);
    if (k)
        grid_textf(g, r.x + 1, r.y, r.w - 1, ST_NORMAL, "%u thread%s: %s", k->n, k->n > 1 ? "s" : "", k->names);
    else
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_DIM,
                  v->list.n_rows ? "no thread has this stack any more" : "waiting for the answer …");
    arena_free(&a);
    return 1;
}

const struct view_ops view_stack = {
    .cols = cols, .n_cols = sizeof cols / sizeof *cols, .sort = -1, .want = ask, .load = load, .draw = draw};
