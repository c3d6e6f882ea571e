#include "migrate/trail.h"

#include <string.h>

#include "base/jsonr.h"
#include "base/jsonw.h"

enum { RECORD_MAX = 16 << 20, FORMAT = 1 };

void trail_add(struct trail *h, const char *script, const char *sha256, const char *at)
{
    if (!(h->n & (h->n - 1))) {
        struct trail_row *more = arena_array(&h->arena, h->n ? (size_t)h->n * 2 : 1, sizeof *more);
        if (h->n)
            memcpy(more, h->rows, h->n * sizeof *more);
        h->rows = more;
    }
    h->rows[h->n++] = (struct trail_row){arena_str(&h->arena, script), arena_str(&h->arena, sha256), arena_str(&h->arena, at)};
}

const struct trail_row *trail_find(const struct trail *h, const char *script)
{
    for (uint32_t i = h->n; i-- > 0;)
        if (!strcmp(h->rows[i].script, script))
            return &h->rows[i];
    return NULL;
}

static bool is(struct bytes key, const char *name) { return key.n == strlen(name) && !memcmp(key.p, name, key.n); }

static void read_row(struct trail *h, struct jsonr *r)
{
    static const char *const names[] = {"script", "sha256", "at"};
    const char *texts[3] = {"", "", ""};
    struct bytes key, v;
    for (jsonr_object(r); jsonr_key(r, &key);) {
        size_t i = 0;
        while (i < 3 && !is(key, names[i]))
            i++;
        if (i == 3)
            jsonr_skip(r);
        else if (jsonr_string(r, &v))
            texts[i] = arena_strn(&h->arena, (const char *)v.p, v.n);
    }
    if (!*texts[0] && !r->why)
        r->why = "a migration without its script's name";
    trail_add(h, texts[0], texts[1], texts[2]);
}

static void read_rows(struct trail *h, struct jsonr *r)
{
    for (jsonr_array(r); jsonr_next(r);)
        read_row(h, r);
}

bool trail_parse(struct trail *h, struct bytes text, const char *name, struct err *e)
{
    struct jsonr r = {0};
    struct bytes key, digits;
    int64_t format = 0;
    jsonr_start(&r, text.p, text.n);
    for (jsonr_object(&r); jsonr_key(&r, &key);) {
        if (is(key, "formatVersion")) {
            if (jsonr_number(&r, &digits))
                jsonr_to_int(digits, &format);
        } else if (is(key, "migrations")) {
            read_rows(h, &r);
        } else {
            jsonr_skip(&r);
        }
    }
    bool ok = jsonr_end(&r);
    if (!ok)
        err_set(e, ERR_CORRUPT, "%s: %s, at offset %zu", name, r.why, jsonr_at(&r));
    else if (format != FORMAT)
        ok = err_set(e, ERR_UNSUPPORTED, "%s: of a format that this weir does not know", name);
    jsonr_free(&r);
    return ok;
}

bool trail_read(struct trail *h, const struct snapshot *s, struct err *e)
{
    struct store_file f = {0};
    struct err missing = {0};
    char *location = store_join(&h->arena, s->dir, SNAPSHOT_TRAIL);
    if (!store_open(&f, location, &missing)) {
        store_close(&f);
        return missing.kind == ERR_MISSING || err_set(e, missing.kind, "%s", missing.text);
    }
    bool ok = f.size <= RECORD_MAX || err_set(e, ERR_LIMIT, "%s: larger than 16 MiB", location);
    char *text = ok ? arena_alloc(&h->arena, f.size + 1) : NULL;
    ok = ok && store_read(&f, 0, text, f.size, e) && trail_parse(h, (struct bytes){(uint8_t *)text, f.size}, location, e);
    store_close(&f);
    return ok;
}

void trail_write(const struct trail *h, struct buf *out)
{
    struct jsonw w = {.out = out, .pretty = true};
    jsonw_object(&w);
    jsonw_member_int(&w, "formatVersion", FORMAT);
    jsonw_key(&w, "migrations");
    jsonw_array(&w);
    for (uint32_t i = 0; i < h->n; i++) {
        jsonw_object(&w);
        jsonw_member_str(&w, "script", h->rows[i].script);
        jsonw_member_str(&w, "sha256", h->rows[i].sha256);
        jsonw_member_str(&w, "at", h->rows[i].at);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    buf_putc(out, '\n');
}

void trail_free(struct trail *h)
{
    arena_free(&h->arena);
    *h = (struct trail){0};
}
