import type { AccessSettings } from '../../config/access-schema.ts';
import type { DrillStanding } from '../../status/read-standings.ts';
import { html, type Markup } from '../../support/html.ts';
import { badgeStateOf, drawBadge } from '../badge.ts';
import { pathOfDrill } from '../format.ts';
import type { View } from '../layout.ts';
import { copyButton } from './run-actions.ts';

/** How to show the drill's badge elsewhere. @param publicUrl without a trailing slash; undefined: the address is a placeholder. */
export function badgeSection(
  view: View,
  standing: DrillStanding,
  { publicUrl, access }: { readonly publicUrl: string | undefined; readonly access: Pick<AccessSettings, 'badges'> },
): Markup {
  const { name } = standing.drill;
  const { isPublic, keyHash } = access.badges;
  const base = publicUrl ?? 'https://FIREDRILL';
  const path = `/badge/${encodeURIComponent(name)}.svg`;
  const markdown = `[![recovery of ${name}](${base}${path}${!isPublic && keyHash !== undefined ? '?key=KEY' : ''})](${base}${pathOfDrill(name)})`;
  const who = isPublic
    ? 'Everyone who can reach this address can see it.'
    : keyHash === undefined
      ? html`Only signed-in users can see it. To show it in a README, set <code>access.badgeKey</code> or <code>access.badges</code>.`
      : html`Outside these pages, it requires the key in <code>access.badgeKey</code>, which gives access to badges only.`;
  return html`<section aria-labelledby="badge-heading"><h2 id="badge-heading">Badge</h2><details id="badge"><summary>${drawBadge(name, badgeStateOf(standing))}</summary>
<pre tabindex="0"><code>${view.show(markdown, 2000)}</code></pre><p>${copyButton(markdown, 'Markdown')}</p><p class="sub">${who}</p></details></section>`;
}
