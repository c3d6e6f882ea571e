#include "cli/cluster.h"

#include <stdio.h>
#include <string.h>

#include "base/human.h"
#include "cli/cells.h"
#include "cli/out.h"
#include "live/context.h"
#include "live/find.h"
#include "live/pressure.h"

enum { NAME_MAX_BYTES = 60, OFFERED = 8 };

bool cluster_open(struct cluster *c, const struct cluster_opts *opts, struct err *e)
{
    if (!context_find(&c->target, opts->url, opts->context, &c->from, &c->arena, e))
        return false;
    c->target.read_only |= opts->read_only;
    c->target.text_bytes = opts->text_bytes;
    if (opts->ca_cert)
        c->target.ca_cert = opts->ca_cert;
    if (opts->gateway)
        c->target.gateway = opts->gateway;
    if (opts->timeout)
        c->target.timeout_ms = opts->timeout < 3600 ? (int64_t)opts->timeout * 1000 : 3600000;
    c->live = live_open(&c->target, e);
    return c->live || err_in(e, "%s", c->from);
}

void cluster_close(struct cluster *c)
{
    live_close(c->live);
    arena_free(&c->arena);
}

const struct live_job_row *cluster_job(struct cluster *c, const char *wanted, struct err *e)
{
    const struct live_jobs *jobs = live_get(c->live, &(struct live_ask){.route = LIVE_JOBS}, e);
    return jobs ? live_find_job(jobs, wanted, live_url(c->live), e) : NULL;
}

const struct live_job *cluster_job_detail(struct cluster *c, const char *wanted, struct err *e)
{
    const struct live_job_row *row = cluster_job(c, wanted, e);
    return row ? live_get(c->live, &(struct live_ask){.route = LIVE_JOB, .job = row->id}, e) : NULL;
}

const struct live_vertex *cluster_vertex(const struct live_job *job, const char *wanted, struct err *e)
{
    const struct live_vertex *found = NULL;
    uint32_t n = 0;
    for (int by = 0; by < 2 && !n; by++)
        for (uint32_t i = 0; i < job->n_vertices; i++) {
            const struct live_vertex *v = &job->vertices[i];
            if (by ? v->name && strstr(v->name, wanted) : v->id && !strncmp(v->id, wanted, strlen(wanted))) {
                found = v;
                n++;
            }
        }
    if (n == 1)
        return found;
    err_set(e, ERR_MISSING,
            n ? "'%s' may be any of %u vertices; say more of its name or id" : "the job has no vertex '%s'; see weir graph", wanted,
            n);
    return NULL;
}

const char *cluster_taskmanager(struct cluster *c, const char *wanted, struct err *e)
{
    const struct live_taskmanagers *all = live_get(c->live, &(struct live_ask){.route = LIVE_TASKMANAGERS}, e);
    const char *found = NULL;
    uint32_t n = 0;
    if (!all)
        return NULL;
    for (uint32_t i = 0; i < all->n_list; i++) {
        const char *id = live_text_or(all->list[i].id, "");
        if (!strcmp(id, wanted))
            return id;
        if (*wanted && strstr(id, wanted)) {
            found = id;
            n++;
        }
    }
    if (n == 1)
        return found;
    struct buf b = {0};
    for (uint32_t i = 0; i < all->n_list && i < OFFERED; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", live_text_or(all->list[i].id, "?"));
    if (!all->n_list)
        buf_puts(&b, "none");
    err_set(e, ERR_MISSING, "%s '%s'; there are: %s%s", n ? "several task managers have" : "there is no task manager", wanted,
            buf_cstr(&b), all->n_list > OFFERED ? ", …" : "");
    buf_free(&b);
    return NULL;
}

const struct live_answer **cluster_vertices(struct cluster *c, const struct live_job *job, enum live_route route, struct err *e)
{
    static const struct live_answer not_asked;
    struct live_ask *asks = arena_array(&c->arena, job->n_vertices, sizeof *asks);
    const struct live_answer **got = arena_array(&c->arena, job->n_vertices + 1, sizeof(const struct live_answer *));
    const struct live_answer **answers = arena_array(&c->arena, job->n_vertices + 1, sizeof(const struct live_answer *));
    bool ended = live_job_ended(live_job_state(live_text_or(job->state, "")));
    uint32_t n = 0, k = 0;
    for (uint32_t i = 0; i < job->n_vertices; i++)
        if (!ended && (route != LIVE_WATERMARKS || live_vertex_fed(job, i)))
            asks[n++] = (struct live_ask){.route = route, .job = job->id, .vertex = job->vertices[i].id};
    if (!live_fetch(c->live, asks, n, got, e))
        return NULL;
    for (uint32_t i = 0; i < job->n_vertices; i++)
        answers[i] = !ended && (route != LIVE_WATERMARKS || live_vertex_fed(job, i)) ? got[k++] : &not_asked;
    return answers;
}

enum weir_exit complain_of_answers(const struct live_answer **answers, uint32_t n)
{
    enum weir_exit status = WEIR_OK;
    for (uint32_t i = 0; i < n; i++)
        if (answers[i]->err.kind) {
            out_complain(answers[i]->err.text);
            status = WEIR_FINDING;
        }
    return status;
}

/* --- output --- */

void cluster_json(struct jsonw *w, struct buf *out, const struct cluster *c)
{
    *w = (struct jsonw){.out = out, .pretty = true};
    jsonw_object(w);
    jsonw_member_int(w, "formatVersion", 1);
    jsonw_member_str(w, "cluster", live_url(c->live));
}

bool cluster_json_end(struct jsonw *w, struct err *e)
{
    jsonw_end_object(w);
    buf_putc(w->out, '\n');
    return out_write(w->out, e);
}

struct human duration_text(int64_t ms)
{
    struct human h;
    if (ms < 1000)
        snprintf(h.s, sizeof h.s, "%d ms", (int)ms);
    else if (ms < 60000)
        snprintf(h.s, sizeof h.s, "%.1f s", (double)ms / 1000);
    else
        h = human_seconds((uint64_t)ms / 1000);
    return h;
}

void cell_count(struct table *t, int64_t n) { table_cell(t, live_has(n) && n >= 0 ? human_count((uint64_t)n).s : NULL); }
void cell_bytes(struct table *t, int64_t n) { table_cell(t, live_has(n) && n >= 0 ? human_bytes((uint64_t)n).s : NULL); }
void cell_ms(struct table *t, int64_t ms) { table_cell(t, live_has(ms) && ms >= 0 ? duration_text(ms).s : NULL); }
void cell_time(struct table *t, int64_t ms) { table_cell(t, live_has(ms) ? human_time(ms).s : NULL); }

void cell_ratio(struct table *t, double v)
{
    if (live_has_real(v))
        table_cellf(t, "%.0f%%", v * 100);
    else
        table_cell(t, NULL);
}

void cell_real(struct table *t, double v)
{
    if (live_has_real(v))
        table_cellf(t, "%.6g", v);
    else
        table_cell(t, NULL);
}

void cell_rest(struct table *t)
{
    while (t->cells % t->n)
        table_cell(t, NULL);
}

void cell_vertex(struct table *t, const char *name)
{
    const char *s = live_text_or(name, "?");
    cell_cut(t, s, strlen(s), NAME_MAX_BYTES);
}
