import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { Report, Trend } from '../../src/report/report.ts';
import { planHistory } from '../bench/report/history-plan.ts';
import { makeHistory } from '../bench/report/make-history.ts';
import { writeWorkspace } from '../bench/report/real-server.ts';
import { BIN } from '../support/spawn-cli.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';

/** More than the command makes on one thread. */
const RUNS = 20_100;
/** Is over: what is said of it does not change while this runs. */
const QUARTER = '2026-Q3';
const END_MS = Date.UTC(2026, 9, 15);

test.runIf(availableParallelism() > 1)(
  'a report over many runs is made by two threads where there are two processors, and says what one thread would',
  async () => {
    using directory = makeTemporaryDirectory();
    const plan = planHistory(20, RUNS, 7, END_MS);
    const path = join(directory.path, 'history.db');
    makeHistory(path, plan, 7);
    await writeWorkspace(directory.path, path, plan);
    const report = async (name: string, command: readonly string[]) => {
      const profiles = join(directory.path, name);
      const profile = ['--cpu-prof', `--cpu-prof-dir=${profiles}`, '--cpu-prof-interval=200'];
      const [program = '', ...argv] = [...command, process.execPath, ...profile, BIN, 'report', '--quarter', QUARTER];
      const { stdout } = await execa(program, [...argv, '--format', 'json'], { cwd: directory.path });
      const { trends, attainment, audit, runCount } = JSON.parse(stdout) as Report;
      const files = readdirSync(profiles);
      const digesting = files.filter((file) => readFileSync(join(profiles, file), 'utf8').includes('"summarizeDrill"'));
      return { files, digesting, said: { trends: trends.map(withoutForecast), attainment, audit, runCount } };
    };
    const two = await report('two', []);
    const one = await report('one', ['taskset', '--cpu-list', '0']);
    expect([two.files.length, one.files.length]).toEqual([2, 1]);
    expect(two.digesting).toContainEqual(expect.stringMatching(/^CPU\.[\d.]+\.1\.\d+\.cpuprofile$/)); // thread 1 is not the first
    expect(two.said).toStrictEqual(one.said);
    expect(two.said.runCount).toBeGreaterThan(1000);
  },
);

/** It looks ahead from now, which goes on. */
function withoutForecast({ forecast: _, ...trend }: Trend): Omit<Trend, 'forecast'> {
  return trend;
}
