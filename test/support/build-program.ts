import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Tests that start `bin/firedrill.mjs` test what is installed, so dist/ is rebuilt when src/ has changed since. */
export default async function setup(): Promise<void> {
  const builtMs = await modifiedMs('dist/main.mjs').catch(() => 0);
  const names = await readdir(join(root, 'src'), { recursive: true });
  const changed = await Promise.all(names.map((name) => modifiedMs(join('src', name))));
  if (Math.max(...changed, await modifiedMs('package-lock.json')) <= builtMs) return;
  await execa(process.execPath, ['.config/bundle.mjs'], { cwd: root });
}

async function modifiedMs(path: string): Promise<number> {
  return (await stat(join(root, path))).mtimeMs;
}
