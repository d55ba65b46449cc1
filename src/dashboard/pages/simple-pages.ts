import { html, type Markup } from '../../support/html.ts';
import { addressOf } from '../address.ts';
import { layout, type View } from '../layout.ts';
import { isFiltered, type RunsQuery, runsFilterForm } from '../runs-filter.ts';
import { formatCursor, type RunPage, runsTable } from '../runs-view.ts';

/** The page that exchanges a token for a session. */
export function signInPage(view: View, next: string, problem: string | undefined, mode: 'sign-in' | 'nobody'): Markup {
  const none = html`<p class="note warn">Nobody can sign in yet: there is no token. On the machine that runs Firedrill: <code>firedrill token add NAME --role operator</code></p>`;
  const form = html`${problem !== undefined && html`<p class="note bad" role="alert" id="problem">${problem}</p>`}
<form class="signin" method="post" action="/signin"><input type="hidden" name="next" value="${next}">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required spellcheck="false"${problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`}>
<button type="submit">Sign in</button></form>
<p class="sub">Whoever runs Firedrill makes tokens: <code>firedrill token add NAME --role viewer</code></p>`;
  return layout(
    { ...view, identity: undefined },
    { title: 'Sign in', body: [html`<h1>Sign in</h1>`, mode === 'nobody' ? none : form] },
  );
}

/** A page for an error or a refusal. */
export function messagePage(view: View, title: string, words: string): Markup {
  return layout(view, { title, body: html`<h1>${title}</h1><p>${words}</p><p><a href="/">To the overview</a></p>` });
}

/** For an address that asks for something unknown, so that nobody takes the answer for what they asked. */
export function badQueryPage(view: View): Markup {
  const words =
    'The address has a parameter that is unknown or whose value is invalid. Nothing is shown, so that it is not taken for the answer.';
  return messagePage(view, 'Invalid request', words);
}

/** Runs, newest first. */
export function runsPage(view: View, query: RunsQuery, { runs, next }: RunPage, isFirstPage: boolean): Markup {
  const last = runs.at(-1);
  const isAny = Object.values(query).some((value) => value !== undefined);
  const none = isAny
    ? html`No run matches. <a href="/runs">Show all</a>`
    : html`No drill has been run yet. Start one on its page, or type <code>firedrill run --all</code>.`;
  const list =
    runs.length === 0
      ? html`<p>${isFirstPage ? none : 'There are no older runs.'}</p>`
      : runsTable(view, runs, 'Runs, newest first', true);
  const isLimited = isFiltered(query) && query.from === undefined;
  const range =
    isLimited &&
    html`<p class="sub">Of the 90 days up to ${query.to ?? 'today'}, on this page and in the CSV. Give a first day to look further back.</p>`;
  const older = next !== undefined && last && addressOf('/runs', query, { after: formatCursor(last) });
  const pager = html`<p class="pager">${!isFirstPage && html`<a href="${addressOf('/runs', query)}">Newest</a> `}${older && html`<a href="${older}">Older runs</a> `}${runs.length > 0 && html`<a href="${addressOf('/runs.csv', query)}" download>All as CSV</a>`}</p>`;
  return layout(view, {
    title: 'Runs',
    current: 'runs',
    body: html`<h1>Runs</h1>${runsFilterForm(view, query)}${range}${list}${pager}`,
  });
}
