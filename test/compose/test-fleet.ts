import { execFileSync } from 'node:child_process';
import { appendFile, chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Installation, makeInstallation } from './installation.ts';

const SCHEDULERS = ['scheduler-1', 'scheduler-2'];
const RUNNERS = ['runner-1', 'runner-2'];

/** A drill whose run does not end by itself. */
const HELD = `name: held
backup: { source: /backups, match: "shop-*.dump", takenAt: name }
engine: { type: postgres, database: shop }
objectives: { rto: 10m }
checks: [{ name: never ends, sql: select pg_sleep(600), timeout: 10m, expect: notEmpty }]
schedule: { on: new-backup, poll: 10s }
`;

const DUMP = `--
-- PostgreSQL database dump
--
-- Dumped from database version 17.5
-- Dumped by pg_dump version 17.5
CREATE TABLE public.customer (id integer);
COPY public.customer (id) FROM stdin;
1
2
\\.
--
-- PostgreSQL database dump complete
--
`;

interface Run {
  readonly id: string;
  readonly status: string;
}

/** Tests docker-compose.fleet.yml with its drill and one that hangs: store, two schedulers, pages, two runners. */
export function testFleet(): void {
  let directory = '';
  let fleet: Installation;
  let url = '';
  let token = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'firedrill-fleet-'));
    const env = await fillIn(directory);
    fleet = await makeInstallation({
      name: 'fleet',
      files: ['docker-compose.fleet.yml', 'test/compose/docker-compose.fleet.ci.yml'],
      env,
    });
    await fleet.compose('up', '--detach', '--no-build');
    await fleet.logged('pages', /scheduling is left to other processes/);
    url = await fleet.urlOf('pages', 8377);
    const added = await fleet.exec('pages', 'firedrill', 'token', 'add', 'alice', '--role', 'operator');
    token = added.stdout.trim();
  });
  afterAll(async () => {
    await fleet[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  test('drills a new backup on one of the runners, and shows it on the pages and through the API', async () => {
    await first(RUNNERS, /"msg":"(?:PASSED|FAILED|ERRORED|INTERRUPTED) shop: /);
    const [run] = await runsOf('shop');
    expect(run).toMatchObject({ status: 'completed', verdict: 'passed', reasons: [] });
    expect(await get(`/runs/${run?.id}`)).toContain('every table has rows');
  });

  test('is led by the other scheduler when the leader is killed', async () => {
    const leads = /"msg":"leads the schedulers on this store"/;
    const { service: leader } = await first(SCHEDULERS, leads);
    await fleet.compose('kill', leader);
    await fleet.logged(otherOf(SCHEDULERS, leader), leads);
  });

  test('repeats the run of a killed runner on the other one, and removes its sandbox when the runner is back', async () => {
    const started = /"msg":"held: run (\S+) started"/;
    const { service: killed } = await first(RUNNERS, started);
    await fleet.compose('kill', killed);
    await fleet.logged(otherOf(RUNNERS, killed), started);
    const [retry, lost] = await runsOf('held');
    expect([retry, lost]).toMatchObject([
      { status: 'running', triggeredBy: expect.stringContaining(`retry of ${lost?.id}`) },
      { status: 'interrupted' },
    ]);
    await fleet.compose('start', killed);
    await fleet.logged(killed, new RegExp(`left behind by run ${lost?.id}: container \\S+ removed`));
    expect((await ask(`/api/v1/runs/${retry?.id}/stop`, 'POST')).status).toBe(202);
    await fleet.logged(otherOf(RUNNERS, killed), /"msg":"INTERRUPTED held: /);
    expect(await runsOf('held')).toMatchObject([{ status: 'interrupted' }, { status: 'interrupted' }]);
    for (const { id } of [...(await runsOf('held')), ...(await runsOf('shop'))])
      expect(execFileSync('docker', ['ps', '-aq', '--filter', `label=dev.firedrill.run=${id}`]).length).toBe(0);
  });

  /** Resolves with the first service to log such a line. */
  function first(services: readonly string[], pattern: RegExp): Promise<{ readonly service: string }> {
    return Promise.any(services.map((service) => fleet.logged(service, pattern).then(() => ({ service }))));
  }

  function ask(path: string, method = 'GET'): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return fetch(url + path, { method, headers });
  }

  async function get(path: string): Promise<string> {
    const answer = await ask(path);
    const text = await answer.text();
    expect({ path, status: answer.status, text }).toMatchObject({ path, status: 200 });
    return text;
  }

  /** Newest first. */
  async function runsOf(drill: string): Promise<readonly Run[]> {
    return (JSON.parse(await get(`/api/v1/runs?drill=${drill}`)) as { readonly runs: readonly Run[] }).runs;
  }
}

function otherOf(services: readonly string[], service: string): string {
  return services.find((other) => other !== service) ?? '';
}

/** Puts the settings, drills and a backup into the directory. @returns variables that point the Compose files to them. */
async function fillIn(directory: string): Promise<Record<string, string>> {
  const [settings, backups] = [join(directory, 'settings'), join(directory, 'backups')];
  await cp(new URL('../../ops/compose/fleet/', import.meta.url), settings, { recursive: true });
  await appendFile(join(settings, 'firedrill.yaml'), 'images: { "postgres:17": firedrill-test/postgres:17 }\n');
  await writeFile(join(settings, 'drills/held.yaml'), HELD);
  await mkdir(backups);
  await writeFile(join(backups, 'shop-2026-11-28.dump'), DUMP);
  await chmod(directory, 0o755); // the user of the containers needs access to it
  return { SETTINGS_DIR: settings, BACKUPS_DIR: backups };
}
