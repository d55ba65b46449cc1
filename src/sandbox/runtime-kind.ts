import type { ZodRawShape } from 'zod';
import type * as fields from '../config/fields.ts';
import type { Clock } from '../support/clock.ts';
import type { LocalEngine } from './local-binaries.ts';
import type { SandboxRequest, SandboxRuntime } from './sandbox.ts';

/** What a runtime is opened with. */
export interface RuntimeDeps {
  readonly clock: Clock;
  /** The database products that drills can name. */
  readonly engines: readonly LocalEngine[];
  /** Where programs of this host are searched for, as in PATH. */
  readonly searchPath: string;
}

/**
 * One kind of sandboxes: its name, its settings and its words. {@link SandboxRuntime} and Sandbox document what the runtime itself MUST do.
 * A kind MUST load its libraries only in {@link open}, and import nothing here: every command reads its words.
 */
export interface RuntimeKind<Name extends string, Keys extends ZodRawShape> {
  /** `sandbox.runtime` in a drill file, and in the record. */
  readonly name: Name;
  /** What this machine must have, for messages: `a Docker engine`. */
  readonly needs: string;
  /** When it is taken for drills that name none: `if a Docker engine answers`. Undefined for the last one in the registry, which is left. */
  readonly isDefault: string | undefined;
  /** Its optional keys under `sandbox` in the settings, with descriptions for the reference. */
  settings(make: typeof fields): Keys;
  /** Those of its keys that are paths; they are resolved from the settings file. */
  readonly paths: readonly (keyof Keys & string)[];
  /** Directories of this host that hold restored data, for `firedrill doctor`. */
  dataDirectories(settings: RuntimeSettings<Keys>): readonly string[];
  /** Where the server's programs come from, for the plan: `image postgres:17`. */
  describePrograms(request: Pick<SandboxRequest, 'image' | 'server'>): string;
  /** One runtime, or one for each container engine that the settings name. */
  open(settings: RuntimeSettings<Keys>, deps: RuntimeDeps): Promise<readonly SandboxRuntime[]>;
}

/** The kind's settings; a path is absolute. */
export type RuntimeSettings<Keys extends ZodRawShape> = {
  readonly [Key in keyof Keys]?: Keys[Key]['_zod']['output'];
};

/** Lets the compiler infer the name and the keys. */
export function defineRuntime<Name extends string, Keys extends ZodRawShape>(
  kind: RuntimeKind<Name, Keys>,
): RuntimeKind<Name, Keys> {
  return kind;
}
