import { randomBytes } from 'node:crypto';
import type { Drill } from '../config/drill-file.ts';
import { makeRunId } from '../record/run-id.ts';
import type { DrillServices, RunFact } from '../run/contract.ts';
import { locate } from '../run/locate.ts';
import { OpenResources } from '../run/open-resources.ts';
import { asDrillError } from '../support/errors.ts';
import { formatInstant } from '../support/instants.ts';
import { formatAge, formatBytes, formatDuration } from '../support/quantities.ts';

export type LookServices = Pick<DrillServices, 'openSource' | 'keysOf' | 'engineOf' | 'clock'>;

/** The result of checking a drill's source. */
export interface Look {
  /** Describes the newest backup in a sentence; undefined: none is usable. */
  readonly found: string | undefined;
  /** Problems that would break a run, each with its next step. */
  readonly problems: readonly { readonly sentence: string; readonly hint: string | undefined }[];
}

/** A user waits for the answer; a slower source is reported, and the drill is written all the same. */
const TIMEOUT_MS = 20_000;

/**
 * Lists the source of a drill, selects its newest backup and reads the header, as its first run would. Only reads; problems are returned, not thrown.
 * @throws the reason of `interrupt`.
 */
export async function lookAtBackups(drill: Drill, services: LookServices, interrupt: AbortSignal): Promise<Look> {
  const problems: { sentence: string; hint: string | undefined }[] = [];
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  using resources = new OpenResources();
  try {
    const source = resources.add(await services.openSource(drill.backup.source));
    const { clock } = services;
    const now = clock.now();
    const engine = await services.engineOf(drill.engine.type);
    const seed = makeRunId(now, randomBytes);
    const signal = AbortSignal.any([interrupt, timeout]);
    const onOpened = (content: { close(): void }) => resources.add(content);
    const emit = (fact: RunFact) => {
      if (fact.type === 'warning') problems.push({ sentence: fact.message, hint: undefined });
    };
    const located = await locate(
      { drill, source, prices: [], keys: services.keysOf(drill, { signal }), engine, seed, onOpened },
      { signal, clock, emit },
    );
    const { backup, newestTakenAt, openBackup } = located;
    const { rpoMs } = drill.objectives;
    const ageMs = Math.max(0, now.getTime() - newestTakenAt.getTime());
    if (rpoMs !== undefined && ageMs > rpoMs)
      problems.push({
        sentence: `the newest backup is ${formatAge(ageMs)} old (RPO ${formatDuration(rpoMs)})`,
        hint: 'See that the backup job still runs, or raise `objectives.rpo` in the drill file.',
      });
    const { format, serverVersion } = openBackup.facts;
    const details = [
      format,
      `server ${serverVersion}`,
      formatBytes(backup.sizeBytes),
      `taken ${formatInstant(backup.takenAt)}`,
    ];
    return { found: `${backup.key} (${details.join(', ')})`, problems };
  } catch (thrown) {
    interrupt.throwIfAborted();
    return { found: undefined, problems: [...problems, explain(timeout.aborted ? undefined : thrown)] };
  }
}

function explain(thrown: unknown): Look['problems'][number] {
  if (thrown !== undefined) {
    const { code, message, hint } = asDrillError(thrown, 'locate');
    return { sentence: code === 'internal' ? message : `${code}: ${message}`, hint };
  }
  const sentence = `the source did not answer within ${formatDuration(TIMEOUT_MS)}`;
  return { sentence, hint: 'See that it can be reached from here, then look again with `firedrill plan`.' };
}
