import type { Drill } from '../../config/drill-file.ts';
import type { Store } from '../../record/store.ts';
import { describeAcknowledgement, makeAcknowledgement } from '../../status/acknowledged.ts';
import { readStandingsOnce } from '../../status/read-standings-once.ts';
import { DrillError, EXIT } from '../../support/errors.ts';
import { toJson } from '../../support/json.ts';
import type { AcknowledgementKind } from '../../support/vocabulary.ts';
import { chooseDrills, type DrillChoice } from '../choose-drills.ts';
import { printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { userName } from '../user-name.ts';

export interface AcknowledgeOptions extends DrillChoice {
  readonly config: string | undefined;
  readonly kind: AcknowledgementKind;
  readonly reason: string | undefined;
  /** For how long; undefined: until the problem is over. */
  readonly forMs: number | undefined;
  /** Withdraws the acknowledgement or snooze. */
  readonly end: boolean;
  readonly json: boolean;
}

/**
 * `firedrill ack` and `firedrill snooze`: acknowledges a drill's problem, or suspends notifications about drills for a while.
 * @param patterns drills, by name or file.
 * @throws DrillError `usage` if there is no problem to acknowledge, nothing to end, or a reason or an end is missing; `drill-not-found`.
 */
export async function acknowledgeCommand(
  tools: Toolbox,
  patterns: readonly string[],
  options: AcknowledgeOptions,
): Promise<number> {
  const settings = await tools.loadSettings(options.config);
  const { drills, refused } = await chooseDrills(tools, settings, patterns, options);
  await using store = await tools.openStore(settings);
  const lines = options.end
    ? await endAll(tools, store, drills)
    : await sayAll(tools, store, drills, options, requireReason(options));
  for (const { drill, text, said } of lines)
    tools.io.stdout.write(options.json ? `${toJson({ type: 'acknowledgement', drill, ...said })}\n` : `${text}\n`);
  return refused ? EXIT.usage : EXIT.passed;
}

interface Line {
  readonly drill: string;
  readonly text: string;
  readonly said: object;
}

function requireReason({ reason = '', kind, forMs }: AcknowledgeOptions): string {
  if (reason.trim() === '')
    throw new DrillError('usage', '--reason is missing', {
      hint: 'Add --reason "…"; lists, pages and reports show it.',
    });
  if (kind === 'snoozed' && forMs === undefined)
    throw new DrillError('usage', '--for is missing', { hint: 'Add --for with a duration such as 4h or 3d.' });
  return reason.trim();
}

async function endAll({ clock }: Toolbox, store: Store, drills: readonly Drill[]): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const { name: drill } of drills) {
    if (!(await store.endAcknowledgement(drill, clock.now(), userName()))) continue;
    lines.push({ drill, text: `${printable(drill)}: alerts and reminders are sent again`, said: { ended: true } });
  }
  if (lines.length > 0) return lines;
  throw new DrillError('usage', `there is nothing to end for ${drills.map(({ name }) => name).join(', ')}`, {
    hint: '`firedrill list` shows what is acknowledged and snoozed.',
  });
}

async function sayAll(
  { clock }: Toolbox,
  store: Store,
  drills: readonly Drill[],
  { kind, forMs }: AcknowledgeOptions,
  reason: string,
): Promise<readonly Line[]> {
  const now = clock.now();
  const { drills: known } = await readStandingsOnce(store, drills, now);
  const said = { kind, reason, at: now, by: userName(), forMs };
  const lines: Line[] = [];
  for (const { standing } of known) {
    const made = makeAcknowledgement(standing, said);
    if (!made) continue;
    await store.acknowledge(made);
    lines.push({ drill: made.drill, text: `${printable(made.drill)}: ${describeAcknowledgement(made)}`, said: made });
  }
  if (lines.length > 0) return lines;
  const states = known.map(({ drill, standing }) => `${drill.name} (${standing.state})`).join(', ');
  throw new DrillError('usage', `there is no problem to acknowledge: ${states}`, {
    hint: 'To stop alerts about a drill for a while, snooze it; for planned work, see `firedrill silence add --help`.',
  });
}
