import { html, type Markup } from '../../support/html.ts';
import { formatApiReference } from '../api/api-reference.ts';
import { layout, type View } from '../layout.ts';
import { renderMarkdown } from '../markdown.ts';

/** The API's operations and objects, with the OpenAPI document for programs. */
export function apiPage(view: View): Markup {
  const addressOf = (target: string) => (target.startsWith('#') ? target : undefined);
  const [title = '', ...rest] = formatApiReference().split('\n');
  const text = renderMarkdown(rest.join('\n'), { addressOf, levelsDown: 0 });
  const head = html`<h1>${title.replace(/^# /, '')}</h1><p><a href="/api/v1/openapi.json">OpenAPI document</a></p>`;
  return layout(view, { title: 'HTTP API', body: html`${head}<div class="prose">${text}</div>` });
}
