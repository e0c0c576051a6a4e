/* The pages of tollgate-fcgi, a file each. */
#ifndef FCGI_PAGES_H
#define FCGI_PAGES_H

#include "fcgi/route.h"

/* page_home.c: how to subscribe. GET /, GET /register and below it. */
handler_fn page_home;

/* page_register.c: the fulfilment URL. POST /register trades the token and goes on to /signup;
 * /register/PRODUCT-CODE does so with the role that the product's row names. */
handler_fn page_register;

/* page_signup.c: the form. GET /signup, POST /signup. */
handler_fn page_signup;
handler_fn page_signup_post;

/* page_thanks.c: GET /thanks. */
handler_fn page_thanks;

/* page_existing.c: GET /existing, and POST /handoff to the seller's app. */
handler_fn page_existing;
handler_fn page_handoff;

/* page_not_mine.c: POST /not-my-account. */
handler_fn page_not_mine;

/* page_health.c: GET /healthz, GET /readyz. */
handler_fn page_healthz;
handler_fn page_readyz;

/* page_failures.c: what no route serves. */
handler_fn page_not_found;
handler_fn page_wrong_method;
handler_fn page_too_large;
handler_fn page_bad_request;

#endif
