/* A class file. */
#include "tests/fuzz/fuzz.h"

#include "jar/class_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct class_file c;
    struct err e = {0};
    struct buf b = {0};
    if (class_file_read(&c, (struct bytes){data, size}, &arena, &e))
        for (uint32_t i = 0; i < c.n_fields; i++)
            java_type_text(c.fields[i].type, &b);
    buf_free(&b);
    arena_free(&arena);
    return 0;
}
