/* Pieces of a _metadata file that are made for tests, and reading it. */
#ifndef WEIR_TESTS_UNIT_META_MADE_H
#define WEIR_TESTS_UNIT_META_MADE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "savepoint/meta.h"
#include "tests/support/bytes.h"

#define ID "00112233445566778899aabbccddeeff"

/* CheckpointProperties as Flink 1.16 to 2.3 writes them, of a periodic checkpoint. */
static const char checkpoint_properties[] =
    "aced0005737200386f72672e6170616368652e666c696e6b2e72756e74696d652e636865636b706f696e742e436865636b706f696e7450726f7065727469657300000000000000"
    "020200085a00106469736361726443616e63656c6c65645a000d646973636172644661696c65645a000f6469736361726446696e69736865645a000f6469736361726453756273"
    "756d65645a00106469736361726453757370656e6465645a0006666f726365645a0009756e636c61696d65644c000e636865636b706f696e74547970657400324c6f72672f6170"
    "616368652f666c696e6b2f72756e74696d652f636865636b706f696e742f536e617073686f74547970653b787000000101000000737200326f72672e6170616368652e666c696e"
    "6b2e72756e74696d652e636865636b706f696e742e436865636b706f696e7454797065d6de4f0305ae1d3a0200024c00046e616d657400124c6a6176612f6c616e672f53747269"
    "6e673b4c001473686172696e6746696c657353747261746567797400474c6f72672f6170616368652f666c696e6b2f72756e74696d652f636865636b706f696e742f536e617073"
    "686f74547970652453686172696e6746696c657353747261746567793b787074000a436865636b706f696e747e7200456f72672e6170616368652e666c696e6b2e72756e74696d"
    "652e636865636b706f696e742e536e617073686f74547970652453686172696e6746696c6573537472617465677900000000000000001200007872000e6a6176612e6c616e672e"
    "456e756d00000000000000001200007870740010464f52574152445f4241434b57415244";

static inline void head(struct buf *b, int version, uint32_t masters)
{
    u32(b, 0x4960672D);
    u32(b, (uint32_t)version);
    u64(b, 42);
    u32(b, masters);
}

static inline void operator_of(struct buf *b, int version, uint32_t subtasks)
{
    if (version >= 5) {
        utf(b, "the name");
        utf(b, "the-uid");
    }
    hexed(b, ID);
    u32(b, 3);
    u32(b, 128);
    if (version == 2)
        u32(b, 1);
    else
        u8(b, 0);
    u32(b, subtasks);
}

static inline void subtask_head(struct buf *b, int version, uint32_t index)
{
    u32(b, index);
    if (version == 2) {
        u64(b, UINT64_MAX);
        u32(b, 0);
    }
}

static inline void end(struct buf *b, int version)
{
    if (version >= 4)
        hexed(b, checkpoint_properties);
}

static const enum handle_tag keyed_tags[] = {
    HANDLE_KEY_GROUPS, HANDLE_KEY_GROUPS_V2, HANDLE_SAVEPOINT_KEY_GROUPS, HANDLE_INCREMENTAL,    HANDLE_INCREMENTAL_V2,
    HANDLE_CHANGELOG,  HANDLE_CHANGELOG_V2,  HANDLE_CHANGELOG_BYTES,      HANDLE_CHANGELOG_FILE, HANDLE_CHANGELOG_FILE_V2};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static inline void range(struct buf *b)
{
    u32(b, 5);
    u32(b, 2);
}

static struct arena arena;

/* From an allocation of its own, so that a read behind the end is seen. The bytes live until read_done. */
static uint8_t *own;

static inline bool read_bytes(struct meta *m, const struct buf *b, size_t n, struct err *e)
{
    own = mem_alloc(n ? n : 1);
    if (n)
        memcpy(own, b->p, n);
    *e = (struct err){0};
    bool ok = meta_read(m, (struct bytes){own, n}, "_metadata", &arena, e);
    assert_int_equal(ok, e->kind == ERR_NONE);
    return ok;
}

static inline void read_done(void)
{
    free(own);
    own = NULL;
    arena_free(&arena);
}

static inline void must_read(struct meta *m, const struct buf *b)
{
    struct err e;
    if (!read_bytes(m, b, b->n, &e))
        fail_msg("%s", e.text);
}

static inline void must_fail(const struct buf *b, enum err_kind kind, const char *part)
{
    struct meta m;
    struct err e;
    assert_false(read_bytes(&m, b, b->n, &e));
    assert_int_equal(e.kind, kind);
    if (!strstr(e.text, part))
        fail_msg("\"%s\" does not say \"%s\"", e.text, part);
    read_done();
}

static inline struct buf empty(int version)
{
    struct buf b = {0};
    head(&b, version, 0);
    u32(&b, 0);
    return b;
}

#endif
