import type { EngineType } from '../support/vocabulary.ts';

interface AllowedSetting {
  /** What a value must match, letter case aside. */
  readonly values: RegExp;
  /** The same for people, to go after `must be`. */
  readonly expected: string;
}

const SWITCH: AllowedSetting = { values: /^(?:on|off)$/, expected: 'on or off' };
const WORD: AllowedSetting = { values: /^\w[\w.-]*$/, expected: 'a single word' };
const NUMBER: AllowedSetting = { values: /^\d{1,9}$/, expected: 'a whole number' };

/**
 * The server settings that a drill may choose: those under which some backups alone can be loaded or answer as they did. None of them
 * lets restored data act by itself, reach out, read or write a file, or changes what the harness measures.
 */
const POSTGRES: Readonly<Record<string, AllowedSetting>> = {
  'cron.database_name': WORD,
  default_text_search_config: WORD,
  default_with_oids: SWITCH,
  max_locks_per_transaction: NUMBER,
  max_prepared_transactions: NUMBER,
  max_worker_processes: NUMBER,
  standard_conforming_strings: SWITCH,
  'timescaledb.license': { values: /^(?:apache|timescale)$/, expected: 'apache or timescale' },
  timezone_abbreviations: WORD,
};

const MYSQL: Readonly<Record<string, AllowedSetting>> = {
  character_set_server: WORD,
  collation_server: WORD,
  default_storage_engine: WORD,
  explicit_defaults_for_timestamp: SWITCH,
  innodb_default_row_format: { values: /^(?:compact|dynamic|redundant)$/, expected: 'compact, dynamic or redundant' },
  innodb_page_size: {
    values: /^(?:4k|8k|16k|32k|64k|4096|8192|16384|32768|65536)$/,
    expected: '4k, 8k, 16k, 32k or 64k',
  },
  innodb_strict_mode: SWITCH,
  log_bin_trust_function_creators: SWITCH,
  lower_case_table_names: { values: /^[01]$/, expected: '0 or 1' },
};

const ALLOWED: Readonly<Record<EngineType, Readonly<Record<string, AllowedSetting>>>> = {
  postgres: POSTGRES,
  mysql: MYSQL,
  mariadb: MYSQL,
};

/** @returns the names that `engine.settings` may hold for this engine, sorted. */
export function allowedSettings(engine: EngineType): readonly string[] {
  return Object.keys(ALLOWED[engine]).sort();
}

/** @returns what is wrong with a setting, to go after its key; undefined when it may be used. */
export function explainSetting(engine: EngineType, name: string, value: string): string | undefined {
  const allowed = Object.hasOwn(ALLOWED[engine], name) ? ALLOWED[engine][name] : undefined;
  if (!allowed) return `is not a setting that a drill may change; allowed are ${allowedSettings(engine).join(', ')}`;
  return allowed.values.test(value.toLowerCase())
    ? undefined
    : `must be ${allowed.expected}, not ${JSON.stringify(value)}`;
}
