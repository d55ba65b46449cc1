/**
 * What restored roles and databases may carry for their sessions (`ALTER ROLE ALL SET …`, `ALTER DATABASE … SET …`), and what must not reach
 * one of ours: it would end it, cancel it, or give its answers another meaning. As start parameters these outrank all of that before the
 * first statement; each may be set by anybody. Source: PostgreSQL's manual, "Setting Parameters".
 */
export function sessionSettings(major: number): Record<string, string | number> {
  return {
    role: 'none',
    statement_timeout: 0,
    lock_timeout: 0,
    idle_in_transaction_session_timeout: 0,
    ...(major >= 14 ? { idle_session_timeout: 0 } : {}),
    ...(major >= 17 ? { transaction_timeout: 0 } : {}),
    default_transaction_deferrable: 'off',
    default_transaction_isolation: 'read committed',
    default_tablespace: '',
    temp_tablespaces: '',
    exit_on_error: 'off',
    transform_null_equals: 'off',
  };
}

/** The same of what only a superuser may set: a role of ours carries these, which outrank what databases and `ROLE ALL` carry. */
export const ROLE_SETTINGS: Readonly<Record<string, string>> = {
  ignore_checksum_failure: 'off',
  lc_messages: 'C',
  lo_compat_privileges: 'on', // large objects have no role that may read them all
  session_replication_role: 'origin',
  temp_file_limit: '-1',
  zero_damaged_pages: 'off',
};
