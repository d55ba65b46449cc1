/**
 * Overrides settings that restored roles and databases may have for their sessions (`ALTER ROLE ALL SET …`, `ALTER DATABASE … SET …`) and that must not affect
 * the harness's sessions: they would end or cancel one, or change the meaning of its results. As start parameters these take precedence before the first
 * statement; any user may set each of them. Source: PostgreSQL's manual, "Setting Parameters".
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

/** The same for settings that only a superuser may change: they are set on the harness's role, which overrides those of databases and `ROLE ALL`. */
export function roleSettings(major: number): Readonly<Record<string, string>> {
  // a database may enable them again, and one that fires on login may refuse everybody
  return major >= 17 ? { ...ROLE_SETTINGS, event_triggers: 'off' } : ROLE_SETTINGS;
}

const ROLE_SETTINGS: Readonly<Record<string, string>> = {
  ignore_checksum_failure: 'off',
  lc_messages: 'C',
  lo_compat_privileges: 'on', // there is no role that may read all large objects
  session_replication_role: 'origin',
  temp_file_limit: '-1',
  zero_damaged_pages: 'off',
};
