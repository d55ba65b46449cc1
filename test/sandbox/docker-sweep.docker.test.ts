import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { toLabels } from '../../src/sandbox/labels.ts';
import { docker, leftovers, PROJECT } from './docker-harness.ts';
import { makeRequest, never, run, useBoxes } from './docker-sandboxes.ts';

describe.skipIf(!inject('dockerAnswers'))('sweeping a Docker engine', () => {
  const { start, runtime } = useBoxes();
  const foreign: string[] = [];

  afterEach(() => {
    for (const id of foreign.splice(0)) docker('rm', '-f', '-v', id);
  });

  it('removes what a killed process left (sandbox, volume and directory), and says whose it was', async () => {
    const { runId } = makeRequest();
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('docker-owner.ts', import.meta.url)), runId, PROJECT],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [boxId] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const left = await leftovers(runId);
    expect(left.length).toBe(3);
    expect(await swept(runId)).toEqual([]); // its owner is alive
    expect(await leftovers(runId)).toEqual(left);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await leftovers(runId)).toEqual(left);
    const removed = await swept(runId);
    expect(removed.map(({ kind, error }) => ({ kind, error }))).toEqual([
      { kind: 'container', error: undefined },
      { kind: 'directory', error: undefined },
    ]);
    expect(removed[0]).toMatchObject({ id: boxId, why: expect.stringContaining(`process ${child.pid} `) });
    expect(await leftovers(runId)).toEqual([]);
  });

  it('never touches foreign resources, however similar', async () => {
    const labels = [`dev.firedrill.project=${PROJECT}`, 'dev.firedrill.run=x', 'dev.firedrill.owner=me'];
    const make = (...flags: string[]) =>
      docker('run', '-d', '--network', 'none', ...flags, 'firedrill-test/postgres:17', 'sleep', '600');
    const expired = { ...makeRequest(), leaseExpiresAt: new Date(0) };
    const another = Object.entries(toLabels(expired, 'another-installation')).map((each) => each.join('='));
    foreign.push(
      make(),
      make(...another.flatMap((label) => ['--label', label])),
      make('--label', 'org.testcontainers=true'),
      make(...labels.flatMap((label) => ['--label', label])),
    );
    const live = await start();
    await runtime.sweep(new Date(), never);
    for (const id of foreign) expect(docker('inspect', id, '--format', '{{.State.Running}}')).toBe('true');
    expect((await run(live, 'echo alive')).stdout).toBe('alive\n');
  });

  it('removes a volume whose sandbox was removed manually', async () => {
    const request = makeRequest({ owner: { ...makeRequest().owner, startTicks: '1' } });
    const box = await runtime.start(request, never);
    const volume = docker('inspect', box.id, '--format', '{{range .Mounts}}{{.Name}}{{end}}');
    await box.dispose();
    docker('volume', 'create', ...labelsOf(request), volume);
    expect((await swept(request.runId)).map(({ kind, id }) => ({ kind, id }))).toEqual([
      { kind: 'volume', id: volume },
    ]);
    expect(await leftovers(request.runId)).toEqual([]);
  });

  it('is not needed for a sandbox whose lease expired long ago, which ends by itself', async () => {
    const box = await start({ leaseExpiresAt: new Date(Date.now() + 3_600_000) });
    const command = docker('inspect', box.id, '--format', '{{.HostConfig.AutoRemove}} {{json .Config.Entrypoint}}');
    expect(command).toMatch(/^true .*exec sleep 36(59|60)"\]$/);
  });

  async function swept(runId: string) {
    return (await runtime.sweep(new Date(), never)).filter((each) => each.runId === runId);
  }
});

function labelsOf(request: ReturnType<typeof makeRequest>): string[] {
  const { host, bootId, pid, startTicks } = request.owner;
  return [
    `project=${PROJECT}`,
    `run=${request.runId}`,
    `owner=${[host, bootId, pid, startTicks].join('/')}`,
    `lease-expires=${request.leaseExpiresAt.toISOString()}`,
  ].flatMap((label) => ['--label', `dev.firedrill.${label}`]);
}
