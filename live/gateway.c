#include "live/gateway.h"

#include <string.h>
#include <time.h>

#include "base/jsonw.h"
#include "live/http.h"

enum { FIRST_MS = 20, PAUSE_MS = 500 };

static void nap(int64_t ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL); }

bool gateway_open(struct gateway *g, struct live *l, const char *const (*properties)[2], size_t n, int64_t until_ms, struct err *e)
{
    struct buf body = {0};
    struct jsonw w = {.out = &body};
    *g = (struct gateway){.l = l, .until_ms = until_ms};
    jsonw_object(&w);
    jsonw_member_str(&w, "sessionName", "weir");
    jsonw_key(&w, "properties");
    jsonw_object(&w);
    for (size_t i = 0; i < n; i++)
        jsonw_member_str(&w, properties[i][0], properties[i][1]);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    const struct live_gateway_handle *h = live_send(l, &(struct live_ask){.route = LIVE_DO_OPEN_SESSION}, buf_cstr(&body), e);
    buf_free(&body);
    if (h && !h->session)
        err_set(e, ERR_SERVER, "%s: the gateway gives no session", live_gateway(l));
    if (e->kind != ERR_NONE)
        return false;
    g->session = arena_str(&g->arena, h->session);
    return true;
}

void gateway_close(struct gateway *g)
{
    struct err ignored = {0};
    if (g->session)
        live_send(g->l, &(struct live_ask){.route = LIVE_DO_CLOSE_SESSION, .item = g->session}, NULL, &ignored);
    arena_free(&g->arena);
    *g = (struct gateway){0};
}

/* What the gateway answers with a status of its own is about the statement; what follows its address is what counts. */
static void complain(const struct live_answer *a, struct err *e)
{
    const char *at = strstr(a->err.text, "rowFormat=JSON: ");
    size_t n = at ? strlen(at += strlen("rowFormat=JSON: ")) : 0;
    if (at && n > 13 && !strcmp(at + n - 13, " (status 500)"))
        n -= 13;
    if (at)
        err_set(e, ERR_INCOMPLETE, "%.*s", (int)n, at);
    else
        err_set(e, a->err.kind, "%s", a->err.text);
}

/* Of an operation: "FINISHED", "ERROR", "CANCELED" … NULL: e. */
static const char *outcome(struct gateway *g, const struct live_ask *status, struct err *e)
{
    for (int64_t pause = FIRST_MS;; pause = pause < PAUSE_MS ? pause * 2 : PAUSE_MS) {
        const struct live_job_status *s = live_get(g->l, status, e);
        if (!s)
            return NULL;
        const char *word = live_text_or(s->status, "");
        if (strcmp(word, "INITIALIZED") && strcmp(word, "PENDING") && strcmp(word, "RUNNING"))
            return word;
        if (clock_monotonic_ms() + pause > g->until_ms)
            return err_set(e, ERR_SERVER, "%s: the statement is still %s", live_gateway(g->l), word), NULL;
        nap(pause);
    }
}

const struct live_gateway_result *gateway_run(struct gateway *g, const char *statement, struct err *e)
{
    struct buf body = {0};
    struct jsonw w = {.out = &body};
    jsonw_object(&w);
    jsonw_member_str(&w, "statement", statement);
    jsonw_end_object(&w);
    const struct live_gateway_handle *h =
        live_send(g->l, &(struct live_ask){.route = LIVE_DO_STATEMENT, .item = g->session}, buf_cstr(&body), e);
    buf_free(&body);
    if (!h)
        return NULL;
    struct live_ask ask = {.route = LIVE_GATEWAY_OPERATION, .item = g->session, .part = live_text_or(h->operation, "")};
    const char *word = outcome(g, &ask, e);
    if (!word)
        return NULL;
    const struct live_answer *answer;
    ask.route = LIVE_GATEWAY_RESULT;
    if (!live_fetch(g->l, &ask, 1, &answer, e))
        return NULL;
    if (answer->state != LIVE_HERE)
        complain(answer, e);
    else if (strcmp(word, "FINISHED") != 0)
        err_set(e, ERR_INCOMPLETE, "the statement is %s", word);
    return e->kind == ERR_NONE ? answer->data : NULL;
}

/* job id, job name, status, start time */
const char *gateway_job_state(struct gateway *g, const char *job, struct err *e)
{
    const struct live_gateway_result *r = gateway_run(g, "SHOW JOBS", e);
    for (uint32_t i = 0; r && i < r->rows.n_list; i++) {
        const struct live_gateway_row *row = &r->rows.list[i];
        if (row->n_fields > 2 && !strcmp(live_text_or(row->fields[0], ""), job))
            return row->fields[2];
    }
    return NULL;
}
