#include "sql/base64.h"

#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_put(struct buf *to, struct bytes b)
{
    buf_reserve(to, b.n / 3 * 4 + 4);
    for (size_t i = 0; i < b.n; i += 3) {
        uint32_t v = (uint32_t)b.p[i] << 16 | (i + 1 < b.n ? (uint32_t)b.p[i + 1] << 8 : 0) | (i + 2 < b.n ? b.p[i + 2] : 0);
        buf_putc(to, (uint8_t)letters[v >> 18]);
        buf_putc(to, (uint8_t)letters[v >> 12 & 63]);
        buf_putc(to, i + 1 < b.n ? (uint8_t)letters[v >> 6 & 63] : '=');
        buf_putc(to, i + 2 < b.n ? (uint8_t)letters[v & 63] : '=');
    }
}

bool base64_read(struct buf *to, struct bytes text)
{
    uint32_t v = 0, bits = 0;
    size_t n = text.n;
    if (n % 4 == 0)
        for (int i = 0; i < 2 && n && text.p[n - 1] == '='; i++)
            n--;
    if (n % 4 == 1)
        return false;
    for (size_t i = 0; i < n; i++) {
        const char *at = text.p[i] ? strchr(letters, text.p[i]) : NULL;
        if (!at)
            return false;
        v = v << 6 | (uint32_t)(at - letters);
        if ((bits += 6) >= 8)
            buf_putc(to, (uint8_t)(v >> (bits -= 8)));
    }
    return true;
}
