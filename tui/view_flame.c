/* Where the tasks of a vertex spend their time: Flink's sampling of their stacks as a flame graph, and the methods on top of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/flame_draw.h"
#include "tui/show.h"
#include "tui/view.h"

static const struct list_col cols[] = {
    {.title = "ON TOP", .json = "self", .align = LIST_RIGHT},
    {.title = "SHARE", .json = "selfShare", .align = LIST_RIGHT},
    {.title = "", .width = 12, .rank = 3},
    {.title = "ON THE STACK", .json = "samples", .align = LIST_RIGHT, .rank = 1},
    {.title = "WHOSE", .json = "kind", .rank = 2},
    {.title = "METHOD", .json = "method", .flex = 20},
};

static const struct {
    const char *query, *about;
} types[] = {{"full", "running and waiting"}, {"on_cpu", "running"}, {"off_cpu", "waiting"}};
enum { TYPES = sizeof types / sizeof *types };

static const char *const kind_words[FLAME_KINDS] = {
    [FLAME_YOURS] = "job", [FLAME_STATE] = "state", [FLAME_FLINK] = "Flink", [FLAME_JAVA] = "Java"};

struct state {
    struct flame flame;
    struct flame_boxes boxes;
    int columns;               /* that the boxes are laid out for; 0: to be done anew */
    uint64_t number;           /* of the answer that was taken */
    int type;                  /* of types */
    int64_t subtask, subtasks; /* subtask: 1 for the first; 0: all of them */
    uint32_t top, at;          /* frames: zoomed into, under the cursor */
    struct buf top_way, at_way;
    bool every;    /* no folding */
    int row;       /* the first that is shown */
    bool methods;  /* the keys go to the list below */
    char lit[256]; /* a method whose frames are shown; "": none */
};

static const char *query(const struct state *s, char text[64])
{
    if (s->subtask)
        snprintf(text, 64, "type=%s&subtaskindex=%lld", types[s->type].query, (long long)s->subtask - 1);
    else
        snprintf(text, 64, "type=%s", types[s->type].query);
    return text;
}

static const struct live_answer *answer(const struct view *v, const struct world *w)
{
    char text[64];
    const struct state *s = v->state;
    return answer_to(w, LIVE_FLAMEGRAPH, v->at.job, v->at.vertex, NULL, query(s, text));
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    char text[64];
    (void)w;
    want(wants, LIVE_JOB, v->at.job, NULL, NULL, NULL);
    want(wants, LIVE_FLAMEGRAPH, v->at.job, v->at.vertex, NULL, query(v->state, text));
}

/* --- taking a sampling --- */

static void fill_methods(struct view *v)
{
    struct state *s = v->state;
    struct list *l = &v->list;
    uint32_t n;
    struct flame_method *m = flame_methods(&s->flame, s->top, &n);
    double all = s->flame.n ? s->flame.v[s->top].samples : 0;
    list_begin(l);
    for (uint32_t i = 0; i < n; i++) {
        const char *name = s->flame.v[m[i].frame].name;
        double share = all > 0 ? m[i].self / all : 0;
        enum flame_kind kind = flame_kind(name);
        int length;
        flame_name(name, FLAME_METHOD, &length);
        const char *end = flame_name(name, FLAME_METHOD, &length) + length;
        char whole[512];
        snprintf(whole, sizeof whole, "%.*s", (int)(end - name < 500 ? end - name : 500), name);
        list_row(l, whole, ST_NORMAL);
        list_whole(l, ST_BOLD, (int64_t)m[i].self, show_count((int64_t)m[i].self).s);
        list_number(l, ST_NORMAL, share, show_share(share).s);
        list_bar(l, flame_style(kind), share);
        list_whole(l, ST_NORMAL, (int64_t)m[i].samples, show_count((int64_t)m[i].samples).s);
        list_text(l, flame_style(kind), kind_words[kind]);
        list_text(l, ST_NORMAL, whole);
    }
    list_end(l);
    free(m);
}

