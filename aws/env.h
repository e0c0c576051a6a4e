/* The environment as the AWS SDKs read it. */
#ifndef AWS_ENV_H
#define AWS_ENV_H

/* The variable's value, or NULL where it is not set or empty. */
const char *env_get(const char *name);

#endif
