#ifndef MENDFLOW_CALLOCATOR_H
#define MENDFLOW_CALLOCATOR_H

/// Makes the C library's allocator give large blocks back; where it is not glibc's, nothing is done.
void mendflow_allocator_give_back(void);

/// Gives back what is free between blocks that are in use; where the allocator is not glibc's, nothing is done.
void mendflow_allocator_trim(void);

#endif
