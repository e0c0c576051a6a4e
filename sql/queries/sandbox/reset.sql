-- POST /control/reset.
SELECT sandbox.reset();
