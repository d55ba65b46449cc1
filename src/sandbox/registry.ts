import type * as fields from '../config/fields.ts';
import { docker } from './docker/docker.ts';
import { local } from './local/local.ts';
import type { RuntimeDeps } from './runtime-kind.ts';
import type { SandboxRequest, SandboxRuntime } from './sandbox.ts';

/** All runtime kinds, one line each, in the order in which they are tried for drills that name none. */
const KINDS = { docker, local };

type Kinds = typeof KINDS;
export type RuntimeName = keyof Kinds;

type Merged<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

type Keys = Merged<ReturnType<Kinds[RuntimeName]['settings']>>;

/** The settings of all runtimes; paths are absolute. */
export type RuntimesSettings = {
  readonly [Key in keyof Keys]?: Keys[Key]['_zod']['output'];
};

export const RUNTIME_NAMES = Object.keys(KINDS) as [RuntimeName, ...RuntimeName[]];

const ALL_KINDS: readonly Kinds[RuntimeName][] = Object.values(KINDS);

/** The requirements of which this machine must meet one: `a Docker engine`, `a local server`. */
export const RUNTIME_NEEDS: readonly string[] = ALL_KINDS.map(({ needs }) => needs);

/** Keys under `sandbox` in the settings. */
export function runtimeKeys(make: typeof fields): Keys {
  return Object.assign({}, ...ALL_KINDS.map((kind) => kind.settings(make)));
}

/** Makes the paths among the keys absolute. */
export function resolveRuntimeSettings(
  file: RuntimesSettings,
  resolvePath: (path: string) => string,
): RuntimesSettings {
  const resolved: Record<string, unknown> = {};
  for (const kind of ALL_KINDS) {
    for (const key of kind.paths) {
      const path = file[key];
      resolved[key] = typeof path === 'string' ? resolvePath(path) : undefined;
    }
  }
  return { ...file, ...resolved };
}

/** The runtime for drills that name none: `docker if a Docker engine answers, else local`. @param show formats a name. */
export function describeDefaultRuntime(show: (name: string) => string = (name) => name): string {
  return ALL_KINDS.map(({ name, isDefault }) => (isDefault ? `${show(name)} ${isDefault}` : show(name))).join(
    ', else ',
  );
}

/** Where the server's programs come from: `image postgres:17`. */
export function describePrograms(
  runtime: string | undefined,
  request: Pick<SandboxRequest, 'image' | 'server'>,
): string {
  const [first] = ALL_KINDS;
  return (ALL_KINDS.find(({ name }) => name === runtime) ?? first)?.describePrograms(request) ?? '';
}

/** Directories on this host that contain restored data. */
export function dataDirectories(settings: RuntimesSettings): readonly string[] {
  return ALL_KINDS.flatMap((kind) => kind.dataDirectories(settings));
}

/** Opens all runtimes, in order; none connects to anything yet. */
export async function openRuntimes(settings: RuntimesSettings, deps: RuntimeDeps): Promise<readonly SandboxRuntime[]> {
  return (await Promise.all(ALL_KINDS.map((kind) => kind.open(settings, deps)))).flat();
}
