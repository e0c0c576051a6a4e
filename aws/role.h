/* Inside of a client for the role of another account (aws_new_role). */
#ifndef AWS_ROLE_H
#define AWS_ROLE_H

struct role;

void role_free(struct role *role);

#endif
