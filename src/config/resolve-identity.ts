import { parseDurationMs } from '../support/quantities.ts';
import { parseEvery } from './backup-schema.ts';
import type { IdentitySpec, IdentityUse } from './drill-file.ts';
import type { DrillFile } from './drill-schema.ts';
import type { References } from './references.ts';
import { resolveSource } from './resolve-source.ts';

type Report = (path: readonly PropertyKey[], message: string) => void;

/**
 * `backup.identity`: what the person who recovers would have. It need not be readable where the drill usually runs, so a variable or file that is
 * missing is an error of the run that needs it, not of the drill file.
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
  if (!credentials) return { keys, credentials, use, source: undefined };
  // Everything that is wrong elsewhere in `backup` has been reported already.
  const reportOwn: Report = (path, message) => {
    if (path[1] === 'identity') report(path, message);
  };
  const source = resolveSource(backup, references, drillFile, reportOwn, credentials);
  const missing = references.unavailable[0] ?? (source ? undefined : 'backup.source is not valid');
  return { keys, credentials, use, source: source && missing === undefined ? source : { missing: missing ?? '' } };
}

function resolveUse(text: string): IdentityUse {
  const period = parseEvery(text);
  // The schema has checked that it is a duration, or one of the two words.
  if (period !== undefined) return { when: 'every', everyMs: parseDurationMs(period) ?? Number.NaN };
  return { when: text === 'always' ? 'always' : 'on-request' };
}
