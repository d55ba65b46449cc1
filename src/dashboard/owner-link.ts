import { html, type Markup } from '../support/html.ts';
import type { View } from './layout.ts';

function pathOfOwner(owner: string): string {
  return `/owners/${encodeURIComponent(owner)}`;
}

/** The owner's name as a link to their page; as plain text if the name had to be cleaned for display. */
export function ownerLink(view: View, owner: string): Markup {
  const shown = view.show(owner);
  return shown === owner ? html`<a href="${pathOfOwner(owner)}">${owner}</a>` : html`${shown}`;
}
