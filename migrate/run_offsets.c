#include "migrate/run_offsets.h"

#include <string.h>

struct offsets_want run_offsets_want(const struct stmt *st)
{
    bool file = st->word && *st->word == 'F';
    return (struct offsets_want){.topic = st->word && !file ? st->from.text : NULL,
                                 .partition = st->partition,
                                 .file = file ? st->from.text : NULL,
                                 .records = st->on,
                                 .offset = st->number};
}

static const struct draft_state *splits_of(const struct draft_op *op)
{
    for (uint32_t i = 0; i < op->n; i++)
        if (!op->states[i].dropped && !strcmp(op->states[i].was->name, OFFSETS_STATE))
            return &op->states[i];
    return NULL;
}

bool run_coordinator(const struct draft_op *op, struct meta_stream *to, struct arena *a, struct err *e)
{
    const struct draft_state *st = splits_of(op);
    *to = op->meta->coordinator;
    for (uint32_t i = 0; st && to->tag == HANDLE_BYTE_STREAM && i < st->n_steps; i++) {
        const struct step *s = &st->steps[i];
        struct buf made = {0};
        uint32_t met;
        if (!s->met)
            continue;
        const struct offsets_want want = run_offsets_want(s->st);
        bool ok = offsets_set_pending(to->inl, &want, &made, &met, e);
        if (ok && met) {
            to->inl = (struct bytes){(const uint8_t *)arena_strn(a, (const char *)made.p, made.n), made.n};
            to->size = made.n;
            atomic_fetch_add(s->met, met);
        }
        buf_free(&made);
        if (!ok)
            return err_in(e, "operator %s, splits that no reader has yet", op->label);
    }
    return true;
}

bool run_offsets_met(const struct draft_op *op, struct err *e)
{
    const struct draft_state *st = splits_of(op);
    for (uint32_t i = 0; st && i < st->n_steps; i++) {
        const struct step *s = &st->steps[i];
        bool all = !s->st->word;
        if (s->met && !atomic_load(s->met))
            return err_set(e, ERR_CONVERT, "operator %s: the source has no split%s%s%s, so there is no offset to be set", op->label,
                           all                       ? ""
                               : *s->st->word == 'F' ? " of a file "
                                                     : " of a topic or partition of ",
                           all ? "" : s->st->from.text, all ? " left" : "");
    }
    return true;
}
