import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { Sandbox, SandboxRuntime } from '../../src/sandbox/sandbox.ts';
import { makeDrillWorkspace, plainDump, saysEnded } from '../support/cli-drill.ts';
import { canStartSecondEngine, type SecondEngine, startSecondEngine } from '../support/second-engine.ts';
import { makeDockerRuntime } from './docker-harness.ts';
import { goneReason, makeRequest, never, run } from './docker-sandboxes.ts';

const IMAGE = 'firedrill-test/postgres:17';

describe.skipIf(!inject('dockerAnswers') || !canStartSecondEngine())('a Docker engine on another machine', () => {
  let before: string[] = [];
  let engine: SecondEngine;
  let runtime: SandboxRuntime;

  beforeAll(async () => {
    before = interfaces();
    engine = await startSecondEngine();
    engine.load(IMAGE);
    vi.stubEnv('DOCKER_HOST', engine.host); // before testcontainers is loaded, which caches the first engine it finds
    runtime = makeDockerRuntime();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await engine.stop();
    expect(interfaces()).toEqual(before);
  });

  it('is named by its address', async () => {
    expect(await runtime.check(never)).toContain(` at ${engine.host}, `);
  });

  it('runs sandboxes without directories on this host, and leaves none behind', async () => {
    const box = await runtime.start(makeRequest(), never);
    expect(engine.run('inspect', box.id, '--format', '{{range .Mounts}}{{.Type}} {{end}}').trim()).toBe('volume');
    expect(await run(box, 'ls -A "$1"; touch "$1/probe"', box.paths.run)).toMatchObject({ exitCode: 0, stdout: '' });
    expect(box.isolation.sentence).toContain('tunnel through the engine');
    await box.dispose();
    expect(leftInEngine()).toBe('');
  });

  it('reports a closed port as a socket would', async () => {
    const box = await runtime.start(makeRequest(), never);
    const connection = box.connect(`${box.paths.run}/.s.PGSQL.5432`);
    if (connection.kind !== 'stream') throw new Error('not a stream');
    const stream = await connection.open();
    await expect(text(stream)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await box.dispose();
  });

  it('lets pg query a server in the sandbox, with large results and several connections', async () => {
    const box = await runtime.start(makeRequest({ memoryBytes: 2 ** 30 }), never);
    const server = await startPostgres(box);
    const [one, two] = [await connectPg(box), await connectPg(box)];
    expect((await one.query("select repeat('x', 20000000) as wide")).rows[0].wide).toHaveLength(20_000_000);
    await two.query('create table t (a int)');
    expect((await one.query('select count(*)::int as n from t')).rows).toEqual([{ n: 0 }]);
    await one.end();
    await two.end();
    server.stop();
    await box.dispose();
  });

  it('receives a restored file at the speed of the engine, byte for byte', async () => {
    const box = await runtime.start(makeRequest(), never);
    const content = Readable.from(
      (function* () {
        for (let at = 0; at < 50; at += 1) yield Buffer.alloc(2 ** 20, String(at));
      })(),
    );
    await box.writeFiles(box.paths.scratch, Readable.from([{ name: 'a', sizeBytes: undefined, content }]), never);
    expect((await run(box, 'wc -c < "$1/a"', box.paths.scratch)).stdout.trim()).toBe(String(50 * 2 ** 20));
    await box.dispose();
  });

  it('is blamed for a sandbox that ends because the engine is killed, and is clean after a sweep once it is back', async () => {
    const request = makeRequest();
    const box = await runtime.start(request, never);
    const outcome = expect(run(box, 'sleep 600')).rejects.toMatchObject({ code: 'engine-unreachable' });
    await engine.end('SIGKILL');
    await outcome;
    expect(await goneReason(box)).toMatchObject({ code: 'engine-unreachable' });
    await expect(box.dispose()).rejects.toMatchObject({ code: 'sandbox-leaked' });
    await expect(runtime.sweep(new Date(), never)).rejects.toMatchObject({ code: 'engine-unreachable' });
    await engine.startAgain();
    const swept = await runtime.sweep(new Date(), never); // its lease is still valid, and its owner, this process, is alive
    expect(swept).toMatchObject([
      { runId: request.runId, why: expect.stringContaining('has ended'), error: undefined },
    ]);
    expect(leftInEngine()).toBe('');
  });

  it('is blamed as well when its service manager restarts it; the run continues, and the engine is clean afterwards', async () => {
    const box = await runtime.start(makeRequest(), never);
    const outcome = expect(run(box, 'sleep 600')).rejects.toMatchObject({ code: 'engine-unreachable' });
    await engine.end('SIGTERM');
    await outcome;
    expect(await goneReason(box)).toMatchObject({ code: 'engine-unreachable' });
    await engine.startAgain();
    await expect(run(box, 'true')).rejects.toMatchObject({ code: 'engine-unreachable' });
    await box.dispose();
    expect(leftInEngine()).toBe('');
    await using another = await runtime.start(makeRequest(), never);
    expect((await run(another, 'echo alive')).stdout).toBe('alive\n');
  });

  it('breaks the drill when it is killed during a restore, and the record says what is left', async () => {
    await using workspace = await makeDrillWorkspace({ FIREDRILL_RUNTIME: 'docker' });
    await workspace.write('firedrill.yaml', JSON.stringify({ images: { 'postgres:17': IMAGE } }));
    const dump = plainDump('SELECT pg_catalog.pg_sleep(600);\n').replaceAll('18.4', '17.11');
    await workspace.write('backups/orders.sql', dump);
    await workspace.writeDrill();
    const ending: Promise<void>[] = [];
    const onStdout = (text: string) => {
      if (saysEnded(text, 'provision')) ending.push(engine.end('SIGKILL'));
    };
    const { code, run: record, timeline } = await workspace.drill([], { onStdout });
    await Promise.all(ending);
    expect(code).toBe(2);
    expect(record).toMatchObject({
      status: 'errored',
      reasons: [],
      error: { code: 'engine-unreachable', stage: 'restore' },
    });
    expect(record.sandbox).toMatchObject({ removed: false });
    expect(record.warnings.join()).toContain('teardown: the sandbox could not be fully removed');
    expect(timeline).toEqual([
      'locate ok',
      'plan ok',
      'image-pull skipped',
      'provision ok',
      'restore errored',
      'teardown errored',
    ]);
    await engine.startAgain();
    removeVolumes(); // a sweep would do this, once the process that ran the drill (this one) has ended
  });

  function removeVolumes(): void {
    engine.run('volume', 'rm', ...engine.run('volume', 'ls', '-q').split('\n'));
  }

  function leftInEngine(): string {
    return engine.run('ps', '-aq') + engine.run('volume', 'ls', '-q');
  }

  it('is reported as unreachable when it goes away, by the sandbox and by what runs in it', async () => {
    const box = await runtime.start(makeRequest(), never);
    const running = run(box, 'sleep 600');
    const outcome = expect(running).rejects.toMatchObject({ code: 'engine-unreachable' });
    await engine.end('SIGKILL');
    await outcome;
    expect(await goneReason(box)).toMatchObject({
      code: 'engine-unreachable',
      hint: expect.stringContaining('docker info'),
    });
    await expect(runtime.check(never)).rejects.toMatchObject({ code: 'engine-unreachable' });
    await expect(box.dispose()).rejects.toMatchObject({
      code: 'sandbox-leaked',
      hint: expect.stringContaining(box.id.slice(0, 12)),
    });
    await expect(runtime.start(makeRequest(), never)).rejects.toMatchObject({ code: 'engine-unreachable' });
  });
});

/**
 * Network interfaces of this host, whether up or not, except those of networks, containers and engines of other tests. An engine that
 * cannot remove its own link reports that.
 */
function interfaces(): string[] {
  return readdirSync('/sys/class/net').filter((name) => !/^(veth|br-|fd-eng-)/.test(name));
}

async function startPostgres(box: Sandbox) {
  const { data, run: sockets } = box.paths;
  await run(box, 'initdb -D "$1" -A trust -U postgres', data);
  const abort = new AbortController();
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const onStderrLine = (line: string) => line.includes('ready to accept') && resolve();
  const argv = ['postgres', '-D', data, '-k', sockets, '-c', 'listen_addresses='];
  const running = box.exec(argv, { onStderrLine, signal: abort.signal });
  running.catch(resolve);
  await ready;
  return { stop: () => abort.abort(new Error('done')) };
}

async function connectPg(box: Sandbox): Promise<pg.Client> {
  const connection = box.connect(`${box.paths.run}/.s.PGSQL.5432`);
  if (connection.kind !== 'stream') throw new Error('not a stream');
  const stream = await connection.open();
  const client = new pg.Client({ stream: () => stream as never, user: 'postgres', database: 'postgres' });
  await client.connect();
  return client;
}
