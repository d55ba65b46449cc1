import { randomBytes } from 'node:crypto';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { BootOptions } from '../../engine.ts';
import type { Flavor } from '../flavor.ts';
import { BootedMysql } from './booted-mysql.ts';
import { findTools } from './installed-tools.ts';
import { startServer } from './start-server.ts';

/**
 * Boots a server that only the harness can log in to.
 * @throws DrillError `tool-missing`, `server-failed`, `disk-full`, `out-of-memory`, or the signal's reason.
 */
export async function bootServer(
  sandbox: Sandbox,
  flavor: Flavor,
  { signal, ...options }: BootOptions,
): Promise<BootedMysql> {
  const tools = await findTools(sandbox, flavor, signal);
  const login = {
    user: `firedrill_${randomBytes(4).toString('hex')}`,
    password: randomBytes(24).toString('hex'),
    database: undefined,
  };
  const parts = { sandbox, flavor, tools, login, options };
  return new BootedMysql({ ...parts, ...(await startServer(parts, signal)) });
}
