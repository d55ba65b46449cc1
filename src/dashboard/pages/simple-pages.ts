import { html, type Markup } from '../../support/html.ts';
import { MARK } from '../assets/mark.ts';
import { layout, type View } from '../layout.ts';

/** The page that exchanges a token for a session. */
export function signInPage(view: View, next: string, problem: string | undefined, mode: 'sign-in' | 'nobody'): Markup {
  const none = html`<p>No token exists yet, so nobody can sign in. Create one on the machine that runs Firedrill:</p>
<pre tabindex="0"><code>firedrill token add NAME --role operator</code></pre>`;
  const form = html`${problem !== undefined && html`<p class="note bad" role="alert" id="problem">${problem}</p>`}
<form class="signin" method="post" action="/signin"><input type="hidden" name="next" value="${next}">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required spellcheck="false"${problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`}>
<button class="primary" type="submit">Sign in</button></form>
<p class="sub">No token? An operator of Firedrill creates one with <code>firedrill token add NAME --role viewer</code></p>`;
  return layout(
    { ...view, identity: undefined },
    {
      title: 'Sign in',
      kind: 'signin',
      body: html`<div class="signin-card">${MARK}<h1>Sign in to Firedrill</h1>${mode === 'nobody' ? none : form}</div>`,
    },
  );
}

/** A page for an error or a refusal. */
export function messagePage(view: View, title: string, words: string): Markup {
  const links =
    view.identity &&
    html`<p class="actions"><a class="button" href="/">Overview</a> <a class="button" href="/runs">Runs</a></p>`;
  return layout(view, {
    title,
    kind: 'signin',
    body: html`<div class="message"><h1>${title}</h1><p class="lead">${words}</p>${links}</div>`,
  });
}

/** For an address with unknown parameters, so that the response is not mistaken for what was requested. */
export function badQueryPage(view: View): Markup {
  const words = 'The address has an unknown parameter, or one with an invalid value, so nothing is shown.';
  return messagePage(view, 'Invalid request', words);
}
