import type { TransferMeter } from '../backup/content.ts';
import { DrillError } from '../support/errors.ts';
import { formatBytes, formatDuration } from '../support/quantities.ts';
import type { StageName } from '../support/vocabulary.ts';

/** A store slower than this while the run waits for it is broken, not just slow: a gigabyte would take five hours. */
const BROKEN_BYTES_PER_SECOND = 64 * 2 ** 10;

/** State of a run when its deadline passes. */
export interface SourceWait {
  readonly runId: string;
  readonly stage: StageName | undefined;
  readonly deadlineMs: number;
  /** The source, for messages; undefined before it was opened. */
  readonly source: string | undefined;
  /** The key of the chosen backup; undefined before it was listed. */
  readonly key: string | undefined;
  /** Meter of the opened backup; undefined before its first bytes arrived. */
  readonly meter: TransferMeter | undefined;
  /** Rate over the last few seconds if measured, else since the run began. */
  readonly bytesPerSecond: number | undefined;
}

/**
 * Explains a deadline missed because the store hung or delivered hardly any bytes. That shows nothing about recovery, so it is not a verdict. If a store is
 * slow but keeps delivering, recovery is too slow.
 * @returns undefined when the run was not waiting for the store.
 */
export function explainSourceWait(wait: SourceWait): DrillError | undefined {
  const { stage, key, meter, source = 'the source' } = wait;
  if (stage !== 'locate' && stage !== 'restore') return undefined;
  const within = formatDuration(wait.deadlineMs);
  const hint = `No verdict. \`firedrill show ${wait.runId} --log\` lists the requests; check the store and the network, then run the drill again.`;
  if (stage === 'locate' && key === undefined) {
    return new DrillError('source-unreachable', `${source} was not listed within the deadline of ${within}`, {
      stage,
      hint,
    });
  }
  if (meter === undefined) {
    if (stage === 'restore') return undefined;
    const message = `the first bytes of ${key} did not arrive from ${source} within the deadline of ${within}`;
    return new DrillError('source-unreachable', message, { stage, hint });
  }
  const rate = wait.bytesPerSecond ?? (meter.bytesRead / wait.deadlineMs) * 1000;
  if (!meter.readsUnderWay || rate >= BROKEN_BYTES_PER_SECOND) return undefined;
  const message = `${source} gave ${rate < 1 ? 'nothing' : `only ${formatBytes(Math.round(rate))}/s`} of ${key} while the run waited for it until its deadline of ${within} (${formatBytes(meter.bytesRead)} read)`;
  return new DrillError('source-failed', message, { stage, hint });
}
