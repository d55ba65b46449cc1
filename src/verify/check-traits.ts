import type { Capability } from '../engines/capability.ts';
import { type CheckKey, type CheckSpec, checkKindOf } from './registry.ts';

/** Images of the applications that a check starts. */
export function imagesOf<K extends CheckKey>(check: CheckSpec<K>): readonly string[] {
  return checkKindOf(check).images?.(check) ?? [];
}

/** The query that the drill contains for a check; undefined: the check generates its own. */
export function queryOf<K extends CheckKey>(check: CheckSpec<K>): string | undefined {
  return checkKindOf(check).queryOf?.(check);
}

/** How it reads the restored data. */
export function needsOf(check: CheckSpec): Capability {
  return checkKindOf(check).needs;
}

/** The program that a check runs, and its arguments; undefined: it runs none. */
export function argvOf<K extends CheckKey>(check: CheckSpec<K>): readonly string[] | undefined {
  return checkKindOf(check).argvOf?.(check);
}
