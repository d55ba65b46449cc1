/** What mydumper says of a dump in its file `metadata`; both formats, the ini-like one since 0.14. Source: its manual, "Output Files". */
export interface MydumperMetadata {
  readonly isFinished: boolean;
  /** As the form of its GTIDs tells: MariaDB's are `domain-server-sequence`, MySQL's begin with a UUID. */
  readonly product: 'mysql' | 'mariadb' | undefined;
  /** The `sql_mode` that its rows were written for. */
  readonly sqlMode: string | undefined;
  /** Tables that have rows, by the names of its files' tables: `db.table`. */
  readonly rowCounts: ReadonlyMap<string, number>;
}

export function readMydumperMetadata(text: string): MydumperMetadata {
  const gtid = /^\W*(?:GTID|executed_gtid_set|gtid_binlog_pos)\s*[:=]\s*"?([^\s",]+)/im.exec(text)?.[1] ?? '';
  return {
    isFinished: /^(?:# )?Finished dump at:/m.test(text),
    product: /^\d+-\d+-\d+$/.test(gtid) ? 'mariadb' : /^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(gtid) ? 'mysql' : undefined,
    sqlMode: /^\s*SQL_MODE\s*=\s*'?"?([A-Z_,0-9]*)/im.exec(text)?.[1],
    rowCounts: readRowCounts(text),
  };
}

/** Sections are called `` [`db`.`table`] ``; only those with plain names are looked at. */
function readRowCounts(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  let section: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[[`"]([^`"\].]+)[`"]\.[`"]([^`"\].]+)[`"]\]$/.exec(line);
    if (line.startsWith('[')) section = header ? `${header[1]}.${header[2]}` : undefined;
    const rows = /^rows\s*=\s*(\d+)/i.exec(line)?.[1];
    if (section !== undefined && rows !== undefined) counts.set(section, Number(rows));
  }
  return counts;
}
