#include "migrate/bootstrap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/bootstrap_in.h"
#include "savepoint/value_encode.h"

bool reading_scope(struct reading *in, const struct value *key, const struct value *ns, struct err *e)
{
    in->key.n = in->ns.n = 0;
    if (!value_encode(in->header->key, key, &in->key, e))
        return err_in(e, "key");
    if (!ns) {
        buf_putc(&in->ns, 0); /* VoidNamespaceSerializer */
        return true;
    }
    return value_encode(in->info->ns, ns, &in->ns, e) || err_in(e, "namespace");
}

bool reading_give(struct reading *in, enum entry_form form, struct err *e)
{
    struct entry en = {.header = in->header,
                       .info = in->info,
                       .form = form,
                       .key = {in->key.p, in->key.n},
                       .ns = {in->ns.p, in->ns.n},
                       .user_key = {in->user_key.p, in->user_key.n},
                       .value = {in->value.p, in->value.n},
                       .file = in->st->file};
    return in->fn(in->ctx, &en, e);
}

/* Where the content stands, and in which form it is given. */
static const char *member_of(enum state_kind kind, enum entry_form *form)
{
    *form = kind == KIND_LIST ? FORM_LIST_COUNT : kind == KIND_MAP ? FORM_MAP_COUNT : FORM_VALUE;
    return kind == KIND_LIST ? "list" : kind == KIND_MAP ? "map" : "value";
}

static bool line(struct reading *in, const char *text, size_t n, struct err *e)
{
    struct value row;
    enum entry_form form;
    const char *name = member_of(in->info->kind, &form);
    if (!value_from_json(&row, text, n, &in->arena, e))
        return false;
    const struct value *key = value_member(&row, "key"), *content = value_member(&row, name), *ns = NULL;
    if (in->st->type.ns && !(ns = value_member(&row, "ns")))
        return err_set(e, ERR_CONVERT, "a line without \"ns\"");
    if (!key || !content)
        return err_set(e, ERR_CONVERT, "a line without \"%s\"", key ? name : "key");
    in->value.n = 0;
    atomic_fetch_add(&in->st->count->made, 1);
    return reading_scope(in, key, ns, e) && value_encode_as(in->info, form, content, &in->value, e) && reading_give(in, form, e);
}

static bool reading_json(struct reading *in, FILE *f, struct err *e)
{
    char *text = NULL;
    size_t cap = 0, number = 0;
    ssize_t n;
    bool ok = true;
    while (ok && (n = getline(&text, &cap, f)) >= 0) {
        number++;
        while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
            n--;
        if (n)
            ok = line(in, text, (size_t)n, e) || err_in(e, "line %zu", number);
        arena_free(&in->arena);
    }
    free(text);
    return ok && (!ferror(f) || err_set(e, ERR_IO, "cannot be read"));
}

bool bootstrap_read(FILE *f, const struct draft_state *st, const struct keyed_header *header, entry_fn *fn, void *ctx,
                    struct err *e)
{
    struct reading in = {.st = st, .info = st->info, .header = header, .fn = fn, .ctx = ctx};
    bool ok = (st->csv ? reading_csv : reading_json)(&in, f, e);
    arena_free(&in.arena);
    buf_free(&in.key);
    buf_free(&in.ns);
    buf_free(&in.value);
    buf_free(&in.user_key);
    return ok;
}

bool bootstrap_walk(const struct draft_state *st, const struct keyed_header *header, entry_fn *fn, void *ctx, struct err *e)
{
    FILE *f = fopen(st->file, "re");
    if (!f)
        return err_set(e, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: %s", st->file, strerror(errno));
    bool ok = bootstrap_read(f, st, header, fn, ctx, e);
    fclose(f);
    return ok || (strstr(e->text, st->file) ? false : err_in(e, "%s", st->file));
}
