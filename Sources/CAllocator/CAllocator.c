#include "CAllocator.h"

#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>

void mendflow_allocator_give_back(void) {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    mallopt(M_TRIM_THRESHOLD, 128 * 1024);
}

void mendflow_allocator_trim(void) { malloc_trim(0); }
#else
void mendflow_allocator_give_back(void) {}
void mendflow_allocator_trim(void) {}
#endif
