/**
 * Version arithmetic for all products. Only the leading numbers count; what follows them does not: `17.11`, `18beta1`, `8.0.36-28.1` (Percona), `9.7.0-er2`,
 * `10.11.6-MariaDB-0+deb12u1`.
 */

/**
 * @param numbers minimum number of numbers in a version of the product.
 * @returns the first version in a text such as `mysqld  Ver 9.7.4-2 for Linux on x86_64`: its numbers, with the release stage if it directly follows them
 * (`18beta1`). The `5.5.5-` that MariaDB puts before its own version for old clients is skipped.
 */
export function versionIn(text: string, numbers: 1 | 3 = 1): string | undefined {
  return (numbers === 3 ? THREE_NUMBERS : ANY_NUMBERS).exec(text)?.[1];
}

const ANY_NUMBERS = /(?<![\w.])(?:5\.5\.5-(?=\d))?(\d+(?:\.\d+)*(?:(?:alpha|beta|rc|devel)\d*)?)/;
const THREE_NUMBERS = /(?<![\w.])(?:5\.5\.5-(?=\d))?(\d+\.\d+\.\d+)/;

/** @returns below 0, 0 or above 0. A number that is missing counts as 0: `8.0` is `8.0.0`. */
export function compareVersions(a: string, b: string): number {
  const left = numbersOf(a);
  const right = numbersOf(b);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Compares over as many numbers as both have: `17` and `17.11` are equal, `9.6` is older than `17`. @returns below 0, 0 or above 0. */
export function compareSeries(a: string, b: string): number {
  const count = Math.min(numbersOf(a).length, numbersOf(b).length);
  return compareVersions(seriesOf(a, count), seriesOf(b, count));
}

/** Whether a version, or a series, is this one or later: `isAtLeast('8.0.36', '8.0.21')`. */
export function isAtLeast(version: string, wanted: string): boolean {
  return compareVersions(version, wanted) >= 0;
}

/** The first numbers of a version: `10.11` for `('10.11.6-MariaDB', 2)`. */
export function seriesOf(version: string, numbers: number): string {
  return numbersOf(version).slice(0, numbers).join('.');
}

/** Keeps as many numbers as another series has: `17` for `('17.5', '16')`, `10.11` for `('10.11.6', '11.8')`. */
export function seriesLike(version: string, other: string): string {
  return seriesOf(version, numbersOf(other).length);
}

/** 0 for a text that does not begin with a number. */
function numbersOf(version: string): readonly number[] {
  return (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '0').split('.').map(Number);
}

/** Used where there is no version: for programs of the drill that do the restore, and for files. It is neither shown nor compared. */
export const NO_VERSION = 'unknown';

/** `postgres 17.5`; for an engine without versions, only its name. */
export function nameServer(type: string, version: string): string {
  return version === NO_VERSION ? type : `${type} ${version}`;
}
