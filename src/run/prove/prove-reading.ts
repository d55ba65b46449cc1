import { describeTrial } from '../../record/proof-view.ts';
import type { ProofEntry } from '../../record/run-record.ts';
import { asDrillError } from '../../support/errors.ts';
import { formatCount, formatDuration } from '../../support/quantities.ts';
import type { Reading } from '../../support/reading.ts';
import { limitTime } from '../../support/time-limit.ts';
import { READ_DAMAGES, type ReadDamage } from '../../support/vocabulary.ts';
import type { ClaimedRun } from '../claimed-run.ts';
import type { DrillRequest, DrillServices, ProveRequest } from '../contract.ts';
import { planForeign, planStale } from './other-backups.ts';
import { planTrials } from './plan-trials.ts';
import type { ReadingProof } from './reading-proof.ts';
import { runTrial, type TrialContext } from './run-trial.ts';
import { INTERRUPTED, type SkippedTrial, type Trial } from './trial.ts';

export interface ProveReadingInput extends ReadingProof {
  readonly run: ClaimedRun;
  readonly request: DrillRequest;
  readonly services: DrillServices;
  readonly runDrill: TrialContext['runDrill'];
}

export interface ReadingTrials {
  /** In the order of {@link READ_DAMAGES}. */
  readonly entries: readonly ProofEntry[];
  /** Whether a user ended them before everything was tried. */
  readonly isInterrupted: boolean;
  /** What the trials read of the backup, where that was counted. */
  readonly readings: readonly Reading[];
}

/**
 * Tries the drill on damage to what is read of the backup. Each trial is a separate run, one after the other, and adds nothing to the history.
 * @returns the result of each. A trial that was not possible says why; never throws.
 */
export async function proveReading(input: ProveReadingInput): Promise<ReadingTrials> {
  const { asked, run, services } = input;
  const kinds = READ_DAMAGES.filter((kind) => asked.kinds.has(kind));
  const trials: (Trial | SkippedTrial)[] = [];
  for (const kind of kinds) trials.push(...(await planKind(kind, input)));
  const open = trials.filter((trial) => !('skipped' in trial)).length;
  const say = (text: string) => {
    const message = services.redact(text);
    run.log.add('info', message);
    run.facts.emit({ type: 'log', level: 'info', message });
  };
  let eachMs = restoreMs(run);
  if (open > 0) {
    const total = formatDuration(open * eachMs);
    say(
      `proof: ${formatCount(open)} more ${open === 1 ? 'run, on a damaged read' : 'runs, each on a damaged read'} of the backup: at most about ${total}`,
    );
  }
  const startedMs = services.clock.monotonicMs();
  const entries: ProofEntry[] = [];
  const readings: Reading[] = [];
  let isInterrupted = false;
  let done = 0;
  for (const trial of trials) {
    const why = 'skipped' in trial ? trial.skipped : whyNotNow(input, { startedMs, eachMs });
    isInterrupted ||= why === INTERRUPTED && isEnded(input);
    if ('skipped' in trial || why !== undefined) {
      entries.push(skip(trial, why ?? ''));
      continue;
    }
    run.facts.emit({
      type: 'activity',
      doing: `proof: ${trial.words}, ${formatCount(done + 1)} of ${formatCount(open)}`,
      share: done / open,
      leftMs: (open - done) * eachMs,
    });
    const trialMs = services.clock.monotonicMs();
    const { entry, reading, isCutOff } = await tryOne(trial, input, leftMs(input, startedMs));
    if (reading) readings.push(reading);
    isInterrupted ||= isCutOff;
    eachMs = Math.max(eachMs, services.clock.monotonicMs() - trialMs);
    done += 1;
    entries.push(entry);
    const left = open - done;
    const rest =
      left > 0
        ? ` (${formatCount(done)} of ${formatCount(open)}, at most about ${formatDuration(left * eachMs)} left)`
        : '';
    say(`proof: ${entry.damage}: ${describeTrial(entry)}${rest}`);
  }
  return { entries, isInterrupted, readings };
}

/** @returns an entry for each kind of damage to what is read, all marked as not tried. Pure. */
export function skipReads(kinds: ProveRequest['kinds'], why: string): readonly ProofEntry[] {
  return READ_DAMAGES.filter((kind) => kinds.has(kind)).map((kind) => skip({ kind, words: KIND_WORDS[kind] }, why));
}

