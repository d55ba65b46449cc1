export const MAX_SHOWN_LENGTH = 200;

/**
 * C0, DEL, C1, zero-width, line and paragraph separators, direction overrides, byte order mark, lone surrogates: data from a backup must not
 * be able to steer a terminal or to reorder a report.
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;

/** Text made harmless: nothing in it but what can be seen, cut after 200 characters with its full length told. */
export function toPrintable(text: string, maxLength: number = MAX_SHOWN_LENGTH): string {
  if (text.length <= maxLength) return escapeText(text);
  return `${escapeText(text.slice(0, maxLength))}… (${text.length.toLocaleString('en-US')} characters)`;
}

/** What our own output may hold beside text: line ends, tabs, colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same
const OWN_CONTROLS = /(\r?\n|\t|\u001b\[[\d;]*m)/;

/**
 * Whole output made harmless wherever a name in it came from: line ends, tabs and colours stay, everything else that steers a terminal or reorders
 * its text is escaped. The escapes are those of JSON, so a JSON document means the same afterwards.
 */
export function toTerminalText(text: string): string {
  if (!new RegExp(UNSAFE.source, 'u').test(text)) return text;
  return text
    .split(OWN_CONTROLS)
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
