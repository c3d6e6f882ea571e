#include "jar/class_pool.h"

#include <string.h>

#include "base/utf8.h"

static const struct pool_entry *entry(const struct class_pool *pool, uint16_t i, uint8_t tag)
{
    return i < pool->n && pool->entries[i].tag == tag ? &pool->entries[i] : NULL;
}

void class_pool_read(struct class_pool *pool, struct rd *r, struct arena *a)
{
    uint32_t n = rd_u16(r);
    *pool = (struct class_pool){0};
    if (n > rd_left(r) + 1) { /* an entry has at least three bytes, or is the second half of one that has nine */
        rd_fail(r, "a constant pool that does not fit");
        return;
    }
    pool->entries = arena_array(a, n, sizeof *pool->entries);
    pool->n = n;
    for (uint32_t i = 1; i < n && rd_ok(r); i++) {
        struct pool_entry *e = &pool->entries[i];
        e->tag = rd_u8(r);
        switch (e->tag) {
        case POOL_UTF8: {
            uint16_t length = rd_u16(r);
            e->text = (struct bytes){rd_take(r, length), length};
            break;
        }
        case POOL_CLASS:
        case POOL_STRING:
        case 16: /* method type */
        case 19: /* module */
        case 20: /* package */
            e->a = rd_u16(r);
            break;
        case 5: /* long */
        case 6: /* double */
            (void)rd_take(r, 8);
            i++;
            break;
        case POOL_FIELD:
        case POOL_METHOD:
        case POOL_INTERFACE_METHOD:
        case POOL_NAME_AND_TYPE:
        case POOL_INTEGER:
        case 4:  /* float */
        case 17: /* dynamic */
        case POOL_DYNAMIC:
            e->a = rd_u16(r);
            e->b = rd_u16(r);
            break;
        case POOL_HANDLE:
            e->a = rd_u8(r); /* its kind */
            e->b = rd_u16(r);
            break;
        default:
            rd_fail(r, "a constant of a kind that is not known");
        }
    }
}

/* One UTF-16 unit of modified UTF-8 at p; its length in bytes, 0 where it is malformed. */
static unsigned unit(const uint8_t *p, size_t n, uint16_t *u)
{
    if (p[0] && p[0] < 0x80) {
        *u = p[0];
        return 1;
    }
    if (n >= 2 && (p[0] & 0xe0) == 0xc0 && (p[1] & 0xc0) == 0x80) {
        *u = (uint16_t)((p[0] & 0x1f) << 6 | (p[1] & 0x3f));
        return 2;
    }
    if (n >= 3 && (p[0] & 0xf0) == 0xe0 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80) {
        *u = (uint16_t)((p[0] & 0xf) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f));
        return 3;
    }
    return 0;
}

void class_text(struct buf *b, struct bytes text)
{
    for (size_t i = 0; i < text.n;) {
        uint16_t high, low;
        unsigned n = unit(text.p + i, text.n - i, &high);
        i += n ? n : 1;
        if (n && (high & 0xfc00) == 0xd800 && i < text.n && (n = unit(text.p + i, text.n - i, &low)) && (low & 0xfc00) == 0xdc00) {
            utf8_put(b, 0x10000 + ((uint32_t)(high & 0x3ff) << 10 | (low & 0x3ff)));
            i += n;
        } else if (!n || !high || (high & 0xf800) == 0xd800) {
            utf8_put(b, 0xfffd);
        } else {
            utf8_put(b, high);
        }
    }
}

const char *class_pool_text(const struct class_pool *pool, uint16_t i, struct arena *a)
{
    const struct pool_entry *e = entry(pool, i, POOL_UTF8);
    if (!e || !e->text.p)
        return "";
    for (size_t k = 0; k < e->text.n; k++)
        if (!e->text.p[k] || e->text.p[k] >= 0x80) {
            struct buf b = {0};
            class_text(&b, e->text);
            const char *s = arena_strn(a, (const char *)b.p, b.n);
            buf_free(&b);
            return s;
        }
    return arena_strn(a, (const char *)e->text.p, e->text.n);
}

const char *class_pool_class(const struct class_pool *pool, uint16_t i, struct arena *a)
{
    const struct pool_entry *e = entry(pool, i, POOL_CLASS);
    if (!e)
        return NULL;
    char *name = arena_str(a, class_pool_text(pool, e->a, a));
    for (char *p = name; *p; p++)
        *p = *p == '/' ? '.' : *p;
    return name;
}

bool class_pool_is(const struct class_pool *pool, uint16_t i, const char *text)
{
    const struct pool_entry *e = entry(pool, i, POOL_UTF8);
    return e && e->text.p && e->text.n == strlen(text) && !memcmp(e->text.p, text, e->text.n);
}

const struct pool_entry *class_pool_string(const struct class_pool *pool, uint16_t i)
{
    const struct pool_entry *e = entry(pool, i, POOL_STRING);
    return e ? entry(pool, e->a, POOL_UTF8) : NULL;
}

bool class_pool_is_field(const struct class_pool *pool, uint16_t i, const char *name)
{
    const struct pool_entry *e = entry(pool, i, POOL_FIELD);
    const struct pool_entry *of = e ? entry(pool, e->b, POOL_NAME_AND_TYPE) : NULL;
    return of && class_pool_is(pool, of->a, name);
}

bool class_pool_member(const struct class_pool *pool, uint16_t i, struct pool_member *m, struct arena *a)
{
    const struct pool_entry *e = entry(pool, i, POOL_HANDLE);
    i = e ? e->b : i;
    e = i < pool->n ? &pool->entries[i] : NULL;
    if (!e || (e->tag != POOL_FIELD && e->tag != POOL_METHOD && e->tag != POOL_INTERFACE_METHOD && e->tag != POOL_DYNAMIC))
        return false;
    const struct pool_entry *of = entry(pool, e->b, POOL_NAME_AND_TYPE);
    if (!of)
        return false;
    m->owner = e->tag == POOL_DYNAMIC ? NULL : class_pool_class(pool, e->a, a);
    m->name = class_pool_text(pool, of->a, a);
    m->descriptor = class_pool_text(pool, of->b, a);
    return m->owner || e->tag == POOL_DYNAMIC;
}
