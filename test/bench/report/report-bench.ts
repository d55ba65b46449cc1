import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBenchStores } from './bench-stores.ts';
import { planHistory } from './history-plan.ts';
import { measurePages } from './measure-pages.ts';
import { measureReport } from './measure-report.ts';

const DAY_MS = 86_400_000;
const END_MS = Date.UTC(2026, 10, 21, 12);
/** The limits required by the issues. */
const LIMITS = { pageMs: 50, quarterMs: 2000, yearMs: 5000, firstLoadBytes: 100_000 };

/**
 * `npm run bench report [-- postgres --runs 1000000 --drills 200 --seed 1 --times 5 --keep /tmp/history.db]`: a generated history of a million runs, reports on
 * it, and the queries of pages while another process writes runs. With `postgres` also on a PostgreSQL server, to which the history is copied, reports in turn
 * with those on SQLite. With `--keep` the next bench reuses the history. Exits with 1 when a limit of the issues is missed.
 */
export async function run(argv: readonly string[]): Promise<void> {
  const { postgres, runs, drills, seed, times, keep } = readOptions(argv);
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const directory = mkdtempSync(join(tmpdir(), 'firedrill-bench-report-'));
  try {
    const plan = planHistory(drills, runs, seed, END_MS);
    const years = (plan.endMs - plan.startMs) / (365 * DAY_MS);
    say(`${runs} runs of ${drills} drills in ${years.toFixed(1)} years, seed ${seed}`);
    await using opened = await openBenchStores(directory, { plan, seed, keep, postgres, say });
    const report = { endMs: END_MS, times, say };
    const missed = [
      await measureReport(opened, { ...report, days: 90, limitMs: LIMITS.quarterMs }),
      await measureReport(opened, { ...report, days: 365, limitMs: LIMITS.yearMs }),
    ];
    const names = plan.drills.map(({ name }) => name);
    for (const store of opened.stores) missed.push(await measurePages(store, { names, times, limits: LIMITS, say }));
    if (missed.includes(true)) process.exitCode = 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function readOptions(argv: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '1000000' },
      drills: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      times: { type: 'string', default: '5' },
      keep: { type: 'string' },
    },
  });
  const unknown = positionals.find((name) => name !== 'postgres');
  if (unknown !== undefined) throw new Error(`not a part of this bench: ${unknown}`);
  const { keep, runs, drills, seed, times } = values;
  return {
    postgres: positionals.length > 0,
    keep,
    runs: Number(runs),
    drills: Number(drills),
    seed: Number(seed),
    times: Number(times),
  };
}
