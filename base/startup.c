#include "base/startup.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

static int forget(struct dl_phdr_info *lib, size_t size, void *ctx)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    (void)size;
    (void)ctx;
    for (int i = 0; i < lib->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &lib->dlpi_phdr[i];
        if (p->p_type != PT_LOAD || p->p_flags & PF_W) /* relocated constants lie in a segment with PF_W */
            continue;
        uintptr_t from = (lib->dlpi_addr + p->p_vaddr) & ~(page - 1);
        uintptr_t to = (lib->dlpi_addr + p->p_vaddr + p->p_memsz + page - 1) & ~(page - 1);
        madvise((void *)from, to - from, MADV_DONTNEED); /* when the kernel does not want to, they just stay */
    }
    return 0;
}

void startup_forget(void) { dl_iterate_phdr(forget, NULL); }
