/** The meaning of a psql command in a dump, as far as a load needs it. Source: PostgreSQL's manual, "psql", section "Meta-Commands". */
export type PsqlCommand =
  /** Undefined for the session's current database. */
  | { readonly kind: 'connect'; readonly database: string | undefined }
  | { readonly kind: 'restrict' | 'unrestrict'; readonly key: string }
  | { readonly kind: 'encoding'; readonly name: string }
  /** psql stops reading. */
  | { readonly kind: 'quit' }
  /** Shows something or changes psql's display. */
  | { readonly kind: 'harmless' }
  /** Runs a program, reads or writes a file, or decides what is run: psql would do it, drills do not. */
  | { readonly kind: 'acts'; readonly name: string }
  /** Not a psql command: text that happens to start with a backslash, such as a row whose COPY statement is missing. */
  | { readonly kind: 'stray' };

const HARMLESS = new Set(
  `a C conninfo copyright echo errverbose f H html pset qecho r reset s t T timing unset warn x set h help`.split(' '),
);
const ACTS = new Set(
  `! bind bind_named cd close_prepared copy crosstabview e edit ef elif else endif ev endpipeline flush flushrequest g gdesc getenv
  getresults gexec gset gx i if include include_relative ir lo_export lo_import lo_list lo_unlink o out p print parse password
  prompt sendpipeline setenv sf startpipeline sv syncpipeline w watch write z`.split(/\s+/),
);
/** psql has autocommit on by default; without it the whole dump would be one transaction. */
const SET_AUTOCOMMIT_OFF = /^\\set\s+AUTOCOMMIT\s+'?(?:off|0|no|false)/i;

/** @param text the command with its backslash, up to the end of its line. */
export function readPsqlCommand(text: string): PsqlCommand {
  const [, name = '', rest = ''] = /^\\([A-Za-z_!]+)\+?(?:\s+([\s\S]*))?$/.exec(text.trimEnd()) ?? [];
  if (name === 'restrict' || name === 'unrestrict') return { kind: name, key: rest.trim() };
  if (name === 'q' || name === 'quit') return { kind: 'quit' };
  if (name === 'c' || name === 'connect') return { kind: 'connect', database: databaseOfConnect(rest) };
  if (name === 'encoding') return { kind: 'encoding', name: /^'?([\w-]+)'?$/.exec(rest.trim())?.[1] ?? '' };
  if (text.includes('`') && (HARMLESS.has(name) || ACTS.has(name))) return { kind: 'acts', name: `\\${name}` };
  if (SET_AUTOCOMMIT_OFF.test(text)) return { kind: 'acts', name: '\\set AUTOCOMMIT' };
  if (HARMLESS.has(name) || /^(?:d[A-Za-z]*|l|list)$/.test(name)) return { kind: 'harmless' };
  return ACTS.has(name) ? { kind: 'acts', name: `\\${name}` } : { kind: 'stray' };
}

/** The database in `name user host port`, `"name"`, `dbname='name' …` or a URL; psql's other connection parameters do not matter here. */
function databaseOfConnect(args: string): string | undefined {
  const first = args.replace(/^-reuse-previous=\S+\s+/, '').trim();
  const [, double, single, bare] = /^(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|(\S+))/.exec(first) ?? [];
  const name = double?.replaceAll('""', '"') ?? single?.replaceAll("''", "'") ?? bare;
  if (name === undefined || name === '-' || name === '') return undefined;
  if (/^postgres(?:ql)?:\/\//.test(name)) return URL.canParse(name) ? databaseOfUrl(name) : undefined;
  return /(?:^|\s)\w+\s*=/.test(name) ? databaseOfConninfo(name) : name;
}

/** Source: libpq's keyword/value connection strings. */
function databaseOfConninfo(conninfo: string): string | undefined {
  const [, quoted, bare] =
    /(?:^|\s)dbname\s*=\s*(?:'((?:[^'\\]|\\[\s\S])*)'|((?:[^\s\\]|\\[\s\S])*))/.exec(conninfo) ?? [];
  return (quoted ?? bare)?.replaceAll(/\\([\s\S])/g, '$1');
}

function databaseOfUrl(url: string): string | undefined {
  const path = decodeURIComponent(new URL(url).pathname.slice(1));
  return path === '' ? undefined : path;
}
