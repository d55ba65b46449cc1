import { z } from 'zod';
import { checkMapping, name as nameSchema, oneOf } from '../../../config/fields.ts';
import { parseDurationMs } from '../../../support/quantities.ts';
import { TableNames } from '../../catalog/table-names.ts';
import { type CheckBase, defineCheckKind } from '../../check-kind.ts';
import { findingOf } from '../../findings.ts';
import { lookAtChecksums, lookAtStructure } from './data-files.ts';
import { lookAtForeignKeys } from './foreign-keys.ts';
import type { Look, LookContext } from './look.ts';
import { lookAtCollations, lookAtConstraints, lookAtIndexes, lookAtTables } from './objects.ts';
import { lookAtReferences, parseReference } from './references.ts';
import { lookAtSequences } from './sequences.ts';

const PARTS = {
  'foreign-keys': { expected: 'no orphans', look: lookAtForeignKeys },
  sequences: { expected: 'no sequence behind its column', look: lookAtSequences },
  indexes: { expected: 'no invalid index', look: lookAtIndexes },
  constraints: { expected: 'no row that breaks a constraint', look: lookAtConstraints },
  collations: { expected: 'no collation of another version', look: lookAtCollations },
  tables: { expected: 'no damaged table', look: lookAtTables },
  amcheck: { expected: 'no damaged table or index', look: lookAtStructure },
  checksums: { expected: 'no damaged page', look: lookAtChecksums },
} as const satisfies Record<
  string,
  { readonly expected: string; readonly look: (context: LookContext) => Promise<Look> }
>;

type Part = keyof typeof PARTS;
const NAMES = [
  'foreign-keys',
  'sequences',
  'indexes',
  'constraints',
  'collations',
  'tables',
  'amcheck',
  'checksums',
] as const satisfies readonly Part[];

/** Verifies that a restored database keeps its own promises: references, sequences, indexes, constraints. */
export interface IntegrityCheck extends CheckBase<'integrity'> {
  readonly parts: readonly Part[];
  /** Whether each part must find something to check; false for `all`. */
  readonly isListed: boolean;
  /** `payment.order_id -> orders.id` */
  readonly references: readonly string[];
  /** Names of constraints, indexes, sequences and tables that are exempt. */
  readonly except: readonly string[];
  readonly database: string | undefined;
}

export const integrityCheck = defineCheckKind({
  key: 'integrity',
  needs: 'keys',
  schema: checkMapping({
    integrity: z
      .union(
        [
          oneOf(['all']),
          z
            .array(oneOf(NAMES), { error: 'must be a list' })
            .min(1, { error: 'is empty; write all, or a list of parts' }),
        ],
        { error: `must be all, or a list of ${NAMES.join(', ')}` },
      )
      .describe(
        '`all`, or a list of: `foreign-keys` (rows whose referenced row is missing), `sequences` (a sequence or AUTO_INCREMENT whose next value already exists), `indexes` (invalid indexes), `constraints` (rows that violate a constraint that the server has not validated), `collations` (a collation version that differs from the server’s), `tables` (`CHECK TABLE`; MySQL and MariaDB), and for physical backups `checksums` (pages with a wrong checksum) and `amcheck` (damaged tables and indexes; Postgres).',
      )
      .meta({ examples: ['all', ['foreign-keys', 'sequences']] }),
    references: z
      .array(nameSchema('a reference such as "payment.order_id -> orders.id"'), {
        error: 'must be a list of references',
      })
      .default([])
      .describe(
        'References that the schema does not declare: `payment.order_id -> orders.id`, or with several columns `line(shop, order_id) -> orders(shop, id)`.',
      )
      .meta({ examples: [['payment.order_id -> orders.id']] }),
    except: z
      .array(nameSchema('the name of a constraint, an index, a sequence or a table'), {
        error: 'must be a list of names',
      })
      .default([])
      .describe('Names of constraints, indexes, sequences and tables to leave out.'),
    database: nameSchema('the name of a database').optional().describe('Default: the engine’s database.'),
  }),
  resolve({ name, integrity, references, except, database, timeout }): IntegrityCheck | undefined {
    const isListed = integrity !== 'all';
    const timeoutMs = parseDurationMs(timeout) ?? Number.NaN;
    return {
      kind: 'integrity',
      name,
      parts: isListed ? integrity : NAMES,
      isListed,
      references,
      except,
      database,
      timeoutMs,
    };
  },
  findVacuous({ references }) {
    const wrong = references.find((text) => !parseReference(text));
    if (wrong === undefined) return undefined;
    const message = `${JSON.stringify(wrong)} is not a reference; write one such as "payment.order_id -> orders.id" or "line(shop, order_id) -> orders(shop, id)"`;
    return { path: ['references'], message };
  },
  describe,
  turnOf: ({ parts }, { isPhysical }) =>
    isPhysical && (parts.includes('amcheck') || parts.includes('checksums')) ? 'alone' : 'together',
  async run(check, { probe, restore, clock, timed, signal, onWarning }) {
    const catalog = probe.catalog(check.database);
    const used = new Set<string>();
    const context: LookContext = {
      probe,
      restore,
      clock,
      timed,
      signal,
      catalog,
      names: await TableNames.of(catalog),
      database: check.database,
      isListed: check.isListed,
      isExcepted: (name) => {
        if (!check.except.includes(name)) return false;
        used.add(name);
        return true;
      },
    };
    const looks: Look[] = [];
    for (const part of check.parts) looks.push(await PARTS[part].look(context));
    if (check.references.length > 0) looks.push(await lookAtReferences(check.references, context));
    for (const name of check.except) if (!used.has(name)) onWarning(`excepts ${name}, which does not exist`);
    const seen = looks.flatMap(({ seen: text }) => text ?? []);
    const problems = looks.flatMap(({ problems: some }) => some);
    // a part that is listed reports itself if it finds nothing to check
    const nothing = seen.length === 0 && !check.isListed ? ['nothing to check: no keys, sequences or indexes'] : [];
    const notes = looks.flatMap(({ notes: some }) => some ?? []);
    return { expected: describe(check), ...findingOf([...problems, ...nothing], seen.join(', '), notes) };
  },
});

function describe({ parts, isListed, references }: IntegrityCheck): string {
  if (!isListed) return 'nothing orphaned, behind, invalid or damaged';
  const words = parts.map((part) => PARTS[part].expected);
  return (references.length > 0 && !parts.includes('foreign-keys') ? ['no orphans', ...words] : words).join(', ');
}
