import { pipeline, type Readable, Transform } from 'node:stream';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { explainUnpacked } from './explain-unpacked.ts';
import { MbstreamReader } from './mbstream.ts';
import { explainFault } from './read-stream-info.ts';
import type { StreamFile } from './stream-file.ts';

export interface UnpackStreamOptions {
  /** In the sandbox; created if missing. */
  readonly directory: string;
  /** Its program: mbstream, xbstream. */
  readonly program: string;
  readonly sandbox: Sandbox;
  readonly signal: AbortSignal;
}

/**
 * Unpacks a stream inside the sandbox. Compressed bytes are sent as they are if the sandbox has the program to decompress them, and if its mbstream rejects
 * names outside the directory; any other stream is decompressed and inspected here in transit.
 * @throws DrillError `backup-truncated`, `backup-corrupt`, `disk-full`, or what the content's stream threw.
 */
export async function unpackStream(stream: StreamFile, options: UnpackStreamOptions): Promise<void> {
  const { directory, program, sandbox, signal } = options;
  const tool = stream.stored && (await findUnpacker(stream, options)) ? stream.compressedWith : undefined;
  const stdin = tool && stream.stored ? stream.stored(signal) : watch(await stream.open(signal), stream.key);
  const argv = ['sh', '-c', tool ? DECOMPRESS_AND_EXTRACT : EXTRACT, 'unpack', directory, program, tool ?? ''];
  const { exitCode, stderr } = await sandbox.exec(argv, { stdin, signal, env: { LC_ALL: 'C' } });
  const problem = explainUnpacked(stream.key, exitCode, stderr);
  if (problem) throw problem;
}

/** Passes a stream through, and fails as soon as it differs from what the tool writes. */
function watch(stream: Readable, key: string): Readable {
  const reader = new MbstreamReader();
  const watching = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const fault = reader.push(chunk);
      if (fault) done(explainFault(key, fault));
      else done(null, chunk);
    },
    flush(done) {
      const fault = reader.end();
      done(fault ? explainFault(key, fault) : null);
    },
  });
  pipeline(stream, watching, () => undefined); // the error reaches whoever reads
  return watching;
}

async function findUnpacker(
  { compressedWith }: StreamFile,
  { program, sandbox, signal }: UnpackStreamOptions,
): Promise<boolean> {
  if (compressedWith === undefined) return false;
  const directory = `${sandbox.paths.scratch}/.names-tried`;
  const argv = ['sh', '-c', TRY, 'try', directory, program, compressedWith];
  const { exitCode } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' } });
  return exitCode === 0;
}

/** A stream with a file `../x`, which must not be written. Older versions of mbstream write it. */
const TRY = `
command -v "$3" > /dev/null || exit 1
mkdir -p "$1/in"
printf 'XBSTCK01\\0P\\4\\0\\0\\0../x\\1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\103\\276\\267\\350aXBSTCK01\\0E\\4\\0\\0\\0../x' | "$2" -x -C "$1/in" 2> "$1/said" > /dev/null
[ ! -e "$1/x" ] && grep -q 'invalid filename' "$1/said"
refused=$?
rm -rf "$1"
exit $refused
`;

const EXTRACT = `
set -eu
umask 077
mkdir -p "$1"
"$2" -x -C "$1"
`;

/** sh has no pipefail: each program that fails reports it on descriptor 4. */
const DECOMPRESS_AND_EXTRACT = `
set -eu
umask 077
mkdir -p "$1"
failed=$( { { "$3" -d -c || echo failed >&4; } | { "$2" -x -C "$1" || echo failed >&4; }; } 4>&1 )
[ -z "$failed" ] || exit 1
`;
