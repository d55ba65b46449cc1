import type { SourceSpec } from '../backup/registry.ts';
import { parseDurationMs } from '../support/quantities.ts';
import { parseEvery } from './backup-schema.ts';
import type { IdentitySpec, IdentityUse } from './drill-file.ts';
import type { DrillFile } from './drill-schema.ts';
import type { References } from './references.ts';
import { resolveSource } from './resolve-source.ts';

type Report = (path: readonly PropertyKey[], message: string) => void;

/**
 * `backup.identity`: the keys and credentials of the person who recovers. They need not be readable where the drill usually runs, so a missing variable or
 * file is an error of the run that needs it, not of the drill file.
 */
export function resolveIdentity(
  backup: DrillFile['backup'],
  references: References,
  drillFile: string,
  report: Report,
): IdentitySpec | undefined {
  const { identity } = backup;
  if (!identity) return undefined;
  const { keys, credentials } = identity;
  const use = resolveUse(identity.use);
  if (!credentials) return { keys, credentials, use, source: undefined, log: undefined };
  // Any other problem in `backup` has already been reported.
  const reportOwn: Report = (path, message) => {
    if (path[1] === 'identity') report(path, message);
  };
  const source = resolveSource(backup, references, drillFile, reportOwn, credentials);
  const missing = references.unavailable[0] ?? (source ? undefined : 'backup.source is not valid');
  const log = source && resolveLogAs(backup, credentials, source, { references, drillFile });
  return { keys, credentials, use, source: source && missing === undefined ? source : { missing: missing ?? '' }, log };
}

/** The log archive with the same credentials, if it is in the same kind of store; they are meaningless elsewhere. */
function resolveLogAs(
  backup: DrillFile['backup'],
  credentials: Readonly<Record<string, unknown>>,
  source: SourceSpec,
  { references, drillFile }: { readonly references: References; readonly drillFile: string },
): SourceSpec | undefined {
  const { log } = backup;
  const place = { at: ['backup', 'log'], inherit: backup };
  const own = log && resolveSource(log, references, drillFile, () => undefined, undefined, place);
  if (!log || own?.type !== source.type) return undefined;
  return resolveSource(log, references, drillFile, () => undefined, credentials, place);
}

function resolveUse(text: string): IdentityUse {
  const period = parseEvery(text);
  // The schema has checked that it is a duration, or one of the two words.
  if (period !== undefined) return { when: 'every', everyMs: parseDurationMs(period) ?? Number.NaN };
  return { when: text === 'always' ? 'always' : 'on-request' };
}
