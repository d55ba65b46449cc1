/**
 * Compares versions number by number, over as many numbers as both have: `17` and `17.11` are equal, `9.6` is older than `17`.
 * @returns below 0, 0 or above 0.
 */
export function compareVersions(a: string, b: string): number {
  const left = numbersOf(a);
  const right = numbersOf(b);
  for (const [index, number] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 0;
    if (number !== other) return number - other;
  }
  return 0;
}

/** `('17.5', '17')` → `17`; `('10.11.6', '11.8')` → `10.11`: keeps as many numbers as `major` has. */
export function majorLike(version: string, major: string): string {
  return numbersOf(version).slice(0, numbersOf(major).length).join('.');
}

function numbersOf(version: string): readonly number[] {
  return (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);
}
