/** @returns one query over every table, sequence, large object and definition outside the system's own schemas. */
export function postgresFingerprint(): string {
  return `WITH path AS MATERIALIZED (SELECT set_config('search_path', 'pg_catalog', true) AS is_set),
names AS (SELECT oid AS schema, nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'),
parts AS (
SELECT 'rows ' || nspname || '.' || relname || ' ' || query_to_xml(format('SELECT count(*) AS n, md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE "C")) AS h FROM ONLY %I.%I t', nspname, relname), false, true, '')::text AS part
  FROM pg_class JOIN names ON schema = relnamespace WHERE relkind = 'r' OR (relkind = 'm' AND relispopulated)
UNION ALL SELECT 'relation ' || nspname || '.' || relname || ' ' || relkind::text || ' ' || relispopulated::text || ' ' || relrowsecurity::text FROM pg_class JOIN names ON schema = relnamespace
UNION ALL SELECT 'column ' || nspname || '.' || relname || ' ' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull::text || ' ' || coalesce(pg_get_expr(adbin, adrelid), '-')
  FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN names ON schema = relnamespace LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'index ' || pg_get_indexdef(c.oid) FROM pg_class c JOIN names ON schema = relnamespace WHERE relkind IN ('i', 'I')
UNION ALL SELECT 'view ' || nspname || '.' || relname || ' ' || pg_get_viewdef(c.oid) FROM pg_class c JOIN names ON schema = relnamespace WHERE relkind IN ('v', 'm')
UNION ALL SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN names ON schema = connamespace
UNION ALL SELECT 'function ' || nspname || '.' || proname || ' ' || prosrc || ' ' || pg_get_function_arguments(p.oid) FROM pg_proc p JOIN names ON schema = pronamespace
UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN names ON schema = relnamespace WHERE NOT tgisinternal
UNION ALL SELECT 'rule ' || pg_get_ruledef(r.oid) FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class JOIN names ON schema = relnamespace WHERE relkind = 'r'
UNION ALL SELECT 'policy ' || polname FROM pg_policy
UNION ALL SELECT 'label ' || nspname || '.' || typname || ' ' || enumlabel || ' ' || enumsortorder::text FROM pg_enum JOIN pg_type t ON t.oid = enumtypid JOIN names ON schema = typnamespace
UNION ALL SELECT 'sequence ' || schemaname || '.' || sequencename || ' ' || start_value::text || ' ' || increment_by::text || ' ' || coalesce(last_value::text, '-') FROM pg_sequences
UNION ALL SELECT 'comment ' || classoid::regclass::text || ' ' || description FROM pg_description WHERE objoid >= 16384 OR classoid = 'pg_largeobject'::regclass
UNION ALL SELECT 'large object ' || oid::text || ' ' || md5(lo_get(oid)) FROM pg_largeobject_metadata)
SELECT CASE WHEN (SELECT is_set FROM path) IS NOT NULL THEN (SELECT md5(string_agg(part, chr(10) ORDER BY part COLLATE "C")) FROM parts) END`;
}
