/* The job manager: its configuration and its JVM, secrets masked. */
#include <stdio.h>

#include "tui/pairs.h"

static void ask(const struct view *v, const struct world *w, struct wants *wants)
{
    (void)v;
    (void)w;
    want(wants, LIVE_JOBMANAGER_CONFIG, NULL, NULL, NULL, NULL);
    want(wants, LIVE_JOBMANAGER_ENVIRONMENT, NULL, NULL, NULL, NULL);
}

static void load(struct view *v, const struct world *w)
{
    const struct live_pairs *config = answer_data(w, LIVE_JOBMANAGER_CONFIG, NULL, NULL, NULL, NULL);
    const struct live_environment *env = answer_data(w, LIVE_JOBMANAGER_ENVIRONMENT, NULL, NULL, NULL, NULL);
    struct list *l = &v->list;
    list_begin(l);
    if (config)
        pair_all(l, "configuration", config->list, config->n_list);
    if (env) {
        pair_text(l, "JVM", "version", env->jvm.version);
        pair_text(l, "JVM", "architecture", env->jvm.arch);
        for (uint32_t i = 0; i < env->jvm.n_options; i++) {
            char name[24];
            snprintf(name, sizeof name, "option %u", i + 1);
            if (env->jvm.options[i])
                pair_text(l, "JVM", name, pair_is_secret(env->jvm.options[i]) ? "******" : env->jvm.options[i]);
        }
        for (uint32_t i = 0; i < env->n_classpath; i++) {
            char name[24];
            snprintf(name, sizeof name, "%u", i + 1);
            pair_text(l, "class path", name, env->classpath[i]);
        }
    }
    list_end(l);
}

static int draw(struct view *v, const struct world *w, struct grid *g, struct rect r)
{
    if (v->list.n_rows)
        return 0;
    draw_missing(g, r, w, LIVE_JOBMANAGER_CONFIG, NULL, NULL, NULL);
    return 1;
}

const struct view_ops view_jobmanager = {
    .cols = pair_cols, .n_cols = PAIR_COLS, .sort = -1, .want = ask, .load = load, .draw = draw};
