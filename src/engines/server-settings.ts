import type { EngineDescriptor } from './engine-descriptor.ts';

/** @returns the names allowed in `engine.settings` for this engine, sorted. */
export function allowedSettings({ sql }: Pick<EngineDescriptor, 'sql'>): readonly string[] {
  return Object.keys(sql?.allowedSettings ?? {}).sort();
}

/** @returns what is wrong with a setting, as text that follows its key; undefined if it may be used. */
export function explainSetting(
  engine: Pick<EngineDescriptor, 'title' | 'sql'>,
  name: string,
  value: string,
): string | undefined {
  if (!engine.sql) return `is not a setting that a drill may change; ${engine.title} has none`;
  const { allowedSettings: known } = engine.sql;
  const allowed = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!allowed) return `is not a setting that a drill may change; allowed are ${allowedSettings(engine).join(', ')}`;
  return allowed.values.test(value.toLowerCase())
    ? undefined
    : `must be ${allowed.expected}, not ${JSON.stringify(value)}`;
}
