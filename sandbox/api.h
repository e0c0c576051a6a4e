/* POST /: AWS's JSON 1.1 front end. */
#ifndef SANDBOX_API_H
#define SANDBOX_API_H

#include "fcgi/route.h"
#include "sandbox/call.h"

handler_fn api_handle;

/* A call whose body did not come whole. */
void api_refuse_body(struct sandbox *sandbox, struct request *request, struct reply *reply);

/* All actions; ends with NULL. */
extern const struct action *const api_actions[];

/* One of them by its name; NULL if there is none. */
const struct action *api_action(const char *name);

/* The names of all actions, with commas. */
void api_action_list(struct buf *out);

#endif
