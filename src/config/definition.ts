import { createHash } from 'node:crypto';
import { dirname, relative } from 'node:path';
import { sourceForRecord } from '../backup/registry.ts';
import type { CheckSpec } from '../verify/registry.ts';
import type { Drill, IdentitySpec } from './drill-file.ts';

type Unhashed = Omit<Drill, 'definitionHash'>;

/**
 * Adds the hash of the drill's definition: SHA-256 of {@link definitionForRecord}. Computed lazily, because commands such as `list` load hundreds of drills
 * and compare the hashes of only a few.
 */
export function hashDefinition(drill: Unhashed): Drill {
  let hash: string | undefined;
  return {
    ...drill,
    get definitionHash() {
      hash ??= createHash('sha256').update(canonical(drill)).digest('hex');
      return hash;
    },
  };
}

/**
 * The current configuration as canonical JSON: keys sorted, nothing undefined, SQL texts included. It contains no secrets, and nothing that differs between
 * checkouts of the same files: paths are as written in the drill or relative to its file. The heartbeat URL, which is a secret, how often the drill is proven,
 * its labels, its pool and its pauses are omitted, because they do not affect what is drilled.
 */
export function definitionForRecord(drill: Drill): string {
  return canonical(drill);
}

function canonical({
  file,
  place: _place,
  runbook,
  backup,
  checks,
  schedule,
  ...drill
}: Unhashed & { readonly definitionHash?: string }): string {
  const { definitionHash: _, heartbeat: __, proveEveryMs: ___, labels: ____, pool: _____, ...definition } = drill;
  const portable = {
    ...definition,
    backup: {
      ...backup,
      source: sourceForRecord(backup.source),
      ...(backup.log ? { log: { source: sourceForRecord(backup.log.source) } } : {}),
      identity: backup.identity && portableIdentity(backup.identity),
    },
    schedule: schedule && { ...schedule, pauses: undefined },
    checks: checks.map(withoutKind),
    runbook: runbook === undefined || /^https?:\/\//.test(runbook) ? runbook : relative(dirname(file), runbook),
  };
  return JSON.stringify(portable, (_key, value: unknown) => sortKeys(value));
}

/** As written; values that depend on this machine are omitted. */
function portableIdentity({ source: _, ...identity }: IdentitySpec): unknown {
  return identity;
}

/** As in the drill file, the key specific to a kind identifies the kind. */
function withoutKind({ kind, ...keys }: CheckSpec): unknown {
  const check: Readonly<Record<string, unknown>> = keys;
  return kind in check ? check : { kind, ...check };
}

function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
