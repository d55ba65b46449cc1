import { createHash } from 'node:crypto';
import type { RestoredFile } from '../../../engines/restored-files.ts';

export interface FilesSummary {
  readonly files: number;
  readonly bytes: number;
  /** The file that was modified last. */
  readonly newest: RestoredFile | undefined;
  /** The requested number of sampled files, in no particular order. */
  readonly drawn: readonly RestoredFile[];
}

/** Reads a listing once. @param seed selects the sample: the same files for the same backup, others for the next. */
export async function summariseFiles(
  listing: AsyncIterable<RestoredFile>,
  { sample, seed }: { readonly sample: number; readonly seed: string },
): Promise<FilesSummary> {
  const drawn: { readonly rank: string; readonly file: RestoredFile }[] = [];
  let files = 0;
  let bytes = 0;
  let newest: RestoredFile | undefined;
  for await (const file of listing) {
    if (file.kind !== 'file') continue;
    files += 1;
    bytes += file.sizeBytes;
    if (!newest || file.modifiedAt > newest.modifiedAt) newest = file;
    if (sample > 0) draw(drawn, { rank: rankOf(seed, file.path), file }, sample);
  }
  drawn.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return { files, bytes, newest, drawn: drawn.slice(0, sample).map(({ file }) => file) };
}

/** Keeps the files with the lowest ranks, which are as good as random. */
function draw<T extends { readonly rank: string }>(kept: T[], one: T, most: number): void {
  kept.push(one);
  if (kept.length < most * 2) return;
  kept.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  kept.length = most;
}

function rankOf(seed: string, path: string): string {
  return createHash('sha256').update(`${seed}\0${path}`).digest('hex');
}
