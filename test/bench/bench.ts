/** `npm run bench NAME [-- options]`: figures as ratios between two things run in turn on the same machine. */
const benches: Record<string, () => Promise<{ run(argv: readonly string[]): Promise<void> }>> = {
  fleet: () => import('./fleet/fleet-bench.ts'),
  fingerprint: () => import('./fingerprint/fingerprint-bench.ts'),
  encrypted: () => import('./encrypted/encrypted-bench.ts'),
  physical: () => import('./physical/physical-bench.ts'),
  report: () => import('./report/report-bench.ts'),
  restore: () => import('./restore/restore-bench.ts'),
  schedule: () => import('./schedule/schedule-bench.ts'),
};

const [name = '', ...argv] = process.argv.slice(2);
const load = benches[name];
if (load) await (await load()).run(argv);
else {
  process.stderr.write(`usage: npm run bench NAME, with one of: ${Object.keys(benches).join(', ')}\n`);
  process.exitCode = 64;
}
