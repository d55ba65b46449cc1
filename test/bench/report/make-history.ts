import { DatabaseSync } from 'node:sqlite';
import { makeRunId } from '../../../src/record/run-id.ts';
import { migrate } from '../../../src/record/sqlite/migrate.ts';
import { MIGRATIONS } from '../../../src/record/sqlite/migrations/migrations.ts';
import { STAGES } from '../../../src/support/vocabulary.ts';
import { makeRandom } from '../schedule/random.ts';
import type { HistoryPlan, PlannedDrill } from './history-plan.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The schema before facts: opening the store derives them, which shows how long that takes. */
const SCHEMA = 2;

/**
 * Writes the runs of a plan as the store would have written them, but bypassing it, in one go: the same seed gives the same
 * history.
 * @param path of a file that is not there yet.
 */
export function makeHistory(path: string, plan: HistoryPlan, seed: number): void {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  database.exec('pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -400000');
  migrate(database, path, MIGRATIONS.slice(0, SCHEMA));
  database.exec('begin');
  const writer = new HistoryWriter(database, plan, seed);
  for (let position = 0; position < plan.order.drill.length; position += 1) writer.write(position);
  writer.writeCounts();
  database.exec('commit');
  database.close();
}

/** What happens to a drill over time. */
interface Fate {
  failing: number;
  reason: string;
  failures: Map<string, number>;
}

class HistoryWriter {
  readonly #plan: HistoryPlan;
  readonly #database: DatabaseSync;
  readonly #random: () => number;
  readonly #fates: Fate[];
  readonly #run;
  readonly #stage;
  readonly #check;
  readonly #reason;

  constructor(database: DatabaseSync, plan: HistoryPlan, seed: number) {
    this.#database = database;
    this.#plan = plan;
    this.#random = makeRandom(seed + 1);
    this.#fates = plan.drills.map(() => ({ failing: 0, reason: '', failures: new Map() }));
    const places = (count: number) => Array(count).fill('?').join(', ');
    this.#run = database.prepare(`insert into run (${RUN_COLUMNS.join(', ')}) values (${places(RUN_COLUMNS.length)})`);
    this.#stage = database.prepare(`insert into stage values (${places(6)})`);
    this.#check = database.prepare(`insert into check_result values (${places(7)})`);
    this.#reason = database.prepare(`insert into reason values (${places(5)})`);
    for (const [index, { name }] of plan.drills.entries()) {
      database.prepare('insert into drill values (?)').run(name);
      const json = JSON.stringify({ name, engine: { type: 'postgres' }, checks: [{ name: 'rows', sql: 'select 1' }] });
      database.prepare('insert into definition values (?, ?, ?)').run(index + 1, String(index), json);
    }
  }

