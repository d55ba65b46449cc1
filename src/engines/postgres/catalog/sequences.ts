import type { AskCatalog, CatalogSequence } from '../../catalog.ts';
import { readCatalogRows } from '../../server/catalog-cells.ts';
import { quoteIdentifier } from '../server/dump-names.ts';
import { OF_USERS } from './user-schemas.ts';

/** Number of sequences read by one statement; each is a table of one row. */
const PER_QUERY = 200;

/**
 * Each with the column that owns it, or whose default calls `nextval` on it. The position is read from the sequence itself: `pg_sequences` cannot distinguish
 * `setval(…, false)` from a sequence that was never used.
 */
export async function readSequences(ask: AskCatalog): Promise<readonly CatalogSequence[]> {
  const rows = await readCatalogRows(
    ask,
    'sequences',
    `SELECT n.nspname, c.relname, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle, tn.nspname, t.relname, a.attname
       FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN (
         SELECT objid AS sequence, refobjid AS relation, refobjsubid::int2 AS number FROM pg_depend
          WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND refobjsubid > 0 AND deptype IN ('a', 'i')
         UNION
         SELECT d.refobjid, f.adrelid, f.adnum FROM pg_depend d JOIN pg_attrdef f ON f.oid = d.objid
          WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid = 0
       ) l ON l.sequence = s.seqrelid
       LEFT JOIN pg_class t ON t.oid = l.relation LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
       LEFT JOIN pg_attribute a ON a.attrelid = l.relation AND a.attnum = l.number
      WHERE ${OF_USERS} ORDER BY 1, 2, 7, 8, a.attnum`,
  );
  const found = rows.map((row) => {
    const column = row.maybeText(8);
    return {
      schema: row.text(0),
      name: row.text(1),
      increment: row.bigint(2),
      range: { min: row.bigint(3), max: row.bigint(4) },
      cycles: row.flag(5),
      column: column === undefined ? undefined : { table: { schema: row.text(6), name: row.text(7) }, name: column },
    };
  });
  const next = await readNext(ask, found);
  return found.map((sequence) => ({ ...sequence, next: next.get(keyOf(sequence)) ?? sequence.range.min }));
}

type Known = Omit<CatalogSequence, 'next'>;

async function readNext(ask: AskCatalog, sequences: readonly Known[]): Promise<ReadonlyMap<string, bigint>> {
  const byName = new Map(sequences.map((sequence) => [keyOf(sequence), sequence]));
  const names = [...byName.keys()];
  const next = new Map<string, bigint>();
  for (let start = 0; start < names.length; start += PER_QUERY) {
    const some = names.slice(start, start + PER_QUERY);
    const selects = some.map((name, index) => `SELECT ${start + index}, last_value, is_called FROM ${name}`);
    for (const row of await readCatalogRows(ask, 'sequences', selects.join(' UNION ALL '))) {
      const name = names[Number(row.text(0))] ?? '';
      const increment = byName.get(name)?.increment ?? 1n;
      next.set(name, row.flag(2) ? row.bigint(1) + increment : row.bigint(1));
    }
  }
  return next;
}

function keyOf({ schema, name }: Pick<Known, 'schema' | 'name'>): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}
