import type { CollationVersion } from '../../../engines/catalog.ts';
import { DrillError } from '../../../support/errors.ts';
import { inParallel } from '../../../support/in-parallel.ts';
import { countOf, rowsThat } from '../../findings.ts';
import { askNumber, type Look, type LookContext, nothingToLookAt } from './look.ts';

export async function lookAtIndexes(context: LookContext): Promise<Look> {
  const { catalog, names, isExcepted } = context;
  const indexes = (await catalog.indexes()).filter(
    ({ name, table }) => !isExcepted(name) && !isExcepted(names.show(table)),
  );
  if (indexes.length === 0) return nothingToLookAt(context, 'indexes');
  const invalid = indexes.filter(({ isValid }) => !isValid);
  const problems = invalid.map(({ name, table }) => `the index ${name} of ${names.show(table)} is invalid`);
  return { seen: countOf(indexes.length, 'index', 'indexes'), problems };
}

/**
 * Normally no constraint is unvalidated, because the server itself has checked every row. So a drill that lists this part passes without any, as long as there
 * are tables. Foreign keys are a separate part.
 */
export async function lookAtConstraints(context: LookContext): Promise<Look> {
  const { catalog, names, probe, isExcepted, isListed } = context;
  if (isListed && (await catalog.tables()).length === 0) return nothingToLookAt(context, 'tables');
  const unvalidated = (await catalog.unvalidated()).filter(
    ({ name, table, kind }) => kind !== 'foreign-key' && !isExcepted(name) && !isExcepted(names.show(table)),
  );
  const found = await inParallel(unvalidated, probe.parallel, async ({ name, table, condition }) => {
    const from = await catalog.ownRows(table); // tables that inherit the constraint have their own
    const broken = (await askNumber(context, `SELECT COUNT(*) FROM ${from} WHERE NOT (${condition})`)) ?? 0n;
    const where = `${name} of ${names.show(table)}`;
    return broken === 0n
      ? { note: `the constraint ${where} is not validated; every row meets it` }
      : { problem: `${rowsThat(broken, 'breaks', 'break')} the constraint ${where}, which is not validated` };
  });
  return {
    seen: unvalidated.length > 0 || isListed ? countOf(unvalidated.length, 'unvalidated constraint') : undefined,
    problems: found.flatMap(({ problem }) => problem ?? []),
    notes: found.flatMap(({ note }) => note ?? []),
  };
}

/** Most collations are the server's own, so under `all` they do not count as users' objects that were checked. */
export async function lookAtCollations(context: LookContext): Promise<Look> {
  const { catalog, isExcepted, isListed } = context;
  const found = (await catalog.collationVersions()).filter(({ object }) => !isExcepted(object));
  const isComparable = ({ recorded, actual }: CollationVersion) => recorded !== undefined && actual !== undefined;
  const compared = found.filter(isComparable);
  const problems = compared
    .filter(({ recorded, actual }) => recorded !== actual)
    .map(
      ({ object, recorded, actual }) =>
        `${object} has collation version ${recorded}, the server ${actual}: rebuild its indexes`,
    );
  if (!isListed) return { seen: undefined, problems };
  const unknown = found.filter((one) => !isComparable(one));
  const notes = unknown.map(({ object }) => `${object} was not compared: its collation has no version on this server`);
  if (compared.length === 0) return { ...nothingToLookAt(context, 'collations that have a version'), notes };
  return { seen: `${countOf(compared.length, 'collation')} compared`, problems, notes };
}

/** @throws DrillError `check-malformed` when the drill lists this part and the product does not support it. */
export async function lookAtTables(context: LookContext): Promise<Look> {
  const { catalog, names, probe, isExcepted, isListed } = context;
  const tables = (await catalog.tables()).filter((table) => table.kind !== 'foreign' && !isExcepted(names.show(table)));
  const found = await inParallel(tables, probe.parallel, async (table) => ({
    table: names.show(table),
    damage: await catalog.findDamage(table),
  }));
  const checked = found.flatMap(({ table, damage }) => (damage ? { table, damage } : []));
  if (checked.length === 0 && tables.length > 0 && isListed) throw noTableCheck();
  if (checked.length === 0) return nothingToLookAt(context, 'tables');
  const problems = checked.flatMap(({ table, damage }) => (damage.length > 0 ? `${table}: ${damage.join('; ')}` : []));
  return { seen: `${countOf(checked.length, 'table')} checked`, problems };
}

function noTableCheck(): DrillError {
  return new DrillError('check-malformed', 'this server cannot check its tables by a statement', {
    hint: 'Leave out `tables`. For physical backups of Postgres, list `amcheck`.',
  });
}
