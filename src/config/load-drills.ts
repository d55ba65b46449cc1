import { readFile } from 'node:fs/promises';
import { DrillError } from '../support/errors.ts';
import { inBatches } from '../support/in-batches.ts';
import { Redactor } from '../support/redact.ts';
import type { Drill } from './drill-file.ts';
import { drillSchema } from './drill-schema.ts';
import { findDrillFiles, findDrillsNear } from './find-drills.ts';
import { nearest } from './nearest.ts';
import { ParsedDrills, positionKey } from './parsed-drills.ts';
import { formatKey, inFileOrder, type Problem, problemsError } from './problem.ts';
import { readReferences } from './references.ts';
import { reportIssues } from './report-issues.ts';
import { resolveDrill, reviewSections, type SandboxDefaults } from './resolve-drill.ts';
import { showPath } from './show-path.ts';
import type { Environment } from './variables.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';
import type { Position } from './yaml-findings.ts';

export interface LoadOptions {
  /** Absolute; the base for relative paths, and for file names in messages. */
  readonly cwd: string;
  readonly env: Environment;
  /** Collects every secret that is read. */
  readonly redactor?: Redactor;
  /** The directory for bare drill names such as `orders`, relative to `cwd`; default `drills`. */
  readonly drillsDir?: string;
  readonly sandboxDefaults?: SandboxDefaults;
  /** Whether the store has a queue for drills with a `pool`. Default: yes. */
  readonly hasQueue?: boolean;
  /** Cache file for parsed drills, for the next process; undefined: no cache. */
  readonly openParsed?: ((paths: readonly string[]) => Promise<ParsedDrills | undefined>) | undefined;
}

interface Loading extends LoadOptions {
  readonly redactor: Redactor;
  readonly parsed?: ParsedDrills | undefined;
}

/** Waiting for one file after another would take longer than parsing them. */
const FILES_AT_ONCE = 32;

export interface LoadedDrills {
  /** The valid drills, in file order. */
  readonly drills: readonly Drill[];
  /** Every problem of the others. */
  readonly problems: readonly Problem[];
}

/**
 * Loads drills for a run: either all are valid, or an error lists every problem.
 * @param paths files, directories (every YAML file below), globs, or names of drills in `drillsDir`.
 * @throws `drill-not-found`, `config-invalid`, `config-missing-file`, `config-missing-variable`.
 */
export async function loadDrills(paths: readonly string[], options: LoadOptions): Promise<readonly Drill[]> {
  const { drills, problems } = await readDrills(paths, options);
  if (problems.length > 0) throw problemsError(problems);
  return drills;
}

/** Like {@link loadDrills}, but returns the valid drills along with the problems of the others. @throws `drill-not-found`. */
export async function readDrills(paths: readonly string[], options: LoadOptions): Promise<LoadedDrills> {
  const redactor = options.redactor ?? new Redactor();
  const files = await findDrillFiles(paths, options);
  const parsed = ParsedDrills.isWorthwhile(files.length) ? await options.openParsed?.(paths) : undefined;
  const loaded = await inBatches(files, FILES_AT_ONCE, (file) => loadFile(file, { ...options, redactor, parsed }));
  await parsed?.save();
  const strangers = await findUnknownRacers(loaded, options);
  const problems = [...loaded.flatMap((one) => one.problems), ...findDuplicates(loaded), ...strangers].map(
    (problem) => ({
      ...problem,
      message: redactor.redact(problem.message),
    }),
  );
  const wrong = new Set(problems.map((problem) => problem.file));
  return { drills: loaded.flatMap(({ drill, shown }) => (drill && !wrong.has(shown) ? [drill] : [])), problems };
}

/** Checks a drill before it is written to `file`; returns it and its problems. */
export async function readDrillText(
  file: string,
  text: string,
  options: LoadOptions,
): Promise<{ readonly drill: Drill | undefined; readonly problems: readonly Problem[] }> {
  const bytes = new TextEncoder().encode(text);
  const redactor = options.redactor ?? new Redactor();
  return parseDrill(file, showPath(file, options.cwd), bytes, { ...options, redactor });
}

interface Loaded {
  /** The file name in messages. */
  readonly shown: string;
  readonly name: { readonly text: string; readonly line: number; readonly column: number } | undefined;
  readonly drill: Drill | undefined;
  readonly problems: readonly Problem[];
  /** The position of a name in `race`. */
  readonly raceAt?: (name: string) => { readonly line: number; readonly column: number };
}

async function loadFile(file: string, options: Loading): Promise<Loaded> {
  const shown = showPath(file, options.cwd);
  return await parseDrill(file, shown, await readDrillFile(file, shown), options);
}

