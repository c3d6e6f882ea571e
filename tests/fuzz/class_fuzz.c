/* A class file, and what its code does. */
#include "tests/fuzz/fuzz.h"

#include "jar/code_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct class_file c;
    struct code_class code;
    uint32_t nodes = 100000;
    struct err e = {0};
    struct buf b = {0};
    if (class_file_read(&c, (struct bytes){data, size}, NULL, &arena, &e))
        for (uint32_t i = 0; i < c.n_fields; i++)
            java_type_text(c.fields[i].type, &b);
    (void)code_class_read(&code, (struct bytes){data, size}, &nodes, &arena, &e);
    buf_free(&b);
    arena_free(&arena);
    return 0;
}
