#include "inspect/tree_json.h"

#include "inspect/json_sink.h"
#include "savepoint/wellknown.h"

static void type(struct jsonw *w, const char *name, const struct ser *s)
{
    struct buf b = {0};
    if (!s)
        return;
    ser_type(s, &b);
    jsonw_key(w, name);
    jsonw_strn(w, b.p, b.n);
    buf_free(&b);
}

static void optional(struct jsonw *w, const char *name, const char *s)
{
    if (s)
        jsonw_member_str(w, name, s);
}

static void totals(struct jsonw *w, const struct totals *t, bool deep)
{
    jsonw_member_uint(w, "entries", t->entries);
    jsonw_member_uint(w, "bytes", t->bytes);
    if (!deep)
        return;
    jsonw_member_int(w, "sum", (int64_t)t->sum);
    jsonw_member_uint(w, "nulls", t->nulls);
    jsonw_member_uint(w, "opaque", t->opaque);
    if (!t->n_reasons)
        return;
    jsonw_key(w, "reasons");
    jsonw_array(w);
    for (uint32_t i = 0; i < t->n_reasons; i++) {
        jsonw_object(w);
        jsonw_member_str(w, "class", t->reasons[i].cls);
        jsonw_member_str(w, "why", t->reasons[i].why);
        jsonw_member_uint(w, "values", t->reasons[i].n);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void state(struct jsonw *w, const struct tree *t, const struct tree_state *st)
{
    jsonw_object(w);
    jsonw_member_str(w, "name", st->name);
    jsonw_member_str(w, "kind", kind_name(st->kind));
    if (st->kind == KIND_OPERATOR_LIST)
        jsonw_member_str(w, "mode", op_mode_name(st->mode));
    type(w, "key", st->key);
    type(w, "namespace", st->ns);
    type(w, "userKey", st->user_key);
    type(w, "value", st->element);
    jsonw_member_bool(w, "ttl", st->info.ttl);
    if (st->differs)
        jsonw_member_bool(w, "differs", true);
    if (t->depth != TREE_QUICK)
        totals(w, &st->totals, t->depth == TREE_DEEP);
    jsonw_end_object(w);
}

bool coordinator_json(const struct meta_operator *op, struct buf *out)
{
    struct json_sink json;
    if (op->coordinator.tag != HANDLE_BYTE_STREAM)
        return false;
    json_sink_init(&json, out);
    bool known = wellknown_coordinator(op->coordinator.inl, &json.sink);
    json_sink_free(&json);
    return known;
}

static void coordinator(struct jsonw *w, const struct tree_op *op)
{
    struct buf b = {0};
    jsonw_member_uint(w, "coordinatorBytes", op->coordinator);
    if (coordinator_json(op->meta, &b)) {
        jsonw_key(w, "coordinator");
        jsonw_raw(w, b.p, b.n);
    }
    buf_free(&b);
}

static void operator(struct jsonw *w, const struct tree *t, const struct tree_op *op)
{
    const struct meta_operator *m = op->meta;
    jsonw_object(w);
    jsonw_member_str(w, "uid", op->uid);
    jsonw_member_str(w, "id", m->hex);
    jsonw_member_str(w, "name", m->name);
    jsonw_member_int(w, "parallelism", m->parallelism);
    jsonw_member_int(w, "maxParallelism", m->max_parallelism);
    if (m->finished)
        jsonw_member_bool(w, "finished", true);
    if (op->finished)
        jsonw_member_uint(w, "finishedSubtasks", op->finished);
    jsonw_member_uint(w, "subtasksWithState", op->with_state);
    jsonw_member_uint(w, "bytes", op->bytes);
    if (op->coordinator)
        coordinator(w, op);
    if (op->in_flight_handles)
        jsonw_member_uint(w, "inFlightBytes", op->in_flight);
    if (op->raw)
        jsonw_member_uint(w, "rawBytes", op->raw);
    if (op->partial)
        jsonw_member_bool(w, "partial", true);
    if (t->depth != TREE_QUICK) {
        jsonw_member_uint(w, "entries", op->all.entries);
        jsonw_member_uint(w, "entryBytes", op->all.bytes);
    }
    jsonw_key(w, "states");
    jsonw_array(w);
    for (uint32_t i = 0; i < op->n_states; i++)
        state(w, t, op->states[i]);
    jsonw_end_array(w);
    jsonw_end_object(w);
}

static void files(struct jsonw *w, const struct files *f)
{
    uint32_t missing = 0, cut = 0;
    for (uint32_t i = 0; i < f->n_faults; i++) {
        missing += f->faults[i].kind == ERR_MISSING;
        cut += f->faults[i].kind == ERR_INCOMPLETE;
    }
    jsonw_key(w, "files");
    jsonw_object(w);
    jsonw_member_uint(w, "count", f->n_files);
    jsonw_member_uint(w, "bytes", f->bytes);
    jsonw_member_uint(w, "inlineBytes", f->inline_bytes);
    jsonw_member_uint(w, "moved", f->moved);
    jsonw_member_uint(w, "missing", missing);
    jsonw_member_uint(w, "cut", cut);
    jsonw_end_object(w);
}

static void snapshot(struct jsonw *w, const struct tree *t)
{
    const struct snapshot *s = t->scan.snapshot;
    const struct meta *m = &s->meta;
    jsonw_key(w, "snapshot");
    jsonw_object(w);
    jsonw_member_str(w, "location", s->location);
    jsonw_member_str(w, "kind", m->is_savepoint ? "savepoint" : "checkpoint");
    optional(w, "type", m->type_name);
    optional(w, "format", m->format);
    optional(w, "sharing", m->sharing);
    optional(w, "postAction", m->post_action);
    jsonw_member_int(w, "checkpointId", m->checkpoint_id);
    jsonw_member_int(w, "metadataVersion", m->version);
    jsonw_member_str(w, "flink", metadata_flink(m->version));
    if (t->written != INT64_MIN)
        jsonw_member_int(w, "written", t->written);
    jsonw_member_str(w, "backend", t->backend);
    jsonw_member_str(w, "evidence", t->evidence);
    jsonw_member_str(w, "compression", tree_compression(t));
    jsonw_member_bool(w, "whole", tree_exit(t) == WEIR_OK);
    jsonw_member_uint(w, "bytes", t->bytes);
    jsonw_member_uint(w, "metadataBytes", s->bytes.n);
    files(w, &t->files);
    jsonw_key(w, "masterStates");
    jsonw_array(w);
    for (uint32_t i = 0; i < m->n_masters; i++) {
        jsonw_object(w);
        jsonw_member_str(w, "name", m->masters[i].name);
        jsonw_member_uint(w, "bytes", m->masters[i].bytes.n);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    jsonw_end_object(w);
}

static void troubles(struct jsonw *w, const struct tree *t)
{
    jsonw_key(w, "troubles");
    jsonw_array(w);
    for (uint32_t i = 0; i < t->files.n_faults; i++) {
        jsonw_object(w);
        jsonw_member_str(w, "kind", err_word(t->files.faults[i].kind));
        jsonw_member_str(w, "text", t->files.faults[i].text);
        jsonw_end_object(w);
    }
    for (uint32_t i = 0; i < t->n_troubles; i++) {
        const struct tree_trouble *x = &t->troubles[i];
        jsonw_object(w);
        jsonw_member_str(w, "kind", err_word(x->err.kind));
        jsonw_member_str(w, "operator", x->op->label);
        jsonw_member_int(w, "subtask", x->subtask);
        jsonw_member_str(w, "text", x->err.text);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

void tree_json(const struct tree *t, struct jsonw *w)
{
    jsonw_object(w);
    jsonw_member_int(w, "weir-inspect", 1);
    snapshot(w, t);
    jsonw_key(w, "operators");
    jsonw_array(w);
    for (uint32_t i = 0; i < t->scan.n_ops; i++)
        operator(w, t, &t->ops[i]);
    jsonw_end_array(w);
    jsonw_key(w, "warnings");
    jsonw_array(w);
    for (uint32_t i = 0; i < t->n_warnings; i++)
        jsonw_str(w, t->warnings[i]);
    jsonw_end_array(w);
    troubles(w, t);
    jsonw_end_object(w);
}
