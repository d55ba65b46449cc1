import { copyStore } from '../../record/copy/copy-store.ts';
import { DrillError, EXIT } from '../../support/errors.ts';
import { formatInstant } from '../../support/instants.ts';
import { isOwnerDead, parseOwner } from '../../support/owner.ts';
import { formatCount } from '../../support/quantities.ts';
import type { Toolbox } from '../toolbox.ts';
import { showWork } from '../work-reporter.ts';

export interface StoreCopyOptions {
  readonly from: string;
  readonly to: string;
  readonly json: boolean;
}

/**
 * `firedrill store copy FROM TO`: copies all history into an empty store. Throws `usage`, `config-invalid`, `config-missing-variable`, and whatever
 * `copyStore` throws.
 */
export async function storeCopyCommand(tools: Toolbox, { from, to, json }: StoreCopyOptions): Promise<number> {
  const { io, clock } = tools;
  await using source = await tools.openStoreCopy(from, 'from');
  await using target = await tools.openStoreCopy(to, 'to');
  if (source.label === target.label)
    throw new DrillError('usage', 'the two stores are the same', { hint: 'Name another store as the second.' });
  const isDead = (text: string) => {
    const owner = parseOwner(text);
    return owner !== undefined && isOwnerDead(owner);
  };
  const copy = await showWork(tools, 'reading the store', (tell) =>
    copyStore(source, target, { now: () => clock.now(), isDead, tell }),
  );
  const rows = copy.tables.reduce((sum, table) => sum + table.rows, 0);
  const runs = copy.tables.find(({ table }) => table === 'run')?.rows ?? 0;
  if (json)
    io.stdout.write(`${JSON.stringify({ type: 'store-copy', from: source.label, to: target.label, ...copy })}\n`);
  else {
    io.stdout.write(
      `${copy.isContinued ? 'finished an earlier copy: ' : ''}copied ${formatCount(runs)} ${runs === 1 ? 'run' : 'runs'} (${formatCount(rows)} rows in ${copy.tables.length} tables) to ${target.label}; every row was compared\n` +
        'To use the copy, set `store` in firedrill.yaml to it, or FIREDRILL_STORE.\n',
    );
  }
  if (!copy.hasChanged) return EXIT.passed;
  io.stderr.write(
    `${source.label} was written to during the copy; the copy holds what was there on ${formatInstant(copy.readAt)}\n`,
  );
  return EXIT.errored;
}
