/* The actions of the API, a file each. */
#ifndef SANDBOX_ACTIONS_H
#define SANDBOX_ACTIONS_H

#include "sandbox/call.h"

/* action_batch_meter_usage.c */
extern const struct action action_batch_meter_usage;

/* action_meter_usage.c */
extern const struct action action_meter_usage;

/* action_register_usage.c */
extern const struct action action_register_usage;

/* action_resolve_customer.c */
extern const struct action action_resolve_customer;

#endif
