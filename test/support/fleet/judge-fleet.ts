import type { RunRecord } from '../../../src/record/run-record.ts';
import type { BrokenRun } from './fleet-faults.ts';
import type { FleetProcess } from './fleet-process.ts';

/** What a store recorded of drills that were each due once; all lists are empty if it kept every promise. */
export interface FleetFindings {
  /** Drills without a run that ended, or whose cut-off run was not repeated. */
  readonly lost: readonly string[];
  /** Drills that were run again without need. */
  readonly doubled: readonly string[];
  /** Runs that a process reported differently from how they are recorded. */
  readonly misreported: readonly string[];
  /** `orders: errored (store-failed)`: runs that neither got a verdict nor were cut off. */
  readonly errored: readonly string[];
}

/** @param runs all recorded runs. */
export function judgeFleet(
  drills: readonly string[],
  runs: readonly RunRecord[],
  processes: readonly Pick<FleetProcess, 'lines'>[],
): FleetFindings {
  const byDrill = Map.groupBy(runs, ({ drill }) => drill);
  const ofDrill = (drill: string) => byDrill.get(drill) ?? [];
  const byId = new Map(runs.map((run) => [run.id, run]));
  const passed = processes.flatMap(({ lines }) => lines.filter(({ msg }) => msg.startsWith('PASSED ')));
  return {
    lost: drills.filter((drill) => !isWhole(ofDrill(drill))),
    doubled: drills.filter((drill) => isDoubled(ofDrill(drill))),
    misreported: passed.flatMap(({ run = '' }) => (byId.get(run)?.verdict === 'passed' ? [] : run)),
    errored: runs.flatMap(({ drill, status, error }) => (status === 'errored' ? `${drill}: ${error?.message}` : [])),
  };
}

/** @returns for each of these runs, how long after it was cut off its drill ran again, in ms, as measured here: clocks of hosts may differ. */
export function restartsAfter(
  broken: readonly BrokenRun[],
  runs: readonly RunRecord[],
  processes: readonly Pick<FleetProcess, 'lines'>[],
): readonly number[] {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const starts = processes.flatMap(({ lines }) => lines.filter(({ msg }) => msg.endsWith(' started')));
  return broken.flatMap(({ runId, atMs }) => {
    const run = byId.get(runId);
    const again = run?.retryable && runs.find(({ drill, trigger }) => drill === run.drill && trigger.attempt === 2);
    const start = again && starts.find((line) => line.run === again.id);
    return start ? [start.atMs - atMs] : [];
  });
}

function isWhole(runs: readonly RunRecord[]): boolean {
  return (
    runs.length > 0 && runs.every(({ status }) => status !== 'running') && runs.some(({ retryable }) => !retryable)
  );
}

function isDoubled(runs: readonly RunRecord[]): boolean {
  const firsts = runs.filter(({ trigger }) => trigger.attempt === 1);
  return firsts.length > 1 || runs.length - firsts.length > firsts.filter(({ retryable }) => retryable).length;
}
