#include "runtime/json_scan.h"

bool json_wrong(struct json_in *in, const char *why)
{
    if (!in->why)
        in->why = why;
    in->p = in->end;
    return false;
}

static int hex4(const uint8_t *p)
{
    int v = 0;
    for (int i = 0; i < 4; i++) {
        int d = p[i] >= '0' && p[i] <= '9' ? p[i] - '0' : (p[i] | 32) >= 'a' && (p[i] | 32) <= 'f' ? (p[i] | 32) - 'a' + 10 : -1;
        if (d < 0)
            return -1;
        v = v << 4 | d;
    }
    return v;
}

static uint8_t *put_code(uint8_t *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (uint8_t)c;
        return to;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    *to++ = (uint8_t)(lead[more] | c >> (6 * more));
    while (more--)
        *to++ = (uint8_t)(0x80 | (c >> (6 * more) & 63));
    return to;
}

/* \uXXXX, two of them for a character beyond U+FFFF. */
static bool unicode(struct json_in *in, uint8_t **to)
{
    int c = in->end - in->p >= 4 ? hex4(in->p) : -1;
    if (c < 0)
        return json_wrong(in, "a malformed \\u escape");
    in->p += 4;
    uint32_t code = (uint32_t)c;
    if (code >= 0xd800 && code < 0xdc00 && in->end - in->p >= 6 && in->p[0] == '\\' && in->p[1] == 'u') {
        int low = hex4(in->p + 2);
        if (low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
            in->p += 6;
        }
    }
    *to = put_code(*to, code);
    return true;
}

bool json_escaped(struct json_in *in, const uint8_t *from, struct bytes *s)
{
    uint8_t *text = scratch_alloc(in->heap, (size_t)(in->end - from)), *to = text;
    memcpy(to, from, (size_t)(in->p - from));
    to += in->p - from;
    while (in->p < in->end && *in->p != '"') {
        if (*in->p != '\\') {
            *to++ = *in->p++;
            continue;
        }
        if (++in->p == in->end)
            break;
        static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
        uint8_t c = *in->p++;
        const char *at = c ? strchr(letters, c) : NULL;
        if (at)
            *to++ = (uint8_t)values[at - letters];
        else if (c != 'u' || !unicode(in, &to))
            return json_wrong(in, "an escape that JSON does not have");
    }
    *s = (struct bytes){text, (size_t)(to - text)};
    return true;
}

struct bytes json_digits(struct json_in *in)
{
    const uint8_t *from = in->p;
    while (in->p < in->end &&
           ((*in->p >= '0' && *in->p <= '9') || *in->p == '-' || *in->p == '+' || *in->p == '.' || (*in->p | 32) == 'e'))
        in->p++;
    return (struct bytes){from, (size_t)(in->p - from)};
}

bool json_skip(struct json_in *in)
{
    struct bytes s;
    json_blanks(in);
    if (in->p == in->end)
        return json_wrong(in, "no value where one must be");
    uint8_t c = *in->p;
    if (c == '"') {
        in->p++;
        return json_text(in, &s);
    }
    if (c == '{' || c == '[') {
        uint8_t close = c == '{' ? '}' : ']';
        if (++in->depth > JSON_IN_DEPTH)
            return json_wrong(in, "values nested deeper than 64");
        in->p++;
        for (bool first = true; !json_mark(in, (char)close); first = false) {
            if (!first && !json_mark(in, ','))
                return json_wrong(in, "no comma between values");
            if (c == '{' && (!json_mark(in, '"') || !json_text(in, &s) || !json_mark(in, ':')))
                return json_wrong(in, "a malformed object");
            if (!json_skip(in))
                return false;
        }
        in->depth--;
        return true;
    }
    if (json_word(in, "true", 4) || json_word(in, "false", 5) || json_word(in, "null", 4))
        return true;
    return json_digits(in).n || json_wrong(in, "something that is no JSON");
}
