import type { Catalog } from '../../../engines/catalog.ts';
import { inParallel } from '../../../support/in-parallel.ts';
import type { Probe } from '../../check-kind.ts';
import type { Counter } from './choose-counters.ts';
import type { Use } from './growth.ts';

/** Reads the furthest value of each column, from its index if there is one, and the position of its sequence. */
export async function readUses(
  counters: readonly Counter[],
  {
    probe,
    catalog,
    database,
  }: { readonly probe: Probe; readonly catalog: Catalog; readonly database: string | undefined },
): Promise<readonly Use[]> {
  return inParallel(counters, probe.parallel, async ({ name, table, column, range, sequence }) => {
    const isDown = sequence !== undefined && sequence.increment < 0n;
    const sql = `SELECT ${isDown ? 'MIN' : 'MAX'}(${catalog.quote(column.name)}) FROM ${catalog.quote(table.schema, table.name)}`;
    const { rows } = await probe.query(sql, { database, maxRows: 1 });
    const cell = rows[0]?.[0] ?? null;
    const start = isDown ? range.max : range.min > 0n ? range.min : 0n;
    const stored = cell === null ? start : BigInt(String(cell));
    const given = sequence ? sequence.next - sequence.increment : start;
    const furthest = (isDown ? given < stored : given > stored) ? given : stored;
    const [used, size] = isDown ? [0n - furthest, 0n - range.min] : [furthest, range.max];
    const share = size > 0n ? Number((used * 1_000_000n) / size) / 1_000_000 : 1;
    return { name, type: column.type, used: used > 0n ? used : 0n, size, ratio: Math.min(Math.max(share, 0), 1) };
  });
}
