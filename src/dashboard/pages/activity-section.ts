import type { Acknowledgement } from '../../record/acknowledgement-store.ts';
import type { Silence } from '../../record/silence-store.ts';
import { type MatchedDrill, matchesDrill } from '../../status/silenced.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import type { DashboardDeps } from '../deps.ts';
import { instant, plural } from '../format.ts';
import type { View } from '../layout.ts';
import { table } from '../table.ts';

/** User actions concerning a drill, newest first. */
export interface Activity {
  readonly at: Date;
  readonly by: string;
  /** `acknowledged until it was over`, `silenced, runs paused`, `ended the silence`. */
  readonly what: string;
  readonly reason: string;
}

const DAY_MS = 86_400_000;
const SHOWN = 50;

/** Reads the activity of the last year. */
export async function readActivity(
  { store, clock }: Pick<DashboardDeps, 'store' | 'clock'>,
  drill: MatchedDrill,
): Promise<readonly Activity[]> {
  const to = clock.now();
  const from = new Date(to.getTime() - 365 * DAY_MS);
  const said = await store().findAcknowledgements({ from, to: new Date(to.getTime() + 1) });
  const silences = await store().findSilences({ from });
  return [
    ...said.filter((one) => one.drill === drill.name).flatMap(ofAcknowledgement),
    ...silences.filter(({ match }) => matchesDrill(match, drill)).flatMap(ofSilence),
  ]
    .toSorted((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, SHOWN);
}

function ofAcknowledgement({ at, by, kind, reason, ended }: Acknowledgement): readonly Activity[] {
  const end = ended && {
    at: ended.at,
    by: ended.by,
    what: kind === 'snoozed' ? 'ended the snooze' : 'ended the acknowledgement',
    reason: '',
  };
  return [{ at, by, what: kind, reason }, ...(end ? [end] : [])];
}

function ofSilence({ id, at, by, reason, pausesRuns, ended }: Silence): readonly Activity[] {
  const what = `planned silence ${id}${pausesRuns ? ', runs paused' : ''}`;
  return [
    { at, by, what, reason },
    ...(ended ? [{ at: ended.at, by: ended.by, what: `ended silence ${id}`, reason: '' }] : []),
  ];
}

export function activitySection(view: View, activity: readonly Activity[]): Markup {
  if (activity.length === 0) return nothing;
  const rows = activity.map(({ at, by, what, reason }) => [instant(at), view.show(by), what, view.show(reason, 300)]);
  return html`<section aria-labelledby="activity-heading"><h2 id="activity-heading">Activity</h2><details id="activity"><summary>${plural(activity.length, 'entry', 'entries')} in the last year</summary>${table(
    {
      caption: 'Acknowledgements and silences, newest first',
      columns: [{ label: 'When' }, { label: 'Who' }, { label: 'What' }, { label: 'Reason', kind: 'wide' }],
      rows,
    },
  )}</details></section>`;
}
