import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { docker } from './docker-harness.ts';
import { run, useBoxes } from './docker-sandboxes.ts';

describe.skipIf(!inject('dockerAnswers'))('an image for a Docker sandbox', () => {
  const { start } = useBoxes();
  const built: string[] = [];

  afterAll(() => {
    for (const tag of built) docker('rmi', '-f', tag);
  });

  function build(name: string, ...lines: string[]): string {
    const tag = `firedrill-test/${name}:${process.pid}`;
    const dockerfile = ['FROM firedrill-test/postgres:17', ...lines].join('\n');
    execFileSync('docker', ['build', '-q', '-t', tag, '-'], { input: dockerfile });
    built.push(tag);
    return tag;
  }

  it('may define an entrypoint, user, volume and port, as the official ones do', async () => {
    const image = build(
      'official',
      'ENTRYPOINT ["false"]',
      'USER postgres',
      'VOLUME /var/lib/postgresql/data',
      'EXPOSE 5432',
      'WORKDIR /nowhere',
    );
    const box = await start({ image });
    const probe = await run(box, 'id -un; touch "$1/probe" && echo writes', box.paths.data);
    expect(probe.stdout).toBe('postgres\nwrites\n');
    expect(docker('port', box.id)).toBe('');
  });

  it('falls back to nobody when it has no server user', async () => {
    const box = await start({ image: build('userless', 'RUN userdel postgres') });
    expect((await run(box, 'id -un')).stdout).toBe('nobody\n');
    expect((await run(box, 'initdb -D "$1" > /dev/null && echo made', box.paths.data)).stdout).toBe('made\n');
  });

  it('may have a server user that is root, but the server does not run as root', async () => {
    const box = await start({ image: build('rootly', `RUN sed -i 's/^postgres:x:999/postgres:x:0/' /etc/passwd`) });
    expect((await run(box, 'id -un')).stdout).toBe('nobody\n');
  });
});