  write(position: number): void {
    const index = this.#plan.order.drill[position] ?? 0;
    const drill = this.#plan.drills[index];
    const fate = this.#fates[index];
    if (!drill || !fate) return;
    const jitterMs = Math.floor(this.#random() * 90_000);
    const startedMs = Math.floor((this.#plan.order.startedMs[position] ?? 0) + jitterMs);
    const end = this.#decide(drill, fate);
    const key = end.reason || end.error || 'passed';
    fate.failures.set(key, (fate.failures.get(key) ?? 0) + 1);
    this.#insert(index, drill, startedMs, end);
  }

  /** For metrics: nothing measured here reads them, but a store has them. */
  writeCounts(): void {
    const insert = this.#database.prepare('insert into run_count values (?, ?, ?, ?)');
    for (const [index, { name }] of this.#plan.drills.entries()) {
      for (const [key, count] of this.#fates[index]?.failures ?? []) {
        const isError = key === 'disk-full' || key === 'interrupted';
        const outcome = key === 'passed' ? 'passed' : key === 'interrupted' ? key : isError ? 'errored' : 'failed';
        insert.run(name, outcome, key === 'passed' ? '' : key, count);
      }
    }
  }

  #decide(drill: PlannedDrill, fate: Fate): { readonly reason: string; readonly error: string } {
    if (fate.failing > 0) {
      fate.failing -= 1;
      return { reason: fate.reason, error: '' };
    }
    const draw = this.#random();
    if (draw < drill.failureRate) {
      fate.failing = Math.floor(this.#random() ** 3 * 40);
      const reasons = ['wrong-data', 'stale-backup', 'unrestorable', 'missing-backup'];
      fate.reason = reasons[Math.floor(this.#random() * reasons.length)] ?? 'wrong-data';
      return { reason: fate.reason, error: '' };
    }
    if (draw > 0.992) return { reason: '', error: draw > 0.999 ? 'interrupted' : 'disk-full' };
    return { reason: '', error: '' };
  }

  #insert(
    index: number,
    drill: PlannedDrill,
    startedMs: number,
    { reason: fate, error }: { readonly reason: string; readonly error: string },
  ): void {
    const id = makeRunId(new Date(startedMs), (size) => Uint8Array.from({ length: size }, () => this.#random() * 256));
    const rtoMs = startedMs < drill.newRto.atMs ? drill.rtoMs : drill.newRto.rtoMs;
    const years = (startedMs - this.#plan.startMs) / (365 * DAY_MS);
    // Fewer rows are written at the weekend, and old ones are cleared on Sunday.
    const weekday = new Date(startedMs).getUTCDay();
    const rhythm = weekday === 0 ? 0.97 : weekday === 6 ? 0.99 : 1;
    const sizeBytes = Math.round(drill.startBytes * (1 + drill.growthPerYear * years) * rhythm);
    const steps = drill.steps.filter(({ atMs }) => atMs <= startedMs);
    const speed = steps.reduce((product, { factor }) => product * factor, drill.bytesPerSecond);
    const hiccup = this.#random() < 0.004 ? 1.5 + this.#random() : 1;
    const restoreMs = (sizeBytes / speed) * 1000 * hiccup * Math.exp(drill.noise * normal(this.#random));
    const share = drill.besideMs * Math.exp(drill.noise * normal(this.#random));
    const stagesMs = [share * 0.05, share * 0.25, restoreMs, share * 0.7, 1500 + this.#random() * 500];
    const isCut = error !== '' || fate === 'unrestorable' || fate === 'missing-backup';
    const stages = isCut ? stagesMs.slice(0, fate === 'missing-backup' ? 1 : 3) : stagesMs;
    const recoveryMs = isCut ? null : stagesMs.slice(0, 4).reduce((sum, ms) => sum + ms, 0);
    const reason = fate === '' && error === '' && recoveryMs !== null && recoveryMs > rtoMs ? 'too-slow' : fate;
    const hasBackup = reason !== 'missing-backup';
    const takenMs = startedMs - (reason === 'stale-backup' ? 40 : 2 + this.#random() * 4) * HOUR_MS;
    const endedMs = startedMs + stages.reduce((sum, ms) => sum + ms, 0);
    let stageMs = startedMs;
    for (const [place, ms] of stages.entries()) {
      this.#stage.run(id, place, STAGES[place] ?? '', iso(stageMs), ms, place === 2 && isCut ? 'errored' : 'ok');
      stageMs += ms;
    }
    if (!isCut) {
      this.#check.run(id, 0, 'customers', 1, 'at least 599', '1204', 3.5);
      this.#check.run(id, 1, 'newest order', Number(reason !== 'wrong-data'), 'newer than 26 h', '3 h', 12.25);
    }
    if (reason)
      this.#reason.run(id, 0, reason, `${reason}: as the run found it, in a sentence of usual length`, 'Look at it.');
    const image = `postgres:${15 + steps.filter(({ kind }) => kind === 'image').length}`;
    const host = `db-host-${steps.filter(({ kind }) => kind === 'host').length}`;
    this.#run.run(
      id,
      drill.name,
      `/srv/drills/${drill.name}.yaml`,
      'ab'.repeat(32),
      index + 1,
      'schedule',
      'schedule',
      iso(startedMs),
      1,
      drill.owner,
      drill.tier,
      error === '' ? 'completed' : error === 'interrupted' ? 'interrupted' : 'errored',
      error !== '' ? null : reason ? 'failed' : 'passed',
      '[]',
      error || null,
      error ? 'restore' : null,
      error ? `${error}: something broke while restoring` : null,
      iso(startedMs),
      iso(endedMs),
      rtoMs,
      drill.rpoMs,
      0.8,
      '["locate","provision","restore","verify"]',
      4 * rtoMs,
      recoveryMs,
      hasBackup ? startedMs - takenMs : null,
      hasBackup ? `${drill.name}/${drill.name}-${iso(takenMs).slice(0, 10)}.dump` : null,
      hasBackup ? `s3://acme/${drill.name}/` : null,
      hasBackup ? sizeBytes : null,
      hasBackup ? iso(takenMs) : null,
      hasBackup ? '"0123456789abcdef0123456789abcdef"' : null,
      'pg_dump custom archive',
      '17.11',
      'pg_dump 17.11',
      'latest of 31',
      'docker',
      image,
      `sha256:${image}`,
      'no network',
      image.slice(9),
      1,
      0,
      '[]',
      `${host}/boot/4242/1`,
      iso(endedMs),
      '0.1.0',
    );
  }
}

const RUN_COLUMNS = [
  'id',
  'drill',
  'drill_file',
  'definition_hash',
  'definition_id',
  'triggered_by',
  'trigger_kind',
  'due_at',
  'attempt',
  'owner',
  'tier',
  'status',
  'verdict',
  'warnings',
  'error_code',
  'error_stage',
  'error_message',
  'started_at',
  'ended_at',
  'rto_ms',
  'rpo_ms',
  'warn_at_ratio',
  'counted_stages',
  'deadline_ms',
  'recovery_time_ms',
  'data_loss_ms',
  'backup_key',
  'backup_source',
  'backup_size_bytes',
  'backup_taken_at',
  'backup_etag',
  'backup_format',
  'backup_server_version',
  'backup_dumped_by',
  'backup_selection',
  'sandbox_runtime',
  'sandbox_image',
  'sandbox_image_id',
  'sandbox_isolation',
  'sandbox_server_version',
  'sandbox_removed',
  'restore_error_count',
  'restore_errors',
  'lease_owner',
  'lease_expires_at',
  'firedrill_version',
];

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** The Box–Muller transform: https://doi.org/10.1214/aoms/1177706645. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
