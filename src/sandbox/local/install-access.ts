import { cp, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { ServerInstall } from '../local-binaries.ts';
import type { SandboxDirectories } from './directories.ts';
import type { Seal } from './holder.ts';
import type { ServerUser } from './server-user.ts';

/**
 * The server's user cannot access programs below /root. With its own root, the sandbox mounts them; without one, the programs are copied
 * (tens of megabytes) into the sandbox.
 */
export async function makeReachable(
  install: ServerInstall,
  directories: SandboxDirectories,
  user: ServerUser,
  seal: Seal,
): Promise<ServerInstall> {
  if (seal === 'own-root' || !user.switched || (await isOpenToAll(install.binDir))) return install;
  const root = install.installRoots.find((each) => install.binDir.startsWith(`${each}/`)) ?? dirname(install.binDir);
  const copy = join(directories.support, 'server');
  await cp(root, copy, { recursive: true, verbatimSymlinks: true });
  const moved = (path: string) => (path.startsWith(`${root}/`) ? join(copy, relative(root, path)) : path);
  return {
    ...install,
    binDir: moved(install.binDir),
    libraryLinks: install.libraryLinks.map(({ name, target }) => ({ name, target: moved(target) })),
  };
}

async function isOpenToAll(directory: string): Promise<boolean> {
  for (let path = directory; ; path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}
