import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { DRILL, makeDrillWorkspace, plainDump, type ShownRun } from '../support/cli-drill.ts';

it('a proof shows which damage the checks catch, leaves the copy unchanged, and is kept until the drill changes', async () => {
  await using workspace = await makeDrillWorkspace();
  await workspace.write('backups/orders.sql', plainDump("UPDATE public.customer SET name = 'Ada' WHERE id = 3;"));
  const checks = [
    { name: 'customers are all there', sql: 'select count(*) from customer', expect: { equals: 3 } },
    { name: 'a program answers', command: ['true'] },
  ];
  const backup = { ...DRILL.backup, source: '../backups' };
  const write = (given: unknown) =>
    workspace.write('drills/orders.yaml', JSON.stringify({ ...DRILL, backup, checks: given }));
  await write(checks);
  const proven = await workspace.firedrill(['prove', 'orders', '--quick']);
  expect(proven.code).toBe(0);
  const table = proven.stdout.slice(proven.stdout.indexOf('DAMAGE'));
  expect(table).toMatch(/✔ caught +public\.customer: emptied \(3 rows\) +customers are all there\n/);
  expect(table).toMatch(/✔ caught +public\.customer: one row lost +customers are all there\n/);
  expect(table).toMatch(
    /✖ slipped through +public\.customer: name swapped between two rows +only a fingerprint would\n/,
  );
  expect(table).toContain('proof: 2 of 3 damages caught\n');
  expect(table).toContain('- { name: every row is as it was dumped, fingerprint: {} }');

  const [run] = (await workspace.firedrill(['history', '--json'])).stdout.trim().split('\n');
  const { id, proof } = JSON.parse(run ?? '') as { id: string; proof: { entries: { caughtBy: string[] }[] } };
  expect(proof.entries.map(({ caughtBy }) => caughtBy.length)).toEqual([1, 1, 0]);
  expect((await workspace.firedrill(['show', id])).stdout).toContain('proof: 2 of 3 damages caught');

  const listed = async () => (await workspace.firedrill(['list'])).stdout;
  expect(await listed()).toMatch(/checks caught 2 of 3 damages on \d+ \w+ \d{4}/);
  await write(checks.slice(0, 1));
  expect(await listed()).toMatch(/checks not proven since the drill changed \(caught 2 of 3 damages on /);
});

it('tests damage to the backup in separate sandboxes, which leave no runs, and its advice catches a stale backup', async () => {
  await using workspace = await makeDrillWorkspace();
  // most of the dump is one value, so the flipped bit is in it
  const table = (at: string) =>
    `CREATE TABLE public.visit (at timestamptz NOT NULL, note text);
INSERT INTO public.visit VALUES ('${at}', '${'x'.repeat(100_000)}');`;
  await workspace.write('backups/orders-2026-11-20T030000Z.sql', plainDump(table('2026-11-20 02:59:00+00')));
  await workspace.write('backups/orders-2026-11-21T030000Z.sql', plainDump(table('2026-11-21 02:59:00+00')));
  await workspace.write('others/orders-2026-11-21T030000Z.sql', plainDump('DROP TABLE public.customer;'));
  const drill = (name: string, source: string, checks: readonly unknown[] = DRILL.checks) =>
    workspace.write(
      `drills/${name}.yaml`,
      JSON.stringify({ ...DRILL, name, checks, backup: { ...DRILL.backup, source, takenAt: 'name' } }),
    );
  await drill('orders', '../backups');
  await drill('others', '../others');

  const kinds = ['flip', 'stale', 'foreign', 'failing-store', 'wrong-key'];
  const proven = await workspace.firedrill([
    ...['prove', 'orders', '--places', '1', '--seed', 'text 3', '--json', '--damage'],
    ...kinds,
  ]);
  expect(proven.code).toBe(0);
  const lines = proven.stdout.trim().split('\n');
  const { run } = JSON.parse(lines.at(-1) ?? '') as { run: ShownRun };
  expect(run.verdict).toBe('passed');
  expect(
    run.proof?.entries.map(({ kind, caughtBy, advice, skipped }) => [kind, skipped ?? advice ?? caughtBy]),
  ).toEqual([
    ['flip', '- { name: every row is as it was dumped, fingerprint: {} }'],
    ['stale', '- { name: "visit.at is fresh", freshness: "visit.at", within: 18h }'],
    ['foreign', ['customers are all there']],
    ['failing-store', ['the run, errored (source-failed)']],
    ['wrong-key', 'the backup is not encrypted'],
  ]);
  const advice = run.proof?.entries.find(({ kind }) => kind === 'stale')?.advice ?? '';
  await drill('orders', '../backups', [...DRILL.checks, ...(parse(advice) as unknown[])]);
  const again = await workspace.firedrill(['prove', 'orders', '--damage', 'stale']);
  expect(again.stdout).toMatch(
    /✔ caught +orders-2026-11-20T030000Z\.sql \(24 h older\) under .+ {2}visit\.at is fresh\n/,
  );
  const history = (await workspace.firedrill(['history', '--json'])).stdout.trim().split('\n');
  expect(history).toHaveLength(2);
  expect((await workspace.firedrill(['list'])).stdout).not.toContain('damages'); // only some kinds were tested
});
