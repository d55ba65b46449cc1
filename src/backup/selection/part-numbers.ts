/** How the parts of a file are numbered. Each style is ordered as in GNU split(1). */
export type PartStyle = 'letters' | 'digits' | 'hex';

/** @returns undefined if the suffix is not a part number. */
export function styleOf(suffixes: readonly string[]): PartStyle | undefined {
  if (suffixes.every((suffix) => /^\d+$/.test(suffix))) return 'digits';
  if (suffixes.every((suffix) => /^[a-z]+$/.test(suffix))) return 'letters';
  return suffixes.every((suffix) => /^[\da-f]+$/.test(suffix)) ? 'hex' : undefined;
}

export function comparePartNumbers(style: PartStyle, a: string, b: string): number {
  if (style === 'digits') return Number(a) - Number(b) || a.length - b.length;
  return a < b ? -1 : Number(a > b);
}

/** Whether a part may be the first: `aa`, `00`, `1`. */
export function isFirst(style: PartStyle, suffix: string): boolean {
  return style === 'letters' ? /^a+$/.test(suffix) : /^0*[01]$/.test(suffix);
}

/** The suffix of the first part, in the same form as another suffix. */
export function firstLike(style: PartStyle, suffix: string): string {
  if (style === 'letters') return 'a'.repeat(suffix.length);
  return style === 'digits' ? '1'.padStart(suffix.length, '0') : '0'.repeat(suffix.length);
}

/**
 * The suffixes that may follow: the next one, and the lengthened one where split(1) extends its suffixes (`yz` → `zaaa`, `89` → `9000`).
 * Source: GNU coreutils, src/split.c, next_file_name.
 */
export function successorsOf(style: PartStyle, suffix: string): readonly string[] {
  if (style === 'hex') return [(Number.parseInt(suffix, 16) + 1).toString(16).padStart(suffix.length, '0')];
  if (style === 'digits') {
    const next = String(Number(suffix) + 1).padStart(suffix.length, '0');
    const longer = /^(9*)89*$/.test(suffix) ? next.padEnd(suffix.length + 2, '0') : undefined;
    return longer === undefined ? [next] : [next, longer];
  }
  const next = nextLetters(suffix);
  const longer = /^z*yz*$/.test(suffix) ? next.padEnd(suffix.length + 2, 'a') : undefined;
  return longer === undefined ? [next] : [next, longer];
}

function nextLetters(suffix: string): string {
  const kept = suffix.replace(/z*$/, '');
  const last = kept.charCodeAt(kept.length - 1);
  if (kept === '') return 'a'.repeat(suffix.length + 1);
  return (kept.slice(0, -1) + String.fromCharCode(last + 1)).padEnd(suffix.length, 'a');
}
