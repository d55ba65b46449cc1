import type { RunEvent } from '../run/contract.ts';
import type { LiveChange } from './control.ts';
import type { DaemonLog } from './log.ts';

/** What the scheduler's own log includes of a run. */
export function logRunEvent(log: DaemonLog, event: RunEvent): void {
  const fields = { drill: event.drill, run: event.runId };
  if (event.type === 'run-started') log.info(`${event.drill}: run ${event.runId} started`, fields);
  else if (event.type === 'stage-ended')
    log.debug(`${event.drill}: ${event.stage} ${event.outcome}`, {
      ...fields,
      stage: event.stage,
      durationMs: Math.round(event.durationMs),
    });
  else if (event.type === 'warning' || (event.type === 'log' && event.level !== 'info'))
    log.warn(`${event.drill}: ${event.message}`, fields);
  else if (event.type === 'run-ended') {
    const level = event.run.verdict === 'passed' ? 'info' : event.run.verdict === 'failed' ? 'error' : 'warn';
    const recoveryMs = event.run.recoveryTimeMs;
    log[level](event.sentence, {
      ...fields,
      ...(recoveryMs === undefined ? {} : { recoveryMs: Math.round(recoveryMs) }),
    });
  }
}

const CHANGES: Readonly<Partial<Record<RunEvent['type'], LiveChange['kind']>>> = {
  'run-started': 'started',
  'stage-started': 'stage',
  'stage-ended': 'stage',
  check: 'check',
  kept: 'kept',
  'run-ended': 'ended',
};

/** What pages must update. */
export function toChange({ type, drill, runId }: RunEvent): LiveChange {
  return { kind: CHANGES[type] ?? 'progress', drill, runId };
}