async function parseDrill(file: string, shown: string, bytes: Uint8Array, options: Loading): Promise<Loaded> {
  const { yaml, parsed } = parseBytes(shown, bytes, options.parsed);
  const problems = [...yaml.problems];
  if (!yaml.value || !parsed) return { shown, name: undefined, drill: undefined, problems };
  const report = (path: readonly PropertyKey[], code: Problem['code'], message: string): void => {
    problems.push({ code, file: shown, ...yaml.locate(path), key: formatKey(path), message });
  };
  const references = await readReferences(yaml.value, { file, env: options.env, redactor: options.redactor, report });
  const context = {
    file,
    shown,
    lineOf: (path: readonly PropertyKey[]) => yaml.locate(path).line,
    references,
    sandboxDefaults: options.sandboxDefaults ?? {},
    hasQueue: options.hasQueue ?? true,
    report: (path: readonly PropertyKey[], message: string) => report(path, 'config-invalid', message),
  };
  if (!parsed.success) {
    problems.push(...reportIssues(shown, yaml, drillSchema, parsed.error.issues));
    reviewSections(yaml.value, context);
  }
  const drill = parsed.success ? resolveDrill(parsed.data, context) : undefined;
  const { name } = yaml.value;
  return {
    shown,
    name: typeof name === 'string' ? { text: name, ...yaml.locate(['name']) } : undefined,
    drill,
    problems: inFileOrder(problems),
    raceAt: (other) => yaml.locate(['race', parsed.data?.race?.indexOf(other) ?? 0]),
  };
}

type Parsed = ReturnType<typeof drillSchema.safeParse>;

/** Parses a drill file, or uses the cached result of an earlier process for the same bytes. */
function parseBytes(
  shown: string,
  bytes: Uint8Array,
  kept: ParsedDrills | undefined,
): { readonly yaml: YamlFile; readonly parsed?: Parsed } {
  const found = kept?.get(bytes);
  if (found) {
    const { value, data, positions } = found;
    let file: YamlFile | undefined; // parsed when a position is asked for that was not asked for before
    const locate: YamlFile['locate'] = (path) => {
      file ??= readYaml(shown, bytes);
      return file.locate(path);
    };
    return {
      yaml: { value, problems: [], locate: remember(positions, locate) },
      parsed: { success: true, data },
    };
  }
  const yaml = readYaml(shown, bytes);
  if (!yaml.value) return { yaml };
  const parsed = drillSchema.safeParse(yaml.value);
  if (!kept || !parsed.success || yaml.problems.length > 0) return { yaml, parsed };
  const positions = new Map<string, Position>();
  kept.add(bytes, { value: yaml.value, data: parsed.data, positions });
  return { yaml: { ...yaml, locate: remember(positions, yaml.locate) }, parsed };
}

function remember(positions: Map<string, Position>, locate: YamlFile['locate']): YamlFile['locate'] {
  return (path) => {
    const key = positionKey(path);
    const position = positions.get(key) ?? locate(path);
    positions.set(key, position);
    return position;
  };
}

async function readDrillFile(file: string, shown: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new DrillError('drill-not-found', `the drill file ${shown} cannot be read (${code})`, {
      hint: 'Check that the file exists and that this user may read it.',
      cause: error,
    });
  }
}

/** A drill can race with others in its directory, below it, or in the drills directory. */
async function findUnknownRacers(loaded: readonly Loaded[], options: LoadOptions): Promise<readonly Problem[]> {
  const names = new Set(loaded.map(({ name }) => name?.text));
  const problems: Problem[] = [];
  for (const { drill, shown, raceAt } of loaded) {
    for (const other of drill?.race ?? []) {
      if (!drill || !raceAt || names.has(other) || (await findDrillsNear(drill.file, other, options)).length > 0)
        continue;
      const meant = nearest(
        other,
        [...names].flatMap((name) => (name === undefined || name === drill.name ? [] : [name])),
      );
      const message = `there is no drill ${JSON.stringify(other)} in ${options.drillsDir ?? 'drills'} or beside this one${meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`}`;
      problems.push({ code: 'config-invalid', file: shown, ...raceAt(other), key: 'race', message });
    }
  }
  return problems;
}

/** Two drills with the same name would share a history. The problem is reported for the later one and names both places. */
function findDuplicates(loaded: readonly Loaded[]): Problem[] {
  const firsts = new Map<string, Loaded>();
  const problems: Problem[] = [];
  for (const one of loaded) {
    if (!one.name) continue;
    const first = firsts.get(one.name.text);
    if (!first?.name) firsts.set(one.name.text, one);
    else {
      const message = `${JSON.stringify(one.name.text)} is the name of the drill at ${first.shown}:${first.name.line} too; names must be unique`;
      problems.push({
        code: 'config-invalid',
        file: one.shown,
        line: one.name.line,
        column: one.name.column,
        key: 'name',
        message,
      });
    }
  }
  return problems;
}
