/* Which changes tables send and take, by their connector and format: what the planner has to know before anything is opened. */
#include <string.h>

#include "runtime/conn.h"

static bool of_table(const struct cplan_table *t, bool reads, const struct connector **c, const struct format **f, struct err *e)
{
    const char *name = cplan_option(t, "connector", ""), *format = cplan_option(t, "format", NULL);
    *c = connector_named(name);
    *f = NULL;
    if (!*c || (reads ? !(*c)->step : !(*c)->put))
        return err_set(e, ERR_UNSUPPORTED, "table '%s': weir has no connector '%s' that is %s", t->name, name,
                       reads ? "read" : "written");
    if (!(*c)->formats)
        return true;
    if (!format)
        return err_set(e, ERR_USAGE, "table '%s' needs a format: 'format' = 'json'", t->name);
    *f = format_named(format);
    if (!*f || (reads ? !(*f)->open_reader : !(*f)->write))
        return err_set(e, ERR_UNSUPPORTED, "table '%s': weir has no format '%s' that is %s", t->name, format,
                       reads ? "read" : "written");
    return true;
}

/* "I,UB,UA,D", DK: deletes have the key alone. */
static bool mode(const struct cplan_table *t, const struct format *f, uint8_t *to, struct err *e)
{
    static const struct {
        const char *word;
        uint8_t sends;
    } words[] = {
        {"I", SENDS_INSERT}, {"UB", SENDS_BEFORE}, {"UA", SENDS_AFTER}, {"D", SENDS_DELETE}, {"DK", SENDS_DELETE | SENDS_KEY_ONLY}};
    struct arena a = {0};
    const char *text = format_option(t, f, &a, "changelog-mode", "I,UB,UA,D");
    bool ok = true;
    *to = 0;
    while (ok && *text) {
        size_t n = strcspn(text, ","), k = 0;
        while (k < 5 && (strlen(words[k].word) != n || memcmp(words[k].word, text, n) != 0))
            k++;
        ok = k < 5 || err_set(e, ERR_USAGE, "table '%s': '%s.changelog-mode' is a list of I, UB, UA, D, DK", t->name, f->name);
        *to |= ok ? words[k].sends : 0;
        text += n + (text[n] == ',');
    }
    arena_free(&a);
    return ok;
}

static bool source(const struct cplan_table *t, uint8_t *sends, struct err *e)
{
    const struct connector *c;
    const struct format *f;
    *sends = SENDS_INSERT;
    return of_table(t, true, &c, &f, e) && (!f || !f->changes || mode(t, f, sends, e));
}

static bool sink(const struct cplan_table *t, uint8_t asked, uint8_t *takes, struct err *e)
{
    const struct connector *c;
    const struct format *f;
    *takes = SENDS_INSERT;
    if (!of_table(t, false, &c, &f, e))
        return false;
    if (c->changes)
        *takes = asked;
    return !f || !f->changes || mode(t, f, takes, e);
}

static bool projects(const struct cplan_table *t)
{
    const struct connector *c = connector_named(cplan_option(t, "connector", ""));
    return c && c->formats;
}

static const struct ltype *metadata(struct arena *a, const struct cplan_table *t, const char *key)
{
    const struct connector *c = connector_named(cplan_option(t, "connector", ""));
    uint32_t number;
    return c && c->metadata ? c->metadata(a, key, &number) : NULL;
}

const struct plan_tables conn_tables = {.source = source, .projects = projects, .metadata = metadata, .sink = sink};
