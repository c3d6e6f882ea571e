/* A SQL gateway: what it is, and how the sessions are configured that the user names. Its REST interface cannot tell which sessions
 * there are (SqlGatewayRestEndpoint of Flink), and to ask for one counts as its use, so that it does not expire: each is asked for
 * once. */
#include <stdio.h>
#include <string.h>

#include "tui/pairs.h"

enum { SESSIONS_MAX = 50, HANDLE_MAX = 128 };

static const char separators[] = " ,\t";

/* The next handle of the text; NULL: no more. */
static const char *next_handle(const char **text, char to[HANDLE_MAX])
{
    *text += strspn(*text, separators);
    size_t n = strcspn(*text, separators);
    snprintf(to, HANDLE_MAX, "%.*s", (int)(n < HANDLE_MAX ? n : HANDLE_MAX - 1), *text);
    *text += n;
    return n ? to : NULL;
}

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    const char *text = live_text_or(w->gateway_sessions, "");
    char handle[HANDLE_MAX];
    (void)v;
    if (!w->gateway)
        return;
    want(wants, LIVE_GATEWAY_INFO, NULL, NULL, NULL, NULL);
    want(wants, LIVE_GATEWAY_VERSIONS, NULL, NULL, NULL, NULL);
    for (int i = 0; i < SESSIONS_MAX && next_handle(&text, handle); i++)
        want(wants, LIVE_GATEWAY_SESSION, NULL, NULL, handle, NULL);
}

static void load_session(struct list *l, const struct world *w, const char *handle)
{
    const struct live_answer *got = answer_to(w, LIVE_GATEWAY_SESSION, NULL, NULL, handle, NULL);
    const struct live_gateway_session *s = got ? got->data : NULL;
    char group[24];
    snprintf(group, sizeof group, "session %.8s", handle); /* the rest of it is of no use to a reader */
    if (!s)
        pair_text(l, group, "state", !got || got->state == LIVE_PENDING ? "waiting for the answer …" : got->err.text);
    else if (!s->n_properties)
        pair_text(l, group, "state", "open, nothing is configured");
    for (uint32_t i = 0; s && i < s->n_properties; i++)
        if (s->properties[i].key)
            pair_text(l, group, s->properties[i].key, s->properties[i].value);
}

static void load(struct view *v, const struct world *w)
{
    const struct live_gateway_info *info = answer_data(w, LIVE_GATEWAY_INFO, NULL, NULL, NULL, NULL);
    const struct live_gateway_versions *versions = answer_data(w, LIVE_GATEWAY_VERSIONS, NULL, NULL, NULL, NULL);
    const char *text = live_text_or(w->gateway_sessions, "");
    struct list *l = &v->list;
    struct buf b = {0};
    char handle[HANDLE_MAX];
    list_begin(l);
    if (info) {
        pair_text(l, "gateway", "product", info->product);
        pair_text(l, "gateway", "version", info->version);
    }
    for (uint32_t i = 0; versions && i < versions->n_list; i++)
        buf_printf(&b, "%s%.20s", b.n ? ", " : "", live_text_or(versions->list[i], "?"));
    if (b.n)
        pair_text(l, "gateway", "versions of its interface", buf_cstr(&b));
    for (int i = 0; w->gateway && i < SESSIONS_MAX && next_handle(&text, handle); i++)
        load_session(l, w, handle);
    list_end(l);
    buf_free(&b);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    const struct live_answer *info = answer_to(w, LIVE_GATEWAY_INFO, NULL, NULL, NULL, NULL);
    (void)v;
    if (!w->gateway) {
        grid_text(g, r.x + 1, r.y, r.w - 1, ST_DIM, "no SQL gateway is named: --gateway URL, or gateway = URL in weir-config(5)");
        return 1;
    }
    int x = r.x + 1 + grid_textf(g, r.x + 1, r.y, r.w - 1, ST_BOLD, "%s  ", w->gateway);
    if (info && info->data && info->state == LIVE_HERE)
        grid_text(g, x, r.y, r.x + r.w - x, ST_OK, "answers");
    else
        draw_why(g, (struct rect){x - 1, r.y, r.x + r.w - x, 1}, info);
    grid_text(
        g, r.x + 1, r.y + 1, r.w - 1, ST_DIM,
        w->gateway_sessions
            ? "a gateway does not list its sessions; these are named in the configuration. Looking at one keeps it from expiring"
            : "a gateway does not list its sessions; gateway-sessions = HANDLE … in weir-config(5) names those to show");
    return 2;
}

static void json(const struct view *v, const struct world *w, struct jsonw *out)
{
    (void)v;
    jsonw_member_str(out, "gateway", w->gateway);
}

const struct view_ops view_gateway = {
    .cols = pair_cols, .n_cols = PAIR_COLS, .sort = -1, .want = ask, .load = load, .draw = draw, .json = json};
