/** The parts of a dump of one database, in the server's wording. Text is latin1, so that bytes are unchanged. */
export interface DumpParts {
  readonly database: string;
  readonly serverVersion: string;
  readonly tables: readonly TableParts[];
  /** `CREATE … TRIGGER …`, without a delimiter, like those below. */
  readonly triggers: readonly string[];
  readonly routines: readonly string[];
  readonly events: readonly string[];
  readonly views: readonly ViewParts[];
}

export interface TableParts {
  /** Quoted. */
  readonly name: string;
  /** Columns, keys and constraints, one per line without its comma. */
  readonly lines: readonly string[];
  /** From the closing parenthesis on: `) ENGINE=…`. */
  readonly options: string;
  /** `(…)`, one for each row. */
  readonly rows: readonly string[];
  /** `(…)`: the columns of the rows. */
  readonly columns: string;
}

export interface ViewParts {
  /** Quoted. */
  readonly name: string;
  readonly columns: readonly string[];
  /** `ALGORITHM=… DEFINER=… SQL SECURITY …` */
  readonly how: string;
  /** `VIEW … AS …` */
  readonly definition: string;
}

const NAME = '`(?:[^`]|``)+`';
const CREATE_TABLE = new RegExp(
  `^CREATE TABLE (${NAME}) \\(\\n([\\s\\S]*?)\\n(\\)[\\s\\S]*?);\\n/\\*!40101 SET character_set_client`,
  'gm',
);
const INSERT = new RegExp(`^INSERT INTO (${NAME}) (\\((?:${NAME}[, ]*)*\\)) VALUES (\\(.*\\));$`, 'gm');
const TRIGGER = /^\/\*!50003 CREATE\*\/ \/\*!50017 (DEFINER=\S+)\*\/ \/\*!50003 (TRIGGER [\s\S]*?)\s*\*\/;;$/gm;
const EVENT = /^\/\*!50106 CREATE\*\/ \/\*!50117 (DEFINER=\S+)\*\/ \/\*!50106 (EVENT [\s\S]*?)\s*\*\/ ;;$/gm;
const ROUTINE = /^DELIMITER ;;\n(CREATE DEFINER=\S+ (?:FUNCTION|PROCEDURE) [\s\S]*?)\s*;;$/gm;
const STAND_IN = new RegExp(`^/\\*!50001 CREATE VIEW (${NAME}) AS SELECT *\\n([\\s\\S]*?) ?\\*/;$`, 'gm');
const VIEW = new RegExp(
  `^/\\*!50001 CREATE (\\S+) \\*/\\n/\\*!50013 (.*) \\*/\\n/\\*!50001 (VIEW (${NAME}) .*) \\*/;$`,
  'gm',
);

/** @param dump by mysqldump or mariadb-dump of one database, with the options in {@link PARTS_OPTIONS}. */
export function partsOf(dump: string): DumpParts {
  const inserts = [...dump.matchAll(INSERT)];
  const standIns = new Map([...dump.matchAll(STAND_IN)].map(([, name, columns = '']) => [name, columns]));
  return {
    database: /^-- Host: .*Database: (.*)$/m.exec(dump)?.[1] ?? '',
    serverVersion: /^-- Server version\t(.*)$/m.exec(dump)?.[1] ?? '',
    tables: [...dump.matchAll(CREATE_TABLE)].map(([, name = '', lines = '', options = '']) => {
      const own = inserts.filter(([, table]) => table === name);
      return {
        name,
        lines: lines.split('\n').map((line) => line.trim().replace(/,$/, '')),
        options,
        rows: own.map(([, , , row = '']) => row),
        columns: own[0]?.[2] ?? '()',
      };
    }),
    triggers: [...dump.matchAll(TRIGGER)].map(([, definer, text]) => `CREATE ${definer} ${text}`),
    routines: [...dump.matchAll(ROUTINE)].map(([, text = '']) => text),
    events: [...dump.matchAll(EVENT)].map(([, definer, text]) => `CREATE ${definer} ${text}`),
    views: [...dump.matchAll(VIEW)].map(([, algorithm, how, definition = '', name = '']) => ({
      name,
      columns: (standIns.get(name) ?? '').split('\n').map((line) => /`(?:[^`]|``)+`/.exec(line)?.[0] ?? '`x`'),
      how: `${algorithm} ${how}`,
      definition,
    })),
  };
}

/** One row per line, with column names, bytes as numbers, and nothing around tables. */
export const PARTS_OPTIONS =
  '--skip-opt --create-options --hex-blob --complete-insert --skip-extended-insert --routines --events --triggers';