static void set_top(struct view *v, uint32_t frame)
{
    struct state *s = v->state;
    s->top = frame;
    flame_way(&s->flame, frame, &s->top_way);
    s->columns = s->row = 0;
    fill_methods(v);
}

static void set_at(struct state *s, uint32_t frame)
{
    s->at = frame;
    flame_way(&s->flame, frame, &s->at_way);
}

static void load(struct view *v, const struct world *w)
{
    struct state *s = v->state;
    const struct live_vertex *x = vertex_of_job(job_of(v, w), v->at.vertex);
    if (x && live_has(x->parallelism))
        s->subtasks = x->parallelism;
    const struct live_answer *a = answer(v, w);
    const struct live_flamegraph *f = a ? a->data : NULL;
    uint64_t number = f ? a->number : 0;
    bool all;
    if (number == s->number && s->flame.n)
        return;
    s->number = number;
    flame_take(&s->flame, f ? f->root : NULL);
    s->columns = 0;
    if (s->flame.n) { /* where one was, as far as that is there again */
        s->top = flame_follow(&s->flame, buf_cstr(&s->top_way), &all);
        s->at = flame_follow(&s->flame, buf_cstr(&s->at_way), &all);
    } else {
        s->top = s->at = 0;
    }
    fill_methods(v);
}

/* --- drawing --- */

static void lay_out(struct state *s, int columns)
{
    if (s->columns == columns)
        return;
    flame_layout(&s->flame, s->top, columns, !s->every, &s->boxes);
    s->columns = columns;
}

static uint32_t here(const struct state *s) { return flame_box_of(&s->flame, &s->boxes, s->at); }

static struct flame_look look_of(const struct view *v, const struct world *w)
{
    const struct state *s = v->state;
    struct flame_look look = {
        .at = w->once ? UINT32_MAX : here(s), .filter = v->list.filter, .method = -1, .top = s->row, .plain = w->once};
    for (uint32_t i = 0; s->lit[0] && i < s->flame.n; i++) {
        size_t n = strlen(s->lit);
        if (!strncmp(s->flame.v[i].name, s->lit, n) && (!s->flame.v[i].name[n] || s->flame.v[i].name[n] == ':'))
            look.method = s->flame.v[i].method;
    }
    return look;
}

static void draw_head(const struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct state *s = v->state;
    const struct live_vertex *x = vertex_of_job(job_of(v, w), v->at.vertex);
    const struct live_answer *a = answer(v, w);
    const struct live_flamegraph *f = a ? a->data : NULL;
    int at = r.x + 1, end = r.x + r.w;
    at += grid_text(g, at, r.y, (end - at) / 2, ST_BOLD, x ? live_text_or(x->name, v->at.vertex) : v->at.vertex);
    at += grid_textf(g, at, r.y, end - at, ST_TITLE, "  %s", types[s->type].about);
    if (s->subtask)
        at += grid_textf(g, at, r.y, end - at, ST_NORMAL, ", subtask %lld of 0 to %lld", (long long)s->subtask - 1,
                         (long long)s->subtasks - 1);
    else
        at += grid_text(g, at, r.y, end - at, ST_NORMAL, ", all subtasks");
    if (s->flame.n)
        at += grid_textf(g, at, r.y, end - at, ST_NORMAL, ", %.0f samples", s->flame.v[0].samples);
    if (f && f->end_ms > 0)
        at += grid_textf(g, at, r.y, end - at, ST_DIM, ", %s old", show_age(w->now_ms - f->end_ms).s);
    if (s->flame.cut)
        at += grid_text(g, at, r.y, end - at, ST_WARN, ", cut: too many frames");
    if (!w->once && end - at > 34)
        grid_right(g, r.x, r.y, r.w - 1, ST_DIM, "c kind  n subtask  z all  w methods");
}

