/* Snappy's framing: byte 0 says how it is read, the rest is the stream. */
#include "savepoint/source.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    struct err e = {0};
    struct source s;
    source_bytes(&s, data + 1, size - 1, "fuzz", 0, &e);
    source_snappy(&s, data[0] & 1);
    size_t step = (size_t)(data[0] >> 1) * 1000 + 1;
    while (source_need(&s, step)) {
        volatile uint8_t last = s.p[step - 1];
        (void)last;
        if (!source_skip(&s, step))
            __builtin_trap();
    }
    source_close(&s);
    return 0;
}
