-- The roles of the programs and people, made if missing. They can log in and have no password:
-- peer, cert or a password is the operator's choice (pg_hba.conf). Rights are in grants.sql.
-- Roles belong to the whole server, so two databases may be migrated at once: the loser of that
-- race finds the role there.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['tollgate_web', 'tollgate_meter', 'tollgate_app',
    'tollgate_admin', 'tollgate_sandbox']
  LOOP
    CONTINUE WHEN EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted);
    BEGIN
      EXECUTE format('CREATE ROLE %I LOGIN', wanted);
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
          MESSAGE = format('the role %s is missing and %s may not create roles', wanted,
            current_user),
          HINT = format('Run once as a superuser: ALTER ROLE %I CREATEROLE; or create the roles '
            'tollgate_web, tollgate_meter, tollgate_app, tollgate_admin and tollgate_sandbox.',
            current_user);
    END;
  END LOOP;
END
$$;
