import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { useServeWorkspace, YESTERDAY } from './serve-workspace.ts';

const NGINX = '/usr/sbin/nginx';
const HOST = 'drills.example.com';
const workspace = useServeWorkspace();

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** The server block from docs/reverse-proxy.md, with a port and certificate of the test. */
async function documentedServer(files: { cert: string; key: string }, port: number, upstream: string): Promise<string> {
  const page = await readFile('docs/reverse-proxy.md', 'utf8');
  const [, block = ''] = /```nginx\n(server \{[\s\S]*?)```/.exec(page) ?? [];
  const replaced = block
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace('/etc/ssl/drills.example.com.pem', files.cert)
    .replace('/etc/ssl/private/drills.example.com.key', files.key)
    .replace('http://127.0.0.1:8377', upstream);
  expect(replaced).not.toBe(block);
  return replaced;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts nginx in the foreground, and waits until it answers. */
async function startNginx(directory: string, site: string, port: number): Promise<AsyncDisposable> {
  const config = join(directory, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (one) => `${one}_temp_path ${directory}/${one};`,
  );
  const lines = [
    'daemon off;',
    `pid ${directory}/nginx.pid;`,
    'events {}',
    `http { access_log off; ${temporary.join(' ')}`,
    site,
    '}',
  ];
  await writeFile(config, lines.join('\n'));
  const nginx = spawn(NGINX, ['-e', join(directory, 'nginx.log'), '-c', config], { stdio: 'ignore' });
  const ended = once(nginx, 'exit');
  for (let isUp = false; !isUp; ) {
    if (nginx.exitCode !== null) throw new Error(await readFile(join(directory, 'nginx.log'), 'utf8'));
    isUp = await ask(port, '/').then(
      () => true,
      () => false,
    );
  }
  return {
    [Symbol.asyncDispose]: async () => {
      nginx.kill('SIGTERM');
      await ended;
    },
  };
}

async function ask(
  port: number,
  path: string,
  options: { method?: string; headers?: object; body?: string } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = options;
  const call = request({
    ...{ host: '127.0.0.1', port, path, method, servername: HOST, rejectUnauthorized: false },
    headers: { host: `${HOST}:${port}`, ...headers },
  });
  call.end(body);
  const [response] = await once(call, 'response');
  const chunks: Buffer[] = await response.toArray();
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() };
}

it.skipIf(!existsSync(NGINX) && process.env['CI'] !== 'true')(
  'signs users in and keeps monitoring internal behind nginx, as documented',
  async () => {
    const { directory, configure, put, serve, start } = workspace();
    const port = await freePort();
    const origin = `https://${HOST}:${port}`;
    await configure({ publicUrl: origin });
    await put('shop', { schedule: YESTERDAY });
    const token = start('token', 'add', 'alice', '--role', 'operator');
    const { stdout } = await token.ended;
    const files = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
    const newKey = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
    await promisify(execFile)('openssl', [...newKey, '-subj', `/CN=${HOST}`, '-keyout', files.key, '-out', files.cert]);
    const { url } = await serve();
    await using _ = await startNginx(directory, await documentedServer(files, port, url), port);

    expect(await ask(port, '/')).toMatchObject({ status: 303, headers: { location: '/signin' } });
    for (const path of ['/metrics', '/healthz', '/readyz']) expect((await ask(port, path)).status).toBe(404);
    const signIn = (from: string) =>
      ask(port, '/signin', {
        method: 'POST',
        headers: { origin: from, 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token: /fdr_[\w-]+/.exec(stdout)?.[0] ?? '' }).toString(),
      });
    expect((await signIn('https://elsewhere.example.com')).headers['set-cookie']).toBeUndefined();
    const answer = await signIn(origin);
    const [cookie = ''] = answer.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^__Host-firedrill=.*; Secure/);
    const page = await ask(port, '/', { headers: { cookie: cookie.split(';')[0] } });
    expect([page.status, page.headers['strict-transport-security']]).toEqual([200, 'max-age=31536000']);
    expect(page.text).toContain('alice');
  },
);
