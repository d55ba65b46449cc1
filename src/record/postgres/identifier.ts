/** @returns the name as SQL, whatever it holds. */
export function asIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
