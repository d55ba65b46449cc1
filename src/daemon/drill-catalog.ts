import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Drill } from '../config/drill-file.ts';
import { type LoadedDrills, type LoadOptions, readDrills } from '../config/load-drills.ts';
import { formatProblem, type Problem } from '../config/problem.ts';
import { showPath } from '../config/show-path.ts';
import { asDrillError } from '../support/errors.ts';

/** A drill file that is currently invalid. */
export interface BrokenFile {
  /** The file name in messages. */
  readonly file: string;
  /** `drills/orders.yaml:12:9: checks[0].expect: …`, the first problem. */
  readonly problem: string;
  readonly problemCount: number;
  readonly since: Date;
  /** The drill that keeps its last good configuration; undefined: there was none. */
  readonly keeps: string | undefined;
}

/** What changed when the drill files were read. */
export interface CatalogChange {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly broken: readonly BrokenFile[];
  readonly fixed: readonly string[];
}

/**
 * The current configuration of all drills: the files as they are, and for a broken file its last good version. A directory that cannot be
 * read (an unmounted disk, a checkout in progress) removes no drill; a deleted file does.
 */
export class DrillCatalog {
  private readonly options: LoadOptions & { readonly drillsDir: string };
  private good = new Map<string, Drill>();
  private wrong = new Map<string, BrokenFile>();
  private fingerprint: string | undefined;

  constructor(options: LoadOptions & { readonly drillsDir: string }) {
    this.options = options;
  }

  get drills(): readonly Drill[] {
    return [...this.good.values()];
  }

  get broken(): readonly BrokenFile[] {
    return [...this.wrong.values()];
  }

  find(name: string): Drill | undefined {
    return this.drills.find((drill) => drill.name === name);
  }

  /** Makes the next refresh reread all files: variables and secrets may have changed. */
  invalidate(): void {
    this.fingerprint = undefined;
  }

  /** Rereads the files if one of them, or one next to them, has changed. @returns undefined if none has. */
  async refresh(now: Date): Promise<CatalogChange | undefined> {
    const fingerprint = await fingerprintDirectory(resolve(this.options.cwd, this.options.drillsDir));
    if (fingerprint === this.fingerprint) return undefined;
    const change = this.take(await this.read(), now);
    this.fingerprint = fingerprint; // taken before reading, so that a change made meanwhile is seen at the next refresh
    return change;
  }

  private async read(): Promise<LoadedDrills & { readonly isReadable: boolean }> {
    const { drillsDir } = this.options;
    try {
      return { ...(await readDrills([drillsDir], this.options)), isReadable: true };
    } catch (thrown) {
      if (await isEmptyDirectory(resolve(this.options.cwd, drillsDir)))
        return { drills: [], problems: [], isReadable: true };
      const { message } = asDrillError(thrown);
      const problem: Problem = {
        code: 'config-missing-file',
        file: drillsDir,
        line: undefined,
        column: undefined,
        key: '',
        message,
      };
      return { drills: [], problems: [problem], isReadable: false };
    }
  }

  private take(
    { drills, problems, isReadable }: LoadedDrills & { readonly isReadable: boolean },
    now: Date,
  ): CatalogChange {
    const before = this.good;
    const wrongBefore = this.wrong;
    const byFile = Map.groupBy(problems, (problem) => problem.file);
    const kept = [...before].filter(([file]) => !isReadable || byFile.has(showPath(file, this.options.cwd)));
    const keptNames = new Map(kept.map(([file, { name }]) => [showPath(file, this.options.cwd), name]));
    const taken = new Set(drills.map(({ name }) => name));
    // a name that moved to another file belongs to that file now
    this.good = new Map([
      ...kept.filter(([, { name }]) => !taken.has(name)),
      ...drills.map((drill) => [drill.file, drill] as const),
    ]);
    this.wrong = new Map(
      [...byFile].map(([file, of]) => {
        const [first] = of;
        const keeps = keptNames.get(file);
        const since = wrongBefore.get(file)?.since ?? now;
        return [file, { file, problem: first ? formatProblem(first) : file, problemCount: of.length, since, keeps }];
      }),
    );
    return describeChange(before, this.good, wrongBefore, this.wrong);
  }
}

function describeChange(
  before: ReadonlyMap<string, Drill>,
  after: ReadonlyMap<string, Drill>,
  wrongBefore: ReadonlyMap<string, BrokenFile>,
  wrong: ReadonlyMap<string, BrokenFile>,
): CatalogChange {
  const old = new Map([...before.values()].map((drill) => [drill.name, drill]));
  const drills = [...after.values()];
  const names = new Set(drills.map(({ name }) => name));
  const isChanged = (drill: Drill) => {
    const known = old.get(drill.name);
    return known && (known.definitionHash !== drill.definitionHash || known.heartbeat !== drill.heartbeat);
  };
  return {
    added: drills.flatMap(({ name }) => (old.has(name) ? [] : [name])),
    changed: drills.filter(isChanged).map(({ name }) => name),
    removed: [...old.keys()].filter((name) => !names.has(name)),
    broken: [...wrong.values()].filter(({ file, problem }) => wrongBefore.get(file)?.problem !== problem),
    fixed: [...wrongBefore.keys()].filter((file) => !wrong.has(file)),
  };
}

/**
 * Path, size and modification time of each file; a difference means that the files must be reread. Includes SQL files. An unreadable entry (a broken link,
 * another user's directory) gets its own line, so that changes next to it are still detected.
 */
async function fingerprintDirectory(directory: string): Promise<string> {
  const lines: string[] = [];
  const visit = async (path: string): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const full = join(path, entry.name);
      await (entry.isDirectory() ? visit(full) : fingerprint(full)).catch((error: unknown) =>
        lines.push(unreadable(full, error)),
      );
    }
  };
  const fingerprint = async (path: string): Promise<void> => {
    const { size, mtimeMs, ctimeMs, ino } = await stat(path);
    lines.push([path, size, mtimeMs, ctimeMs, ino].join(' '));
  };
  await visit(directory).catch((error: unknown) => lines.push(unreadable(directory, error)));
  return lines.sort().join('\n');
}

function unreadable(path: string, error: unknown): string {
  return `unreadable ${path} ${(error as NodeJS.ErrnoException).code ?? String(error)}`;
}

async function isEmptyDirectory(directory: string): Promise<boolean> {
  return (await fingerprintDirectory(directory))
    .split('\n')
    .every((line) => !/\.ya?ml \d/.test(line) && !line.startsWith('unreadable'));
}
