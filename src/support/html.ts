import { raw, html as tagged } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** Text that is HTML already: it goes into a page as it is. */
export type Markup = HtmlEscapedString;
export type Child = string | number | false | undefined | readonly Child[];

/** HTML in which every text that is put in is escaped; only {@link Markup} is not. It takes no promises, so that a page is there at once. */
export function html(strings: TemplateStringsArray, ...values: readonly Child[]): Markup {
  return tagged(strings, ...values) as Markup;
}

/** @param text made by this program, and by nobody else. */
export function trusted(text: string): Markup {
  return raw(text);
}

export const nothing: Markup = raw('');
