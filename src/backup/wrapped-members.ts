import type { DirectoryLayout } from './directory-layout.ts';

/** What a job did to a file after the dump tool wrote it. */
export type Wrap = 'encryption' | 'compression';

export interface OriginalName {
  /** The dump tool's name: `3456.dat.gz` for `3456.dat.gz.age`. */
  readonly name: string;
  /** Outermost first. */
  readonly wraps: readonly Wrap[];
}

const ENCRYPTED = /\.(?:age|gpg|pgp|asc|enc)$/i;
const COMPRESSED = /\.(?:gz|zst|lz4|xz|bz2)$/i;

/**
 * The original name of a directory's member, before a job encrypted or compressed each file. Dump tools never encrypt; a compression is theirs if the layout
 * knows the name including its extension.
 */
export function originalName(stored: string, layout: DirectoryLayout): OriginalName {
  const wraps: Wrap[] = [];
  let found: OriginalName = { name: stored, wraps: [] };
  for (let name = stored; ; ) {
    if (ENCRYPTED.test(name)) {
      wraps.push('encryption');
      name = name.replace(ENCRYPTED, '');
      found = { name, wraps: [...wraps] };
    } else if (isKnown(name, layout)) return { name, wraps: [...wraps] };
    else if (COMPRESSED.test(name)) {
      wraps.push('compression');
      name = name.replace(COMPRESSED, '');
    } else return found;
  }
}

/** The layout of a directory, and the layers of its marker file, which all its files share. */
export interface FoundLayout {
  readonly layout: DirectoryLayout;
  readonly wraps: readonly Wrap[];
}

/**
 * @param name of a file, without its directory.
 * @returns undefined if it is not a marker file. If several layouts match: the one that explains most of the name.
 */
export function layoutMarkedBy(name: string, layouts: readonly DirectoryLayout[]): FoundLayout | undefined {
  return layoutsMarkedBy(name, layouts)[0];
}

/** All layouts whose marker file has this name, fewest layers first: several tools use the same name. */
export function layoutsMarkedBy(name: string, layouts: readonly DirectoryLayout[]): readonly FoundLayout[] {
  const found = layouts.flatMap((layout): FoundLayout[] => {
    if (name === layout.mark) return [{ layout, wraps: [] }];
    if (!name.startsWith(`${layout.mark}.`)) return [];
    const original = originalName(name, layout);
    return original.name === layout.mark ? [{ layout, wraps: original.wraps }] : [];
  });
  return found.sort((a, b) => a.wraps.length - b.wraps.length);
}

function isKnown(name: string, { mark, member }: DirectoryLayout): boolean {
  return name === mark || member?.test(name) === true;
}
