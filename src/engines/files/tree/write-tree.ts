import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { FREE_UP_SPACE } from '../../../support/free-up-space.ts';
import { toPrintable } from '../../../support/printable.ts';
import { explainKilled } from '../../../support/tool-killed.ts';
import type { TreeHeader } from './tree-entry.ts';

export interface TreeTarget {
  readonly sandbox: Pick<Sandbox, 'exec'>;
  /** In the sandbox; created if missing. */
  readonly directory: string;
  /** Names the backup in errors. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** Writes one member. The content of a file is read to the end, and has the size that its header states. */
export type PutMember = (header: TreeHeader, content?: Readable) => Promise<void>;

/**
 * Writes files, folders and links into a directory of the sandbox with a single `tar -x` there. Names have been checked; see `TreeRules`.
 * @throws what `produce` throws, the signal's reason, DrillError `disk-full`, `restore-failed`, `backup-truncated`.
 */
export async function writeTree(
  { sandbox, directory, key, signal }: TreeTarget,
  produce: (put: PutMember) => Promise<void>,
): Promise<void> {
  signal.throwIfAborted();
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const archive = pack();
  const stdin = new PassThrough({ highWaterMark: 2 ** 19 });
  archive.on('error', (error) => stdin.destroy(error));
  archive.pipe(stdin);
  const extracting = sandbox
    .exec(['sh', '-c', EXTRACT, 'extract', directory], { stdin, isStdinLarge: true, signal: either, env: ENV })
    .then(({ exitCode, stderr }) => {
      if (exitCode !== 0) throw explain(key, exitCode, stderr);
    });
  extracting.catch((error: unknown) => failure.abort(error));
  try {
    await produce((header, content) => putMember(archive, header, content, either));
    archive.finalize();
    await extracting;
  } catch (error) {
    const first = failure.signal.aborted ? failure.signal.reason : error;
    failure.abort(error);
    archive.destroy();
    stdin.destroy();
    await extracting.catch(() => undefined);
    throw signal.aborted ? signal.reason : first;
  }
}

/** For GNU tar, which otherwise reads 10 KiB at a time. */
const ENV = { TAR_OPTIONS: '--blocking-factor=256', LC_ALL: 'C' };
const EXTRACT = 'mkdir -p "$1" && exec tar -x -f - -C "$1"';

async function putMember(archive: Pack, header: TreeHeader, content: Readable | undefined, signal: AbortSignal) {
  if (!content) {
    await new Promise<void>((resolve, reject) => {
      archive.entry(header, (error) => (error ? reject(error) : resolve())).end('');
    });
    return;
  }
  const entry = archive.entry(header);
  await pipeline(content, entry, { signal }).catch((error: unknown) => {
    if (signal.aborted) throw signal.reason;
    if (!(error instanceof Error) || error.message !== 'Size mismatch') throw error;
    throw new DrillError(
      'backup-truncated',
      `${toPrintable(header.name, 120)} no longer has the ${header.size} bytes that it was listed with`,
      {
        hint: 'It was truncated or changed while it was read. Run the drill again; if it happens again, check how it is written.',
      },
    );
  });
}

function explain(key: string, exitCode: number, stderr: string): DrillError {
  const killed = explainKilled('tar', exitCode);
  if (killed) return killed;
  if (/no space left|quota exceeded/i.test(stderr)) {
    return new DrillError('disk-full', `the sandbox is full: ${key} does not fit`, {
      hint: FREE_UP_SPACE,
    });
  }
  const details = stderr
    .trim()
    .split('\n')
    .slice(-5)
    .map((line) => toPrintable(line, 200));
  return new DrillError('restore-failed', `${key} could not be unpacked: tar ended with exit code ${exitCode}`, {
    hint: 'Its output is below. The image must have sh and GNU tar.',
    details,
  });
}
