const ALWAYS_PASSED = ['PATH', 'HOME', 'LANG', 'TZ'];

/** The environment for a program that a user configured: the variables that any program needs, plus the named ones, if set. */
export function passedEnvironment(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const passed = [...ALWAYS_PASSED, ...names].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(passed);
}
