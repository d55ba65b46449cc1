/** Options of the programs; any other is a setting. */
const OWN_OPTIONS = new Set(['readonly', 'output-format']);

/** Omits settings that this version does not have, which it would reject. */
export function knownOptions<T>(
  options: Readonly<Record<string, T>>,
  settings: ReadonlySet<string>,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => OWN_OPTIONS.has(name) || settings.has(name)));
}
