#ifndef MENDFLOW_CALLOCATOR_H
#define MENDFLOW_CALLOCATOR_H

/// Makes the C library's allocator give memory back; where it is not glibc's, nothing is done.
void mendflow_allocator_give_back(void);

#endif
