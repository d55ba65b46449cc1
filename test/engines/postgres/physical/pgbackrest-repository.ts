import type { Sandbox } from '../../../../src/sandbox/sandbox.ts';
import { toShell } from '../../../../src/support/shell.ts';
import { never } from '../restoring.ts';
import { copyOut, type Primary } from './primary.ts';

type CompressType = 'zst' | 'lz4' | 'gz' | 'bz2' | 'none';

export interface RepositoryOptions {
  readonly stanza?: string;
  /** Passphrase with which the repository is encrypted; undefined: not encrypted. */
  readonly passphrase?: string;
  readonly compressType?: CompressType;
  /** Whether small files are bundled, and only changed blocks of large files are stored. */
  readonly bundle?: boolean;
}

/** A repository in a primary's sandbox that its server archives to. */
export interface Repository {
  /**
   * @param compressType compression of the backup's files. Default: same as the log. @returns the label of the backup.
   */
  backup(type: 'full' | 'diff' | 'incr', compressType?: CompressType): Promise<string>;
  /** Copies the repository into a directory on this host. */
  copyTo(directory: string): Promise<void>;
}

/** Makes a primary archive to a new pgBackRest repository. */
export async function archiveInto(
  primary: Primary,
  sandbox: Sandbox,
  { stanza = 'orders', passphrase, compressType = 'zst', bundle = false }: RepositoryOptions = {},
): Promise<Repository> {
  const root = `${sandbox.paths.scratch}/primary`;
  const env = {
    PGBACKREST_REPO1_PATH: `${root}/repository`,
    PGBACKREST_PG1_PATH: `${root}/data`,
    PGBACKREST_PG1_SOCKET_PATH: root,
    PGBACKREST_PG1_USER: 'boss',
    PGBACKREST_STANZA: stanza,
    PGBACKREST_LOCK_PATH: `${root}/locks`,
    PGBACKREST_LOG_LEVEL_FILE: 'off',
    PGBACKREST_LOG_LEVEL_CONSOLE: 'warn',
    PGBACKREST_START_FAST: 'y',
    PGBACKREST_COMPRESS_TYPE: compressType,
    ...(passphrase === undefined
      ? {}
      : { PGBACKREST_REPO1_CIPHER_TYPE: 'aes-256-cbc', PGBACKREST_REPO1_CIPHER_PASS: passphrase }),
    ...(bundle ? { PGBACKREST_REPO1_BUNDLE: 'y', PGBACKREST_REPO1_BLOCK: 'y' } : {}),
  };
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const run = async (...args: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await sandbox.exec(['pgbackrest', '--no-config', ...args], { env, signal: never });
    if (exitCode !== 0) throw new Error(`pgbackrest ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
  };
  await sandbox.exec(['mkdir', '-p', `${root}/repository`], { signal: never });
  const command = toShell(['env', ...variables, 'pgbackrest', '--no-config', 'archive-push']);
  await primary.sql(
    'postgres',
    `alter system set archive_command = '${command.replaceAll("'", "''")} %p'`,
    'select pg_reload_conf()',
  );
  await run('stanza-create');
  return {
    backup: async (type, filesBy = compressType) => {
      await run(`--type=${type}`, `--compress-type=${filesBy}`, 'backup');
      const argv = ['readlink', `${root}/repository/backup/${stanza}/latest`];
      return (await sandbox.exec(argv, { signal: never })).stdout.trim();
    },
    copyTo: (directory) => copyOut(sandbox, `${root}/repository`, directory),
  };
}
