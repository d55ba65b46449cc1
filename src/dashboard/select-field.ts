import { html, type Markup } from '../support/html.ts';

/** A filter's drop-down, where no selection means any. @param none label for no selection. */
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
