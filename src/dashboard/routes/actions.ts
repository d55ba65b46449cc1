import type { Context, Hono } from 'hono';
import { ACKNOWLEDGEMENT_KINDS } from '../../support/vocabulary.ts';
import type { DashboardEnv } from '../access/guard.ts';
import { readForm } from '../access/read-body.ts';
import { type AcknowledgementRequest, acknowledge, endAcknowledgement } from '../acknowledging.ts';
import type { DashboardDeps } from '../deps.ts';
import { pathOfDrill, pathOfRun } from '../format.ts';
import type { View } from '../layout.ts';
import { messagePage } from '../pages/simple-pages.ts';

/** The results of actions, selected by a keyword in the URL, so that no text from the URL is shown. */
const SAID: Readonly<Record<string, string>> = {
  queued: 'Queued.',
  busy: 'A run of this drill is already queued or in progress.',
  stopping: 'Canceling; removing the sandbox.',
  removing: 'Its sandbox is being removed.',
  gone: 'This run has ended.',
  unfollowed: 'This run cannot be canceled from here. Cancel it where it was started.',
  keeping: 'The sandbox will be kept after the run.',
  acknowledged: 'Acknowledged. No more reminders about this problem.',
  snoozed: 'Snoozed. No alerts about this drill for that time.',
  ended: 'Ended. Alerts and reminders are sent again.',
  silenced: 'Silence planned.',
  unsilenced: 'Silence ended. Alerts are sent again.',
  over: 'This silence has already ended.',
  fine: 'There is no problem to acknowledge.',
  late: 'Too late: the sandbox of this run is being removed.',
};

export function flashMessageOf(context: Context<DashboardEnv>): string | undefined {
  const said = context.req.query('said') ?? '';
  return Object.hasOwn(SAID, said) ? SAID[said] : undefined;
}

/** As recorded: `by hand (alice, web)`. */
export function whoAsks(context: Context<DashboardEnv>): string {
  return `${context.get('identity').name}, web`;
}

/** As recorded: `canceled by alice (web)`. */
export function whoCancels(context: Context<DashboardEnv>, where: 'web' | 'API'): string {
  return `${context.get('identity').name} (${where})`;
}

const MAX_KEEP_MINUTES = 60;
const MINUTE_MS = 60_000;

/** The routes that run, cancel and keep; mount them behind the access checks. */
export function addActionRoutes(
  app: Hono<DashboardEnv>,
  deps: Pick<DashboardDeps, 'control' | 'onAccess' | 'store' | 'standings' | 'clock'>,
  makeView: (context: Context<DashboardEnv>) => View,
): void {
  const { control, onAccess } = deps;
  const note = (context: Context<DashboardEnv>, did: string) => onAccess(`${context.get('identity').name} ${did}`);

  app.post('/drills/:name/run', async (context) => {
    const name = context.req.param('name');
    if (control.unavailable !== undefined)
      return context.html(
        messagePage(makeView(context), 'Not now', `Drills are read-only here: ${control.unavailable}.`),
        503,
      );
    const { overBudget } = await readForm(context);
    const outcome = control.runNow(name, whoAsks(context), overBudget === 'yes');
    if (outcome === 'unknown') return context.html(messagePage(makeView(context), 'Not found', 'No such drill.'), 404);
    if (outcome === 'queued') note(context, `started ${name}`);
    return context.redirect(`${pathOfDrill(name)}?said=${outcome}`, 303);
  });
  app.post('/runs/:id/stop', async (context) => {
    const id = context.req.param('id');
    const isKept = control.running.some(({ runId, kept }) => runId === id && kept !== undefined);
    const outcome = await control.stop(id, whoCancels(context, 'web'));
    if (outcome === 'accepted') note(context, isKept ? `removed the kept sandbox of run ${id}` : `stopped run ${id}`);
    const said = { accepted: isKept ? 'removing' : 'stopping', ended: 'gone', unfollowed: 'unfollowed' };
    return context.redirect(`${pathOfRun(id)}?said=${said[outcome]}`, 303);
  });
  app.post('/runs/:id/keep', async (context) => {
    const id = context.req.param('id');
    const { minutes } = await readForm(context);
    const wanted = typeof minutes === 'string' && /^\d{1,2}$/.test(minutes) ? Number(minutes) : 0;
    if (wanted < 1 || wanted > MAX_KEEP_MINUTES)
      return context.html(
        messagePage(makeView(context), 'Invalid request', `A sandbox is kept for 1 to ${MAX_KEEP_MINUTES} minutes.`),
        400,
      );
    const outcome = await control.keep(id, wanted * MINUTE_MS, whoCancels(context, 'web'));
    if (outcome === 'accepted') note(context, `keeps the sandbox of run ${id} for ${wanted} minutes`);
    const said = { accepted: 'keeping', ended: 'late', unfollowed: 'unfollowed' };
    return context.redirect(`${pathOfRun(id)}?said=${said[outcome]}`, 303);
  });
  app.post('/drills/:name/acknowledge', async (context) => {
    const name = context.req.param('name');
    const { kind, reason, for: time } = await readForm(context);
    const request = toRequest(kind, reason, time);
    const outcome = request && (await acknowledge(deps, name, request, whoCancels(context, 'web')));
    if (outcome === 'unknown') return context.html(messagePage(makeView(context), 'Not found', 'No such drill.'), 404);
    if (outcome === undefined || outcome === 'endless')
      return context.html(
        messagePage(
          makeView(context),
          'Invalid request',
          'Enter a reason. Snoozing also needs a duration of at most one year.',
        ),
        400,
      );
    if (outcome !== 'fine') note(context, `${outcome} ${name}`);
    return context.redirect(`${pathOfDrill(name)}?said=${outcome}`, 303);
  });
  app.post('/drills/:name/acknowledge/end', async (context) => {
    const name = context.req.param('name');
    const ended = await endAcknowledgement(deps, name, whoCancels(context, 'web'));
    if (ended) note(context, `ended the acknowledgement or snooze of ${name}`);
    return context.redirect(`${pathOfDrill(name)}?said=ended`, 303);
  });
}

function toRequest(kind: unknown, reason: unknown, time: unknown): AcknowledgementRequest | undefined {
  const known = ACKNOWLEDGEMENT_KINDS.find((one) => one === kind);
  if (!known || typeof reason !== 'string' || reason.trim() === '' || reason.length > MAX_REASON) return undefined;
  return { kind: known, reason: reason.trim(), for: typeof time === 'string' && time !== '' ? time : undefined };
}

const MAX_REASON = 300;
