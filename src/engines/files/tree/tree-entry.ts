import type { Header } from 'tar-stream';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';

/** Header of a member, as in its archive. */
export type TreeHeader = Pick<Header, 'name'> & Partial<Header>;

/** What to do with a member of an archive. */
export type Fate =
  | { readonly kind: 'write'; readonly header: TreeHeader }
  /** Neither a file, a folder nor a link, so it contains no data. */
  | { readonly kind: 'leave'; readonly what: 'device or pipe' | 'label' };

export interface TreeCounts {
  readonly files: number;
  readonly folders: number;
  readonly links: number;
  readonly bytes: number;
}

/**
 * Decides what to do with the members of an archive, in order, before any of them is written. Links stay links, wherever they lead, and nothing is written
 * through one; names are relative to the folder to restore into.
 */
export class TreeRules {
  readonly #key: string;
  readonly #kinds = new Map<string, 'file' | 'folder' | 'symlink'>();
  #bytes = 0;
  readonly #sizes = new Map<string, number>();
  /** Targets of links, by the links' names. */
  readonly #targets = new Map<string, string>();
  readonly #skipped = new Set<string>();
  #repeated = 0;
  #absolute = 0;
  #leaving = 0;
  #special = 0;

  /** @param key names the backup in errors. */
  constructor(key: string) {
    this.#key = key;
  }

  /**
   * @throws DrillError `backup-corrupt` for a name that leads outside the folder, through a link, or that is both a file and a folder; `format-unsupported` for
   * a sparse file.
   */
  decide(header: TreeHeader): Fate {
    if (isLabel(header)) return { kind: 'leave', what: 'label' };
    const name = this.#nameOf(header);
    const { type, linkname } = header;
    if (type === 'character-device' || type === 'block-device' || type === 'fifo') {
      return this.#skip(name);
    }
    const mtime = header.mtime ?? new Date(0);
    const mode = (header.mode ?? 0o600) & 0o777;
    if (type === 'directory') {
      if (name !== '') this.#note(name, 'folder');
      return { kind: 'write', header: { name: name === '' ? '.' : name, type, mode: mode | 0o700, mtime } };
    }
    if (name === '') throw this.#refuse(header.name, 'has no name');
    if (type === 'symlink') return this.#link(name, linkname ?? '', mtime);
    if (type === 'link') {
      const target = normalise(linkname ?? '');
      const [symlink, isSkipped] = [this.#targets.get(target ?? ''), this.#skipped.has(target ?? '')];
      if (isSkipped) return this.#skip(name);
      if (symlink !== undefined) return this.#link(name, symlink, mtime);
      const size = target === undefined ? undefined : this.#sizes.get(target);
      if (target === undefined || size === undefined)
        throw this.#refuse(header.name, 'is a hard link to what is not in the archive before it');
      this.#note(name, 'file', size);
      return { kind: 'write', header: { name, type, linkname: target, mtime, mode: mode | 0o600 } };
    }
    if ((type !== 'file' && type !== 'contiguous-file') || isSparse(header)) throw this.#notPlain(header.name);
    const size = header.size ?? 0;
    this.#note(name, 'file', size);
    return { kind: 'write', header: { name, type: 'file', size, mode: mode | 0o600, mtime } };
  }

  /** What a restore must have written. */
  counts(): TreeCounts {
    const kinds = [...this.#kinds.values()];
    const count = (wanted: string) => kinds.filter((kind) => kind === wanted).length;
    return { files: count('file'), folders: count('folder'), links: count('symlink'), bytes: this.#bytes };
  }

  /** Warnings for the user. */
  warnings(): string[] {
    const said = (count: number, one: string, many: string) => (count === 0 ? [] : [count === 1 ? one : many]);
    return [
      ...said(
        this.#leaving,
        '1 link leads out of the restored folder; it stays a link, and no check follows it',
        `${this.#leaving} links lead out of the restored folder; they stay links, and no check follows them`,
      ),
      ...said(
        this.#special,
        '1 device or pipe was not restored',
        `${this.#special} devices and pipes were not restored`,
      ),
      ...said(
        this.#repeated,
        '1 name is in the archive twice; the last one was restored, as tar does',
        `${this.#repeated} names are in the archive more than once; the last of each was restored, as tar does`,
      ),
      ...said(
        this.#absolute,
        '1 name begins with `/` and was restored below the folder',
        `${this.#absolute} names begin with \`/\` and were restored below the folder`,
      ),
    ];
  }

  #nameOf({ name }: TreeHeader): string {
    if (name.startsWith('/')) this.#absolute += 1;
    const clean = normalise(name);
    if (clean === undefined) throw this.#refuse(name, 'leads out of the folder that is restored');
    const parts = clean.split('/');
    for (let end = 1; end < parts.length; end += 1) {
      const parent = parts.slice(0, end).join('/');
      const kind = this.#kinds.get(parent);
      if (kind === 'symlink') throw this.#refuse(name, 'would be written through a link of the same archive');
      if (kind === 'file') throw this.#refuse(name, `lies below ${toPrintable(parent, 80)}, which is a file`);
    }
    return clean;
  }

  /** Also for a further name of the same link, as `cp -al` makes them. */
  #link(name: string, linkname: string, mtime: Date): Fate {
    if (leadsOut(name, linkname)) this.#leaving += 1;
    this.#note(name, 'symlink');
    this.#targets.set(name, linkname);
    return {
      kind: 'write',
      header: { name, type: 'symlink', linkname, mtime, mode: 0o777 },
    };
  }

  #skip(name: string): Fate {
    this.#special += 1;
    this.#skipped.add(name);
    return { kind: 'leave', what: 'device or pipe' };
  }

