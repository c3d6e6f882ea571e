#include <string.h>

#include "base/crc32c.h"
#include "base/wr.h"
#include "savepoint/sst_block.h"
#include "savepoint/sst_manifest.h"
#include "savepoint/sst_manifest_tags.h"

enum { BOTTOM = 6 /* of the seven levels that are RocksDB's default */, TYPE_VALUE = 1 };

static void varint(struct buf *b, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        wr_u8(b, (uint8_t)(v | 0x80));
    wr_u8(b, (uint8_t)v);
}

static void number(struct buf *b, uint32_t tag, uint64_t v)
{
    varint(b, tag);
    varint(b, v);
}

static void text(struct buf *b, uint32_t tag, const char *s)
{
    number(b, tag, strlen(s));
    buf_puts(b, s);
}

static void internal_key(struct buf *b, struct bytes user_key)
{
    static const uint8_t tag[SST_TAG] = {TYPE_VALUE}; /* little-endian, sequence number 0 above the type */
    varint(b, user_key.n + SST_TAG);
    wr_bytes(b, user_key);
    buf_put(b, tag, sizeof tag);
}

/* One record in as many fragments as blocks have room for (log_writer.cc). `from` is where in `to` the log begins. */
static void put_record(struct buf *to, size_t from, struct bytes record)
{
    bool first = true, last;
    do {
        size_t room = LOG_BLOCK - (to->n - from) % LOG_BLOCK;
        if (room < LOG_HEAD) {
            static const uint8_t none[LOG_HEAD];
            buf_put(to, none, room);
            room = LOG_BLOCK;
        }
        size_t n = record.n < room - LOG_HEAD ? record.n : room - LOG_HEAD;
        last = n == record.n;
        uint8_t head[LOG_HEAD] = {[4] = (uint8_t)n,
                                  [5] = (uint8_t)(n >> 8),
                                  [6] = first ? (last ? LOG_FULL : LOG_FIRST) : (last ? LOG_LAST : LOG_MIDDLE)};
        size_t at = to->n;
        buf_put(to, head, sizeof head);
        if (n)
            buf_put(to, record.p, n);
        uint32_t crc = log_mask(crc32c(to->p + at + 6, n + 1));
        for (int i = 0; i < 4; i++)
            to->p[at + (size_t)i] = (uint8_t)(crc >> 8 * i);
        record.p += n;
        record.n -= n;
        first = false;
    } while (!last);
}

void sst_manifest_write(struct buf *to, const struct sst_manifest *m, uint64_t next_file)
{
    size_t from = to->n;
    struct buf edit = {0};
    text(&edit, TAG_COMPARATOR, SST_COMPARATOR);
    number(&edit, TAG_LOG_NUMBER, 0);
    number(&edit, TAG_NEXT_FILE, next_file);
    number(&edit, TAG_LAST_SEQUENCE, 0);
    number(&edit, TAG_MAX_FAMILY, m->n);
    put_record(to, from, (struct bytes){edit.p, edit.n});
    for (uint32_t i = 0; i < m->n; i++) {
        const struct sst_family *f = &m->families[i];
        edit.n = 0;
        text(&edit, TAG_COMPARATOR, SST_COMPARATOR);
        number(&edit, TAG_LOG_NUMBER, 0);
        number(&edit, TAG_FAMILY, i + 1);
        text(&edit, TAG_FAMILY_ADD, f->name);
        put_record(to, from, (struct bytes){edit.p, edit.n});
        for (uint32_t j = 0; j < f->n; j++) {
            const struct sst_live *live = &f->live[j];
            edit.n = 0;
            number(&edit, TAG_FAMILY, i + 1);
            number(&edit, TAG_NEW_FILE2, BOTTOM);
            varint(&edit, live->number);
            varint(&edit, live->size);
            internal_key(&edit, live->smallest);
            internal_key(&edit, live->largest);
            varint(&edit, 0);
            varint(&edit, 0);
            put_record(to, from, (struct bytes){edit.p, edit.n});
        }
    }
    buf_free(&edit);
}
