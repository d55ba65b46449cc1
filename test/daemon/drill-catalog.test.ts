import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DrillCatalog } from '../../src/daemon/drill-catalog.ts';
import { drillText, workspace } from '../config/loading.ts';

const NOON = new Date('2026-11-21T12:00:00Z');
const LATER = new Date('2026-11-21T12:05:00Z');

async function open(files: Readonly<Record<string, string>>) {
  const cwd = await workspace(files);
  const book = new DrillCatalog({ cwd, env: {}, drillsDir: 'drills' });
  return { book, write: (path: string, text: string) => writeFile(join(cwd, path), text), cwd };
}

const names = (book: DrillCatalog) => book.drills.map(({ name }) => name).toSorted();

it('loads added, changed and removed drills, and reads nothing when no file has changed', async () => {
  const { book, write, cwd } = await open({ 'drills/orders.yaml': drillText() });
  expect(await book.refresh(NOON)).toMatchObject({ added: ['orders'], changed: [], removed: [] });
  expect(await book.refresh(NOON)).toBeUndefined();

  await write('drills/stock.yaml', drillText({ name: 'name: stock' }));
  await write('drills/orders.yaml', drillText({ objectives: 'objectives: { rto: 20m }' }));
  expect(await book.refresh(LATER)).toMatchObject({ added: ['stock'], changed: ['orders'], removed: [] });
  expect(book.find('orders')?.objectives.rtoMs).toBe(1_200_000);

  await rm(join(cwd, 'drills/orders.yaml'));
  expect(await book.refresh(LATER)).toMatchObject({ added: [], changed: [], removed: ['orders'] });
  expect(names(book)).toEqual(['stock']);
});

it('keeps the last valid configuration of a broken file, says since when, and reports when it is fixed', async () => {
  const { book, write } = await open({ 'drills/orders.yaml': drillText() });
  await book.refresh(NOON);
  await write('drills/orders.yaml', 'name: orders\nengin: { type: postgres }\n');

  expect(await book.refresh(LATER)).toMatchObject({
    removed: [],
    broken: [{ file: 'drills/orders.yaml', keeps: 'orders' }],
  });
  expect(book.find('orders')?.objectives.rtoMs).toBe(900_000);
  expect(book.broken).toMatchObject([
    { since: LATER, problem: expect.stringMatching(/^drills\/orders\.yaml:\d+:\d+: /) },
  ]);

  await write('drills/orders.yaml', drillText({ objectives: 'objectives: { rto: 5m }' }));
  expect(await book.refresh(LATER)).toMatchObject({ changed: ['orders'], fixed: ['drills/orders.yaml'], broken: [] });
  expect(book.broken).toEqual([]);
});

it('removes no drill when the directory is unreadable, and all when it is empty', async () => {
  const { book, cwd } = await open({ 'drills/orders.yaml': drillText() });
  await book.refresh(NOON);
  await rm(join(cwd, 'drills'), { recursive: true });
  expect(await book.refresh(NOON)).toMatchObject({ removed: [], broken: [{ file: 'drills', keeps: undefined }] });
  expect(names(book)).toEqual(['orders']);

  const other = await open({ 'drills/orders.yaml': drillText() });
  await other.book.refresh(NOON);
  await rm(join(other.cwd, 'drills/orders.yaml'));
  expect(await other.book.refresh(NOON)).toMatchObject({ removed: ['orders'], broken: [] });
});

it('reloads a drill when only its query file changes, or when its cache is cleared', async () => {
  const checks = 'checks: [{ name: customers, sql: { file: customers.sql }, expect: { min: 599 } }]';
  const { book, write } = await open({
    'drills/orders.yaml': drillText({ checks }),
    'drills/customers.sql': 'select max(id) from customer',
  });
  await book.refresh(NOON);
  await write('drills/customers.sql', 'select count(*) from customer');
  expect(await book.refresh(NOON)).toMatchObject({ changed: ['orders'] });
  book.invalidate();
  expect(await book.refresh(NOON)).toMatchObject({ added: [], changed: [], removed: [] });
});

it('keeps a drill under its name when its file is moved', async () => {
  const { book, cwd, write } = await open({ 'drills/orders.yaml': drillText() });
  await book.refresh(NOON);
  await rm(join(cwd, 'drills/orders.yaml'));
  await write('drills/shop-orders.yaml', drillText());
  expect(await book.refresh(NOON)).toMatchObject({ added: [], changed: [], removed: [] });
  expect(names(book)).toEqual(['orders']);
});

it('reports a new broken file without blocking others', async () => {
  const { book } = await open({ 'drills/orders.yaml': drillText(), 'drills/stock.yaml': 'name: [stock\n' });
  await book.refresh(NOON);
  expect(names(book)).toEqual(['orders']);
  expect(book.broken).toMatchObject([{ file: 'drills/stock.yaml', keeps: undefined }]);
});

it('notices changes next to a dangling link', async () => {
  const { book, write, cwd } = await open({ 'drills/orders.yaml': drillText() });
  await symlink('/nowhere/at-all', join(cwd, 'drills/notes'));
  expect(await book.refresh(NOON)).toMatchObject({ added: ['orders'] });
  expect(await book.refresh(NOON)).toBeUndefined();
  await write('drills/orders.yaml', drillText({ objectives: 'objectives: { rto: 20m }' }));
  expect(await book.refresh(LATER)).toMatchObject({ changed: ['orders'] });
});
