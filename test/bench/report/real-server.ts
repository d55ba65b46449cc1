import { mkdir, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { spawnCli } from '../../support/spawn-cli.ts';
import type { HistoryPlan } from './history-plan.ts';

export interface RealServer extends AsyncDisposable {
  /**
   * Reads a page to its end with the request headers of a browser. @returns the bytes that came over the wire, and the text if it was not
   * compressed.
   */
  read(
    path: string,
    options?: { readonly compressed?: boolean },
  ): Promise<{ readonly bytes: number; readonly text: string }>;
}

/** Settings, and a file for each drill of a generated history. None of them is due within half a day. */
export async function writeWorkspace(directory: string, store: string, plan: HistoryPlan): Promise<void> {
  const inHalfADay = (new Date().getUTCHours() + 12) % 24;
  await mkdir(join(directory, 'drills'), { recursive: true });
  await mkdir(join(directory, 'backups'), { recursive: true });
  for (const { name, owner, tier, newRto, rpoMs } of plan.drills) {
    const drill = {
      name,
      owner,
      tier,
      backup: { source: join(directory, 'backups'), match: '*.dump' },
      engine: { type: 'postgres' },
      objectives: { rto: `${newRto.rtoMs / 1000}s`, rpo: `${rpoMs / 1000}s` },
      checks: [{ name: 'customers', sql: 'select count(*) from customer', expect: { min: 599 } }],
      schedule: { cron: `0 ${inHalfADay} * * *`, jitter: '10m' },
    };
    await writeFile(join(directory, 'drills', `${name}.yaml`), JSON.stringify(drill)); // JSON is valid YAML
  }
  const settings = { store, runtime: 'local', serve: { listen: '127.0.0.1:0' } };
  await writeFile(join(directory, 'firedrill.yaml'), JSON.stringify(settings));
}

/** Runs `firedrill serve` as a separate process in such a directory. */
export async function startRealServer(directory: string): Promise<RealServer> {
  const serve = spawnCli(['serve'], { cwd: directory });
  const [, url = ''] = await serve.line(/answers at (http:\/\/[\d.]+:\d+)/);
  await serve.line(/\d scheduled/);
  return {
    read: (path, { compressed = true } = {}) => readWhole(`${url}${path}`, compressed),
    async [Symbol.asyncDispose]() {
      serve.kill('SIGTERM');
      await serve.ended;
    },
  };
}

/** A connection of its own, since the server closes those that are idle for long, as between two measurements. */
function readWhole(url: string, compressed: boolean): Promise<{ bytes: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ bytes: number; text: string }>();
  const headers = { Accept: 'text/html', ...(compressed ? { 'Accept-Encoding': 'gzip' } : {}) };
  get(url, { agent: false, headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.once('error', reject);
    response.once('end', () => {
      if (response.statusCode !== 200) return reject(new Error(`${url} answers ${response.statusCode}`));
      const whole = Buffer.concat(chunks);
      resolve({ bytes: whole.length, text: compressed ? '' : String(whole) });
    });
  }).once('error', reject);
  return promise;
}
