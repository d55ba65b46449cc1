import { describe, expect, it } from 'vitest';
import { definitionForRecord } from '../../src/config/definition.ts';
import type { Drill } from '../../src/config/drill-file.ts';
import { loadDrills } from '../../src/config/load-drills.ts';
import { must } from '../contracts/source-contract.ts';
import { drillText, problemsOf, workspace } from './loading.ts';

const IDENTITY = 'AGE-SECRET-KEY-1QQPQYZ9';

function withKeys(keys: string): string {
  return drillText({ backup: `backup: { source: ../backups, match: 'orders-*', keys: ${keys} }` });
}

async function load(text: string, env: Record<string, string> = {}): Promise<Drill> {
  const cwd = await workspace({ 'drills/orders.yaml': text });
  const [drill] = await loadDrills(['drills/orders.yaml'], { cwd, env });
  return must(drill);
}

describe('backup.keys', () => {
  it('name where keys are, without reading them', async () => {
    const text = withKeys("[{ env: ORDERS_KEY }, { file: '${HOME}/key.txt' }, { command: [vault, kv, get, orders] }]");
    const drill = await load(text, { ORDERS_KEY: IDENTITY });
    expect(drill.backup.keys).toEqual([
      { env: 'ORDERS_KEY' },
      { file: '${HOME}/key.txt' },
      { command: ['vault', 'kv', 'get', 'orders'] },
    ]);
    expect(definitionForRecord(drill)).toContain('"env":"ORDERS_KEY"');
    expect(definitionForRecord(drill)).not.toContain(IDENTITY);
  });

  it('do not change the configuration of a drill without them', async () => {
    const drill = await load(drillText());
    expect(definitionForRecord(drill)).not.toContain('keys');
  });

  it.each([
    ['a key in place of the list', IDENTITY],
    ['a key in the list', `[${IDENTITY}]`],
    ['a key as a variable', `[{ env: ${IDENTITY} }]`],
    ['an unknown place', `[{ value: ${IDENTITY} }]`],
    ['a command in one text', `[{ command: 'echo ${IDENTITY}' }]`],
    ['no key', '[]'],
  ])('are refused, and not repeated, with %s', async (_what, keys) => {
    const [problem = '', ...others] = await problemsOf({ 'drills/orders.yaml': withKeys(keys) });
    expect(others).toEqual([]);
    expect(problem).toContain('backup.keys');
    expect(problem).not.toContain(IDENTITY);
  });
});
