import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

/** The program that is started and killed over and over. */
export interface KillChild extends AsyncDisposable {
  readonly program: string;
  /** Caches compiled code from one process to the next. */
  readonly cache: string;
}

/** Bundles `child.ts` as dist/ is built from the program: loading two thousand files at each start would take longer than a drill. */
export async function makeKillChild(): Promise<KillChild> {
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-test-'));
  const made = join(directory, 'dist');
  await execa(process.execPath, ['.config/bundle.mjs', CHILD, made], { cwd: ROOT });
  // Files that the program expects next to its own directory.
  for (const name of ['node_modules', 'package.json', 'runbooks'])
    await symlink(join(ROOT, name), join(directory, name));
  return {
    program: join(made, 'main.mjs'),
    cache: join(directory, 'compiled'),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}
