import { execa } from 'execa';
import { startManualSandbox } from '../restore/manual-sandbox.ts';
import { stopwatch } from './stopwatch.ts';

/** In seconds. */
export interface HandTimes extends Readonly<Record<string, number>> {
  /** Fetched and unpacked. */
  readonly unpack: number;
  /** Comparison with the manifest; 0 if omitted. */
  readonly verify: number;
  readonly replay: number;
  readonly seal: number;
}

const DATA = '/var/lib/drill/data';

/**
 * What an expert types on the server's machine, onto its disk, without a container: `curl | zstd -d | tar -x`, and a restore_command whose segments are
 * fetched ahead, four at a time, from the start. Sealed like Firedrill's: a clean stop, a flush, a start with durable settings.
 */
export async function recoverByHand(
  image: string,
  { curl, base, segments, verify }: { curl: string; base: string; segments: readonly string[]; verify: boolean },
): Promise<HandTimes> {
  await using sandbox = await startManualSandbox(image);
  const { stdout: owner } = await execa('stat', ['-c', '%u:%g', sandbox.volume]);
  const shell = (script: string) => execa('bash', ['-o', 'pipefail', '-euc', script], { stdout: 'ignore' });
  const lap = stopwatch();
  await shell(`cd '${sandbox.volume}'; mkdir -m 700 data; mkdir segments`);
  const prefetch = shell(
    `cd '${sandbox.volume}/segments'; printf '%s\\n' ${segments.join(' ')} | xargs -P 4 -I{} sh -c "${curl.replaceAll('"', '\\"')}/log/{}' -o {}.part && mv {}.part {}"; touch end`,
  );
  prefetch.catch(() => undefined);
  await shell(`
    cd '${sandbox.volume}'
    ${curl}/${base}/base.tar.zst' | zstd -dcq | tar -x -C data &
    files=$!
    mkdir -p data/pg_wal
    ${curl}/${base}/pg_wal.tar' | tar -x -C data/pg_wal
    wait $files
    : > data/postgresql.auto.conf
    : > data/postgresql.conf
    touch data/recovery.signal
    chown -R ${owner} data segments`);
  const unpack = lap();
  if (verify) {
    await shell(
      `${curl}/${base}/backup_manifest' > '${sandbox.volume}/manifest'; chown ${owner} '${sandbox.volume}/manifest'`,
    );
    await sandbox.exec([
      'pg_verifybackup',
      '-n',
      '-q',
      '-i',
      'recovery.signal',
      '-i',
      'postgresql.conf',
      '-m',
      '/var/lib/drill/manifest',
      DATA,
    ]);
  }
  const verified = lap();
  await sandbox.start('load', [
    ...['-c', 'hot_standby=off', '-c', 'recovery_target_action=promote', '-c'],
    `restore_command=until [ -e ../segments/%f ]; do [ -e ../segments/end ] && exit 1; sleep 0.02; done; cp ../segments/%f %p`,
  ]);
  await prefetch;
  // pg_ctl accepts a server that is still recovering
  await sandbox.exec(['sh', '-c', 'until psql -qd bench -c "select 1"; do sleep 0.05; done 2> /dev/null']);
  const replay = lap();
  await sandbox.stop();
  await sandbox.exec(['initdb', '-D', DATA, '--sync-only']);
  await sandbox.start('serve');
  return { unpack, verify: verified, replay, seal: lap() };
}
