import { randomBytes } from 'node:crypto';
import type { NetworkLogin, NetworkLoginOptions } from '../../sql-access.ts';
import { quoteAccount } from './accounts.ts';
import { openSession } from './connect.ts';
import type { MysqlServer } from './mysql-server.ts';
import { quoteGrantDatabase } from './quoting.ts';
import { restart } from './seal.ts';

const HOST = '127.0.0.1';
const PORT = 3306;

/**
 * The account logs in once over the socket, which is secure: the server then knows its password (caching_sha2_password), and accepts it over TCP without TLS
 * from clients that do not request the server's key.
 */
export async function openNetworkLogin(
  server: MysqlServer,
  { database, access, signal, run }: NetworkLoginOptions,
): Promise<NetworkLogin> {
  const user = `firedrill_${randomBytes(4).toString('hex')}_app`;
  const password = randomBytes(24).toString('hex');
  await restart(server, false, run, ['--skip-networking=OFF', `--bind-address=${HOST}`, `--port=${PORT}`]);
  await server.administer(signal, async (session) => {
    const name = quoteAccount({ user, host: '%' }); // the socket counts as another host
    const rights = access === 'read' ? 'SELECT, SHOW VIEW, EXECUTE' : 'ALL';
    await session.execute(`CREATE USER ${name} ${server.flavor.identifiedBy(password)}`);
    await session.execute(`GRANT ${rights} ON ${quoteGrantDatabase(database)}.* TO ${name}`);
    if (access === 'read') await session.execute('SET GLOBAL read_only = ON');
  });
  await (await openSession(server.connection, { user, password, database }, signal)).close();
  return { host: HOST, port: PORT, user, password, database };
}
