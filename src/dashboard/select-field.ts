import { html, type Markup } from '../support/html.ts';

/** A choice of a filter, where nothing chosen means any. @param none what nothing chosen is called. */
export function selectField(
  name: string,
  label: string,
  options: readonly (readonly [string, string])[],
  chosen: string | undefined,
  none = 'any',
): Markup {
  return html`<label>${label} <select name="${name}"><option value="">${none}</option>${options.map(
    ([value, words]) => html`<option value="${value}"${value === chosen && html` selected`}>${words}</option>`,
  )}</select></label>`;
}
