import type { LiveRun } from '../daemon/control.ts';
import type { CheckRecord } from '../record/check-record.ts';
import { describeOutcome, describeRecovery, stateOf } from '../record/history-view.ts';
import type { RunRecord, StageRecord } from '../record/run-record.ts';
import type { EmitRunEvent, RunFact } from '../run/contract.ts';
import type { StageName } from '../support/vocabulary.ts';

/** Turns the stored snapshots of a run in another process into the events that a local run would send, so that the same printers show both. */
export class LiveEvents {
  readonly #run: RunRecord;
  readonly #emit: EmitRunEvent;
  readonly #checks = new Set<string>();
  #stages = 0;
  #stage: StageName | undefined;

  /** @param run as claimed; its start is sent at once. */
  constructor(run: RunRecord, emit: EmitRunEvent) {
    this.#run = run;
    this.#emit = emit;
    const { deadlineMs, rtoMs, counts } = run.objectives;
    this.#send({ type: 'run-started', deadlineMs, rtoMs, counts, drillFile: run.drillFile }, run.startedAt);
  }

  /** Sends what is new in a snapshot. */
  show({ stages, stage, progress, prediction, checks }: LiveRun, at: Date): void {
    this.#endStages(stages, at);
    if (stage && stage.name !== this.#stage) {
      this.#stage = stage.name;
      this.#send({ type: 'stage-started', stage: stage.name, startedAt: stage.startedAt }, at);
    }
    if (stage && progress) this.#send({ type: 'progress', stage: stage.name, progress }, at);
    if (prediction) this.#send({ type: 'predicted', prediction }, at);
    this.#showChecks(checks, at);
  }

  /** Sends the remaining events of an ended run, its verdict last. */
  end(run: RunRecord, at: Date): void {
    this.#showChecks(run.checks, at);
    this.#endStages(run.stages, at);
    this.#send({ type: 'run-ended', run, sentence: describeEnd(run) }, at);
  }

  #endStages(stages: readonly StageRecord[], at: Date): void {
    for (const { name, ...stage } of stages.slice(this.#stages)) {
      this.#send({ type: 'stage-ended', stage: name, ...stage, summary: undefined }, at);
      this.#stage = undefined;
    }
    this.#stages = Math.max(this.#stages, stages.length);
  }

  #showChecks(checks: readonly CheckRecord[], at: Date): void {
    for (const check of checks) {
      if (this.#checks.has(check.name)) continue;
      this.#checks.add(check.name);
      this.#send({ type: 'check', check }, at);
    }
  }

  #send(fact: RunFact, at: Date): void {
    this.#emit({ runId: this.#run.id, drill: this.#run.drill, at, ...fact });
  }
}

/** `PASSED orders: recovered in 4 min 12 s (RTO 15 min)`. */
function describeEnd(run: RunRecord): string {
  const outcome = run.verdict === 'passed' ? `recovered in ${describeRecovery(run)}` : describeOutcome(run);
  return `${stateOf(run).toUpperCase()} ${run.drill}: ${outcome}`;
}