/* Why there is no graph; false: there is one. */
static bool draw_nothing(const struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct state *s = v->state;
    const struct live_answer *a = answer(v, w);
    const struct live_flamegraph *f = a ? a->data : NULL;
    int y = r.y + 2;
    if (s->flame.n && s->flame.v[0].samples > 0)
        return false;
    r.y++;
    if (!f)
        draw_why(g, r, a);
    else if (f->end_ms == LIVE_FLAME_OFF) {
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_WARN, "this cluster takes no flame graphs; its configuration would have to say");
        grid_text(g, r.x + 1, y, r.w - 1, ST_NORMAL, "    rest.flamegraph.enabled: true");
    } else if (f->end_ms == LIVE_FLAME_ENDED)
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_WARN, "the tasks run no more: there are no stacks to be seen");
    else if (!f->root)
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_DIM, "Flink has only begun to take stacks, which takes some seconds …");
    else
        grid_textf(g, r.x + 1, r.y, r.w - 1, ST_NORMAL, "no task was %s in any sample", types[s->type].about);
    return true;
}

/* What the frame under the cursor is. */
static void draw_frame(const struct state *s, struct grid *g, struct rect r)
{
    const struct flame_box *b = &s->boxes.v[here(s)];
    const struct flame_frame *v = &s->flame.v[b->last];
    double all = s->flame.v[0].samples;
    int x = r.x + 1, end = r.x + r.w, chain = v->depth - s->flame.v[b->frame].depth;
    x += grid_textf(g, x, r.y, end - x, ST_HEAD, "%.0f sample%s, %s; %.0f%% on top  ", v->samples, v->samples == 1 ? "" : "s",
                    show_share(all > 0 ? v->samples / all : 0).s, v->samples > 0 ? 100 * v->self / v->samples : 0);
    x += grid_text(g, x, r.y, end - x, ST_NORMAL, b->last ? v->name : "all stacks");
    if (chain > 1)
        grid_textf(g, x, r.y, end - x, ST_DIM, "  and the %d that lead to it", chain);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    struct state *s = v->state;
    draw_head(v, w, g, r);
    if (draw_nothing(v, w, g, r))
        return r.h;
    lay_out(s, r.w);
    /* the list has a third, and what the graph does not need */
    int list = r.h / 3, graph = r.h - list - 2;
    if (w->once || s->boxes.rows < graph)
        graph = s->boxes.rows;
    int at = s->boxes.v[here(s)].row;
    s->row = at < s->row ? at : at >= s->row + graph ? at - graph + 1 : s->row;
    s->row = s->row + graph > s->boxes.rows ? s->boxes.rows - graph : s->row;
    const struct flame_look look = look_of(v, w);
    flame_draw(&s->flame, &s->boxes, &look, g, (struct rect){r.x, r.y + 1, r.w, graph});
    if (s->row + graph < s->boxes.rows)
        grid_right(g, r.x, r.y + graph, r.w, ST_WARN, " more below ");
    int y = r.y + 1 + graph;
    if (!w->once)
        draw_frame(s, g, (struct rect){r.x, y++, r.w, 1});
    list_draw(&v->list, g, (struct rect){r.x, y, r.w, r.y + r.h - y}, s->methods && !w->once);
    return r.h;
}

static void extent(struct view *v, const struct world *w, int *columns, int *rows)
{
    enum { METHODS = 30 };
    struct state *s = v->state;
    (void)w;
    *rows = 4;
    if (!s->flame.n)
        return;
    lay_out(s, *columns);
    *rows = 2 + s->boxes.rows + (int)(v->list.n_order < METHODS ? v->list.n_order : METHODS);
}

/* --- keys --- */

/* The box beside, on the same row. */
static uint32_t beside(const struct state *s, uint32_t at, int by)
{
    uint32_t to = at + (uint32_t)by;
    return to < s->boxes.n && s->boxes.v[to].row == s->boxes.v[at].row ? to : at;
}

static uint32_t below(const struct state *s, uint32_t at)
{
    uint32_t best = at;
    for (uint32_t i = at + 1; i < s->boxes.n && s->boxes.v[i].row <= s->boxes.v[at].row + 1; i++)
        if (s->boxes.v[i].up == at && (best == at || s->boxes.v[i].w > s->boxes.v[best].w))
            best = i;
    return best;
}

