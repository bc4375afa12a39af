#ifndef MENDFLOW_CDEMOHISTORY_H
#define MENDFLOW_CDEMOHISTORY_H

#include <stddef.h>

/// A month of one n8n instance as gzip: list rows newest first, details of what did not succeed, the workflows.
extern const unsigned char mendflow_demo_executions[];
extern const size_t mendflow_demo_executions_count;
extern const unsigned char mendflow_demo_details[];
extern const size_t mendflow_demo_details_count;
extern const unsigned char mendflow_demo_workflows[];
extern const size_t mendflow_demo_workflows_count;

// Swift sees arrays of unknown size only through a pointer.
static inline const unsigned char *mendflow_demo_executions_start(void) { return mendflow_demo_executions; }
static inline const unsigned char *mendflow_demo_details_start(void) { return mendflow_demo_details; }
static inline const unsigned char *mendflow_demo_workflows_start(void) { return mendflow_demo_workflows; }

#endif
