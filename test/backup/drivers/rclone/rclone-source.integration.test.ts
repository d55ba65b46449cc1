import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openRcloneSource } from '../../../../src/backup/drivers/rclone/rclone-source.ts';
import type { BackupSource } from '../../../../src/backup/source.ts';
import type { StoreRequest } from '../../../../src/support/store-request.ts';
import { describeSourceContract, failure, listAll, must, never, readAll } from '../../../contracts/source-contract.ts';
import { hasRclone, noRcloneLeft, type RemoteServer, startSftp, startWebdav } from '../../../support/rclone-remotes.ts';

const PASSWORD = 'not-to-be-seen-anywhere';

let root: string;
let served: string;
const servers: RemoteServer[] = [];

beforeAll(async () => {
  if (!hasRclone) return;
  root = await mkdtemp(join(tmpdir(), 'firedrill-rclone-'));
  served = join(root, 'served');
  await mkdir(served);
  const [sftp, webdav] = [await startSftp(root), await startWebdav(served, PASSWORD)];
  servers.push(sftp, webdav);
  const config = `[disk]\ntype = local\n\n[ssh]\n${sftp.config}\n[dav]\n${webdav.config}
[refused]\ntype = webdav\nurl = http://127.0.0.1:1/\nvendor = other
[wrongpass]\n${webdav.config.replace(/pass = .*/, '')}
[nohost]\ntype = sftp\nhost = no-such-host.invalid\nuser = x\nkey_file = ${join(root, 'client')}\n`;
  await writeFile(join(root, 'rclone.conf'), config);
  vi.stubEnv('RCLONE_CONFIG', join(root, 'rclone.conf'));
});
afterAll(async () => {
  if (!hasRclone) return;
  vi.unstubAllEnvs();
  for (const server of servers) await server[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

/** @param inside maps a path below the served directory to its path on the remote. */
function describeRemote(remote: string, inside: (path: string) => string): void {
  describeSourceContract(`rclone, ${remote}`, async () => {
    let spaces = 0;
    let writes = 0;
    const open = (path: string) => openRcloneSource({ type: 'rclone', remote, path: inside(path) });
    return {
      noticesReplacement: true,
      space: async (prefix = '') => {
        spaces += 1;
        const place = `${remote}-${spaces}`;
        const at = (key: string) => join(served, place, key);
        await mkdir(at(prefix), { recursive: true });
        return {
          source: await open(join(place, prefix).replace(/\/$/, '')),
          put: async (key, body) => {
            await mkdir(dirname(at(key)), { recursive: true });
            await writeFile(`${at(key)}.new`, body);
            // SFTP and WebDAV report whole seconds: two writes within one second must still differ.
            writes += 1;
            const time = new Date(Date.now() - 60_000 + writes * 1000);
            await utimes(`${at(key)}.new`, time, time);
            await rename(`${at(key)}.new`, at(key));
          },
          remove: async (key) => rm(at(key)),
        };
      },
      missing: () => open('absent'),
      assertNothingOpen: noRcloneLeft,
      dispose: async () => undefined,
    };
  });
}

describe.skipIf(!hasRclone)('a store that rclone reads', () => {
  describeRemote('disk', (path) => join(served, path));
  describeRemote('ssh', (path) => join(served, path));
  describeRemote('dav', (path) => path);
});

describe.skipIf(!hasRclone)('rclone', () => {
  const opened: BackupSource[] = [];
  const open = async (remote: string, path: string) => {
    const source = await openRcloneSource({ type: 'rclone', remote, path });
    opened.push(source);
    return source;
  };
  afterAll(() => {
    for (const source of opened) source.close();
  });

  it.each([
    ['a remote that is not configured', 'nowhere', '/x', 'source-missing', 'has no remote of this name'],
    ['a host that refuses the connection', 'refused', 'x', 'source-unreachable', 'does not answer'],
    ['a host that does not exist', 'nohost', 'x', 'source-unreachable', 'does not answer'],
    ['a wrong password', 'wrongpass', '', 'source-credentials', 'does not accept the credentials'],
  ])('explains %s with a hint and without a secret', async (_, remote, path, code, sentence) => {
    const error = await failure(listAll(await open(remote, path)));
    expect(error.code).toBe(code);
    expect(error.message).toContain(`rclone:${remote}:${path}`);
    expect(error.message).toContain(sentence);
    expect(error.hint).toMatch(/\.$/);
    expect([error.message, ...error.details].join()).not.toContain(PASSWORD);
  });

  it('reports that a file is not a directory', async () => {
    await writeFile(join(served, 'one.dump'), 'x');
    const error = await failure(listAll(await open('disk', join(served, 'one.dump'))));
    expect(error).toMatchObject({ code: 'source-missing' });
    expect(error.message).toContain('is a file, not a directory');
  });

  it('reads an object whose name contains shell, pattern and JSON characters', async () => {
    const place = join(served, 'names');
    const names = ['a b.dump', '[x]*?{y}.dump', '-rf.dump', 'q"uote\\.dump', "it's $HOME.dump", 'ü.dump'];
    await mkdir(place);
    for (const name of names) await writeFile(join(place, name), `of ${name}`);
    const source = await open('ssh', place);
    const objects = await listAll(source);
    expect(objects.map(({ key }) => key).sort()).toEqual(names.sort());
    for (const object of objects) expect((await readAll(source, object)).toString()).toBe(`of ${object.key}`);
  });

  it('detects an object that is overwritten in place while being read', async () => {
    const file = join(served, 'over.dump');
    await writeFile(file, randomBytes(3_000_000));
    const source = await open('disk', served);
    const object = must((await listAll(source)).find(({ key }) => key === 'over.dump'));
    const stream = await source.read(object, { start: 0, end: 3_000_000 }, never());
    const drained = (async () => {
      for await (const _ of stream) await utimes(file, new Date(0), new Date(0));
    })();
    expect((await failure(drained)).code).toBe('backup-changed');
  });

  it('gets no variable of this process that it does not need', async () => {
    const seen = join(root, 'seen');
    const fake = join(root, 'bin');
    await mkdir(fake, { recursive: true });
    await writeFile(join(fake, 'rclone'), `#!/bin/sh\nenv > ${seen}\nexec /usr/bin/rclone "$@"\n`, { mode: 0o755 });
    vi.stubEnv('PATH', `${fake}:${process.env['PATH']}`);
    vi.stubEnv('ORDERS_KEY_CANARY', PASSWORD);
    const path = process.env['PATH'] ?? '';
    await listAll(await open('disk', served));
    const environment = await readFile(seen, 'utf8');
    expect(environment).toContain(`PATH=${path}`);
    expect(environment).toContain('RCLONE_CONFIG=');
    expect(environment).not.toContain('CANARY');
    vi.stubEnv('PATH', path.slice(fake.length + 1));
    vi.stubEnv('ORDERS_KEY_CANARY', undefined);
  });

  it('reads with the configuration file that the drill names', async () => {
    const config = { path: join(root, 'recovery.conf'), written: 'recovery.conf' };
    await writeFile(config.path, '[safe]\ntype = local\n');
    const spec = { type: 'rclone', remote: 'safe', path: served } as const;
    const error = await failure(listAll(await openRcloneSource(spec)));
    expect(error.code).toBe('source-missing');
    const source = await openRcloneSource({ ...spec, config });
    opened.push(source);
    expect((await listAll(source)).length).toBeGreaterThan(0);
  });

  it('logs its calls without credentials', async () => {
    const requests: StoreRequest[] = [];
    const spec = { type: 'rclone', remote: 'dav', path: '' } as const;
    const source = await openRcloneSource(spec, undefined, (request) => requests.push(request));
    opened.push(source);
    await listAll(source);
    expect(requests).toMatchObject([{ endpoint: 'rclone:dav:', operation: 'lsjson', attempt: 1, outcome: 'answered' }]);
    expect(JSON.stringify(requests)).not.toContain(PASSWORD);
  });

  it('is reported as missing when not installed, with how to install it', async () => {
    const path = process.env['PATH'] ?? '';
    vi.stubEnv('PATH', join(root, 'nothing-here'));
    const error = await failure(listAll(await open('disk', served)));
    vi.stubEnv('PATH', path);
    expect(error).toMatchObject({ code: 'tool-missing', message: 'the program rclone was not found on PATH' });
    expect(error.hint).toContain('apt install rclone');
  });
});
