import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { coordinatesInDump } from './start-coordinates.ts';

/** Where in a log a dump says that it was taken, wherever in its text. Several dumps in one file state several positions. */
export class StatedStarts {
  private readonly positions = new Set<string>();
  private readonly gtids = new Set<string>();

  /** @param text a comment or a statement. */
  note(text: string): void {
    if (!MAY_STATE.test(text)) return;
    const { at, gtids } = coordinatesInDump(text) ?? {};
    if (at) this.positions.add(`${at.file}:${at.position}`);
    if (gtids !== undefined) this.gtids.add(gtids);
  }

  /** @throws DrillError `log-start-unknown` if there are several: what was changed between them is only in some of the tables. */
  requireOne(): void {
    const several = [this.positions, this.gtids].find(({ size }) => size > 1);
    if (!several) return;
    const shown = [...several].slice(0, 3).map((each) => toPrintable(each, 120));
    throw new DrillError(
      'log-start-unknown',
      `the dump states ${several.size} different positions in the log: ${shown.join(', ')}${several.size > shown.length ? ' and more' : ''}`,
      {
        hint: 'If it is several dumps in one file, take them at one moment (`--single-transaction --databases crm shop`), or drill each with a log of its own. A dump of a replica with several sources has a position for each.',
      },
    );
  }
}

const MAY_STATE = /_LOG_POS|GTID_PURGED|gtid_slave_pos/i;
