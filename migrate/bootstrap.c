#include "migrate/bootstrap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "savepoint/value_encode.h"

struct reading {
    const struct draft_state *st;
    const struct state_info *info;
    struct arena arena; /* of the line */
    struct buf key, value;
    struct entry en;
};

/* Where the content stands, and in which form it is given. */
static const char *member_of(enum state_kind kind, enum entry_form *form)
{
    *form = kind == KIND_LIST ? FORM_LIST_COUNT : kind == KIND_MAP ? FORM_MAP_COUNT : FORM_VALUE;
    return kind == KIND_LIST ? "list" : kind == KIND_MAP ? "map" : "value";
}

static bool line(struct reading *in, const char *text, size_t n, entry_fn *fn, void *ctx, struct err *e)
{
    struct value row;
    const char *name = member_of(in->info->kind, &in->en.form);
    if (!value_from_json(&row, text, n, &in->arena, e))
        return false;
    const struct value *key = value_member(&row, "key"), *content = value_member(&row, name);
    if (!key || !content)
        return err_set(e, ERR_CONVERT, "a line without \"%s\"", key ? name : "key");
    in->key.n = in->value.n = 0;
    if (!value_encode(in->en.header->key, key, &in->key, e))
        return err_in(e, "key");
    if (!value_encode_as(in->info, in->en.form, content, &in->value, e))
        return false;
    struct entry en = in->en;
    en.key = (struct bytes){in->key.p, in->key.n};
    en.value = (struct bytes){in->value.p, in->value.n};
    return fn(ctx, &en, e);
}

static bool lines(struct reading *in, FILE *f, entry_fn *fn, void *ctx, struct err *e)
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
            ok = line(in, text, (size_t)n, fn, ctx, e) || err_in(e, "%s, line %zu", in->st->file, number);
        arena_free(&in->arena);
        atomic_fetch_add(&in->st->count->changed, ok && n);
    }
    free(text);
    return ok && (!ferror(f) || err_set(e, ERR_IO, "%s: cannot be read", in->st->file));
}

bool bootstrap_walk(const struct draft_state *st, const struct keyed_header *header, const struct state_info *info, entry_fn *fn,
                    void *ctx, struct err *e)
{
    static const uint8_t void_namespace[1] = {0};
    struct reading in = {.st = st, .info = info};
    FILE *f = fopen(st->file, "re");
    if (!f)
        return err_set(e, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: %s", st->file, strerror(errno));
    in.en = (struct entry){.header = header, .info = info, .ns = {void_namespace, 1}, .file = st->file};
    bool ok = lines(&in, f, fn, ctx, e);
    fclose(f);
    buf_free(&in.key);
    buf_free(&in.value);
    return ok;
}
