/* The stack trace of the latest of a group of failures. */
#include <stdio.h>
#include <string.h>

#include "tui/exceptions.h"
#include "tui/show.h"

static const struct list_col cols[] = {{.title = "STACK", .json = "line", .flex = 20}};

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)w;
    want_exceptions(v, wants);
}

/* The group that the view is about; false: it is gone. `a` holds it. */
static bool group_of(const struct view *v, const struct world *w, struct arena *a, struct exception_group *to)
{
    const struct live_exceptions *x = exceptions_of(v, w);
    uint32_t n = 0;
    const struct exception_group *groups = x ? exception_groups(a, x, &n) : NULL;
    for (uint32_t i = 0; i < n; i++)
        if (!strcmp(exception_id(a, &groups[i]), v->at.item)) {
            *to = groups[i];
            return true;
        }
    return false;
}

static void load(struct view *v, const struct world *w)
{
    struct list *l = &v->list;
    struct arena a = {0};
    struct exception_group k;
    if (!group_of(v, w, &a, &k) || !k.latest->stack) { /* what was shown stays */
        arena_free(&a);
        return;
    }
    list_begin(l);
    unsigned number = 0;
    for (const char *p = k.latest->stack; *p; number++) {
        char id[16];
        size_t n = strcspn(p, "\n");
        bool ours = strncmp(p, "\tat org.apache.flink.", 21) && strncmp(p, "\tat java.", 9);
        enum style s = !strncmp(p, "Caused by: ", 11) || !number ? ST_BAD : ours ? ST_NORMAL : ST_DIM;
        snprintf(id, sizeof id, "%u", number);
        list_row(l, id, s);
        list_textf(l, s, "%s%.*s", *p == '\t' ? "    " : "", (int)(n - (*p == '\t')), p + (*p == '\t'));
        p += n + (p[n] == '\n');
    }
    list_end(l);
    arena_free(&a);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    struct arena a = {0};
    struct exception_group k;
    if (group_of(v, w, &a, &k)) {
        grid_textf(g, r.x + 1, r.y, r.w - 1, ST_NORMAL, "%u times, last %s, first %s", k.n, show_time(k.last_ms).s,
                   show_time(k.first_ms).s);
        grid_textf(g, r.x + 1, r.y + 1, r.w - 1, ST_NORMAL, "%s at %s, task manager %s",
                   live_text_or(k.latest->task, "the whole job"), live_text_or(k.latest->endpoint, "-"),
                   live_text_or(k.latest->taskmanager, "-"));
    } else {
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_DIM,
                  exceptions_of(v, w) ? "no failure has this cause any more" : "waiting for the answer …");
    }
    arena_free(&a);
    return 2;
}

const struct view_ops view_trace = {
    .cols = cols, .n_cols = sizeof cols / sizeof *cols, .sort = -1, .want = ask, .load = load, .draw = draw};
