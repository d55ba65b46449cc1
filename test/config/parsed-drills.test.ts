import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDrills } from '../../src/config/load-drills.ts';
import { ParsedDrills } from '../../src/config/parsed-drills.ts';
import { drillText, workspace } from './loading.ts';

const EVERY_KIND = [
  '{ name: a, sql: select 1, expect: { between: [1, 2] } }',
  '{ name: b, sql: select name from x, expect: { equals: it } }',
  '{ name: c, sql: select max(at) from x, expect: { newerThan: 1h } }',
  "{ name: d, sql: select name from x, expect: { matches: '^i' } }",
  '{ name: e, tables: [a, b] }',
  '{ name: f, integrity: all }',
  "{ name: g, rows: '-5%..' }",
  '{ name: h, freshness: x.at, within: 1h }',
  '{ name: i, headroom: all }',
  '{ name: j, schema: additive }',
];

/** 24 drills, two files in a directory so that references differ. */
async function drillFiles(): Promise<string> {
  const files: Record<string, string> = { 'drills/x.sql': 'select 1' };
  for (let index = 0; index < 24; index += 1) {
    const check = EVERY_KIND[index % EVERY_KIND.length];
    files[`drills/d${index}.yaml`] = drillText({
      name: `name: d${index}`,
      backup: `backup: { source: 's3://acme/\${PLACE:-orders}/', match: 'orders-*.dump' }`,
      checks: `checks: [${check}, { name: z, sql: { file: x.sql }, expect: 1 }]\nschedule: { cron: '5 ${index} * * *' }`,
    });
  }
  return workspace(files);
}

function read(cwd: string, program: string | undefined, env: Record<string, string> = {}) {
  const openParsed = program === undefined ? undefined : () => ParsedDrills.open(join(cwd, 'cache/parsed'), program);
  return readDrills(['drills'], { cwd, env, openParsed });
}

test('drills cached by an earlier process are the same as freshly parsed ones', async () => {
  const cwd = await drillFiles();
  const fresh = await read(cwd, undefined);
  expect(fresh.problems).toEqual([]);
  expect(await read(cwd, 'one build')).toEqual(fresh);
  const { mtimeMs, mode } = await stat(join(cwd, 'cache/parsed'));
  expect(mode & 0o077).toBe(0);
  expect(await read(cwd, 'one build')).toEqual(fresh);
  expect((await stat(join(cwd, 'cache/parsed'))).mtimeMs).toBe(mtimeMs);
});

test('the samples shipped with the program are cached completely', async () => {
  const names = (await readdir('drills')).filter((name) => name.endsWith('.yaml'));
  const texts = await Promise.all(names.map((name) => readFile(join('drills', name), 'utf8')));
  const files = Object.fromEntries(names.map((name, index) => [`drills/${name}`, texts[index] ?? '']));
  for (let index = 0; index < 20; index += 1) files[`drills/d${index}.yaml`] = drillText({ name: `name: d${index}` });
  const cwd = await workspace(files);
  const fresh = await read(cwd, undefined);
  await read(cwd, 'one build');
  const kept = await ParsedDrills.open(join(cwd, 'cache/parsed'), 'one build');
  expect(names.filter((_, index) => !kept.get(Buffer.from(texts[index] ?? '')))).toEqual([]);
  expect(await read(cwd, 'one build')).toEqual(fresh);
});

test('a changed file, variable or SQL file is noticed, and a problem is reported at its line', async () => {
  const cwd = await drillFiles();
  await read(cwd, 'one build');
  await writeFile(join(cwd, 'drills/d3.yaml'), drillText({ name: 'name: renamed' }));
  await writeFile(join(cwd, 'drills/x.sql'), 'select 2');
  const env = { PLACE: 'elsewhere' };
  const fresh = await read(cwd, undefined, env);
  const kept = await read(cwd, 'one build', env);
  expect(kept).toEqual(fresh);
  expect(kept.drills.map(({ name }) => name)).toContain('renamed');
  expect(JSON.stringify(kept.drills.find(({ name }) => name === 'd4'))).toMatch(/elsewhere.*select 2/);

  await writeFile(join(cwd, 'drills/x.sql'), '');
  const wrong = await read(cwd, 'one build', env);
  expect(wrong.problems).toHaveLength(23);
  expect(wrong).toEqual(await read(cwd, undefined, env));
});

test('a cache that is damaged or from another build is not used', async () => {
  const cwd = await drillFiles();
  const fresh = await read(cwd, undefined);
  const file = join(cwd, 'cache/parsed');
  await read(cwd, 'one build');
  const before = await readFile(file);
  expect(await read(cwd, 'another build')).toEqual(fresh);
  expect(await readFile(file)).not.toEqual(before);
  await truncate(file, 1000);
  expect(await read(cwd, 'another build')).toEqual(fresh);
});

test('a directory that is not writable only costs time', async () => {
  const cwd = await drillFiles();
  await writeFile(join(cwd, 'cache'), 'a file, not a directory');
  expect(await read(cwd, 'one build')).toEqual(await read(cwd, undefined));
});
