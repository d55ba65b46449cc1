import { inParallel } from '../../../support/in-parallel.ts';
import { countOf, rowsThat } from '../../findings.ts';
import { type Look, type LookContext, nothingToLookAt } from './look.ts';
import { countOrphans } from './orphans.ts';

/** Includes keys that the server considers valid: loads with triggers or checks disabled leave orphans behind. */
export async function lookAtForeignKeys(context: LookContext): Promise<Look> {
  const { catalog, names, probe, isExcepted } = context;
  const keys = (await catalog.foreignKeys()).filter(
    ({ name, table }) => !isExcepted(name) && !isExcepted(names.show(table)),
  );
  if (keys.length === 0) return nothingToLookAt(context, 'foreign keys');
  const problems = await inParallel(keys, probe.parallel, async (key) => {
    const table = names.show(key.table);
    const parent = names.show(key.references);
    if (!key.hasParent) return `${table} refers to ${parent}, which is missing (${key.name})`;
    const { columns, isMatchFull } = key;
    const from = await catalog.ownRows(key.table);
    const to = await catalog.ownRows(key.references);
    const orphans = await countOrphans({ from, to, columns, isMatchFull }, context);
    return orphans === 0n
      ? undefined
      : `${rowsThat(orphans, `of ${table} has`, `of ${table} have`)} no matching row in ${parent} (${key.name})`;
  });
  return { seen: countOf(keys.length, 'foreign key'), problems: problems.filter((one) => one !== undefined) };
}
