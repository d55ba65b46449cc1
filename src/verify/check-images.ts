import { type CheckKey, type CheckSpec, checkKindOf } from './registry.ts';

/** Images of the applications that a check starts. */
export function imagesOf<K extends CheckKey>(check: CheckSpec<K>): readonly string[] {
  return checkKindOf(check).images?.(check) ?? [];
}
