/** For `sort`: ascending. */
export function compare<T extends string | number | Date>(a: T, b: T): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}
