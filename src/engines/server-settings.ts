import type { EngineDescriptor } from './engine-descriptor.ts';

/** @returns the names that are allowed in `engine.settings` for this engine, sorted. */
export function allowedSettings({
  allowedSettings: allowed,
}: Pick<EngineDescriptor, 'allowedSettings'>): readonly string[] {
  return Object.keys(allowed).sort();
}

/** @returns what is wrong with a setting, to follow its key; undefined when it may be used. */
export function explainSetting(
  engine: Pick<EngineDescriptor, 'allowedSettings'>,
  name: string,
  value: string,
): string | undefined {
  const allowed = Object.hasOwn(engine.allowedSettings, name) ? engine.allowedSettings[name] : undefined;
  if (!allowed) return `is not a setting that a drill may change; allowed are ${allowedSettings(engine).join(', ')}`;
  return allowed.values.test(value.toLowerCase())
    ? undefined
    : `must be ${allowed.expected}, not ${JSON.stringify(value)}`;
}
