/* One task manager: memory as configured and in use, collectors, slots. */
#include <stdio.h>
#include <string.h>

#include "tui/meter.h"
#include "tui/pairs.h"
#include "tui/show.h"

static const struct live_taskmanager *data(const struct view *v, const struct world *w)
{
    return answer_data(w, LIVE_TASKMANAGER, NULL, NULL, v->at.item, NULL);
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)w;
    want(wants, LIVE_TASKMANAGER, NULL, NULL, v->at.item, NULL);
}

static void load_jvm(struct list *l, const struct live_jvm *j)
{
    pair_bytes(l, "in use", "heap", j->heap_used);
    pair_bytes(l, "in use", "heap, committed", j->heap_committed);
    pair_bytes(l, "in use", "heap, at most", j->heap_max);
    pair_bytes(l, "in use", "outside the heap", j->non_heap_used);
    pair_bytes(l, "in use", "direct buffers", j->direct_used);
    pair_bytes(l, "in use", "mapped files", j->mapped_used);
    pair_bytes(l, "in use", "shuffle", j->shuffle_used);
    pair_bytes(l, "in use", "shuffle, of", j->shuffle_total);
    pair_count(l, "in use", "shuffle segments free", j->shuffle_segments_available);
    for (uint32_t i = 0; i < j->n_collectors; i++) {
        const struct live_collector *c = &j->collectors[i];
        char text[128];
        snprintf(text, sizeof text, "%s in %s runs", show_ms(c->time_ms).s, show_count(c->count).s);
        pair_text(l, "garbage collector", live_text_or(c->name, "?"), text);
    }
}

static const char *job_name(const struct world *w, const char *id)
{
    const struct live_jobs *jobs = answer_data(w, LIVE_JOBS, NULL, NULL, NULL, NULL);
    for (uint32_t i = 0; jobs && id && i < jobs->n_list; i++)
        if (jobs->list[i].id && !strcmp(jobs->list[i].id, id))
            return jobs->list[i].name;
    return id;
}

static void load(struct view *v, const struct world *w)
{
    const struct live_taskmanager *t = data(v, w);
    struct list *l = &v->list;
    list_begin(l);
    if (t) {
        pair_text(l, "process", "path", t->path);
        char port[24];
        snprintf(port, sizeof port, "%lld", (long long)live_or(t->data_port, 0));
        pair_text(l, "process", "data port", live_has(t->data_port) ? port : NULL);
        pair_count(l, "process", "slots", t->slots);
        pair_count(l, "process", "free slots", t->free_slots);
        for (uint32_t i = 0; i < t->n_allocated; i++) {
            char slot[24];
            snprintf(slot, sizeof slot, "slot %u", i + 1);
            pair_text(l, "slots", slot, job_name(w, t->allocated[i].job));
        }
        if (t->jvm && t->jvm->heap_max > 0) /* a first answer has only zeros */
            load_jvm(l, t->jvm);
        pair_bytes(l, "configured", "framework heap", t->memory.framework_heap);
        pair_bytes(l, "configured", "task heap", t->memory.task_heap);
        pair_bytes(l, "configured", "framework off-heap", t->memory.framework_off_heap);
        pair_bytes(l, "configured", "task off-heap", t->memory.task_off_heap);
        pair_bytes(l, "configured", "network", t->memory.network);
        pair_bytes(l, "configured", "managed", t->memory.managed);
        pair_bytes(l, "configured", "metaspace", t->memory.jvm_metaspace);
        pair_bytes(l, "configured", "JVM overhead", t->memory.jvm_overhead);
        pair_bytes(l, "configured", "total of Flink", t->memory.total_flink);
        pair_bytes(l, "configured", "total of the process", t->memory.total_process);
        pair_count(l, "machine", "cores", t->hardware.cpu_cores);
        pair_bytes(l, "machine", "memory", t->hardware.physical_memory);
    }
    list_end(l);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_taskmanager *t = data(v, w);
    if (!t) {
        draw_missing(g, r, w, LIVE_TASKMANAGER, NULL, NULL, v->at.item);
        return 1;
    }
    int x = r.x + 1, end = r.x + r.w;
    x += grid_textf(g, x, r.y, end - x, ST_BOLD, "%s  ", live_text_or(t->id, v->at.item));
    if (t->jvm && t->jvm->heap_max > 0 && end - x > 40) {
        double heap = (double)t->jvm->heap_used / (double)t->jvm->heap_max;
        x += grid_text(g, x, r.y, end - x, ST_HEAD, "heap ");
        meter_bar(g, x, r.y, 20, heap > 0.9 ? ST_WARN : ST_CHART, heap);
        grid_textf(g, x + 21, r.y, end - x - 21, ST_NORMAL, "%s", show_share(heap).s);
    }
    return 1;
}

const struct view_ops view_taskmanager = {
    .cols = pair_cols, .n_cols = PAIR_COLS, .sort = -1, .want = ask, .load = load, .draw = draw};
