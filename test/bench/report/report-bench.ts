import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { openSqliteStore } from '../../../src/record/sqlite/sqlite-store.ts';
import type { Store } from '../../../src/record/store.ts';
import { spawnCli } from '../../support/spawn-cli.ts';
import { describeSpread, median, ratios } from '../statistics.ts';
import { type HistoryPlan, planHistory } from './history-plan.ts';
import { makeHistory } from './make-history.ts';
import { type Answers, describeAnswers, readAtOnce, readNowAndThen, timed } from './readers.ts';
import { type RealServer, startRealServer, writeWorkspace } from './real-server.ts';
import { startWriter } from './writer.ts';

const DAY_MS = 86_400_000;
const END_MS = Date.UTC(2026, 10, 21, 12);
const READERS = 20;
/** The limits required by the issue. */
const LIMITS = { pageMs: 50, quarterMs: 2000, yearMs: 5000, firstLoadBytes: 100_000 };

type Say = (text: string) => void;

/**
 * `npm run bench report [-- --runs 1000000 --drills 200 --seed 1 --times 5 --keep /tmp/history.db]`: a generated history of a million runs, reports on it, and
 * the queries of pages while another process writes runs. With `--keep` the next bench reuses the history. Exits with 1 when a limit of the issue is missed.
 */
export async function run(argv: readonly string[]): Promise<void> {
  const options = readOptions(argv);
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const directory = mkdtempSync(join(tmpdir(), 'firedrill-bench-report-'));
  try {
    const path = options.keep ?? join(directory, 'history.db');
    const plan = planHistory(options.drills, options.runs, options.seed, END_MS);
    const years = (plan.endMs - plan.startMs) / (365 * DAY_MS);
    say(`${options.runs} runs of ${options.drills} drills in ${years.toFixed(1)} years, seed ${options.seed}`);
    if (!existsSync(path)) say(`  made in ${await seconds(async () => makeHistory(path, plan, options.seed))}`);
    say(
      `  opened, and brought to this schema, in ${await seconds(async () => (await open(path))[Symbol.asyncDispose]())}`,
    );
    say(`  ${(statSync(path).size / 1e9).toFixed(2)} GB`);
    await writeWorkspace(directory, path, plan);
    const missed = [
      await benchReport(directory, path, 90, LIMITS.quarterMs, options.times, say),
      await benchReport(directory, path, 365, LIMITS.yearMs, options.times, say),
      await benchPages(plan, directory, path, options.times, say),
    ];
    if (missed.includes(true)) process.exitCode = 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function readOptions(argv: readonly string[]) {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      runs: { type: 'string', default: '1000000' },
      drills: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      times: { type: 'string', default: '5' },
      keep: { type: 'string' },
    },
  });
  const { keep, runs, drills, seed, times } = values;
  return { keep, runs: Number(runs), drills: Number(drills), seed: Number(seed), times: Number(times) };
}

/**
 * The command, in a separate process each time: the time that a user waits for a single report. Its first start, which compiles it, is not
 * counted.
 */
async function benchReport(
  directory: string,
  path: string,
  days: number,
  limitMs: number,
  times: number,
  say: Say,
): Promise<boolean> {
  // The command looks back from now, and the history ends some time ago.
  const since = `${days + Math.ceil((Date.now() - END_MS) / DAY_MS)}d`;
  const out = join(directory, 'report.html');
  const make = async () => {
    await using command = spawnCli(['report', '--since', since, '--out', out], { cwd: directory });
    const { code, stderr } = await command.ended;
    if (code !== 0) throw new Error(`the report was not made: ${stderr}`);
  };
  await make();
  const wallMs: number[] = [];
  const rawMs: number[] = [];
  for (let time = 0; time < times; time += 1) {
    rawMs.push(readRows(path, END_MS - days * DAY_MS));
    wallMs.push(await timed(make));
  }
  const bytes = statSync(out).size;
  say(
    `\nfiredrill report --since ${days}d as HTML, ${countRows(path, days)} runs (${times} times; median, least–most)`,
  );
  say(`  from start to end ${describeSpread(wallMs, 0)} ms of ${limitMs}, ${(bytes / 1e6).toFixed(1)} MB of HTML`);
  say(`  to reading its rows and nothing else, in turn: ${describeSpread(ratios(wallMs, rawMs), 1)} times as long`);
  return median(wallMs) > limitMs;
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

function countRows(path: string, days: number): number {
  using database = new DatabaseSync(path, { readOnly: true });
  const found = database.prepare('select count(*) as count from run_fact where started_ms >= ?');
  return Number(found.get(END_MS - days * DAY_MS)?.['count']);
}

/** The pages of the real server, over HTTP. */
async function benchPages(
  plan: HistoryPlan,
  directory: string,
  path: string,
  times: number,
  say: Say,
): Promise<boolean> {
  await using server = await startRealServer(directory);
  const names = plan.drills.map(({ name }) => name);
  let turn = 0;
  const nothing = async () => void (await server.read('/healthz'));
  const pages = {
    overview: async () => void (await server.read('/')),
    'drill, each time another,': async () => {
      turn += 1;
      await server.read(`/drills/${names[turn % names.length]}`);
    },
  };
  say(`\nthe first load of the overview, with all that belongs to it: ${await measureFirstLoad(server, say)}`);
  const missed: boolean[] = [];
  const writer = await startWriter(path);
  try {
    for (const name of ['overview', 'drill, each time another,'] as const) {
      say(`\nthe page ${name} with ${READERS} readers, while runs are written (${times} rounds)`);
      const rounds = async (read: typeof readNowAndThen, how: string) => {
        const measured: Answers[] = [];
        const least: Answers[] = [];
        for (let time = 0; time < times; time += 1) {
          least.push(await read(nothing, READERS));
          measured.push(await read(pages[name], READERS));
        }
        missed.push(describeAnswers(measured, how, LIMITS.pageMs, say));
        const p95 = (answers: readonly Answers[]) => answers.map(({ p95Ms }) => p95Ms);
        const times95 = describeSpread(ratios(p95(measured), p95(least)), 1);
        say(`    p95 to that of an answer of one line (/healthz), in turn: ${times95} times as long`);
      };
      await rounds(readNowAndThen, 'each looks a second at it');
      await rounds(readAtOnce, 'all ask at one moment');
    }
  } finally {
    say(`\nruns written meanwhile by another process: ${await writer.stop()}`);
  }
  const report = () => timed(() => server.read('/report'));
  const first = await report();
  const following: number[] = [];
  for (let time = 0; time < times; time += 1) following.push(await report());
  say(`the page of the report over 90 days: at first ${first.toFixed(0)} ms, then ${describeSpread(following, 0)} ms`);
  return missed.includes(true);
}

/** Bytes as transferred over the wire. */
async function measureFirstLoad(server: RealServer, say: Say): Promise<string> {
  const { text } = await server.read('/', { compressed: false });
  const assets = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
  const loads = await Promise.all(['/', ...new Set(assets)].map((path) => server.read(path)));
  const bytes = loads.reduce((sum, load) => sum + load.bytes, 0);
  if (bytes > LIMITS.firstLoadBytes) say(`MORE than ${LIMITS.firstLoadBytes} bytes`);
  return `${(bytes / 1000).toFixed(1)} kB in ${loads.length} requests`;
}

function open(path: string): Promise<Store> {
  return openSqliteStore(path);
}

async function seconds(work: () => Promise<void>): Promise<string> {
  return `${((await timed(work)) / 1000).toFixed(1)} s`;
}
