/** @returns the name quoted for SQL; any content is safe. */
export function asIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
