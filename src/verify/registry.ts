import type { CheckBase, CheckKind } from './check-kind.ts';
import { commandCheck } from './kinds/command/command-check.ts';
import { compareCheck } from './kinds/compare/compare-check.ts';
import { filesCheck } from './kinds/files/files-check.ts';
import { fingerprintCheck } from './kinds/fingerprint/fingerprint-check.ts';
import { freshnessCheck } from './kinds/freshness/freshness-check.ts';
import { headroomCheck } from './kinds/headroom/headroom-check.ts';
import { httpCheck } from './kinds/http/http-check.ts';
import { integrityCheck } from './kinds/integrity/integrity-check.ts';
import { latencyCheck } from './kinds/latency/latency-check.ts';
import { pointInTimeCheck } from './kinds/point-in-time/point-in-time-check.ts';
import { rowsCheck } from './kinds/rows/rows-check.ts';
import { schemaCheck } from './kinds/schema/schema-check.ts';
import { serverCommandCheck } from './kinds/server-command/server-command-check.ts';
import { sizeCheck } from './kinds/size/size-check.ts';
import { sqlCheck } from './kinds/sql/sql-check.ts';
import { tablesCheck } from './kinds/tables/tables-check.ts';

/** Every kind of check, one line each. */
const KINDS = {
  sql: sqlCheck,
  command: commandCheck,
  serverCommand: serverCommandCheck,
  files: filesCheck,
  tables: tablesCheck,
  freshness: freshnessCheck,
  fingerprint: fingerprintCheck,
  integrity: integrityCheck,
  headroom: headroomCheck,
  latency: latencyCheck,
  rows: rowsCheck,
  size: sizeCheck,
  schema: schemaCheck,
  compare: compareCheck,
  http: httpCheck,
  pointInTime: pointInTimeCheck,
};

type Kinds = typeof KINDS;
export type CheckKey = keyof Kinds;
/** A check as parsed by its kind's schema. */
export type FileOf<K extends CheckKey> = Parameters<Kinds[K]['resolve']>[0];
type SpecOf<K extends CheckKey> = NonNullable<ReturnType<Kinds[K]['resolve']>>;

/** A check as validated. */
export type CheckSpec<K extends CheckKey = CheckKey> = {
  readonly [One in K]: SpecOf<One> & CheckBase<One>;
}[K];

type Table = { readonly [K in CheckKey]: CheckKind<K, FileOf<K>, CheckSpec<K>> };

export const CHECK_KINDS: Table = KINDS;

export const CHECK_KEYS = Object.keys(KINDS) as readonly CheckKey[];

export function checkKindOf<K extends CheckKey>(check: CheckSpec<K>): Table[K] {
  return CHECK_KINDS[check.kind];
}
