import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openSqliteStore } from '../../../src/record/sqlite-store.ts';
import type { Store } from '../../../src/record/store.ts';
import { readHistory, readReport } from '../../../src/report/read-report.ts';
import { keepStandings } from '../../../src/status/keep-standings.ts';
import { Redactor } from '../../../src/support/redact.ts';
import { describeSpread } from '../statistics.ts';
import { drillsOf } from './bench-drills.ts';
import { planHistory } from './history-plan.ts';
import { makeHistory } from './make-history.ts';
import { describeAnswers, measureRounds, readAtOnce, readNowAndThen } from './readers.ts';
import { startWriter } from './writer.ts';

const DAY_MS = 86_400_000;
const END_MS = Date.UTC(2026, 10, 21, 12);
const READERS = 20;
/** What the issue asks for. */
const LIMITS = { pageMs: 50, quarterMs: 2000, yearMs: 5000 };

/**
 * `npm run bench report [-- --runs 1000000 --drills 200 --seed 1 --times 5 --keep /tmp/history.db]`: a made history of a million runs, reports over it, and
 * what pages ask while another process writes runs. With `--keep` the history is used again by the next bench. Ends with 1 when a limit of the issue is missed.
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
    await using store = await open(path);
    const drills = drillsOf(plan);
    const missed = [
      await benchReport(store, drills, 90, LIMITS.quarterMs, options.times, say),
      await benchReport(store, drills, 365, LIMITS.yearMs, options.times, say),
      await benchPages(store, drills, path, options.times, say),
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

type Drills = ReturnType<typeof drillsOf>;

async function benchReport(
  store: Store,
  drills: Drills,
  days: number,
  limitMs: number,
  times: number,
  say: (text: string) => void,
): Promise<boolean> {
  const period = { from: new Date(END_MS - days * DAY_MS), to: new Date(END_MS), zone: 'Europe/Berlin' };
  const asOf = new Date(END_MS);
  const { drills: standings } = await keepStandings(store).read(drills, asOf);
  const wallMs: number[] = [];
  const cpuMs: number[] = [];
  let runs = 0;
  for (let time = 0; time < times; time += 1) {
    const cpu = process.cpuUsage();
    const startedMs = performance.now();
    runs = (await readReport(store, standings, { asOf, period })).runCount;
    wallMs.push(performance.now() - startedMs);
    const { user, system } = process.cpuUsage(cpu);
    cpuMs.push((user + system) / 1000);
  }
  say(`\na report over ${days} days, ${runs} runs (${times} times; median, least–most)`);
  say(`  model       ${describeSpread(wallMs, 0)} ms of ${limitMs}`);
  say(`  of that CPU ${describeSpread(cpuMs, 0)} ms`);
  return Math.min(...wallMs) > limitMs;
}

async function benchPages(
  store: Store,
  drills: Drills,
  path: string,
  times: number,
  say: (text: string) => void,
): Promise<boolean> {
  const now = new Date(END_MS);
  const standings = keepStandings(store);
  say(
    `\nhow all drills stand, read for the first time: ${await seconds(async () => void (await standings.read(drills, now)))}`,
  );
  const overview = async () => void (await standings.read(drills, new Date(END_MS + performance.now())));
  const period = {
    from: new Date(END_MS - 90 * DAY_MS),
    to: now,
    previous: { from: new Date(END_MS - 180 * DAY_MS), to: new Date(END_MS - 90 * DAY_MS), label: '' },
  };
  let turn = 0;
  const drillPage = async () => {
    turn += 1;
    const drill = drills[turn % drills.length]?.name ?? '';
    await readHistory(store, drill, period);
    await store.findNewestFacts({ drill, limit: 25 });
  };
  const missed: boolean[] = [];
  const writer = await startWriter(path);
  try {
    for (const [name, page] of [
      ['overview', overview],
      ['drill', drillPage],
    ] as const) {
      say(`\nwhat the ${name} page asks, with ${READERS} readers, while runs are written (${times} rounds)`);
      missed.push(
        describeAnswers(
          await measureRounds(times, () => readNowAndThen(page, READERS)),
          'each looks a second at it',
          LIMITS.pageMs,
          say,
        ),
      );
      missed.push(
        describeAnswers(
          await measureRounds(times, () => readAtOnce(page, READERS)),
          'all ask at one moment',
          LIMITS.pageMs,
          say,
        ),
      );
    }
  } finally {
    say(`\nruns written meanwhile by another process: ${await writer.stop()}`);
  }
  return missed.includes(true);
}

function open(path: string): Promise<Store> {
  return openSqliteStore(path, { redactor: new Redactor() });
}

async function seconds(work: () => Promise<void>): Promise<string> {
  const startedMs = performance.now();
  await work();
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}