static void walk(struct state *s, enum verb what)
{
    uint32_t at = here(s), to = at;
    if (what == VERB_LEFT || what == VERB_RIGHT)
        to = beside(s, at, what == VERB_LEFT ? -1 : 1);
    else if (what == VERB_UP)
        to = s->boxes.v[at].up;
    else if (what == VERB_DOWN)
        to = below(s, at);
    else if (what == VERB_TOP)
        to = 0;
    else
        for (uint32_t next = below(s, at); next != to; next = below(s, to))
            to = next;
    set_at(s, s->boxes.v[to].last);
}

/* Out to where the graph shows more than before. */
static void zoom_out(struct view *v)
{
    struct state *s = v->state;
    uint32_t to = s->flame.v[s->top].parent;
    while (to && s->flame.v[to].samples <= s->flame.v[s->top].samples)
        to = s->flame.v[to].parent;
    while (to && s->flame.v[s->flame.v[to].parent].samples <= s->flame.v[to].samples) /* as much, seen from further up */
        to = s->flame.v[to].parent;
    set_top(v, to);
}

/* The methods from their beginning on, when the filter has changed. */
static void find(struct view *v, const char *filter)
{
    const struct state *s = v->state;
    (void)filter;
    if (!s->methods)
        list_verb(&v->list, VERB_TOP);
}

/* Everything anew: another question. */
static void turn(struct view *v, const struct world *w)
{
    struct state *s = v->state;
    s->number = 0;
    s->flame.n = 0;
    s->columns = s->row = 0;
    load(v, w);
}

/* 0: all of them, which is all that releases before 1.17 can be asked for. */
static void set_subtask(struct view *v, const struct world *w, int64_t to)
{
    struct state *s = v->state;
    const struct live_overview *o = answer_data(w, LIVE_OVERVIEW, NULL, NULL, NULL, NULL);
    unsigned release = o && o->flink_version ? live_release_number(o->flink_version) : 0;
    s->subtask = release && release < 117 ? 0 : to;
    turn(v, w);
}

static void next_subtask(struct view *v, const struct world *w, int by)
{
    const struct state *s = v->state;
    int64_t n = s->subtasks > 0 ? s->subtasks : 1;
    set_subtask(v, w, (s->subtask + by + n + 1) % (n + 1));
}

/* From a method in the list to its frame in the graph. */
static void show_method(struct view *v)
{
    struct state *s = v->state;
    const struct list_row *r = list_here(&v->list);
    uint32_t best = 0;
    if (!r)
        return;
    snprintf(s->lit, sizeof s->lit, "%s", r->id);
    size_t n = strlen(s->lit);
    for (uint32_t i = 1; i < s->flame.n; i++)
        if (!strncmp(s->flame.v[i].name, s->lit, n) && (!s->flame.v[i].name[n] || s->flame.v[i].name[n] == ':') &&
            (!best || s->flame.v[i].self > s->flame.v[best].self))
            best = i;
    s->methods = false;
    set_at(s, best);
}

static bool verb_of_list(struct view *v, enum verb what)
{
    struct state *s = v->state;
    if (what == VERB_OPEN)
        show_method(v);
    else if (what == VERB_PANE || (what == VERB_BACK && !v->list.filter[0]))
        s->methods = false;
    else
        return what != VERB_MARK && list_verb(&v->list, what);
    return true;
}

