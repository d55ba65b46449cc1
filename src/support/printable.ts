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

function escapeText(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    if (character === '\r') return '\\r';
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
