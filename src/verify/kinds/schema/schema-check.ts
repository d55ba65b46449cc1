import { z } from 'zod';
import { checkMapping, name as nameSchema, oneOf } from '../../../config/fields.ts';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount, parseDurationMs } from '../../../support/quantities.ts';
import { type CheckContext, defineCheckKind, type Evaluation, type Snapshots } from '../../check-kind.ts';
import { matchesName } from '../../name-patterns.ts';
import { compareSchemas, describeChange, newCode, type SchemaChange } from './compare-schemas.ts';
import { readSnapshot, type SnapshotObject, writeSnapshot } from './schema-snapshot.ts';

const RULES = {
  locked: 'no change',
  additive: 'nothing lost or changed',
  shown: 'a table at least',
} as const;

type Rule = keyof typeof RULES;
export const SCHEMA_RULES = ['locked', 'additive', 'shown'] as const satisfies readonly Rule[];

/** Compares the schema of a database with that of the last good run. */
export interface SchemaCheck {
  readonly kind: 'schema';
  readonly name: string;
  readonly schema: Rule;
  /** undefined: the database that the drill or the backup names. */
  readonly database: string | undefined;
  readonly exclude: readonly string[];
  readonly timeoutMs: number;
}

export const schemaCheck = defineCheckKind({
  key: 'schema',
  needs: 'catalog',
  schema: checkMapping({
    schema: oneOf(SCHEMA_RULES).describe(
      'How the schema may change, compared with the last good run: `locked` fails on any change; `additive` fails on lost or changed objects and allows new ones; `shown` fails only if there is no table, and shows changes. The first run learns. New code (functions, triggers, event triggers, definers, extensions) is a warning in every mode.',
    ),
    database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
    exclude: z
      .array(nameSchema('a name such as public.tmp_*'), { error: 'must be a list of names' })
      .default([])
      .describe('Objects to leave out, with all that belongs to them, by name; `*` is any text.')
      .meta({ examples: [['public.tmp_*']] }),
  }),
  resolve({ name, schema, database, exclude, timeout }): SchemaCheck | undefined {
    return { kind: 'schema', name, schema, database, exclude, timeoutMs: parseDurationMs(timeout) ?? Number.NaN };
  },
  findVacuous({ exclude }) {
    if (!exclude.includes('*')) return undefined;
    return { path: ['exclude'], message: 'leaves out everything, so nothing would be compared' };
  },
  questionOf: ({ exclude, database }) => [exclude.toSorted(), database ?? null],
  describe,
  async run(check, context) {
    const objects = (await context.probe.catalog(check.database).schemaObjects()).filter(isIncluded(check.exclude));
    const id = await context.snapshots.keep(writeSnapshot(objects));
    const after = await readKept(context.snapshots, id); // the form that later runs will read, without secrets
    const found = { expected: describe(check), measured: { snapshot: id } };
    if (!after.some(({ kind }) => kind === 'table')) return { ...found, passed: false, actual: 'no table' };
    const last = await findLast(context);
    if (!last)
      return { ...found, passed: true, actual: `learned ${count(after)}: there is no good run to compare with` };
    return {
      ...found,
      ...judge(check.schema, compareSchemas(last.objects, after), { after, runId: last.runId }, context),
    };
  },
});

function describe({ schema }: SchemaCheck): string {
  return schema === 'shown' ? RULES.shown : `${RULES[schema]} since the last good run`;
}

function judge(
  rule: Rule,
  changes: readonly SchemaChange[],
  { after, runId }: { readonly after: readonly SnapshotObject[]; readonly runId: string },
  { onWarning }: Pick<CheckContext, 'onWarning'>,
): Omit<Evaluation, 'expected'> {
  const code = newCode(changes);
  if (code.length > 0) onWarning(`found code that is new since run ${runId}: ${nameSome(code)}`);
  const wrong = changes.filter(({ type }) => rule === 'locked' || (rule === 'additive' && type !== 'new'));
  const details = changes.map((change) => toPrintable(describeChange(change), 500));
  const [first] = details;
  const actual = first === undefined ? `${count(after)}, none changed` : summarize(changes);
  const example = first === undefined ? '' : `: ${first}${details.length > 1 ? ' …' : ''}`;
  return { passed: wrong.length === 0, actual: `${actual} since run ${runId}${example}`, details };
}

function summarize(changes: readonly SchemaChange[]): string {
  const counts = (['lost', 'changed', 'new'] as const).flatMap((type) => {
    const found = changes.filter((change) => change.type === type).length;
    return found === 0 ? [] : `${formatCount(found)} ${type}`;
  });
  return counts.join(', ');
}

const MAX_NAMED = 5;

function nameSome(changes: readonly SchemaChange[]): string {
  const names = changes.slice(0, MAX_NAMED).map(({ object }) => toPrintable(`${object.kind} ${object.name}`));
  const rest = changes.length - names.length;
  return `${names.join(', ')}${rest > 0 ? ` (and ${formatCount(rest)} more)` : ''}`;
}

function count(objects: readonly SnapshotObject[]): string {
  return `${formatCount(objects.length)} objects`;
}

async function findLast({ previous, snapshots }: CheckContext) {
  for (const { runId, record } of await previous(1)) {
    const id = record.measured?.['snapshot'];
    if (typeof id === 'string') return { runId, objects: await readKept(snapshots, id) };
  }
  return undefined; // this is the first run, or a check of another kind had this name
}

/** @throws DrillError `store-failed` when it is missing from the history. */
async function readKept(snapshots: Snapshots, id: string): Promise<readonly SnapshotObject[]> {
  const text = await snapshots.read(id);
  if (text !== undefined) return readSnapshot(text);
  throw new DrillError('store-failed', `the history has no schema ${id}, which an earlier run refers to`, {
    hint: 'Add a name to the check’s `exclude`, even one that matches nothing: it then learns the schema again.',
  });
}

/** Leaves out objects, and parts of tables, whose whole name matches one of the patterns. */
function isIncluded(patterns: readonly string[]) {
  const matches = (name: string | undefined) =>
    name !== undefined && patterns.some((pattern) => matchesName(pattern, name));
  return ({ name, table }: { readonly name: string; readonly table: string | undefined }) =>
    !matches(name) && !matches(table);
}
