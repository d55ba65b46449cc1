import type { ZodRawShape } from 'zod';
import type * as fields from '../config/fields.ts';
import type { Clock } from '../support/clock.ts';
import type { LocalEngine } from './local-binaries.ts';
import type { SandboxRequest, SandboxRuntime } from './sandbox.ts';

/** Dependencies for opening a runtime. */
export interface RuntimeDeps {
  readonly clock: Clock;
  /** The engines that drills can name. */
  readonly engines: readonly LocalEngine[];
  /** Search path for programs on this host, as in PATH. */
  readonly searchPath: string;
}

/**
 * One kind of runtime: its name, settings and texts. {@link SandboxRuntime} and Sandbox document what the runtime itself MUST do. A kind MUST load its
 * libraries only in {@link open}, and import nothing at the top level, because every command loads its texts.
 */
export interface RuntimeKind<Name extends string, Keys extends ZodRawShape> {
  /** `sandbox.runtime` in a drill file, and in the record. */
  readonly name: Name;
  /** What this machine must have, for messages: `a Docker engine`. */
  readonly needs: string;
  /** When it is chosen for drills that name none: `if a Docker engine answers`. undefined for the last one in the registry, the fallback. */
  readonly isDefault: string | undefined;
  /** Its optional keys under `sandbox` in the settings, with descriptions for the reference. */
  settings(make: typeof fields): Keys;
  /** Which of its keys are paths; they are resolved relative to the settings file. */
  readonly paths: readonly (keyof Keys & string)[];
  /** Directories on this host that contain restored data, for `firedrill doctor`. */
  dataDirectories(settings: RuntimeSettings<Keys>): readonly string[];
  /** Where the server's programs come from, for the plan: `image postgres:17`. */
  describePrograms(request: Pick<SandboxRequest, 'image' | 'server'>): string;
  /** One runtime, or one per container engine in the settings. */
  open(settings: RuntimeSettings<Keys>, deps: RuntimeDeps): Promise<readonly SandboxRuntime[]>;
}

/** The kind's settings; paths are absolute. */
export type RuntimeSettings<Keys extends ZodRawShape> = {
  readonly [Key in keyof Keys]?: Keys[Key]['_zod']['output'];
};

/** Lets the compiler infer the name and the keys. */
export function defineRuntime<Name extends string, Keys extends ZodRawShape>(
  kind: RuntimeKind<Name, Keys>,
): RuntimeKind<Name, Keys> {
  return kind;
}
