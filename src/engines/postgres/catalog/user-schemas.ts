/** Condition for the users' own schemas, where `n` is `pg_namespace`. */
export const OF_USERS =
  "n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_(toast|temp)'";
