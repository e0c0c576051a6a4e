-- GET /control/calls.
SELECT action, count(*) FROM sandbox.call GROUP BY action;
