import { buffer } from 'node:stream/consumers';
import Docker from 'dockerode';
import type { ObjectStore } from '../../../support/object-store.ts';

/** A server that archives its log with barman-cloud-wal-archive to `s3://BUCKET/srv/` in a store. */
export interface BarmanServer extends AsyncDisposable {
  sql(database: string, ...statements: readonly string[]): Promise<void>;
  /** Runs barman-cloud-backup with these options. */
  backup(...options: readonly string[]): Promise<void>;
  /** Stops the server; its whole log is archived. */
  stop(): Promise<void>;
}

/** @param walOptions options of barman-cloud-wal-archive. */
export async function startBarmanServer(
  store: ObjectStore,
  bucket: string,
  walOptions: readonly string[],
): Promise<BarmanServer> {
  const docker = new Docker();
  const container = await docker.createContainer({
    Image: 'firedrill-test/barman:3.13',
    Cmd: ['sleep', 'infinity'],
    User: 'postgres',
    Env: [
      `AWS_ACCESS_KEY_ID=${store.accessKeyId}`,
      `AWS_SECRET_ACCESS_KEY=${store.secretAccessKey}`,
      'AWS_DEFAULT_REGION=us-east-1',
      'LC_ALL=C.UTF-8',
      'PGHOST=/tmp/pg',
    ],
    Labels: { 'dev.firedrill.test': '1' },
    HostConfig: { NetworkMode: 'host', Init: true }, // the store listens on the loopback interface of this host
  });
  const run = async (script: string, ...argv: readonly string[]): Promise<void> => {
    const Cmd = ['sh', '-c', `set -eu; ${script}`, 'sh', ...argv];
    const exec = await container.exec({ Cmd, AttachStdout: true, AttachStderr: true });
    const said = await buffer(await exec.start({}));
    const { ExitCode } = await exec.inspect();
    if (ExitCode !== 0) throw new Error(`${script}: ${said.toString('utf8')}`);
  };
  const remove = async () => {
    await container.remove({ force: true, v: true });
  };
  const endpoint = `--endpoint-url ${store.endpoint}`;
  try {
    await container.start();
    await run(START, `barman-cloud-wal-archive ${endpoint} ${walOptions.join(' ')} s3://${bucket} srv %p`);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    sql: (database, ...statements) =>
      run(
        'db=$1; shift; for each in "$@"; do psql -qX -v ON_ERROR_STOP=1 -d "$db" -c "$each"; done',
        database,
        ...statements,
      ),
    backup: (...options) =>
      run(`barman-cloud-backup ${endpoint} --immediate-checkpoint "$@" s3://${bucket} srv`, ...options),
    stop: () => run('pg_ctl -D /tmp/pg/data -w -m fast stop > /dev/null'),
    [Symbol.asyncDispose]: remove,
  };
}

const START = `
mkdir -p /tmp/pg/space
cd /tmp/pg
initdb -D data -U postgres --auth=trust --data-checksums > /dev/null
cat >> data/postgresql.conf <<END
listen_addresses=''
unix_socket_directories='/tmp/pg'
archive_mode=on
fsync=off
archive_command='$1'
END
pg_ctl -D data -w -l log start > /dev/null
`;
