export const MAX_SHOWN_LENGTH = 200;

/**
 * C0, DEL, C1, zero-width, line and paragraph separators, direction overrides, byte order mark, lone surrogates: data from a backup must not
 * be able to control a terminal or reorder a report.
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;

/** Makes a text safe to print: escapes invisible characters, and truncates it after `maxLength` characters, 200 by default, stating its full length. */
export function toPrintable(text: string, maxLength: number = MAX_SHOWN_LENGTH): string {
  if (text.length <= maxLength) return escapeText(text);
  return `${escapeText(text.slice(0, maxLength))}… (${text.length.toLocaleString('en-US')} characters)`;
}

/** Control characters allowed in our own output: line ends, tabs, colors. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same
const OWN_CONTROLS = /(\r?\n|\t|\u001b\[[\d;]*m)/;

/**
 * Makes a whole output safe to print, regardless of where the names in it come from: line ends, tabs and colors stay, everything else that controls a terminal
 * or reorders text is escaped. The escapes are those of JSON, so a JSON document keeps its meaning.
 * @param alsoOwn other sequences that stay, without capturing groups.
 */
export function toTerminalText(text: string, alsoOwn?: RegExp): string {
  if (!new RegExp(UNSAFE.source, 'u').test(text)) return text;
  const own = alsoOwn ? new RegExp(`(${OWN_CONTROLS.source.slice(1, -1)}|${alsoOwn.source})`) : OWN_CONTROLS;
  return text
    .split(own)
    .map((part, index) => (index % 2 === 1 ? part : escapeText(part)))
    .join('');
}

function escapeText(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    if (character === '\r') return '\\r';
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
