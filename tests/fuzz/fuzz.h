/* What a fuzz target defines (libFuzzer's name): reads the bytes; whatever they are, it must come back. Returns 0. */
#ifndef WEIR_TESTS_FUZZ_H
#define WEIR_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
