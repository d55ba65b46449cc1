import { DatabaseSync } from 'node:sqlite';
import type { RunRecord } from '../../../src/record/run-record.ts';
import { openSqliteStore } from '../../../src/record/sqlite/sqlite-store.ts';
import { STAGES } from '../../../src/support/vocabulary.ts';
import { processesOf, sharedMemoryNow, sharedMemoryOf } from '../../sandbox/local-leftovers.ts';
import type { JournalEntry, KillMode } from './kill-points.ts';
import type { Ended, KillWorkspace, Start, StartOptions } from './kill-workspace.ts';
import { leftIn } from './left-in.ts';

/** The points at which processes are killed, one after the other, on one history. */
export type Chain = readonly { readonly point: string; readonly mode: KillMode }[];

export interface MatrixOptions {
  readonly makeWorkspace: () => Promise<KillWorkspace>;
  /** The command that is killed, and run again next. */
  readonly start: Start;
  /** Number of processes that run in parallel. */
  readonly lanes: number;
  /** Number of kills before a process may finish. */
  readonly killsPerChain: number;
  readonly startOptions?: StartOptions;
}

export interface MatrixResult {
  readonly kills: readonly string[];
  /** Points that a process did not reach this time, so that it was not killed. */
  readonly missed: readonly string[];
  /** The points reached by a process that was allowed to finish. */
  readonly points: readonly string[];
  /** One line for each leak, lost record or run that did not end as it should. */
  readonly wrong: readonly string[];
}

/** Kills one process after the other, and lets one more finish; after that, everything that they left must be gone and each of their runs recorded. */
export async function runChain(chain: Chain, options: MatrixOptions): Promise<MatrixResult> {
  const { makeWorkspace, start, startOptions } = options;
  await using workspace = await makeWorkspace();
  const sharedBefore = await sharedMemoryNow();
  const residents: string[] = [];
  const kills: string[] = [];
  const missed: string[] = [];
  const wrong: string[] = [];
  const ended: Ended[] = [];
  for (const { point, mode } of chain) {
    const process = await start(workspace, { ...startOptions, killAt: point, mode });
    ended.push(process);
    (process.killedAt === point ? kills : missed).push(point);
    residents.push(...(await processesOf(workspace.temporary)));
    const left = await leftByOthers(workspace, process);
    wrong.push(...left.map((line) => `after ${describe(ended)}: left: ${line}`));
  }
  const last = await start(workspace, { ...startOptions });
  ended.push(last);
  const story = describe(ended);
  if (last.code !== 0)
    wrong.push(`after ${story}: the next run ended with ${last.code}: ${last.stderr} ${last.stdout.slice(-1500)}`);
  wrong.push(...(await leftIn(workspace)).map((line) => `after ${story}: left: ${line}`));
  const segments = await sharedMemoryOf(residents, sharedBefore);
  wrong.push(...segments.map((id) => `after ${story}: left: shared memory ${id}`));
  wrong.push(...(await checkHistory(workspace, ended)).map((line) => `after ${story}: ${line}`));
  return { kills, missed, points: pointsOf(last), wrong };
}

export function pointsOf({ journal }: Ended): readonly string[] {
  return journal.flatMap((entry) => (entry.kind === 'point' ? [entry.point] : []));
}

/** What earlier processes left behind after this one has done the cleanup of every start. */
async function leftByOthers(workspace: KillWorkspace, { journal, owner }: Ended): Promise<readonly string[]> {
  return journal.some(({ kind }) => kind === 'cleaned') ? leftIn(workspace, owner) : [];
}

/** Checks that nothing is lost, invented or damaged. @returns one line for each problem. */
async function checkHistory(workspace: KillWorkspace, ended: readonly Ended[]): Promise<readonly string[]> {
  const wrong = checkFile(workspace.storePath);
  await using store = await openSqliteStore(workspace.storePath);
  const runs = new Map((await store.findRuns({ limit: 1000 })).map((run) => [run.id, run]));
  for (const process of ended) {
    const { id, run } = found(process, runs);
    if (id !== undefined) runs.delete(id);
    wrong.push(...checkRun(process, run).map((line) => `killed at ${process.killedAt}: run ${id}: ${line}`));
    if (run) await store.getLog(run.id);
  }
  return [...wrong, ...[...runs.keys()].map((id) => `run ${id} is nobody's`)];
}

function found({ journal }: Ended, runs: ReadonlyMap<string, RunRecord>): { id?: string; run?: RunRecord | undefined } {
  const claim = journal.find((entry) => entry.kind === 'begun' && entry.write === 'claim');
  return claim?.kind === 'begun' ? { id: claim.about, run: runs.get(claim.about) } : {};
}

function checkRun({ journal, killedAt }: Ended, run: RunRecord | undefined): readonly string[] {
  const done = writesOf(journal, 'done');
  const begun = writesOf(journal, 'begun');
  if (!run) return done.includes('claim') ? ['was claimed, and is lost'] : [];
  const isFinished = done.includes('finish') || killedAt === undefined;
  const mayBeFinished = isFinished || begun.includes('finish');
  if (run.status === 'completed') {
    if (!mayBeFinished) return ['was killed, and is on record as completed'];
    return run.verdict === 'passed' ? [] : [`its verdict is ${run.verdict}`];
  }
  if (isFinished) return [`had ended, and is on record as ${run.status}: ${JSON.stringify(run.error)}`];
  if (run.status !== 'interrupted') return [`is on record as ${run.status}: ${run.error?.message}`];
  const stages = run.stages.map(({ name }) => name).join(' ');
  const isRight = [stagesOf(journal, 'done'), stagesOf(journal, 'begun')].includes(stages);
  const next = STAGES[run.stages.length];
  return [
    ...(isRight ? [] : [`its timeline is '${stages}', and had come to '${stagesOf(journal, 'done')}'`]),
    ...(run.stages.every(({ name, outcome }) => outcome === (name === 'image-pull' ? 'skipped' : 'ok'))
      ? []
      : ['a stage of it is not ok']),
    ...(run.error?.code === 'interrupted' && run.error.stage === next
      ? []
      : [`its error names ${run.error?.stage}, not ${next}`]),
    ...(run.endedAt && run.verdict === undefined ? [] : ['it has no end, or has a verdict']),
  ];
}

function writesOf(journal: readonly JournalEntry[], kind: 'begun' | 'done'): readonly string[] {
  return journal.flatMap((entry) => (entry.kind === kind ? [entry.write] : []));
}

function stagesOf(journal: readonly JournalEntry[], kind: 'begun' | 'done'): string {
  return journal.flatMap((entry) => (entry.kind === kind && entry.write === 'addStage' ? [entry.about] : [])).join(' ');
}

function checkFile(path: string): string[] {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    const integrity = database.prepare('pragma integrity_check').all();
    const orphans = database.prepare('pragma foreign_key_check').all();
    database.exec('begin immediate; rollback'); // fails if a lock is still held
    return [
      ...(JSON.stringify(integrity) === '[{"integrity_check":"ok"}]' ? [] : [`damaged: ${JSON.stringify(integrity)}`]),
      ...orphans.map((row) => `an orphan: ${JSON.stringify(row)}`),
    ];
  } catch (error) {
    return [`the store: ${String(error)}`];
  } finally {
    database.close();
  }
}

function describe(ended: readonly Ended[]): string {
  return ended.map(({ killedAt }) => killedAt ?? 'its end').join(' → ');
}
