import { spawnSync } from 'node:child_process';
import type { Compressor } from './recipe.ts';

/** The command-line tools that users have, and none of the libraries that Firedrill reads with. */
const TOOLS: Readonly<
  Record<Exclude<Compressor, 'none'>, readonly [tool: string, pack: readonly string[], unpack: readonly string[]]>
> = {
  gzip: ['gzip', ['-nc'], ['-dc']],
  zstd: ['zstd', ['-qc'], ['-qdc']],
  lz4: ['lz4', ['-qc'], ['-qdc']],
  xz: ['xz', ['-c'], ['-dc']],
  bzip2: ['bzip2', ['-c'], ['-dc']],
};

/** @throws Error when the tool fails. */
export function pack(compressor: Compressor, bytes: Buffer): Buffer {
  if (compressor === 'none') return bytes;
  const [tool, argv] = TOOLS[compressor];
  return must(pipe(tool, argv, bytes));
}

/** @throws Error when the bytes are damaged. */
export function unpack(compressor: Compressor, bytes: Buffer): Buffer {
  return must(unpackWhatCanBe(compressor, bytes));
}

/** @returns as much as the tool can recover from damaged bytes, and its messages. */
export function unpackWhatCanBe(compressor: Compressor, bytes: Buffer): Piped {
  if (compressor === 'none') return { output: bytes, complaint: undefined };
  const [tool, , argv] = TOOLS[compressor];
  return pipe(tool, argv, bytes);
}

export interface Piped {
  readonly output: Buffer;
  readonly complaint: string | undefined;
}

function pipe(tool: string, argv: readonly string[], input: Buffer): Piped {
  const { status, stdout, stderr } = spawnSync(tool, argv, { input, maxBuffer: 2 ** 28 });
  return { output: stdout, complaint: status === 0 ? undefined : `${tool}: exit ${status} ${String(stderr).trim()}` };
}

function must({ output, complaint }: Piped): Buffer {
  if (complaint !== undefined) throw new Error(complaint);
  return output;
}
