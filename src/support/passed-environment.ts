const ALWAYS_PASSED = ['PATH', 'HOME', 'LANG', 'TZ'];

/** The environment of a program that a user configured: the variables that any program needs and those that are named, where they are set. */
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
