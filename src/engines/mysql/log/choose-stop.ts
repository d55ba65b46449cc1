import { DrillError } from '../../../support/errors.ts';
import type { RecoveryTarget } from '../../format.ts';
import { chooseEvent, describeEarlier, describeOthers, mayBeMeant } from './choose-event.ts';
import { InstantChooser, RandomChooser } from './choose-instant.ts';
import type { ChosenStop, StopChooser } from './choose-outcome.ts';
import { GtidChooser, PositionChooser } from './choose-position.ts';
import { describeEvent, describeLoss, formatPosition } from './event-text.ts';
import { EventFinder } from './find-events.ts';
import { type CountRows, TableSizes } from './table-sizes.ts';
import type { LogStop, LogTransaction } from './transaction.ts';

export interface StopContext {
  /** The database that the drill is about; undefined: any. */
  readonly database: string | undefined;
  /** When the backup was taken: a target before it needs an older backup. undefined: unknown. */
  readonly takenAt: Date | undefined;
  /** Where the replay begins. */
  readonly from: LogStop | undefined;
  /** undefined: the tables' row counts are unknown. */
  readonly countRows?: CountRows | undefined;
  /** Whether the backup contains a transaction, by its GTID. */
  readonly holds?: ((gtid: string) => boolean) | undefined;
}

/**
 * The chooser for a target that is a point within the log.
 * @returns undefined for the end of the backup and the end of the log, which need none.
 */
export function chooserFor(target: RecoveryTarget, context: StopContext): StopChooser | undefined {
  switch (target.kind) {
    case 'backup-end':
    case 'latest':
      return undefined;
    case 'time':
      return new InstantChooser(target.at, context.takenAt);
    case 'random':
      return new RandomChooser(target);
    case 'before':
      return new EventChooser(target, context);
    case 'position': {
      const { at, exclusive = false } = target;
      if ('gtid' in at) return new GtidChooser(at.gtid, exclusive, context.holds);
      if ('position' in at) return new PositionChooser(at.position, context.from);
      throw new DrillError('target-not-reached', 'the target is not a position of a binary log', {
        hint: 'Use `gtid` or `position`, such as `--to gtid=0-1-23` or `--to position=mysql-bin.000012:4711`.',
      });
    }
  }
}

class EventChooser implements StopChooser {
  readonly #target: Extract<RecoveryTarget, { kind: 'before' }>;
  readonly #database: string | undefined;
  readonly #finder: EventFinder;

  constructor(target: Extract<RecoveryTarget, { kind: 'before' }>, { database, countRows }: StopContext) {
    this.#target = target;
    this.#database = database;
    const isBySize = target.event === 'mass-delete' && countRows !== undefined;
    const sizes = isBySize ? new TableSizes(countRows) : undefined;
    this.#finder = new EventFinder(target.minRows, sizes, (event) => mayBeMeant(event, { ...target, database }));
  }

  get prepare(): ((transaction: LogTransaction) => Promise<void>) | undefined {
    return this.#finder.prepare;
  }

  take(transaction: LogTransaction): void {
    this.#finder.take(transaction);
  }

  choose(): ChosenStop {
    const { events } = this.#finder;
    const wanted = { ...this.#target, database: this.#database };
    const event = chooseEvent(events, wanted, this.#finder);
    const { stop, last, transaction, commitsAfter, database, tables } = event;
    const found = `found ${describeEvent(event)}; recovery stops before ${formatPosition({ file: stop.file, at: stop.position })}; ${describeLoss(event)}`;
    const more = [describeEarlier(events, event), describeOthers(events, event, wanted)];
    const [table] = tables;
    return {
      stop,
      last,
      first: transaction,
      commitsLeft: commitsAfter,
      lost: { database, object: this.#target.object ?? (table ? `${database}.${table.name}` : database) },
      found: [found, ...more.filter((line) => line !== undefined)],
    };
  }
}
