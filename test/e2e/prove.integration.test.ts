import { expect, it } from 'vitest';
import { DRILL, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';

it('a proof shows which damage the checks catch, leaves the copy as it was, and is kept until the drill changes', async () => {
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
  const proven = await workspace.firedrill(['prove', 'orders']);
  expect(proven.code).toBe(0);
  const table = proven.stdout.slice(proven.stdout.indexOf('DAMAGE'));
  expect(table).toMatch(/✔ caught +public\.customer: emptied \(3 rows\) +customers are all there\n/);
  expect(table).toMatch(/✔ caught +public\.customer: one row lost +customers are all there\n/);
  expect(table).toMatch(/✖ slipped through +public\.customer: name swapped between two rows\n/);
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
