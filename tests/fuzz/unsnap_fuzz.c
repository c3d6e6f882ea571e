/* Snappy's raw format, against libsnappy: both say the same. The first byte says how many bytes behind may be read. */
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/unsnap.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    if (!n)
        return 0;
    size_t behind = p[0], size;
    uint32_t plain;
    p++;
    n--;
    behind = behind < n ? behind : n;
    n -= behind;
    bool ok = unsnap_length(p, n, &plain);
    if (ok != (snappy_uncompressed_length((const char *)p, n, &size) == SNAPPY_OK) || (ok && plain != size))
        abort();
    if (!ok || plain > 1 << 20)
        return 0;
    uint8_t *mine = mem_alloc(plain + UNSNAP_SLACK), *theirs = mem_alloc(plain + 1);
    ok = unsnap(p, n, n + behind, mine, plain);
    if (ok != (snappy_uncompress((const char *)p, n, (char *)theirs, &size) == SNAPPY_OK) || (ok && memcmp(mine, theirs, plain)))
        abort();
    free(mine);
    free(theirs);
    return 0;
}