static bool verb_of_graph(struct view *v, enum verb what)
{
    struct state *s = v->state;
    bool some = s->boxes.n && s->flame.n;
    switch (what) {
    case VERB_UP:
    case VERB_DOWN:
    case VERB_LEFT:
    case VERB_RIGHT:
    case VERB_TOP:
    case VERB_BOTTOM:
        if (some)
            walk(s, what);
        return true;
    case VERB_OPEN:
    case VERB_ZOOM_IN:
        if (some)
            set_top(v, s->boxes.v[here(s)].frame);
        return true;
    case VERB_ZOOM_OUT:
        if (some)
            zoom_out(v);
        return true;
    case VERB_BACK:
        if (s->lit[0])
            s->lit[0] = 0;
        else if (some && s->top && !v->list.filter[0])
            zoom_out(v);
        else
            return false;
        return true;
    case VERB_FOLD:
        s->every = !s->every;
        s->columns = 0;
        return true;
    case VERB_PANE:
        s->methods = true;
        return true;
    case VERB_MARK:
        return true;
    default:
        return false;
    }
}

static bool verb(struct view *v, const struct world *w, enum verb what)
{
    struct state *s = v->state;
    if (what == VERB_KIND) {
        s->type = (s->type + 1) % TYPES;
        turn(v, w);
        return true;
    }
    if (what == VERB_NEXT_SUBTASK || what == VERB_SUBTASK_BEFORE) {
        next_subtask(v, w, what == VERB_NEXT_SUBTASK ? 1 : -1);
        return true;
    }
    if (s->boxes.n && s->columns == 0) /* a key right behind another one, before anything was drawn */
        lay_out(s, 80);
    return s->methods ? verb_of_list(v, what) : verb_of_graph(v, what);
}

static bool word(struct view *v, const struct world *w, const char *text)
{
    struct state *s = v->state;
    for (int i = 0; i < TYPES; i++)
        if (!strcmp(text, types[i].query)) {
            s->type = i;
            turn(v, w);
            return true;
        }
    if (strncmp(text, "subtask", 7) || (text[7] && text[7] != ' '))
        return false;
    char *end;
    long n = strtol(text + 7, &end, 10);
    set_subtask(v, w, end == text + 7 || *end || n < 0 || n >= s->subtasks ? 0 : n + 1);
    return true;
}

/* --- JSON --- */

static void json(const struct view *v, const struct world *w, struct jsonw *j)
{
    const struct state *s = v->state;
    const struct live_answer *a = answer(v, w);
    const struct live_flamegraph *f = a ? a->data : NULL;
    jsonw_member_str(j, "type", types[s->type].query);
    json_whole(j, "subtask", s->subtask ? s->subtask - 1 : LIVE_ABSENT);
    jsonw_member_str(j, "status",
                     !f                                  ? "unknown"
                         : f->end_ms == LIVE_FLAME_OFF   ? "disabled"
                         : f->end_ms == LIVE_FLAME_ENDED ? "terminated"
                         : !f->root                      ? "gathering"
                                                         : "sampled");
    json_whole(j, "sampledMs", f && f->end_ms > 0 ? f->end_ms : LIVE_ABSENT);
    jsonw_key(j, "frames");
    jsonw_array(j);
    for (uint32_t i = 0; i < s->flame.n; i++) {
        const struct flame_frame *x = &s->flame.v[i];
        jsonw_object(j);
        jsonw_member_str(j, "name", x->name);
        jsonw_member_int(j, "depth", x->depth);
        json_whole(j, "caller", i ? x->parent : LIVE_ABSENT);
        jsonw_member_int(j, "samples", (int64_t)x->samples);
        jsonw_member_int(j, "self", (int64_t)x->self);
        jsonw_end_object(j);
    }
    jsonw_end_array(j);
}

static void close(struct view *v)
{
    struct state *s = v->state;
    flame_free(&s->flame);
    free(s->boxes.v);
    buf_free(&s->top_way);
    buf_free(&s->at_way);
}

static const char *const words[] = {"full", "on_cpu", "off_cpu", "subtask", NULL};

const struct view_ops view_flame = {
    .cols = cols,
    .n_cols = sizeof cols / sizeof *cols,
    .sort = -1,
    .state = sizeof(struct state),
    .want = ask,
    .load = load,
    .draw = draw,
    .verb = verb,
    .find = find,
    .extent = extent,
    .json = json,
    .close = close,
    .words = words,
    .word = word,
};
