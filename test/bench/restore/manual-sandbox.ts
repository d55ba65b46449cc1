import { execa } from 'execa';
import { serverArguments } from '../../../src/engines/postgres/server/settings.ts';

const DATA = '/var/lib/drill/data';
const RUN = '/var/lib/drill';
const CPUS = 2;
const MEMORY_BYTES = 4 * 2 ** 30;
const MAJOR = 17;

/** Firedrill's own settings: the way of restoring is compared, not the tuning. */
function settings(phase: 'load' | 'serve'): string[] {
  const sandbox = { runtime: 'docker', paths: { data: DATA, run: RUN, scratch: RUN } } as const;
  return serverArguments(sandbox, MAJOR, phase, {
    durability: 'relaxed',
    memoryBytes: MEMORY_BYTES,
    cpus: CPUS,
    preload: [],
    settings: {},
  });
}

export interface ManualSandbox extends AsyncDisposable {
  readonly name: string;
  /** Path of its volume on this host, which is also that of the Docker engine. */
  readonly volume: string;
  /** Runs this by `docker exec`, as postgres; standard output is discarded. */
  exec(argv: readonly string[]): Promise<void>;
  /** initdb, start, createdb. */
  boot(): Promise<void>;
  /** Starts a server with Firedrill's settings and these, and waits until it answers. */
  start(phase: 'load' | 'serve', more?: readonly string[]): Promise<void>;
  stop(): Promise<void>;
  /** Makes the load durable, like Firedrill: statistics, clean stop, flush, start with durable settings. */
  seal(): Promise<void>;
}

/**
 * The same sandbox as Firedrill's, created manually: same image, limits and settings; no network, unless something in it has to fetch data
 * itself.
 */
export async function startManualSandbox(image: string, network: 'none' | 'host' = 'none'): Promise<ManualSandbox> {
  const name = `firedrill-bench-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  await execa('docker', [
    ...[
      'run',
      '-d',
      '--name',
      name,
      '--label',
      'dev.firedrill.test=1',
      '--network',
      network,
      '--init',
      '--user',
      'root',
    ],
    ...[
      '--memory',
      String(MEMORY_BYTES),
      '--cpus',
      String(CPUS),
      '-v',
      RUN,
      '--entrypoint',
      'sleep',
      image,
      'infinity',
    ],
  ]);
  const exec = async (argv: readonly string[], user = 'postgres') => {
    await execa('docker', ['exec', '--user', user, '-e', `PGHOST=${RUN}`, name, ...argv], { stdout: 'ignore' });
  };
  const stop = () => exec(['pg_ctl', '-D', DATA, '-m', 'fast', '-w', 'stop']);
  const start = (phase: 'load' | 'serve', more: readonly string[] = []) =>
    exec([
      'pg_ctl',
      '-D',
      DATA,
      '-o',
      [...settings(phase), ...more].map((part) => `'${part}'`).join(' '),
      '-l',
      `${RUN}/log`,
      '-w',
      '-t',
      '3600',
      'start',
    ]);
  await exec(['chown', 'postgres', RUN], 'root');
  const { stdout: volume } = await execa('docker', ['inspect', '-f', '{{(index .Mounts 0).Source}}', name]);
  return {
    name,
    volume,
    exec,
    start,
    stop,
    boot: async () => {
      await exec([
        'initdb',
        '-D',
        DATA,
        '--no-sync',
        '-A',
        'trust',
        '-E',
        'UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
      ]);
      await start('load');
      await exec(['createdb', 'bench']);
    },
    seal: async () => {
      await exec(['vacuumdb', '--analyze-only', '--quiet', '-j', String(CPUS), 'bench']);
      await stop();
      await exec(['initdb', '-D', DATA, '--sync-only']);
      await start('serve');
    },
    [Symbol.asyncDispose]: async () => {
      await execa('docker', ['rm', '-f', '-v', name]);
    },
  };
}
