/**
 * Decodes the name of a database or table in a file name: every byte except letters, digits and `_` is `%XX`. Source: ClickHouse,
 * src/Common/escapeForFileName.cpp.
 * @returns undefined for one that is not encoded this way.
 */
export function unescapeFileName(name: string): string | undefined {
  if (!/^(?:\w|%[0-9A-F]{2})+$/.test(name)) return undefined;
  try {
    return decodeURIComponent(name);
  } catch {
    return Buffer.from(
      name.replaceAll(/%(..)/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ).toString();
  }
}
