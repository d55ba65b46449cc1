/** @param pattern a name in which `*` matches any text, including none. @returns whether it matches the whole name. */
export function matchesName(pattern: string, name: string): boolean {
  return new RegExp(`^${pattern.split(/\*+/).map(escapeText).join('.*')}$`, 's').test(name);
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.+?()[\]{}|]/g, '\\$&');
}
