#include "CBuildStamp.h"

// Only this file is compiled anew where another commit is stamped.
#ifndef MENDFLOW_BUILD
#define MENDFLOW_BUILD ""
#endif

const char *mendflow_build_stamp(void) { return MENDFLOW_BUILD; }
