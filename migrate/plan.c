#include "migrate/plan.h"

#include <string.h>

#include "base/jsonr.h"
#include "base/jsonw.h"

enum { FORMAT = 1 };

/* --- writing --- */

static void inputs(struct jsonw *w, const struct plan_facts *f)
{
    jsonw_key(w, "inputs");
    jsonw_array(w);
    for (uint32_t i = 0; i < f->draft->n_inputs + f->draft->n_files; i++) {
        bool file = i >= f->draft->n_inputs;
        jsonw_object(w);
        jsonw_member_str(w, "location", file ? f->draft->files[i - f->draft->n_inputs] : f->draft->inputs[i]->location);
        if (f->prints) {
            jsonw_member_str(w, "sha256", f->prints[i].sha256.s);
            jsonw_member_uint(w, "files", f->prints[i].files);
            jsonw_member_uint(w, "bytes", f->prints[i].bytes);
        }
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void scripts(struct jsonw *w, const struct plan_facts *f)
{
    jsonw_key(w, "scripts");
    jsonw_array(w);
    for (uint32_t i = 0; i < f->scripts->n; i++) {
        const struct script_file *s = &f->scripts->files[i];
        jsonw_object(w);
        jsonw_member_str(w, "script", s->name);
        jsonw_member_str(w, "sha256", s->sha256.s);
        jsonw_member_bool(w, "ranBefore", s->ran);
        if (f->prints && !s->ran) {
            jsonw_key(w, "text");
            jsonw_strn(w, s->script.text.p, s->script.text.n);
        }
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void state(struct jsonw *w, const struct state_change *s)
{
    jsonw_object(w);
    jsonw_member_str(w, "state", s->state->name);
    jsonw_member_str(w, "kind", kind_name(s->state->was->kind));
    jsonw_member_str(w, "change", diff_change_name(s->change));
    diff_details_json(w, &s->details);
    jsonw_member_uint(w, "entries", s->entries);
    jsonw_member_uint(w, "touched",
                      s->state->file ? s->state->count->made
                          : s->rows  ? s->state->count->changed + s->state->count->deleted
                                     : s->touched);
    if (s->rows) {
        const struct draft_count *n = s->state->count;
        jsonw_key(w, "rows");
        jsonw_object(w);
        jsonw_member_uint(w, "changed", n->changed);
        jsonw_member_uint(w, "deleted", n->deleted);
        jsonw_member_uint(w, "failed", n->failed);
        jsonw_end_object(w);
    }
    jsonw_member_str(w, "typeBefore", s->type_before);
    jsonw_member_str(w, "typeAfter", s->type_after);
    jsonw_member_str(w, "verdict", verdict_name(s->verdict));
    jsonw_member_str(w, "why", s->why);
    jsonw_end_object(w);
}

static void operators(struct jsonw *w, const struct changes *c)
{
    jsonw_key(w, "operators");
    jsonw_array(w);
    for (uint32_t i = 0; i < c->n; i++) {
        const struct op_change *o = &c->ops[i];
        jsonw_object(w);
        jsonw_member_str(w, "operator", o->op->label);
        jsonw_member_str(w, "id", o->op->hex);
        jsonw_member_str(w, "change", diff_change_name(o->change));
        diff_details_json(w, &o->details);
        if (*o->op->found->hash)
            jsonw_member_str(w, "keyHash", o->op->found->hash);
        jsonw_key(w, "states");
        jsonw_array(w);
        for (uint32_t j = 0; j < o->n; j++)
            state(w, &o->states[j]);
        jsonw_end_array(w);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

void plan_write(const struct plan_facts *f, struct buf *out)
{
    struct jsonw w = {.out = out, .pretty = true};
    jsonw_object(&w);
    jsonw_member_int(&w, "formatVersion", FORMAT);
    inputs(&w, f);
    jsonw_member_str(&w, "output", f->output);
    scripts(&w, f);
    diff_details_json(&w, &f->changes->whole);
    operators(&w, f->changes);
    jsonw_end_object(&w);
    buf_putc(out, '\n');
}

/* --- reading --- */

static bool is(struct bytes key, const char *name) { return key.n == strlen(name) && !memcmp(key.p, name, key.n); }

static const char *text(struct plan *p, struct jsonr *r)
{
    struct bytes v;
    return jsonr_string(r, &v) ? arena_strn(&p->arena, (const char *)v.p, v.n) : NULL;
}

static void read_input(struct plan *p, struct jsonr *r)
{
    struct plan_input in = {0};
    struct bytes key;
    for (jsonr_object(r); jsonr_key(r, &key);) {
        if (is(key, "location"))
            in.location = text(p, r);
        else if (is(key, "sha256"))
            in.sha256 = text(p, r);
        else
            jsonr_skip(r);
    }
    if (!r->why && (!in.location || !in.sha256))
        r->why = "an input without its location and its sha256";
    else if (!r->why && p->n_inputs == PLAN_INPUTS)
        r->why = "too many inputs";
    else if (!r->why)
        p->inputs[p->n_inputs++] = in;
}

static void add_script(struct plan *p, struct plan_script s)
{
    if (!(p->n_scripts & (p->n_scripts - 1))) {
        struct plan_script *more = arena_array(&p->arena, p->n_scripts ? (size_t)p->n_scripts * 2 : 1, sizeof *more);
        if (p->n_scripts)
            memcpy(more, p->scripts, p->n_scripts * sizeof *more);
        p->scripts = more;
    }
    p->scripts[p->n_scripts++] = s;
}

static void read_script(struct plan *p, struct jsonr *r)
{
    struct plan_script s = {0};
    struct bytes key, v;
    const char *sha256 = NULL;
    bool ran = false;
    for (jsonr_object(r); jsonr_key(r, &key);) {
        if (is(key, "script"))
            s.name = text(p, r);
        else if (is(key, "sha256"))
            sha256 = text(p, r);
        else if (is(key, "ranBefore"))
            jsonr_bool(r, &ran);
        else if (is(key, "text") && jsonr_string(r, &v))
            s.text = (struct bytes){(uint8_t *)arena_strn(&p->arena, (const char *)v.p, v.n), v.n};
        else if (!is(key, "text"))
            jsonr_skip(r);
    }
    if (r->why || ran)
        return;
    if (!s.name || !s.text.p || !sha256)
        r->why = "a script without its name, its text and its sha256";
    else if (strcmp(sha256, sha256_text(s.text.p, s.text.n).s) != 0)
        r->why = "a script's text is not the one that was planned";
    else
        add_script(p, s);
}

static void read_members(struct plan *p, struct jsonr *r, int64_t *format)
{
    struct bytes key, digits;
    for (jsonr_object(r); jsonr_key(r, &key);) {
        if (is(key, "formatVersion") && jsonr_peek(r) == JSONR_NUMBER) {
            if (jsonr_number(r, &digits))
                jsonr_to_int(digits, format);
        } else if (is(key, "inputs")) {
            for (jsonr_array(r); jsonr_next(r);)
                read_input(p, r);
        } else if (is(key, "scripts")) {
            for (jsonr_array(r); jsonr_next(r);)
                read_script(p, r);
        } else if (is(key, "output")) {
            p->output = text(p, r);
        } else {
            jsonr_skip(r);
        }
    }
}

bool plan_read(struct plan *p, struct bytes json, const char *name, struct err *e)
{
    struct jsonr r = {0};
    int64_t format = 0;
    *p = (struct plan){0};
    jsonr_start(&r, json.p, json.n);
    read_members(p, &r, &format);
    bool ok = jsonr_end(&r);
    if (!ok)
        err_set(e, ERR_CORRUPT, "%s: %s, at offset %zu", name, r.why, jsonr_at(&r));
    else if (format != FORMAT || !p->n_inputs)
        ok = err_set(e, ERR_UNSUPPORTED, "%s: is not a plan of weir migrate that this weir knows", name);
    jsonr_free(&r);
    return ok;
}

void plan_free(struct plan *p)
{
    arena_free(&p->arena);
    *p = (struct plan){0};
}
