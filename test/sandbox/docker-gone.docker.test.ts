import { describe, expect, inject, it } from 'vitest';
import { docker, leftovers, makeDockerRuntime } from './docker-harness.ts';
import { goneReason, makeRequest, never, run, useBoxes } from './docker-sandboxes.ts';

/** Allocates memory, 10 MB at a time, until it is killed. */
const GREEDY = 'my @a; push @a, "x" x 10_000_000 while 1';

describe.skipIf(!inject('dockerAnswers'))('a Docker sandbox in trouble', () => {
  const { start, runtime } = useBoxes();

  it('reports out of memory, with the limit, when that kills a command', async () => {
    const box = await start({ memoryBytes: 128 * 2 ** 20 });
    const expected = { code: 'out-of-memory', message: expect.stringContaining('134 MB') };
    await expect(box.exec(['perl', '-e', GREEDY], { signal: never })).rejects.toMatchObject(expected);
    expect(await goneReason(box)).toMatchObject(expected);
  });

  it('reports it even if only a child is killed and the command continues', async () => {
    const box = await start({ memoryBytes: 128 * 2 ** 20 });
    const script = 'perl -e "$1" & sleep 600';
    await expect(run(box, script, GREEDY)).rejects.toMatchObject({ code: 'out-of-memory' });
  });

  it.each([
    ['removed', ['rm', '-f', '-v']],
    ['stopped', ['stop', '-t', '0']],
    ['killed', ['kill']],
  ])('reports that it died when it was %s', async (_how, command) => {
    const box = await start();
    const running = run(box, 'sleep 600');
    const outcome = expect(running).rejects.toMatchObject({ code: 'sandbox-died' });
    docker(...command, box.id);
    await outcome;
    expect(await goneReason(box)).toMatchObject({
      code: 'sandbox-died',
      message: expect.stringContaining(box.id.slice(0, 12)),
    });
    await expect(run(box, 'true')).rejects.toMatchObject({ code: 'sandbox-died' });
  });

  it('does not blame memory for just any killed command', async () => {
    const box = await start();
    expect((await run(box, 'kill -9 $$')).exitCode).toBe(137);
    expect(box.gone.aborted).toBe(false);
  });

  it.each([
    ['more memory than the host has', { memoryBytes: 2 ** 50 }, 'sandbox-refused'],
    ['less memory than allowed', { memoryBytes: 1000 }, 'sandbox-refused'],
    ['more CPUs than the host has', { cpus: 4096 }, 'sandbox-refused'],
    ['an image that does not exist', { image: 'firedrill-test/no-such-image:1' }, 'image-missing'],
  ])('does not start with %s, and leaves nothing behind', async (_what, changes, code) => {
    const request = makeRequest(changes);
    await expect(runtime.start(request, never)).rejects.toMatchObject({ code, hint: expect.stringMatching(/\.$/) });
    expect(await leftovers(request.runId)).toEqual([]);
  });

  it('reports an image that is missing and cannot be pulled, with both ways to fix it', async () => {
    const wanted = { image: '127.0.0.1:9/no-such-image:1', server: { engine: 'postgres', major: '17' } };
    expect(await makeDockerRuntime().findImage(wanted, never)).toBeUndefined();
    const failure = await makeDockerRuntime()
      .ensureImage(wanted, never)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'image-missing',
      message: expect.stringContaining('no image 127.0.0.1:9/no-such-image:1'),
      hint: expect.stringMatching(/docker pull 127.0.0.1:9\/no-such-image:1.*images:/),
    });
  });

  it('leaves nothing behind when a command is aborted and the sandbox is removed at once', async () => {
    const request = makeRequest();
    const box = await runtime.start(request, never);
    const abort = new AbortController();
    const reason = new Error('enough');
    const running = box.exec(['sh', '-c', 'cat > /dev/null; sleep 600'], { signal: abort.signal });
    const outcome = expect(running).rejects.toBeInstanceOf(Error);
    abort.abort(reason);
    await box.dispose();
    await outcome;
    expect(await leftovers(request.runId)).toEqual([]);
  });
});
