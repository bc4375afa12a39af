#ifndef MENDFLOW_CPROCESSMEMORY_H
#define MENDFLOW_CPROCESSMEMORY_H

/// Makes the C library's allocator give large blocks back; where it is not glibc's, nothing is done.
void mendflow_memory_keep_small(void);

/// Gives back what is free between blocks that are in use; where the allocator is not glibc's, nothing is done.
void mendflow_memory_trim(void);

/// Lets go of the pages of code and constants, the program's and its libraries', that nothing was written into: what is
/// needed of them again is mapped again from the files. Where the C library is not glibc, nothing is done.
void mendflow_memory_forget_code(void);

#endif