async function planKind(kind: ReadDamage, input: ProveReadingInput): Promise<readonly (Trial | SkippedTrial)[]> {
  const {
    request: { drill },
    run,
    services,
    backup,
    source,
    engine,
    isInRepository,
    asked,
  } = input;
  if (drill.backup.asOf !== undefined) {
    return [{ kind, words: KIND_WORDS[kind], skipped: 'the drill restores an earlier version (`backup.select.asOf`)' }];
  }
  if (isInRepository && (kind === 'stale' || kind === 'foreign')) {
    return [{ kind, words: KIND_WORDS[kind], skipped: 'a backup in a repository cannot take another’s name' }];
  }
  const { state } = run.facts;
  const others = {
    drill,
    source,
    backup,
    engine,
    format: state.backup?.format,
    services,
    resources: run.resources,
    signal: run.signal,
  };
  try {
    if (kind === 'stale') return [await planStale(others)];
    if (kind === 'foreign') return [await planForeign(others)];
    return planTrials(kind, {
      backup,
      seed: asked.seed ?? run.claimed.id,
      places: asked.places,
      isEncrypted: (state.identity?.keys.length ?? 0) > 0,
      rtoMs: drill.objectives.rtoMs,
      isTooSlow: recoveryMs(input) > drill.objectives.rtoMs,
      clock: services.clock,
    });
  } catch (thrown) {
    return [{ kind, words: KIND_WORDS[kind], skipped: asDrillError(thrown).message }];
  }
}

const KIND_WORDS: Readonly<Record<ReadDamage, string>> = {
  truncate: 'cut off',
  flip: 'one bit flipped',
  stale: 'the backup before under this one’s name',
  foreign: 'another drill’s backup under this one’s name',
  'failing-store': 'the store fails near the end',
  'slow-source': 'a slow source',
  'wrong-key': 'a key other than the backup’s',
};

interface Tried {
  readonly entry: ProofEntry;
  readonly reading: Reading | undefined;
  /** Whether a user ended it. */
  readonly isCutOff: boolean;
}

/** @param remainingMs after which the trial is abandoned; undefined: never. */
async function tryOne(trial: Trial, input: ProveReadingInput, remainingMs: number | undefined): Promise<Tried> {
  const { run, request, services, runDrill, backup, undamaged } = input;
  const isOver = () => new Error(noTimeOf(input));
  using limit = remainingMs === undefined ? undefined : limitTime(remainingMs, isOver);
  const ctx: TrialContext = {
    limit: limit?.signal,
    request,
    services,
    runDrill,
    undamaged,
    key: backup.key,
    takenAt: backup.takenAt,
    identity: run.facts.state.identity?.name,
  };
  try {
    const tried = await runTrial(trial, ctx);
    const reading = tried.run.reading?.actual;
    if (!tried.entry) {
      const isCutOff = !(limit?.signal.aborted && !request.interrupt.aborted);
      return { entry: skip(trial, isCutOff ? INTERRUPTED : noTimeOf(input)), reading, isCutOff };
    }
    const { reasons, error } = tried.run;
    const sentence = reasons.map((one) => one.sentence).join('; ') || error?.message;
    if (sentence !== undefined) run.log.add('info', services.redact(`proof: ${trial.words}: ${sentence}`));
    return { entry: tried.entry, reading, isCutOff: false };
  } catch (thrown) {
    return { entry: skip(trial, asDrillError(thrown).message), reading: undefined, isCutOff: false };
  }
}

/** Whether a user ended the run. */
function isEnded({ request, run }: ProveReadingInput): boolean {
  return request.interrupt.aborted || run.handles.cutShort !== undefined;
}

function whyNotNow(
  input: ProveReadingInput,
  { startedMs, eachMs }: { readonly startedMs: number; readonly eachMs: number },
): string | undefined {
  if (isEnded(input)) return INTERRUPTED;
  return eachMs <= (leftMs(input, startedMs) ?? eachMs) ? undefined : noTimeOf(input);
}

/** Time left of the limit, in milliseconds; undefined: no limit. */
function leftMs({ asked: { limitMs }, services }: ProveReadingInput, startedMs: number): number | undefined {
  return limitMs === undefined ? undefined : limitMs - (services.clock.monotonicMs() - startedMs);
}

function noTimeOf({ asked: { limitMs = 0 } }: ProveReadingInput): string {
  return `no time left of ${formatDuration(limitMs)}`;
}

function skip({ kind, words: damage }: Pick<Trial, 'kind' | 'words'>, skipped: string): ProofEntry {
  return { kind, damage, caughtBy: [], advice: undefined, skipped };
}

/** Duration of one restore, from its start to the end of its teardown, in milliseconds. */
function restoreMs({ facts }: ClaimedRun): number {
  return facts.state.stages
    .filter(({ name }) => name !== 'image-pull')
    .reduce((sum, { durationMs }) => sum + durationMs, 0);
}

function recoveryMs({ run, request }: ProveReadingInput): number {
  const { counts } = request.drill.objectives;
  return run.facts.state.stages
    .filter(({ name }) => counts.includes(name))
    .reduce((sum, { durationMs }) => sum + durationMs, 0);
}
