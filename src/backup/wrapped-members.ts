import type { DirectoryLayout } from './directory-layout.ts';

/** What a job did to a file after the dump tool had written it. */
export type Wrap = 'encryption' | 'compression';

export interface OriginalName {
  /** As the dump tool gave it: `3456.dat.gz` of `3456.dat.gz.age`. */
  readonly name: string;
  /** From the outside in. */
  readonly wraps: readonly Wrap[];
}

const ENCRYPTED = /\.(?:age|gpg|pgp|asc|enc)$/i;
const COMPRESSED = /\.(?:gz|zst|lz4|xz|bz2)$/i;

/**
 * The name of a member of a directory before a job encrypted or compressed each file of it. Dump tools encrypt nothing; a compression is theirs
 * when the layout knows the name with it.
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

/** The layout of a directory, and how the file that marks it is wrapped, which is how all of it is. */
export interface FoundLayout {
  readonly layout: DirectoryLayout;
  readonly wraps: readonly Wrap[];
}

/** @param name of a file, without its directory. @returns undefined when it marks no directory. Several layouts: the one that explains most of the name. */
export function layoutMarkedBy(name: string, layouts: readonly DirectoryLayout[]): FoundLayout | undefined {
  return layoutsMarkedBy(name, layouts)[0];
}

/** All layouts whose last file has this name, the least wrapped first: tools have taken the same name. */
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
