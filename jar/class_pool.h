/* The constant pool of a class file. */
#ifndef WEIR_JAR_CLASS_POOL_H
#define WEIR_JAR_CLASS_POOL_H

#include "base/rd.h"

enum pool_tag {
    POOL_UTF8 = 1,
    POOL_INTEGER = 3,
    POOL_CLASS = 7,
    POOL_STRING = 8,
    POOL_FIELD = 9,
    POOL_METHOD = 10,
    POOL_INTERFACE_METHOD = 11,
    POOL_NAME_AND_TYPE = 12,
    POOL_HANDLE = 15,
    POOL_DYNAMIC = 18
};

struct class_pool {
    uint32_t n; /* entries 1 to n - 1 */
    struct pool_entry {
        uint8_t tag;       /* 0: none, as behind a long */
        uint16_t a, b;     /* what it refers to; POOL_INTEGER: the high and the low half */
        struct bytes text; /* POOL_UTF8: modified UTF-8 */
    } * entries;
};

/* Reads the pool, count included, from r, which fails where it is malformed. */
void class_pool_read(struct class_pool *pool, struct rd *r, struct arena *a);
/* A text as UTF-8 in the arena; "" where the index is none of a text. */
const char *class_pool_text(const struct class_pool *pool, uint16_t i, struct arena *a);
/* A class's name with dots; NULL where the index is none of a class. */
const char *class_pool_class(const struct class_pool *pool, uint16_t i, struct arena *a);
bool class_pool_is(const struct class_pool *pool, uint16_t i, const char *text);
/* The text of a string constant; NULL where it is none. */
const struct pool_entry *class_pool_string(const struct class_pool *pool, uint16_t i);
/* Is it a reference to a field of that name? */
bool class_pool_is_field(const struct class_pool *pool, uint16_t i, const char *name);
/* A field or method that is referred to, by a method handle, too; of POOL_DYNAMIC name and descriptor. False: it is none. */
struct pool_member {
    const char *owner, *name, *descriptor; /* owner with dots; NULL of POOL_DYNAMIC */
};
bool class_pool_member(const struct class_pool *pool, uint16_t i, struct pool_member *m, struct arena *a);
/* Modified UTF-8 appended as UTF-8; what is malformed as U+FFFD. */
void class_text(struct buf *b, struct bytes text);

#endif
