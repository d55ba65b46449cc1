import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const BIN = '/usr/lib/postgresql/15/bin';
const NOBODY = 65534;
const run = promisify(execFile);

/** Whether this host has what {@link dumpArchive} needs. With CI=true it must. */
export const canDumpArchives = existsSync(join(BIN, 'pg_dump')) || process.env['CI'] === 'true';

/** Runs SQL on a Postgres 15 of this host. @returns what its real pg_dump makes of it, in the custom format. */
export async function dumpArchive(sql: string, dumpArguments: readonly string[] = ['-Fc']): Promise<Buffer> {
  const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-dump-'));
  const options = { ...asNobody, cwd: directory, env: { PGHOST: directory, PGUSER: 'postgres', LC_ALL: 'C' } };
  try {
    if ('uid' in asNobody) await chown(directory, NOBODY, NOBODY);
    const data = join(directory, 'data');
    await run(join(BIN, 'initdb'), ['-D', data, '-U', 'postgres', '--no-sync', '--auth=trust'], options);
    const settings = [`unix_socket_directories=${directory}`, 'listen_addresses=', 'fsync=off'];
    const server = spawn(join(BIN, 'postgres'), ['-D', data, ...settings.flatMap((text) => ['-c', text])], {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(server, 'exit');
    try {
      for await (const line of createInterface(server.stderr)) if (line.includes('ready to accept connections')) break;
      server.stderr.resume();
      await run(join(BIN, 'psql'), ['-v', 'ON_ERROR_STOP=1', '-qc', sql], options);
      await run(join(BIN, 'pg_dump'), [...dumpArguments, '-f', join(directory, 'out')], options);
    } finally {
      server.kill('SIGQUIT');
      await ended;
    }
    return await readFile(join(directory, 'out'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
