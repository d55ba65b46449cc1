import { execa } from 'execa';
import type { Product } from '../recipes/recipe.ts';
import { startMysql } from './mysql-server.ts';
import { startPostgres } from './postgres-server.ts';
import type { RealServer } from './real-server.ts';
import { containerShell, hostShell, must } from './shell.ts';

/** Servers installed on this host, which start faster than a container. */
const HOST_POSTGRES = { version: '15', path: '/usr/lib/postgresql/15/bin' };

/** @param directory writable by everyone. */
export async function startServer(product: Product, version: string, directory: string): Promise<RealServer> {
  if (product === 'postgres' && version === HOST_POSTGRES.version) {
    return startPostgres(hostShell(directory, HOST_POSTGRES.path), directory, version);
  }
  const user = product === 'postgres' ? 'postgres' : 'mysql';
  const { stdout: id } = await execa('docker', [
    ...['run', '-d', '--network', 'none', '--label', 'dev.firedrill.test=1', '--user', user, '--memory', '2g'],
    ...['-v', `${directory}:${directory}`, '--entrypoint', 'sleep', `firedrill-test/${product}:${version}`, '7200'],
  ]);
  const remove = async () => {
    // Not everyone may remove what the container's user wrote.
    await containerShell(id, directory).run(`chmod -R a+rwX '${directory}' 2>/dev/null; true`);
    await execa('docker', ['rm', '-f', '-v', id]);
  };
  try {
    const shell = containerShell(id, directory);
    await must(shell.run('true'));
    const server =
      product === 'postgres'
        ? await startPostgres(shell, directory, version)
        : await startMysql(shell, directory, product, version);
    return {
      ...server,
      [Symbol.asyncDispose]: async () => {
        await server[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
