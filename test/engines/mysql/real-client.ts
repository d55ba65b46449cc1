import { execFileSync, spawnSync } from 'node:child_process';

/** A real server with its real client in a container without network. */
export interface RealClient extends Disposable {
  /**
   * @returns what the client sends for a script, in order, as bytes in Latin-1: statements with their comments, and
   * comments alone.
   */
  statementsOf(script: Buffer, ...options: string[]): string[];
}

interface Product {
  readonly image: string;
  readonly client: string;
  readonly admin: string;
  readonly options: readonly string[];
  readonly server: string;
}

export const products = {
  'mysql 9.7': {
    image: 'firedrill-test/mysql:9.7',
    client: 'mysql',
    admin: 'mysqladmin',
    options: ['--commands'], // without it, the client does not know \\g
    server: `mysqld --no-defaults --user=mysql --datadir=/tmp/data --initialize-insecure &&
      exec mysqld --no-defaults --user=mysql --datadir=/tmp/data --socket=/tmp/socket --skip-networking --mysqlx=OFF --skip-log-bin`,
  },
  'mariadb 11.8': {
    image: 'firedrill-test/mariadb:11.8',
    client: 'mariadb',
    admin: 'mariadb-admin',
    options: [],
    server: `mariadb-install-db --no-defaults --user=mysql --datadir=/tmp/data >/dev/null &&
      exec mariadbd --no-defaults --user=mysql --datadir=/tmp/data --socket=/tmp/socket --skip-networking`,
  },
} as const satisfies Record<string, Product>;

export function startRealClient({ image, client, admin, server, ...product }: Product): RealClient {
  const run = ['run', '--detach', '--network', 'none', '--tmpfs', '/tmp:rw,exec,mode=1777', image, 'sh', '-c', server];
  const id = docker(run);
  const dispose = (): void => void docker(['rm', '--force', '--volumes', id]);
  try {
    docker(['exec', id, admin, '--no-defaults', '-uroot', '-S/tmp/socket', '--silent', '--wait=60', 'ping']);
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    statementsOf(script, ...options) {
      const login = ['--no-defaults', '-uroot', '-S/tmp/socket'];
      // Statements are printed before they are sent; the server does not know most of them.
      const flags = [
        '--batch',
        '--force',
        '--verbose',
        '--comments',
        '--max-allowed-packet=64M',
        ...product.options,
        ...options,
      ];
      const { status, stdout, stderr } = spawnSync('docker', ['exec', '-i', id, client, ...login, ...flags], {
        input: script,
        maxBuffer: 2 ** 28,
      });
      if (status === null || /Can't connect|gone away/.test(stderr.toString('latin1')))
        throw new Error(`the client stopped: ${stderr.toString('latin1').slice(-2000)}`);
      return [...stdout.toString('latin1').matchAll(SHOWN)].map((match) => match[1] ?? '');
    },
    [Symbol.dispose]: dispose,
  };
}

const SHOWN = /^-{14}\n([\s\S]*?)\n?^-{14}\n\n/gm;

function docker(argv: readonly string[]): string {
  return execFileSync('docker', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}
