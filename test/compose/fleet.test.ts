import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { firedrill } from '../support/cli.ts';

const ROOT = new URL('../../', import.meta.url);
const { services } = parse(readFileSync(new URL('docker-compose.fleet.yml', ROOT), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
}

const fleet = Object.entries(services).filter(([, { environment }]) => environment?.['FIREDRILL_STORE']);

it('docker-compose.fleet.yml starts two schedulers, pages and two runners on one store, with commands that exist', async () => {
  expect(fleet.map(([name, { command }]) => `${name}: ${command?.join(' ')}`).toSorted()).toEqual([
    'pages: serve --only pages',
    'runner-1: runner',
    'runner-2: runner',
    'scheduler-1: serve --only scheduler',
    'scheduler-2: serve --only scheduler',
  ]);
  expect(new Set(fleet.map(([, { environment }]) => environment?.['FIREDRILL_STORE'])).size).toBe(1);
  for (const [, { command = [] }] of fleet) {
    expect(await firedrill([...command, '--help'], { cwd: '/' })).toMatchObject({ code: 0, stderr: '' });
  }
});

it('only its runners have the engine’s socket', () => {
  const withSocket = fleet.filter(([, { volumes = [] }]) => volumes.some((volume) => volume.includes('docker.sock')));
  expect(withSocket.map(([name]) => name)).toEqual(['runner-1', 'runner-2']);
});

it('its drills and settings are valid', async () => {
  const cwd = new URL('ops/compose/fleet/', ROOT).pathname;
  const env = { FIREDRILL_STORE: services['pages']?.environment?.['FIREDRILL_STORE'] ?? '' };
  const { code, stdout } = await firedrill(['validate'], { cwd, env });
  expect(code).toBe(0);
  expect(stdout.match(/^ok /gm)).toHaveLength(readdirSync(new URL('ops/compose/fleet/drills/', ROOT)).length);
});
