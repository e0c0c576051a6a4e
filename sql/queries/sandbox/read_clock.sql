-- Every call: the sandbox's time in milliseconds since 1970.
SELECT floor(extract(epoch FROM sandbox.now()) * 1000)::bigint;
