/** Version arithmetic of MySQL and MariaDB: `8.0.36`, `10.11.6-MariaDB`, `9.7.4-2`. */

/** @returns the first version with three numbers in a text such as `mysqld  Ver 9.7.4-2 for Linux on x86_64`. */
export function versionIn(text: string): string | undefined {
  return /(?<![\w.])\d+\.\d+\.\d+/.exec(text)?.[0];
}

/** `8.0` for `8.0.36`; both products name their series by two numbers. */
export function majorOf(version: string): string {
  const [first = '0', second = '0'] = version.split('.');
  return `${first}.${second}`;
}

/** Whether a version, or a series, is this one or a later one: `isAtLeast('8.0.36', '8.0.21')`. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [has, needs] = [numbersOf(version), numbersOf(wanted)];
  for (const [index, need] of needs.entries()) {
    const own = has[index] ?? 0;
    if (own !== need) return own > need;
  }
  return true;
}

function numbersOf(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
}
