#include "CDemoHistory.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

const unsigned char mendflow_demo_executions[] = {
#embed "executions.jsonl.gz"
};
const size_t mendflow_demo_executions_count = sizeof mendflow_demo_executions;

const unsigned char mendflow_demo_details[] = {
#embed "details.jsonl.gz"
};
const size_t mendflow_demo_details_count = sizeof mendflow_demo_details;

const unsigned char mendflow_demo_workflows[] = {
#embed "workflows.json.gz"
};
const size_t mendflow_demo_workflows_count = sizeof mendflow_demo_workflows;
