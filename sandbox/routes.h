/* The sandbox's routes. */
#ifndef SANDBOX_ROUTES_H
#define SANDBOX_ROUTES_H

#include "fcgi/route.h"

extern const struct routes sandbox_routes;

#endif
