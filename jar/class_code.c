#include "jar/class_code.h"

#include "jar/opcode.h"

enum { TEXT_MAX = 4 << 20 };

const char *class_code_strings_into(struct bytes code, const struct class_pool *pool, const char *field, struct arena *a)
{
    struct rd attribute = rd_of(code.p, code.n, 0);
    (void)rd_take(&attribute, 4); /* stack, locals */
    struct bytes body = rd_bytes32(&attribute);
    struct rd r = rd_of(body.p, body.n, 0);
    struct buf text = {0};
    struct opcode o;
    const char *found = NULL;
    while (!found && text.n < TEXT_MAX && opcode_next(&r, &o)) {
        const struct pool_entry *s = o.op == OP_LDC_W ? class_pool_string(pool, (uint16_t)o.arg) : NULL;
        if (s && s->text.p) {
            class_text(&text, s->text);
        } else if (o.op == OP_PUTSTATIC) {
            if (class_pool_is_field(pool, (uint16_t)o.arg, field))
                found = arena_strn(a, text.n ? (const char *)text.p : "", text.n);
            text.n = 0;
        }
    }
    buf_free(&text);
    return found && *found ? found : NULL;
}
