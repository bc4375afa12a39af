#ifndef MENDFLOW_BUILD_STAMP_H
#define MENDFLOW_BUILD_STAMP_H

/// What a package's build was made from, such as "9db7c05 2026-11-29"; empty where it was not stamped.
const char *mendflow_build_stamp(void);

#endif
