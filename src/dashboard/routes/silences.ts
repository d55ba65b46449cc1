import type { Context, Hono } from 'hono';
import type { SilenceMatch } from '../../record/silence-store.ts';
import { readSilences } from '../../status/silenced.ts';
import { LABEL_NAME } from '../../support/vocabulary.ts';
import type { DashboardEnv } from '../access/guard.ts';
import { readForm } from '../access/read-body.ts';
import type { DashboardDeps } from '../deps.ts';
import type { View } from '../layout.ts';
import { silencesPage } from '../pages/silences.ts';
import { badQueryPage, messagePage } from '../pages/simple-pages.ts';
import { endSilence, type SilenceOrder, silence } from '../silencing.ts';
import { flashMessageOf, whoCancels } from './actions.ts';
import { plainQuery, readQuery } from './page-query.ts';

type MakeView = (context: Context<DashboardEnv>) => View;

/** The page of silences; mount it where users are identified. */
export function addSilencePage(app: Hono<DashboardEnv>, deps: DashboardDeps, makeView: MakeView): void {
  app.get('/silences', async (context) => {
    const view = makeView(context);
    if (!readQuery(context, plainQuery)) return context.html(badQueryPage(view), 400);
    const silences = await readSilences(deps.store(), view.now);
    const drills = (await deps.standings()).drills.map(({ drill }) => drill);
    return context.html(silencesPage(view, silences, drills, flashMessageOf(context)));
  });
}

/** Plans and ends silences; mount it behind the access checks. */
export function addSilenceActions(app: Hono<DashboardEnv>, deps: DashboardDeps, makeView: MakeView): void {
  app.post('/silences', async (context) => {
    const order = toOrder(await readForm(context));
    const outcome = 'problem' in order ? order : await silence(deps, order, whoCancels(context, 'web'));
    if ('problem' in outcome)
      return context.html(messagePage(makeView(context), 'Invalid request', deps.redact(outcome.problem)), 400);
    deps.onAccess(`${context.get('identity').name} planned silence ${outcome.made.id}`);
    return context.redirect('/silences?said=silenced', 303);
  });
  app.post('/silences/:id/end', async (context) => {
    const id = context.req.param('id');
    const ended = await endSilence(deps, id, whoCancels(context, 'web'));
    if (ended) deps.onAccess(`${context.get('identity').name} ended silence ${id}`);
    return context.redirect(`/silences?said=${ended ? 'unsilenced' : 'over'}`, 303);
  });
}

/** Empty fields are ignored; an invalid field is an error, because ignoring it would silence more drills. */
function toOrder(form: Readonly<Record<string, unknown>>): SilenceOrder | { readonly problem: string } {
  const text = (name: string) => {
    const value = form[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const drills = text('drills');
  const names = (drills ?? '').split(/[\s,]+/).filter((name) => name !== '');
  if (drills !== undefined && names.length === 0) return { problem: 'Enter drill names, such as orders, ledger.' };
  const label = text('label');
  const [, key = '', value = ''] = /^([^=]+)=(.+)$/.exec(label ?? '') ?? [];
  if (label !== undefined && !LABEL_NAME.test(key)) return { problem: 'Enter a label, such as service=payments.' };
  const tier = text('tier');
  if (tier !== undefined && !/^\d$/.test(tier)) return { problem: 'Enter a tier from 0 to 9.' };
  const owner = text('owner');
  const match: SilenceMatch = {
    ...(names.length > 0 && { drills: names }),
    ...(owner !== undefined && { owner }),
    ...(tier !== undefined && { tier: Number(tier) }),
    ...(label !== undefined && { labels: { [key]: value } }),
  };
  return {
    match,
    all: text('all') !== undefined,
    from: text('from'),
    until: text('until'),
    for: text('for'),
    reason: text('reason') ?? '',
    pausesRuns: text('pause') !== undefined,
  };
}
