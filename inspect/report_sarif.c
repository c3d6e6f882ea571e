/* SARIF 2.1.0 (OASIS): one run, the rules that have findings, a result for each finding. */
#include <string.h>

#include "base/jsonw.h"
#include "inspect/report.h"

static void text(struct jsonw *w, const char *key, const char *s)
{
    jsonw_key(w, key);
    jsonw_object(w);
    jsonw_member_str(w, "text", s);
    jsonw_end_object(w);
}

static const char *level(enum severity s) { return s == SEVERITY_OFF ? "none" : severity_name(s); }

static bool used(const struct validation *v, const struct rule *rule)
{
    for (uint32_t i = 0; i < v->n_findings; i++)
        if (v->findings[i].rule == rule)
            return true;
    return false;
}

static void driver(struct jsonw *w, const struct validation *v, int *index)
{
    int n = 0;
    jsonw_key(w, "tool");
    jsonw_object(w);
    jsonw_key(w, "driver");
    jsonw_object(w);
    jsonw_member_str(w, "name", "weir");
    jsonw_member_str(w, "version", WEIR_VERSION);
    jsonw_key(w, "rules");
    jsonw_array(w);
    for (int i = 0; i < RULES; i++) {
        if (!used(v, &rules[i]))
            continue;
        index[i] = n++;
        jsonw_object(w);
        jsonw_member_str(w, "id", rules[i].id);
        text(w, "shortDescription", rules[i].title);
        text(w, "fullDescription", rules[i].explanation);
        text(w, "help", rules[i].advice);
        jsonw_key(w, "defaultConfiguration");
        jsonw_object(w);
        jsonw_member_str(w, "level", level(rules[i].severity));
        jsonw_end_object(w);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    jsonw_end_object(w);
    jsonw_end_object(w);
}

/* A path as a URI reference: what RFC 3986 does not allow in a path is percent-encoded. */
static void uri(struct jsonw *w, const char *key, const char *path)
{
    struct buf b = {0};
    if (*path == '/')
        buf_puts(&b, "file://");
    for (; *path; path++)
        if ((*path >= 'a' && *path <= 'z') || (*path >= 'A' && *path <= 'Z') || (*path >= '0' && *path <= '9') ||
            strchr("-._~/:@!$&'()*+,;=", *path))
            buf_putc(&b, (uint8_t)*path);
        else
            buf_printf(&b, "%%%02X", (unsigned)(uint8_t)*path);
    jsonw_key(w, key);
    jsonw_strn(w, b.p, b.n);
    buf_free(&b);
}

static void location(struct jsonw *w, const struct report *r, const struct finding *f)
{
    struct buf where = {0};
    jsonw_key(w, "locations");
    jsonw_array(w);
    jsonw_object(w);
    jsonw_key(w, "physicalLocation");
    jsonw_object(w);
    jsonw_key(w, "artifactLocation");
    jsonw_object(w);
    uri(w, "uri", r->snapshot);
    jsonw_end_object(w);
    jsonw_end_object(w);
    if (f->op) {
        report_where(f, &where);
        jsonw_key(w, "logicalLocations");
        jsonw_array(w);
        jsonw_object(w);
        jsonw_member_str(w, "name", f->state ? f->state : f->op);
        jsonw_key(w, "fullyQualifiedName");
        jsonw_strn(w, where.p, where.n);
        jsonw_member_str(w, "kind", f->state ? "member" : "module");
        jsonw_end_object(w);
        jsonw_end_array(w);
    }
    jsonw_end_object(w);
    jsonw_end_array(w);
    buf_free(&where);
}

/* The same finding in a later run, whatever the numbers in its message are. */
static void fingerprint(struct jsonw *w, const struct finding *f)
{
    struct buf b = {0};
    buf_printf(&b, "%s|", f->rule->id);
    report_where(f, &b);
    jsonw_key(w, "partialFingerprints");
    jsonw_object(w);
    jsonw_key(w, "ruleAndPlace/v1");
    jsonw_strn(w, b.p, b.n);
    jsonw_end_object(w);
    buf_free(&b);
}

void report_sarif(const struct report *r, struct buf *out)
{
    struct jsonw w = {.out = out, .pretty = true};
    int index[RULES] = {0};
    jsonw_object(&w);
    jsonw_member_str(&w, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    jsonw_member_str(&w, "version", "2.1.0");
    jsonw_key(&w, "runs");
    jsonw_array(&w);
    jsonw_object(&w);
    driver(&w, r->v, index);
    jsonw_key(&w, "results");
    jsonw_array(&w);
    for (uint32_t i = 0; i < r->v->n_findings; i++) {
        const struct finding *f = &r->v->findings[i];
        jsonw_object(&w);
        jsonw_member_str(&w, "ruleId", f->rule->id);
        jsonw_member_int(&w, "ruleIndex", index[f->rule - rules]);
        jsonw_member_str(&w, "level", level(f->severity));
        text(&w, "message", f->message);
        location(&w, r, f);
        fingerprint(&w, f);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    buf_putc(out, '\n');
}
