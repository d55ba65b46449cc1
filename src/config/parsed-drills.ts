import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { type CheckFile, reviveCheck } from './check-schema.ts';
import type { DrillFile } from './drill-schema.ts';
import type { YamlFile } from './yaml-file.ts';
import type { Position } from './yaml-findings.ts';

/** The parsed content of a valid drill file. It depends only on the file's bytes and on the program. */
export interface ParsedDrill {
  readonly value: NonNullable<YamlFile['value']>;
  readonly data: DrillFile;
  /** Positions that were requested, by {@link positionKey}. */
  readonly positions: Map<string, Position>;
}

/** The cached form: checks without their functions. */
interface KeptDrill extends Omit<ParsedDrill, 'data'> {
  readonly data: Omit<DrillFile, 'checks'> & { readonly checks: readonly Pick<CheckFile, 'kind' | 'keys'>[] };
}

export function positionKey(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}

/** For fewer files, parsing is faster than reading the cache. */
const WORTHWHILE_FILES = 20;
/** Larger files are not cached. */
const LARGEST_FILE_BYTES = 64 * 1024;

/**
 * Drill files as an earlier process parsed them, because parsing 200 of them takes longer than everything else that `list` does. An entry is found by the hash
 * of the file's bytes, and all entries are dropped when the program or Node has changed, so none can be out of date. What a drill refers to (variables, SQL
 * files, settings) is not cached and is read each time.
 */
export class ParsedDrills {
  private readonly used = new Map<string, KeptDrill>();
  private hasNew = false;
  private readonly file: string;
  private readonly program: string;
  private readonly known: ReadonlyMap<string, KeptDrill>;

  private constructor(file: string, program: string, known: ReadonlyMap<string, KeptDrill>) {
    this.file = file;
    this.program = program;
    this.known = known;
  }

  /**
   * @param file the cache file; its directory is created on saving.
   * @param program what identifies the code that parses.
   */
  static async open(file: string, program: string): Promise<ParsedDrills> {
    const identity = `${program} ${process.versions.node} ${process.versions.v8}`;
    return new ParsedDrills(file, identity, await readKnown(file, identity));
  }

  static isWorthwhile(fileCount: number): boolean {
    return fileCount >= WORTHWHILE_FILES;
  }

  get(bytes: Uint8Array): ParsedDrill | undefined {
    const hash = hashOf(bytes);
    const found = this.known.get(hash);
    if (!found) return undefined;
    this.used.set(hash, found);
    return { ...found, data: { ...found.data, checks: found.data.checks.map(reviveCheck) } };
  }

  add(bytes: Uint8Array, { data, ...rest }: ParsedDrill): void {
    if (bytes.length > LARGEST_FILE_BYTES) return;
    const checks = data.checks.map(({ kind, keys }) => ({ kind, keys }));
    this.used.set(hashOf(bytes), { ...rest, data: { ...data, checks } });
    this.hasNew = true;
  }

  /** Saves the entries used since opening, if any are new. If the directory cannot be written, the next process is merely slower. */
  async save(): Promise<void> {
    if (!this.hasNew) return;
    this.hasNew = false;
    const temporary = `${this.file}.${randomUUID()}`;
    try {
      await mkdir(dirname(this.file), { recursive: true, mode: 0o700 });
      await writeFile(temporary, serialize({ program: this.program, entries: this.used }), { mode: 0o600 });
      await rename(temporary, this.file);
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined); // nor is what is left over there needed
    }
  }
}

async function readKnown(file: string, program: string): Promise<ReadonlyMap<string, KeptDrill>> {
  try {
    const kept: unknown = deserialize(await readFile(file));
    if (typeof kept === 'object' && kept !== null && 'program' in kept && 'entries' in kept)
      if (kept.program === program && kept.entries instanceof Map) return kept.entries;
  } catch {
    return new Map(); // none yet, or damaged: the files are parsed
  }
  return new Map();
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}
