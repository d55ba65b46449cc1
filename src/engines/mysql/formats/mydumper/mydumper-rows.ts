import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import { askCount, requireRows } from '../../loading/count-rows.ts';
import type { Session } from '../../server/connect.ts';
import { quoteName } from '../../server/quoting.ts';
import { type MydumperFile, type MydumperFiles, type NumberedChunks, numberedChunks } from './mydumper-files.ts';
import type { MydumperMetadata } from './mydumper-metadata.ts';
import { judgeChunks } from './rows-in-chunks.ts';

const HEAD_BYTES = 4096;
const FIRST_VALUE = /\bVALUES?\s*\((-?\d{1,20})\s*[,)]/i;

/**
 * Checks that all rows of a mydumper directory were loaded: against the counts in its metadata (mydumper 0.12 and later), or else by how older versions split
 * tables into chunks.
 */
export class MydumperRows {
  private readonly metadata: MydumperMetadata;
  private readonly chunks: readonly NumberedChunks[];
  private readonly hasData: boolean;
  /** The first value of the first row of a file, if it is a whole number. */
  private readonly firstValues = new Map<string, number>();

  constructor(files: MydumperFiles, metadata: MydumperMetadata) {
    this.metadata = metadata;
    this.chunks = numberedChunks(files.data).filter(({ files: { length } }) => length > 1);
    this.hasData = files.data.length > 0;
  }

  /** Records a statement that inserts rows. */
  note(file: MydumperFile, statement: Buffer): void {
    if (this.firstValues.has(file.name)) return;
    const value = FIRST_VALUE.exec(statement.toString('latin1', 0, HEAD_BYTES))?.[1];
    this.firstValues.set(file.name, value === undefined ? Number.NaN : Number(value));
  }

  /** Called after all rows are loaded, before triggers exist. */
  async check(session: Session, errors: LoadErrors): Promise<void> {
    const { rowCounts } = this.metadata;
    for (const [key, rows] of rowCounts) await this.checkCount(session, errors, key, rows);
    for (const chunks of this.chunks)
      if (!rowCounts.has(`${chunks.database}.${chunks.table}`)) await this.checkChunks(session, errors, chunks);
    if (rowCounts.size === 0 && this.hasData)
      errors.warn(
        'the metadata does not say how many rows the tables have, so there is no way to tell whether all files of rows are there',
      );
  }

  private checkCount(session: Session, errors: LoadErrors, key: string, rows: number): Promise<void> {
    const [database = '', table = ''] = key.split('.');
    const name = `${quoteName(database)}.${quoteName(this.metadata.realNames.get(key) ?? table)}`;
    return requireRows(session, errors, { name, shown: key, source: 'the metadata', rows });
  }

  private async checkChunks(
    session: Session,
    errors: LoadErrors,
    { database, table, files }: NumberedChunks,
  ): Promise<void> {
    const column = await firstColumn(session, database, table);
    const name = `${quoteName(database)}.${quoteName(table)}`;
    const lastOf = async (before?: number): Promise<number | undefined> => {
      if (column === undefined) return undefined;
      const where = before === undefined ? '' : ` WHERE ${quoteName(column.name)} < ${before}`;
      return askCount(session, `SELECT MAX(${quoteName(column.name)}) FROM ${name}${where}`);
    };
    const starts = files.map(([number, file]) => ({ number, first: this.firstValues.get(file.name) ?? Number.NaN }));
    const finding = await judgeChunks(`${database}.${table}`, starts, column?.nextId, lastOf);
    if (finding?.isCertain) errors.report({ kind: 'missing-part', text: finding.text });
    else if (finding) errors.warn(finding.text);
  }
}

/** A table's first column, if it holds whole numbers, and its next AUTO_INCREMENT value, if it has one. */
async function firstColumn(
  session: Session,
  database: string,
  table: string,
): Promise<{ readonly name: string; readonly nextId: number | undefined } | undefined> {
  try {
    const [row] = await session.ask(`SHOW CREATE TABLE ${quoteName(database)}.${quoteName(table)}`);
    const definition = row?.[1] ?? '';
    const name = /^[^\n]*\(\n\s*`((?:[^`]|``)+)` (?:tiny|small|medium|big)?int\b/i.exec(definition)?.[1];
    const next = /\n\)[^\n]*?\bAUTO_INCREMENT=(\d+)/i.exec(definition)?.[1];
    return name === undefined
      ? undefined
      : { name: name.replaceAll('``', '`'), nextId: next === undefined ? undefined : Number(next) };
  } catch (error) {
    if (typeof (error as { errno?: unknown }).errno === 'number') return undefined;
    throw error;
  }
}
