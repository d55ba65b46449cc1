import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import { DrillError } from '../../support/errors.ts';
import { FREE_UP_SPACE } from '../../support/free-up-space.ts';
import { untilAborted } from '../../support/until-aborted.ts';
import { assertSafeFileName, assertWritableDir } from '../safe-paths.ts';
import type { ExecResult, Sandbox, SandboxFile } from '../sandbox.ts';
import { type PipedPlace, startPiped } from './piped-command.ts';

/** A file of unknown size up to this limit is buffered and sent like one of known size; a larger one takes a separate command. */
const MAX_HELD_BYTES = 1024 * 1024;

/** For GNU tar, which otherwise reads and writes 10 KiB at a time. */
const LARGE_RECORDS = { LC_ALL: 'C', TAR_OPTIONS: '--blocking-factor=256' };

const MAKE_AND_EXTRACT = 'mkdir -p "$1" && exec tar -x -f - -C "$1"';

/**
 * Streams files into a directory of the sandbox. Files of known size share a single tar stream.
 * Throws the error of a content stream, the signal's reason, `backup-unrecognised` for an unsafe name, `disk-full`.
 */
export async function writeFilesToSandbox(
  sandbox: PipedPlace,
  dir: string,
  files: AsyncIterable<SandboxFile>,
  signal: AbortSignal,
): Promise<void> {
  assertWritableDir(dir, sandbox.paths);
  signal.throwIfAborted();
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const archive = pack();
  const tar = startPiped(sandbox, ['sh', '-c', MAKE_AND_EXTRACT, 'sh', dir], {
    signal: either,
    env: LARGE_RECORDS,
    // tar continues with the next file, and would read everything, while the source may be waiting for the server that needs this file
    onStderrLine: (line) => FULL.test(line) && failure.abort(unwritten(line)),
  });
  archive.on('error', (error) => failure.abort(error)); // of a content
  archive.pipe(tar.input).on('error', () => undefined); // the end of the command says why
  const extracting = tar.result.then(requireWritten);
  extracting.catch((error: unknown) => failure.abort(error));
  try {
    for await (const file of eachUntilAborted(files[Symbol.asyncIterator](), either)) {
      await writeFile(sandbox, dir, archive, file, either).catch((error: unknown) => {
        file.content.destroy(); // one that is left open ends the process when its own signal aborts
        throw error;
      });
    }
    archive.finalize();
    await extracting;
  } catch (error) {
    failure.abort(error);
    archive.destroy();
    await extracting.catch(() => undefined);
    throw signal.aborted ? signal.reason : error;
  }
}

/**
 * The files, from an iterator that may take long to yield the next one: on abort it is closed without waiting, and so is the pending file.
 * @throws the signal's reason.
 */
async function* eachUntilAborted(files: AsyncIterator<SandboxFile>, signal: AbortSignal): AsyncGenerator<SandboxFile> {
  let pending: Promise<IteratorResult<SandboxFile>> | undefined;
  try {
    while (true) {
      pending = files.next();
      const next = await untilAborted(pending, signal);
      pending = undefined;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    pending?.then(
      ({ done, value }) => done || value.content.destroy(),
      () => undefined,
    );
    files.return?.().catch(() => undefined); // what ended it is known
  }
}

async function writeFile(
  sandbox: Pick<Sandbox, 'exec'>,
  dir: string,
  archive: Pack,
  file: SandboxFile,
  signal: AbortSignal,
): Promise<void> {
  const { name, content } = file;
  assertSafeFileName(name);
  if (file.sizeBytes !== undefined) return addToArchive(archive, name, file.sizeBytes, content, signal);
  const { held, isWhole, rest } = await holdStart(content, signal);
  const sizeBytes = held.reduce((sum, chunk) => sum + chunk.length, 0);
  if (isWhole) return addToArchive(archive, name, sizeBytes, Readable.from(held), signal);
  const script = 'mkdir -p "$(dirname "$1")" && cat > "$1"';
  const stdin = Readable.from(joined(held, rest));
  stdin.once('close', () => content.destroy());
  await run(sandbox, ['sh', '-c', script, 'sh', `${dir}/${name}`], stdin, signal);
}

async function addToArchive(archive: Pack, name: string, sizeBytes: number, content: Readable, signal: AbortSignal) {
  const entry = archive.entry({ name, size: sizeBytes, mode: 0o600, type: 'file' });
  await pipeline(content, entry, { signal }).catch((error: unknown) => {
    if (signal.aborted) throw signal.reason;
    if (!(error instanceof Error) || error.message !== 'Size mismatch') throw error;
    throw new DrillError('backup-truncated', `${name} no longer has the ${sizeBytes} bytes that it was listed with`, {
      hint: 'The backup was truncated or changed while it was being read. Run the drill again; if it happens again, check how the backup is written.',
    });
  });
}

async function holdStart(content: Readable, signal: AbortSignal) {
  const held: Buffer[] = [];
  let heldBytes = 0;
  const rest = content.iterator({ destroyOnReturn: false });
  const onAbort = () => content.destroy(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    while (heldBytes <= MAX_HELD_BYTES) {
      const next = await rest.next();
      if (next.done) return { held, isWhole: true, rest };
      held.push(next.value);
      heldBytes += next.value.length;
    }
    return { held, isWhole: false, rest };
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function* joined(held: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* held;
  yield* { [Symbol.asyncIterator]: () => rest };
}

async function run(sandbox: Pick<Sandbox, 'exec'>, argv: readonly string[], stdin: Readable, signal: AbortSignal) {
  requireWritten(await sandbox.exec(argv, { stdin, signal }));
}

function requireWritten(result: ExecResult): void {
  if (result.exitCode !== 0) throw unwritten(result.stderr.trim() || `exit code ${result.exitCode}`);
}

const FULL = /no space left/i;

function unwritten(said: string): DrillError {
  const isFull = FULL.test(said);
  return new DrillError(
    isFull ? 'disk-full' : 'sandbox-refused',
    `files could not be written into the sandbox: ${said}`,
    {
      hint: isFull ? FREE_UP_SPACE : 'The image needs sh, tar and cat.',
    },
  );
}
