#include "cli/against.h"

#include <string.h>

#include "base/jsonr.h"
#include "inspect/compat.h"
#include "inspect/plan_layout.h"

enum { SCHEMA_MAX = 16 << 20, SCHEMAS_MAX = 1000 };

enum kind { IS_SIDE, IS_AVRO, IS_PLAN };

static bool is(struct bytes key, const char *name) { return key.n == strlen(name) && !memcmp(key.p, name, key.n); }

/* An Avro schema is an object with "type", or an array of such; a compiled plan has nodes; a document of weir schema says so itself. */
static enum kind kind_of(struct bytes text)
{
    struct jsonr r = {0};
    struct bytes key;
    enum kind kind = IS_SIDE;
    if (plan_is(text))
        return IS_PLAN;
    jsonr_start(&r, text.p, text.n);
    if (jsonr_peek(&r) == JSONR_ARRAY) {
        kind = IS_AVRO;
    } else {
        bool type = false, own = false;
        for (jsonr_object(&r); jsonr_key(&r, &key); jsonr_skip(&r)) {
            type = type || is(key, "type");
            own = own || is(key, "weir-schema");
        }
        kind = type && !own && jsonr_end(&r) ? IS_AVRO : IS_SIDE;
    }
    jsonr_free(&r);
    return kind;
}

static bool add_schema(struct against *g, struct job_schema *list, struct bytes json, const char *location, struct err *e)
{
    const char *why = NULL;
    const struct avro *schema = avro_parse((const char *)json.p, json.n, &g->arena, &why);
    if (!schema || schema->kind != AVRO_RECORD)
        return err_set(e, ERR_CORRUPT, "%s: not an Avro schema of a record: %s", location, schema ? "it is another type" : why);
    if (g->given.n_avro == SCHEMAS_MAX)
        return err_set(e, ERR_LIMIT, "%s: more than %d schemas", location, SCHEMAS_MAX);
    list[g->given.n_avro++] = (struct job_schema){schema->name, arena_strn(&g->arena, (const char *)json.p, json.n)};
    return true;
}

static bool read_schemas(struct against *g, struct bytes text, const char *location, struct err *e)
{
    struct job_schema *list = arena_array(&g->arena, SCHEMAS_MAX, sizeof *list);
    struct jsonr r = {0};
    bool ok = true;
    g->given.avro = list;
    jsonr_start(&r, text.p, text.n);
    if (jsonr_peek(&r) == JSONR_OBJECT)
        ok = add_schema(g, list, jsonr_raw(&r), location, e);
    else
        for (jsonr_array(&r); ok && jsonr_next(&r);)
            ok = add_schema(g, list, jsonr_raw(&r), location, e);
    if (ok && !jsonr_end(&r))
        ok = err_set(e, ERR_CORRUPT, "%s: not JSON: %s, at offset %zu", location, r.why, jsonr_at(&r));
    jsonr_free(&r);
    return ok && (g->given.n_avro || err_set(e, ERR_CORRUPT, "%s: no Avro schema in it", location));
}

/* A slip of the pen, or the schema of something else. */
static bool some_state_has(const struct ser *s, const struct job_given *given, unsigned depth, struct arena *a)
{
    const char *why;
    if (!s || depth > 50)
        return false;
    for (uint32_t i = 0; s->row && !strcmp(s->row->name, "Avro") && i < s->n_attrs; i++) {
        const char *json = s->attrs[i].value;
        const struct avro *schema = strcmp(s->attrs[i].name, "schema") ? NULL : avro_parse(json, strlen(json), a, &why);
        for (uint32_t k = 0; schema && schema->name && k < given->n_avro; k++)
            if (!strcmp(given->avro[k].name, schema->name))
                return true;
    }
    for (uint32_t i = 0; i < s->n; i++)
        if (some_state_has(s->kids[i], given, depth + 1, a))
            return true;
    return false;
}

static bool is_met(struct against *g, const char *location, struct err *e)
{
    for (uint32_t i = 0; i < g->old.n; i++) {
        if (some_state_has(g->old.ops[i].key, &g->given, 0, &g->arena))
            return true;
        for (uint32_t k = 0; k < g->old.ops[i].n; k++)
            if (some_state_has(g->old.ops[i].states[k].value, &g->given, 0, &g->arena) ||
                some_state_has(g->old.ops[i].states[k].user_key, &g->given, 0, &g->arena))
                return true;
    }
    return err_set(e, ERR_MISSING, "%s: the snapshot has no state with Avro records of the name %s", location,
                   g->given.avro[0].name);
}

/* The old job, with what is given instead of its classes and schemas. */
static void old_job(struct against *g, const struct tree *old, const struct opened *opened, int flink)
{
    g->given.jar = opened->jar;
    g->given.code = g->code = opened->jar ? job_code_read(opened->jar) : NULL;
    g->given.flink = flink ? flink : flink_of_metadata(old->scan.snapshot->meta.version);
    layout_of_job(&g->job, &g->old, &g->given, g->label);
    g->layout = &g->job;
}

static const char *jar_label(struct against *g, const struct opt_texts *jars)
{
    return jars->n == 1 ? jars->v[0] : arena_printf(&g->arena, "%s and %zu more", jars->v[0], jars->n - 1);
}

static bool is_text(const char *location)
{
    struct store_file f = {0};
    struct err quiet = {0};
    uint8_t head[64];
    if (!strcmp(location, "-"))
        return false;
    bool ok = store_open(&f, location, &quiet);
    size_t n = ok && f.size < sizeof head ? f.size : sizeof head, i = 0;
    ok = ok && store_read(&f, 0, head, n, &quiet);
    while (ok && i < n && head[i] && strchr(" \t\r\n", head[i]))
        i++;
    ok = ok && i < n && (head[i] == '{' || head[i] == '[');
    store_close(&f);
    return ok;
}

static bool tells_all(const char *location, struct err *e)
{
    return err_set(e, ERR_USAGE, "validate: %s tells all that a jar would: --against it or --jar, not both", location);
}

bool against_open(struct against *g, const char *location, const struct opened *opened, const struct open_opts *open,
                  const struct tree *old, int flink, struct err *e)
{
    const struct open_opts how = {.classes = open->classes, .outside = open->outside};
    const struct tree_opts quick = {.depth = TREE_QUICK, .late_states = true, .jobs = 1};
    struct bytes text = {0};
    *g = (struct against){.label = location};
    if (!location && !opened->jar)
        return true;
    layout_of_tree(&g->old, old);
    if (location && is_text(location)) {
        if (!side_text(location, SCHEMA_MAX, &text, &g->arena, e))
            return err_in(e, "--against");
        enum kind kind = kind_of(text);
        if (kind == IS_PLAN) {
            if (opened->jar)
                return tells_all(location, e);
            if (!layout_of_plan(&g->job, text, &g->old, location, e))
                return err_in(e, "--against");
            g->layout = &g->job;
            return true;
        }
        if (kind == IS_AVRO) {
            if (!read_schemas(g, text, location, e) || !is_met(g, location, e))
                return err_in(e, "--against");
            location = NULL;
        }
    }
    if (location) {
        if (opened->jar)
            return tells_all(location, e);
        if (!side_open(&g->side, &how, location, &quick, e))
            return err_in(e, "--against");
        g->layout = &g->side.layout;
        return true;
    }
    if (!g->label)
        g->label = jar_label(g, &open->jars);
    old_job(g, old, opened, flink);
    return true;
}

void against_close(struct against *g)
{
    side_close(&g->side);
    layout_free(&g->job);
    layout_free(&g->old);
    job_code_free(g->code);
    arena_free(&g->arena);
}
