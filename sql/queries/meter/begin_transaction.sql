-- A dry run: what follows is taken back.
BEGIN;
