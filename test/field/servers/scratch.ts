import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface Scratch extends AsyncDisposable {
  readonly path: string;
}

/** A directory that servers of other users may write to as well. Its path is short because it contains sockets. */
export async function makeScratch(): Promise<Scratch> {
  const path = await mkdtemp(join('/tmp', 'field-'));
  await chmod(path, 0o777);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
