#include "base/jsonw.h"
#include "inspect/report.h"

void report_json(const struct report *r, struct buf *out)
{
    const struct validation *v = r->v;
    struct jsonw w = {.out = out, .pretty = true};
    jsonw_object(&w);
    jsonw_member_int(&w, "formatVersion", 1);
    jsonw_member_bool(&w, "compatible", v->compatible);
    jsonw_key(&w, "states");
    jsonw_array(&w);
    for (uint32_t i = 0; i < v->n_states; i++) {
        jsonw_object(&w);
        jsonw_member_str(&w, "operator", v->states[i].op);
        jsonw_member_str(&w, "state", v->states[i].state);
        jsonw_member_str(&w, "verdict", verdict_name(v->states[i].verdict));
        jsonw_member_str(&w, "why", v->states[i].why);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_key(&w, "findings");
    jsonw_array(&w);
    for (uint32_t i = 0; i < v->n_findings; i++) {
        const struct finding *f = &v->findings[i];
        jsonw_object(&w);
        jsonw_member_str(&w, "rule", f->rule->id);
        jsonw_member_str(&w, "severity", severity_name(f->severity));
        jsonw_member_str(&w, "operator", f->op);
        jsonw_member_str(&w, "state", f->state);
        jsonw_member_str(&w, "message", f->message);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    buf_putc(out, '\n');
}
