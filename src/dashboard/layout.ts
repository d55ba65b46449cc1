import { type Child, html, type Markup } from '../support/html.ts';
import { formTokenOf, type Identity } from './access/identity.ts';
import type { AssetUrls } from './assets/assets.ts';
import { MARK } from './assets/mark.ts';
import { type Scheme, schemeForm } from './scheme.ts';

/** What every page needs to know about its user, and the time. */
export interface View {
  readonly now: Date;
  /** undefined: the user is unknown. */
  readonly identity: Identity | undefined;
  readonly assets: AssetUrls;
  readonly version: string;
  /** The reader's choice of colours. */
  readonly scheme: Scheme;
  /** Path and query of the page. */
  readonly here: string;
  /** Whether other machines may share the store, and run drills. */
  readonly hasRunners: boolean;
  /** Cleans text from elsewhere: removes secrets and control characters. */
  readonly show: (text: string, maxLength?: number) => string;
}

export interface Page {
  /** Shown before `Firedrill` in the title. */
  readonly title: string;
  readonly current?: 'overview' | 'runs' | 'report' | 'coverage' | 'providers' | 'silences' | 'runners';
  /** Whether something needs attention: shown in the page's icon and title. undefined: the page does not know. */
  readonly isRed?: boolean | undefined;
  /** Whether it is about a run in progress, which its icon shows; without the script, it then reloads every ten seconds. */
  readonly isBusy?: boolean | undefined;
  /** `signin`: its content is centred. */
  readonly kind?: 'signin' | undefined;
  readonly body: Child;
  /** The result of the last action, shown once at the top. */
  readonly said?: string | undefined;
}

/** The complete page. */
export function layout(view: View, { title, current, isRed, isBusy, body, said, kind }: Page): Markup {
  const { assets, identity } = view;
  return html`<!doctype html>
<html lang="en"${view.scheme !== 'auto' && html` data-scheme="${view.scheme}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${view.scheme === 'auto' ? 'light dark' : view.scheme}">
<title>${fullTitle(title, isRed)}</title>
<link rel="icon" type="image/svg+xml" href="${iconOf(assets, isRed, isBusy)}">
<link rel="stylesheet" href="${assets.style}">
<script src="${assets.script}" defer></script>
${isBusy && html`<noscript><meta http-equiv="refresh" content="10"></noscript>`}</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="/">${MARK}Firedrill</a>
${
  identity &&
  html`<nav aria-label="Pages"><ul>
${NAVIGATION.filter(([key]) => key !== 'runners' || view.hasRunners).map(([key, href, label]) => html`<li><a href="${href}"${key === current && html` aria-current="page"`}>${label}</a></li>`)}
</ul></nav>`
}
<div class="who">${identity && html`<span class="name">${view.show(identity.name, 60)} · ${identity.role}</span>`}${schemeForm(view)}${identity?.by === 'session' && signOut(identity)}</div>
</header>
<main id="main" tabindex="-1"${kind !== undefined && html` class="${kind}-page"`}>
${said !== undefined && html`<p class="said" role="status">${said}</p>`}
${body}
</main>
<footer><span>Firedrill ${view.version}</span> <span>All times are UTC.</span> ${identity && html`<a href="/api">API</a>`} <span id="live" class="live" hidden></span></footer>
<p id="announce" class="hidden" role="status"></p>
</body>
</html>
`;
}

const NAVIGATION = [
  ['overview', '/', 'Overview'],
  ['runs', '/runs', 'Runs'],
  ['report', '/report', 'Report'],
  ['coverage', '/coverage', 'Coverage'],
  ['providers', '/providers', 'Providers'],
  ['silences', '/silences', 'Silences'],
  ['runners', '/runners', 'Runners'],
] as const;

/** The icon of a page; its symbol conveys the same as its colour. @param isRed undefined: it has no state. */
export function iconOf(assets: AssetUrls, isRed: boolean | undefined, isBusy = false): string {
  if (isBusy) return assets.busyIcon;
  if (isRed === undefined) return assets.plainIcon;
  return isRed ? assets.redIcon : assets.greenIcon;
}

export function fullTitle(title: string, isRed: boolean | undefined): string {
  return `${isRed === undefined ? '' : isRed ? '✖ ' : '✔ '}${title} · Firedrill`;
}

/** A form that makes changes; it carries the token that only our own pages contain. */
export function actionForm(view: View, action: string, inside: Child): Markup {
  return html`<form class="action" method="post" action="${action}"><input type="hidden" name="form" value="${view.identity ? formTokenOf(view.identity.formKey) : ''}">${inside}</form>`;
}

function signOut(identity: Identity): Markup {
  return html`<form method="post" action="/signout"><input type="hidden" name="form" value="${formTokenOf(identity.formKey)}"><button class="quiet" type="submit">Sign out</button></form>`;
}

export interface LivePart {
  readonly id: string;
  /** The changes that reload it: kinds, or `drill:NAME`, `run:ID`, `end:ID` for those of one drill or run, or for only a run's end. */
  readonly shows: string;
  /** Announced to screen readers when the text differs from the previous one. */
  readonly announce?: string | undefined;
  readonly title?: string | undefined;
  readonly icon?: string | undefined;
  /** Whether it shows remaining time: it then reloads every minute, even without a change. */
  readonly eachMinute?: boolean;
  readonly body: Child;
}

/** A part that the script reloads through `?part=ID` when something that it shows changes. Without the script it stays as it is. */
export function livePart({ id, shows, announce, title, icon, eachMinute = false, body }: LivePart): Markup {
  return html`<div id="${id}" data-live="${shows}"${eachMinute && html` data-each-minute`}${announce !== undefined && html` data-announce="${announce}"`}${title !== undefined && html` data-title="${title}"`}${icon !== undefined && html` data-icon="${icon}"`}>${body}</div>`;
}
