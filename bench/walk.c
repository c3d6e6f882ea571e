/* The floor of the benchmark: walks a canonical savepoint by its frames alone and counts entries: walk SNAPSHOT-DIR.
 *
 * It knows just as much of the format as the benchmark's own snapshots need (metadata 4, uncompressed keyed state in relative files
 * or inline), decodes no key and no value, and checks nothing but its bounds. */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { METADATA_MAGIC = 0x4960672d, METADATA_VERSION = 4, STATES = 1 << 15, GROUP_END = 0xffff, STATE_CHANGES = 0x80 };
enum { HANDLE_NULL = 0, HANDLE_INLINE = 1, HANDLE_RELATIVE = 6, HANDLE_SAVEPOINT = 7, HANDLE_OPERATOR = 4 };

struct bytes {
    const uint8_t *p, *end;
};

static uint64_t counts[STATES], entries, bytes_walked;

static void die(const char *why)
{
    fprintf(stderr, "walk: %s\n", why);
    exit(1);
}

static const uint8_t *take(struct bytes *b, uint64_t n)
{
    if ((uint64_t)(b->end - b->p) < n)
        die("cut short");
    const uint8_t *p = b->p;
    b->p += n;
    return p;
}

static uint32_t u16(struct bytes *b)
{
    const uint8_t *p = take(b, 2);
    return (uint32_t)(p[0] << 8 | p[1]);
}

static uint32_t u32(struct bytes *b)
{
    uint32_t v;
    memcpy(&v, take(b, 4), 4);
    return __builtin_bswap32(v);
}

static uint64_t u64(struct bytes *b)
{
    uint64_t high = u32(b);
    return high << 32 | u32(b);
}

static struct bytes map_file(const char *dir, const void *name, size_t n)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%.*s", dir, (int)n, (const char *)name);
    int fd = open(path, O_RDONLY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        die(path);
    const uint8_t *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        die(path);
    close(fd);
    madvise((void *)p, (size_t)st.st_size, MADV_SEQUENTIAL);
    return (struct bytes){p, p + st.st_size};
}

static struct bytes stream(struct bytes *b, const char *dir)
{
    uint32_t n;
    switch (*take(b, 1)) {
    case HANDLE_NULL:
        return (struct bytes){0};
    case HANDLE_INLINE:
        take(b, u16(b));
        n = u32(b);
        return (struct bytes){take(b, n), b->p};
    case HANDLE_RELATIVE: {
        n = u16(b);
        struct bytes f = map_file(dir, take(b, n), n);
        u64(b);
        return f;
    }
    default:
        die("a handle that the benchmark does not know");
    }
    return (struct bytes){0};
}

static void walk_group(struct bytes b)
{
    const uint8_t *from = b.p;
    uint32_t state = u16(&b);
    while (state != GROUP_END) {
        uint64_t n = 0;
        uint8_t first;
        do {
            uint32_t key = u32(&b);
            first = *take(&b, key);
            take(&b, u32(&b));
            n++;
        } while (!(first & STATE_CHANGES));
        counts[state % STATES] += n;
        entries += n;
        state = u16(&b);
    }
    bytes_walked += (uint64_t)(b.p - from);
}

static void keyed(struct bytes *b, const char *dir)
{
    uint8_t type = *take(b, 1);
    if (type == HANDLE_NULL)
        return;
    if (type != HANDLE_SAVEPOINT)
        die("not a canonical savepoint");
    u32(b);
    uint32_t groups = u32(b);
    struct bytes offsets = {take(b, groups * 8ull), b->p}, file = stream(b, dir);
    while (groups--) {
        uint64_t at = u64(&offsets);
        if (at > (uint64_t)(file.end - file.p))
            die("an offset beyond the file");
        if (at)
            walk_group((struct bytes){file.p + at, file.end});
    }
}

static void operator_state(struct bytes *b, const char *dir)
{
    if (!u32(b))
        return;
    if (*take(b, 1) != HANDLE_OPERATOR)
        die("a handle that the benchmark does not know");
    for (uint32_t n = u32(b); n; n--) {
        take(b, u16(b));
        take(b, 1);
        uint32_t offsets = u32(b);
        take(b, offsets * 8ull);
    }
    stream(b, dir);
}

static void walk_operator(struct bytes *b, const char *dir)
{
    take(b, 16 + 4 + 4);
    stream(b, dir);
    int32_t subtasks = (int32_t)u32(b);
    for (int32_t i = 0; i < subtasks; i++) {
        if ((int32_t)u32(b) < 0)
            continue;
        operator_state(b, dir);
        operator_state(b, dir);
        keyed(b, dir);
        keyed(b, dir);
        if (u32(b) || u32(b))
            die("in-flight data");
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        die("usage: walk SNAPSHOT-DIR");
    struct bytes b = map_file(argv[1], "_metadata", strlen("_metadata"));
    if (u32(&b) != METADATA_MAGIC || u32(&b) != METADATA_VERSION)
        die("not metadata of version 4");
    u64(&b);
    if (u32(&b))
        die("master states");
    for (uint32_t n = u32(&b); n; n--)
        walk_operator(&b, argv[1]);
    printf("%" PRIu64 " entries in %" PRIu64 " bytes:", entries, bytes_walked);
    for (int i = 0; i < STATES; i++)
        if (counts[i])
            printf(" %d: %" PRIu64, i, counts[i]);
    putchar('\n');
    return 0;
}
