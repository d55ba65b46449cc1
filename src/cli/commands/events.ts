import type { FoundEvent } from '../../engines/log-events.ts';
import { ENGINE_DESCRIPTORS } from '../../engines/registry.ts';
import { type BackupForEvent, backupForEvent } from '../../run/backup-for-event.ts';
import { findLogEvents } from '../../run/find-log-events.ts';
import { DrillError, EXIT } from '../../support/errors.ts';
import { formatInstant } from '../../support/instants.ts';
import { toJson } from '../../support/json.ts';
import { formatBytes, formatCount, formatDuration } from '../../support/quantities.ts';
import type { IdentityName } from '../../support/vocabulary.ts';
import { sayThatSandboxesAreRemoved } from '../cancel-words.ts';
import { cleanUp } from '../clean-up.ts';
import { withBackup } from '../drill-changes.ts';
import { eventToJson, formatEvents, targetsAmong } from '../events-text.ts';
import { selectDrills } from '../select-drills.ts';
import { printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { WorkReporter } from '../work-reporter.ts';

export interface EventsOptions {
  readonly config: string | undefined;
  /** A duration to look back, or an instant. */
  readonly since: { readonly ms: number } | { readonly at: Date };
  readonly minRows: number | undefined;
  /** The backup whose log is searched, and from which recovery starts; undefined: the latest, or an older one if the event requires it. */
  readonly backup: string | undefined;
  readonly as: IdentityName | undefined;
  readonly runtime: string | undefined;
  readonly json: boolean;
}

/**
 * `firedrill events`: finds events that destroyed data in a drill's log archive, without restoring anything.
 * @returns 0 if the log was searched, whether or not anything was found; 1 if part of it is missing or damaged.
 */
export async function eventsCommand(tools: Toolbox, pattern: string, options: EventsOptions): Promise<number> {
  const { io, clock } = tools;
  const settings = await tools.loadSettings(options.config);
  const { drills } = await selectDrills(tools, settings, [pattern], { all: false, as: options.as });
  const [named] = drills;
  if (!named || drills.length > 1) {
    throw new DrillError('usage', `${pattern} names ${drills.length} drills`, { hint: 'Name one.' });
  }
  const drill = withBackup(named, options.backup);
  await using store = await tools.openStore(settings);
  const services = tools.drillServices(settings, store);
  await cleanUp(tools, settings, store);
  const { since: asked, minRows, runtime, json } = options;
  const since = 'at' in asked ? asked.at : new Date(clock.now().getTime() - asked.ms);
  const startedMs = clock.monotonicMs();
  const say = (text: string): void => void io.stderr.write(`${printable(services.redact(text))}\n`);
  let hasSandbox = false;
  const work = new WorkReporter(io, `searching the log of ${drill.name}`, () => clock.monotonicMs());
  const found = await findLogEvents(
    {
      drill,
      since,
      minRows,
      runtime,
      as: options.as ?? 'drill',
      onPlanned: ({ files, bytes, range, major }, archive) => {
        const what = `${formatCount(files)} file${files === 1 ? '' : 's'} (${formatBytes(bytes)}) of the log in ${archive}`;
        work.print(
          printable(
            services.redact(
              `${drill.name}: ${what}: ${range}, ${ENGINE_DESCRIPTORS[drill.engine.type].title} ${major}, since ${formatInstant(since)}`,
            ),
          ),
        );
      },
      onProgress: (text) => work.tell(services.redact(text)),
      onSandbox: () => {
        hasSandbox = true;
        sayThatSandboxesAreRemoved(io);
      },
      signal: io.interrupt,
    },
    services,
  )
    .finally(() => work[Symbol.dispose]())
    .catch((thrown: unknown) => {
      if (!io.interrupt.aborted) throw thrown;
      throw new DrillError('interrupted', hasSandbox ? 'canceled; the sandbox is removed' : 'canceled', {
        cause: thrown,
      });
    });
  const { events, notSearched, notCounted, notes = [], backups } = found;
  const suggestion = (event: FoundEvent): BackupForEvent =>
    options.backup === undefined ? backupForEvent(event, backups) : { kind: 'older', key: options.backup };
  const took = formatDuration(clock.monotonicMs() - startedMs);
  if (json) {
    const targetOf = targetsAmong(events, minRows);
    for (const event of events)
      io.stdout.write(`${services.redact(toJson(eventToJson(event, targetOf(event), suggestion)))}\n`);
    for (const sentence of notSearched)
      io.stdout.write(`${services.redact(toJson({ type: 'not-searched', sentence }))}\n`);
    for (const sentence of notes) io.stdout.write(`${services.redact(toJson({ type: 'note', sentence }))}\n`);
    if (notCounted !== undefined)
      io.stdout.write(`${services.redact(toJson({ type: 'not-counted', sentence: notCounted }))}\n`);
  } else {
    for (const line of formatEvents(found, drill.place.file, minRows, suggestion))
      io.stdout.write(`${services.redact(line)}\n`);
    say(`${formatCount(events.length)} event${events.length === 1 ? '' : 's'} in ${took}`);
    if (backups === undefined)
      say('HINT: The backups cannot be listed. For an event before the latest one, name an older one with --backup.');
  }
  return notSearched.length > 0 ? EXIT.failed : EXIT.passed;
}
