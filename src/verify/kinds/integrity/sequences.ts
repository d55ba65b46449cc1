import type { CatalogSequence } from '../../../engines/catalog.ts';
import { inParallel } from '../../../support/in-parallel.ts';
import { columnOf, isSame } from '../../catalog/table-names.ts';
import { countOf, formatBig } from '../../findings.ts';
import { askNumber, type Look, type LookContext, nothingToLookAt } from './look.ts';

/**
 * Finds sequences whose next number, or a later one, is already in their column, so that the next insert, or a later one, fails. Sequences that wrap around
 * (CYCLE) and columns that do not hold whole numbers are left out.
 */
export async function lookAtSequences(context: LookContext): Promise<Look> {
  const { catalog, names, probe, isExcepted } = context;
  const columns = await catalog.columns();
  const sequences = (await catalog.sequences()).flatMap((sequence) => {
    const { column, cycles, name } = sequence;
    if (!column || cycles || !columnOf(column.table, column.name, columns)?.integers) return [];
    return isExcepted(name) || isExcepted(names.show(column.table)) ? [] : { ...sequence, column };
  });
  if (sequences.length === 0) return nothingToLookAt(context, 'sequences that fill columns');
  const problems = await inParallel(sequences, probe.parallel, (sequence) => explainSequence(sequence, context));
  return { seen: countOf(sequences.length, 'sequence'), problems: problems.filter((one) => one !== undefined) };
}

type Filling = CatalogSequence & { readonly column: NonNullable<CatalogSequence['column']> };

async function explainSequence(sequence: Filling, context: LookContext): Promise<string | undefined> {
  const { catalog, names } = context;
  const { column, next, increment, range } = sequence;
  const where = `${names.show(column.table)}.${column.name}`;
  const isAutoIncrement = isSame(sequence, column.table);
  const what = isAutoIncrement ? 'its AUTO_INCREMENT' : `its sequence ${names.show(sequence)}`;
  const isUp = increment > 0n;
  if (isUp ? next > range.max : next < range.min) return `${where}: ${what} is used up`;
  const [low, high] = isUp ? [next, range.max] : [range.min, next];
  const quoted = catalog.quote(column.name);
  const table = catalog.quote(column.table.schema, column.table.name);
  const furthest = await askNumber(
    context,
    `SELECT ${isUp ? 'MAX' : 'MIN'}(${quoted}) FROM ${table} WHERE ${quoted} >= ${low} AND ${quoted} <= ${high}`,
  );
  if (furthest === undefined) return undefined;
  return `${where} goes ${isUp ? 'up' : 'down'} to ${formatBig(furthest)}, but ${what} continues at ${formatBig(next)}`;
}
