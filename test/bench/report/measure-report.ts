import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { spawnCli } from '../../support/spawn-cli.ts';
import { describeSpread, median, ratios } from '../statistics.ts';
import type { BenchStores } from './bench-stores.ts';
import { timed } from './readers.ts';

const DAY_MS = 86_400_000;
/** How many times as long a report may take on PostgreSQL as on SQLite. */
const MOST_TIMES_SQLITE = 2;

export interface ReportOptions {
  readonly days: number;
  readonly limitMs: number;
  /** When the history ends. */
  readonly endMs: number;
  readonly times: number;
  readonly say: (text: string) => void;
}

/**
 * The command on each store in turn, in a separate process each time: the time that a user waits for a single report. Its first start, which compiles it, is
 * not counted. @returns whether a limit is missed.
 */
export async function measureReport(
  { stores, sqlitePath }: BenchStores,
  { days, limitMs, endMs, times, say }: ReportOptions,
): Promise<boolean> {
  // The command looks back from now, and the history ends some time ago.
  const since = `${days + Math.ceil((Date.now() - endMs) / DAY_MS)}d`;
  const wallMs = stores.map((): number[] => []);
  const rawMs: number[] = [];
  for (const { directory } of stores) await makeReport(directory, since);
  for (let time = 0; time < times; time += 1) {
    rawMs.push(readRows(sqlitePath, endMs - days * DAY_MS));
    for (const [index, { directory }] of stores.entries())
      wallMs[index]?.push(await timed(() => makeReport(directory, since)));
  }
  const runs = countRows(sqlitePath, endMs - days * DAY_MS);
  say(`\nfiredrill report --since ${days}d as HTML, ${runs} runs (${times} times in turn; median, least–most)`);
  const [sqliteMs = []] = wallMs;
  let isMissed = false;
  for (const [index, { name, directory }] of stores.entries()) {
    const own = wallMs[index] ?? [];
    const megabytes = (statSync(join(directory, 'report.html')).size / 1e6).toFixed(1);
    say(`  ${name}: from start to end ${describeSpread(own, 0)} ms of ${limitMs}, ${megabytes} MB of HTML`);
    isMissed ||= median(own) > limitMs;
    if (index === 0) {
      say(`    to reading its rows and nothing else: ${describeSpread(ratios(own, rawMs), 1)} times as long`);
    } else {
      say(`    to SQLite: ${describeSpread(ratios(own, sqliteMs), 2)} times as long`);
      isMissed ||= median(ratios(own, sqliteMs)) > MOST_TIMES_SQLITE;
    }
  }
  return isMissed;
}

async function makeReport(cwd: string, since: string): Promise<void> {
  await using command = spawnCli(['report', '--since', since, '--out', join(cwd, 'report.html')], { cwd });
  const { code, stderr } = await command.ended;
  if (code !== 0) throw new Error(`the report was not made: ${stderr}`);
}

/** The lower bound for any report: reading the rows of its runs from SQLite into lists. @returns milliseconds. */
function readRows(path: string, fromMs: number): number {
  using database = new DatabaseSync(path, { readOnly: true });
  const drills = database.prepare('select id from fact_drill').all();
  const rows = database.prepare('select * from run_fact where drill_id = ? and started_ms >= ?');
  rows.setReturnArrays(true);
  const startedMs = performance.now();
  for (const { id } of drills) rows.all(Number(id), fromMs);
  return performance.now() - startedMs;
}

function countRows(path: string, fromMs: number): number {
  using database = new DatabaseSync(path, { readOnly: true });
  const found = database.prepare('select count(*) as count from run_fact where started_ms >= ?');
  return Number(found.get(fromMs)?.['count']);
}
