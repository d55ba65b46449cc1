import type { Catalog, CatalogTable } from '../../src/engines/catalog.ts';
import type { TableHasher } from '../../src/engines/fingerprint.ts';
import type { Cell, QueryResult } from '../../src/engines/query-result.ts';
import type {
  CheckContext,
  Probe,
  ProbeApplications,
  ProbeDataFiles,
  RestoreFacts,
  Snapshots,
} from '../../src/verify/check-kind.ts';
import type { SessionPool } from '../../src/verify/session-pool.ts';
import { fakeHasher, fakeNeighbours } from './fake-hasher.ts';

/** A catalog with what the test provides; everything else is empty. */
export function fakeCatalog(
  given: { readonly [K in keyof Catalog]?: Awaited<ReturnType<NonNullable<Catalog[K]>>> } = {},
): Catalog {
  return {
    searchPath: async () => given.searchPath ?? ['public'],
    ignoresCase: async () => given.ignoresCase ?? false,
    tables: async () => given.tables ?? [],
    columns: async () => given.columns ?? [],
    keys: async () => given.keys ?? [],
    foreignKeys: async () => given.foreignKeys ?? [],
    indexes: async () => given.indexes ?? [],
    unvalidated: async () => given.unvalidated ?? [],
    sequences: async () => given.sequences ?? [],
    schemaObjects: async () => given.schemaObjects ?? [],
    collationVersions: async () => given.collationVersions ?? [],
    findDamage: async () => given.findDamage,
    explain: async () => given.explain ?? [],
    quote: (...names) => names.map((name) => `"${name}"`).join('.'),
    ownRows: async ({ schema, name }) => `ONLY "${schema}"."${name}"`,
  };
}

export function fakeSnapshots(): Snapshots {
  const texts: string[] = [];
  return {
    keep: async (text) => String(texts.includes(text) ? texts.indexOf(text) : texts.push(text) - 1),
    read: async (id) => texts[Number(id)],
  };
}

/** A restore from a dump. */
export const FROM_DUMP: RestoreFacts = { isPhysical: false, lastCommitAt: undefined };

/** Answers each query by its text. */
export type Answer = (
  sql: string,
  options: { readonly database: string | undefined; readonly maxRows: number },
) => Promise<QueryResult>;

export function fakePool(answer: Answer, { size = 1, catalog = fakeCatalog() } = {}): SessionPool {
  return {
    size,
    query: (sql, options) => answer(sql, options),
    catalog: () => catalog,
    hasher: fakeHasher(),
    dataFiles: undefined,
    applications: undefined,
    program: async () => Promise.reject(new Error('no check runs a program')),
    async [Symbol.asyncDispose]() {
      throw new Error('closed by somebody who did not open it');
    },
  };
}

export function resultOf(...rows: readonly (readonly Cell[])[]): QueryResult {
  return { columns: (rows[0] ?? ['x']).map((_, index) => `c${index}`), rows, truncated: false };
}

/** The context in which a check runs; the backup was taken at 03:00. */
export function fakeContext(
  answer: Answer,
  changes: Partial<CheckContext> & {
    readonly catalog?: Catalog;
    readonly hasher?: TableHasher;
    readonly dataFiles?: ProbeDataFiles;
    readonly applications?: ProbeApplications;
  } = {},
): CheckContext {
  const { catalog = fakeCatalog(), hasher = fakeHasher(), dataFiles, applications, ...context } = changes;
  const { previous = async () => [] } = changes;
  const probe: Probe = {
    parallel: 2,
    query: (sql, { database, maxRows }) => answer(sql, { database, maxRows }),
    catalog: () => catalog,
    hasher,
    dataFiles,
    applications,
    program: async () => Promise.reject(new Error('no check runs a program')),
  };
  return {
    probe,
    takenAt: new Date('2026-11-21T03:00:00Z'),
    restore: FROM_DUMP,
    neighbours: fakeNeighbours(),
    rpoMs: undefined,
    previous,
    async *history() {
      yield* await previous(Number.POSITIVE_INFINITY);
    },
    snapshots: fakeSnapshots(),
    clock: { monotonicMs: () => 0 },
    timed: (_step, work) => work,
    signal: new AbortController().signal,
    onWarning: () => undefined,
    ...context,
  };
}

export function tableOf(name: string, schema = 'public'): CatalogTable {
  return {
    schema,
    name,
    kind: 'table',
    estimatedRows: undefined,
    bytes: undefined,
    partitionOf: undefined,
    isExtension: false,
    transient: undefined,
  };
}
