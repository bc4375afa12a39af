#define _GNU_SOURCE
#include "CProcessMemory.h"

#include <stdint.h>
#include <stdlib.h>

#ifdef __GLIBC__
#include <link.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void mendflow_memory_keep_small(void) {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    mallopt(M_TRIM_THRESHOLD, 128 * 1024);
}

void mendflow_memory_trim(void) { malloc_trim(0); }

/// Whether the loader has written into code of an object, which would be lost with its pages.
static int has_relocated_code(const struct dl_phdr_info *object) {
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type != PT_DYNAMIC) continue;
        const ElfW(Dyn) *entry = (const ElfW(Dyn) *)(object->dlpi_addr + segment->p_vaddr);
        for (; entry->d_tag != DT_NULL; entry++)
            if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL))) return 1;
    }
    return 0;
}

static int forget_code(struct dl_phdr_info *object, size_t size, void *page) {
    (void)size;
    // The program itself has no name, and the kernel's own object has one that is no path.
    if (object->dlpi_name[0] != '\0' && strchr(object->dlpi_name, '/') == NULL) return 0;
    if (has_relocated_code(object)) return 0;
    const uintptr_t whole = *(uintptr_t *)page;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
        // Pages at the ends may be shared with what is written.
        const uintptr_t from = (object->dlpi_addr + segment->p_vaddr + whole - 1) & ~(whole - 1);
        const uintptr_t to = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz) & ~(whole - 1);
        if (from < to) madvise((void *)from, to - from, MADV_DONTNEED);
    }
    return 0;
}

void mendflow_memory_forget_code(void) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    dl_iterate_phdr(forget_code, &page);
}
#else
void mendflow_memory_keep_small(void) {}
void mendflow_memory_trim(void) {}
void mendflow_memory_forget_code(void) {}
#endif
