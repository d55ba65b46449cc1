import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { databaseFilenode, readDatabaseNames } from './database-names.ts';
import { DROP_LINES, type DroppedDatabase, DropScanner } from './dropped-databases.ts';

export interface LogToScan {
  readonly sandbox: Sandbox;
  /** The directory of the server's programs. */
  readonly binDir: string;
  readonly data: string;
  /** The directory of the segments. */
  readonly segments: string;
  readonly startLsn: string;
  readonly timeline: number;
}

export interface ScannedLog {
  readonly drops: readonly DroppedDatabase[];
  /** The databases at the backup's instant, by OID. */
  readonly names: ReadonlyMap<number, string>;
}

/**
 * Looks in the log for dropped databases, without replaying it.
 * @throws DrillError `tool-missing` where the sandbox has no pg_waldump.
 */
export async function scanForDrops(log: LogToScan, signal: AbortSignal): Promise<ScannedLog> {
  const { sandbox, data } = log;
  const filenode = databaseFilenode(await readFile(sandbox, `${data}/global/pg_filenode.map`, signal));
  const names = readDatabaseNames(await readFile(sandbox, `${data}/global/${filenode}`, signal));
  const scanner = new DropScanner(filenode);
  const lines = new PassThrough();
  const reading = (async () => {
    for await (const line of createInterface({ input: lines })) scanner.readLine(line);
  })();
  const argv = ['sh', '-c', SCAN, 'scan', log.binDir, log.segments, log.startLsn, String(log.timeline), DROP_LINES];
  const { exitCode } = await sandbox.exec(argv, { stdout: lines, signal, env: { LC_ALL: 'C', TZ: 'UTC' } });
  await reading;
  if (exitCode === NO_TOOL) {
    throw new DrillError('tool-missing', `${sandbox.provenance.name} lacks pg_waldump, which finds what was dropped`, {
      hint: 'Use `--runtime docker`, or install the server’s package; or name an instant or a position in `recover.to`.',
    });
  }
  return { drops: scanner.found, names };
}

/** These files have a few pages. */
async function readFile(sandbox: Sandbox, path: string, signal: AbortSignal): Promise<Buffer> {
  const stdout = new PassThrough();
  const [bytes] = await Promise.all([
    buffer(stdout),
    sandbox.exec(['head', '-c', String(16 * 2 ** 20), path], { stdout, signal }),
  ]);
  return bytes;
}

const NO_TOOL = 81;

/** pg_waldump always ends with an error, at the end of the log; whether that is its end is proven by the replay. */
const SCAN = `
[ -x "$1/pg_waldump" ] || exit ${NO_TOOL}
"$1/pg_waldump" -p "$2" -s "$3" -t "$4" 2> /dev/null | grep -E "$5"
exit 0
`;
