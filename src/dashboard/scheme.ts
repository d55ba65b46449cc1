import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { html, type Markup, trusted } from '../support/html.ts';

/** The reader's colour scheme; `auto`: the system's. */
export const SCHEMES = ['auto', 'light', 'dark'] as const;
export type Scheme = (typeof SCHEMES)[number];

const COOKIE = 'firedrill-scheme';
const YEAR_S = 365 * 86_400;

/** The choice is part of the page, so that it never flashes in other colours. */
export function readScheme(context: Context): Scheme {
  const chosen = getCookie(context, COOKIE);
  return SCHEMES.find((scheme) => scheme === chosen) ?? 'auto';
}

export function keepScheme(context: Context, scheme: Scheme): void {
  setCookie(context, COOKIE, scheme, { path: '/', httpOnly: true, sameSite: 'Lax', maxAge: YEAR_S });
}

/** Three buttons, one of them pressed. */
export function schemeForm(view: { readonly scheme: Scheme; readonly here: string }): Markup {
  return html`<form class="schemes" method="post" action="/scheme" aria-label="Color scheme"><input type="hidden" name="next" value="${view.here}">${SCHEMES.map(
    (scheme) =>
      html`<button type="submit" name="scheme" value="${scheme}" aria-label="${LABELS[scheme]}" title="${LABELS[scheme]}" aria-pressed="${scheme === view.scheme ? 'true' : 'false'}">${ICONS[scheme]}</button>`,
  )}</form>`;
}

const LABELS: Readonly<Record<Scheme, string>> = {
  auto: 'System colors',
  light: 'Light colors',
  dark: 'Dark colors',
};

const ICONS: Readonly<Record<Scheme, Markup>> = {
  auto: icon('<rect x="2" y="3" width="12" height="8.5" rx="1.5"/><path d="M6 14h4"/>'),
  light: icon(
    '<circle cx="8" cy="8" r="2.8"/><path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9"/>',
  ),
  dark: icon('<path d="M13.5 9.8A6 6 0 1 1 6.2 2.5a4.8 4.8 0 0 0 7.3 7.3z"/>'),
};

function icon(shapes: string): Markup {
  return trusted(
    `<svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${shapes}</svg>`,
  );
}
