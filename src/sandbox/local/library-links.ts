import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LibraryLink } from '../local-binaries.ts';

/**
 * Creates the missing links in our own directory, because a package's directory may be shared or read-only.
 * @returns the search path for the dynamic linker: the links' directory, and the libraries' own directories, because a library loaded through a link searches
 * for its dependencies next to the link. Empty if nothing is missing.
 */
export async function makeLibraryLinks(links: readonly LibraryLink[], directory: string): Promise<string> {
  if (links.length === 0) return '';
  await mkdir(directory, { recursive: true });
  for (const { name, target } of links) await symlink(target, join(directory, name));
  return [directory, ...new Set(links.map(({ target }) => dirname(target)))].join(':');
}
