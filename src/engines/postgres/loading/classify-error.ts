import type { FindingKind } from '../../whose-fault.ts';

/** A statement that the server refused, as reported by the protocol or by pg_restore. */
export interface Refusal {
  /** The server's message in English, without `ERROR: `. */
  readonly message: string;
  /** The beginning of the statement; empty if unknown. */
  readonly statement: string;
}

interface Rule {
  readonly kind: FindingKind;
  readonly message: RegExp;
  /** Omitted if any statement matches. */
  readonly statement?: RegExp;
}

/** `SET`, `set_config`, and session settings of roles and databases. Not `CREATE FUNCTION … SET`, which would lose the function. */
const SETS = /^(?:SET\b|RESET\b|SELECT\s+(?:pg_catalog\s*\.\s*)?set_config\b|ALTER\s+(?:ROLE|USER|DATABASE|SYSTEM)\b)/i;
const NAME = String.raw`(?:"(?:[^"]|"")+"|[^\s".;]+)`;
/** The statements that `--clean` puts before the dump: each drops something. */
const DROPS = new RegExp(
  String.raw`^(?:DROP\b|ALTER\s+(?:(?!"|ONLY\b)\w+\s+){1,5}(?:ONLY\s+)?${NAME}(?:\s*\.\s*${NAME})*\s+(?:ALTER\s+COLUMN\s+${NAME}\s+)?(?:DROP|DETACH)\b|SELECT\s+pg_catalog\.lo_unlink\b)`,
  'i',
);

/**
 * Meaning of server errors for a drill; the first match wins, and errors not listed here are `refused`.
 * Messages: PostgreSQL's sources, 12 to 18, with `lc_messages=C`.
 */
const RULES: readonly Rule[] = [
  {
    kind: 'preload-missing',
    message:
      /shared_preload_libraries|must be preloaded|^security label provider "[\s\S]*" is not loaded|^no security label providers have been loaded/,
  },
  { kind: 'setting-needed', message: /^can only create extension in database/ }, // pg_cron: cron.database_name
  {
    kind: 'extension-missing',
    message:
      /^extension "[\s\S]*" (?:is not available|has no installation script|has no update path)|^could not open extension control file|^required extension "[\s\S]*" is not installed|^invalid value for parameter "default_table_access_method"/,
  },
  {
    kind: 'library-missing',
    message:
      /^could not (?:access file|load library|find function "[\s\S]*" in file)|^language "[\s\S]*" does not exist|^access method "[\s\S]*" does not exist|^compression method \S+ not supported|^unsupported (?:XML feature|LZ4|ZSTD)|^ICU is not supported|^incompatible library/,
  },
  {
    kind: 'dictionary-missing',
    message: /^could not open (?:dictionary|stop-word|affix|thesaurus|synonym) file/,
  },
  {
    kind: 'collation-missing',
    message:
      /^could not create locale|^could not open collator|^collation "pg_catalog\.[^"]*" for encoding|^collation "(?!public\.)[^".]*" for encoding|^invalid locale name|^locale "[\s\S]*" is not supported/,
  },
  {
    kind: 'encoding-missing',
    message:
      /^conversion between .* is not supported|^default conversion function for encoding|is not a valid encoding name$/,
  },

  { kind: 'unknown-setting', message: /^unrecognized configuration parameter/, statement: SETS },
  {
    kind: 'locale-setting',
    message: /^invalid value for parameter "(?:lc_\w+|TimeZone|timezone|log_timezone|default_text_search_config)"/i,
    statement: SETS,
  },
  {
    kind: 'drop-of-own',
    message:
      /^(?:cannot drop .*because (?:it is required by the database system|extension \S+ requires it)|(?:role|database|schema|language) .* cannot be dropped because it is required|cannot drop the currently open database|cannot drop a template database|database "[\s\S]*" is being accessed by other users|current user cannot be dropped|session user cannot be dropped)/,
    statement: DROPS,
  },
  { kind: 'drop-of-missing', message: /does not exist|^could not find /, statement: DROPS },
  {
    kind: 'already-there',
    message: /^(?:role|schema|extension|language|database) "[\s\S]*" already exists/,
    statement: /^CREATE\s+(?:ROLE|USER|GROUP|SCHEMA|EXTENSION|(?:OR\s+REPLACE\s+)?(?:\w+\s+)?LANGUAGE|DATABASE)\b/i,
  },
  {
    kind: 'foreign-grantor',
    message:
      /^(?:permission denied to grant privileges as role|grantor must be current user)|^role "[\s\S]*" does not exist/,
    statement: /^(?:GRANT|REVOKE)\b[\s\S]*\bGRANTED\s+BY\b/i,
  },
  {
    kind: 'setting-of-missing', // pg_dumpall --globals-only, before 11: settings for databases that are created later
    message: /^database "[\s\S]*" does not exist/,
    statement: /^ALTER\s+(?:ROLE|USER|DATABASE)\b[\s\S]*\b(?:SET|RESET)\b/i,
  },
  {
    kind: 'own-superuser', // since 16: the superuser that initdb created cannot lose that attribute, which managed services revoke
    message: /^permission denied to alter role/,
    statement: /^ALTER\s+(?:ROLE|USER)\b/i,
  },
  {
    kind: 'outside-data',
    message:
      /^could not connect to (?:server "|the publisher)|^could not establish connection|^could not open file "[\s\S]*" for reading/,
    statement: /^(?:(?:CREATE|REFRESH)\s+MATERIALIZED\s+VIEW|CREATE\s+SUBSCRIPTION)\b/i,
  },
  { kind: 'tablespace', message: /tablespace/, statement: /\bTABLESPACE\b/i },
];

export function classifyError({ message, statement }: Refusal): FindingKind {
  const applies = (rule: Rule): boolean =>
    rule.message.test(message) && (rule.statement === undefined || rule.statement.test(statement));
  return RULES.find(applies)?.kind ?? 'refused';
}