  #note(name: string, kind: 'file' | 'folder' | 'symlink', size = 0): void {
    const before = this.#kinds.get(name);
    if (before !== undefined && before !== kind && (before === 'folder' || kind === 'folder'))
      throw this.#refuse(name, 'is in the archive both as a folder and as something else');
    if (before !== undefined && kind !== 'folder') {
      if (name.includes(NOT_UTF8)) throw this.#ambiguous(name);
      this.#repeated += 1;
    }
    this.#bytes += size - (this.#sizes.get(name) ?? 0);
    if (kind === 'file') this.#sizes.set(name, size);
    else this.#sizes.delete(name);
    this.#targets.delete(name);
    this.#skipped.delete(name);
    this.#kinds.set(name, kind);
  }

  #refuse(name: string, why: string): DrillError {
    return new DrillError('backup-corrupt', `${this.#key}: ${JSON.stringify(toPrintable(name, 120))} ${why}: refused`, {
      hint: 'Check who wrote the archive (`tar -tvf`). Pack with relative names, as `tar -C FOLDER -c .` does.',
    });
  }

  /** Names in another encoding are restored as far as they are UTF-8, which may make two of them one. */
  #ambiguous(name: string): DrillError {
    return new DrillError(
      'format-unsupported',
      `${this.#key}: two names are ${JSON.stringify(toPrintable(name, 120))} when read as UTF-8, but differ in their bytes`,
      {
        hint: 'Pack with UTF-8 names: convert them with `convmv`, or set a UTF-8 locale in the program that writes them.',
      },
    );
  }

  #notPlain(name: string): DrillError {
    return new DrillError(
      'format-unsupported',
      `${this.#key}: ${JSON.stringify(toPrintable(name, 120))} is neither a plain file, a folder nor a link`,
      { hint: 'Pack without `--sparse` (`-S`), `--multi-volume` (`-M`) and `--listed-incremental`.' },
    );
  }
}

const NOT_UTF8 = '\uFFFD';

/** @returns the name without `.`, empty and leading segments; undefined when it has a `..`, or a NUL. */
export function normalise(name: string): string | undefined {
  if (name.includes('\0')) return undefined;
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? undefined : parts.join('/');
}

/** Whether a link's target is outside the tree. */
function leadsOut(name: string, target: string): boolean {
  if (target.startsWith('/')) return true;
  let depth = name.split('/').length - 1;
  for (const part of target.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

/** The name of the whole archive, by `tar --label`: of a type that tar-stream does not know, without content and permissions. */
function isLabel({ type, size, mode }: TreeHeader): boolean {
  return type === null && !size && !mode;
}

function isSparse({ pax }: TreeHeader): boolean {
  return Object.keys(pax ?? {}).some((field) => field.startsWith('GNU.sparse.'));
}
