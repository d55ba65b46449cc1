import { DrillError } from '../../support/errors.ts';
import { toPrintable } from '../../support/printable.ts';
import { formatCount } from '../../support/quantities.ts';

/** @throws DrillError `restore-failed` when a table of a loaded dump does not answer a query. */
export function requireAnswers(
  unanswered: readonly { readonly name: string /** Without values. */; readonly why: string }[],
): void {
  const [first] = unanswered;
  if (first === undefined) return;
  const more = unanswered.length === 1 ? '' : ` (and ${formatCount(unanswered.length - 1)} more)`;
  throw new DrillError(
    'restore-failed',
    `the restored ${toPrintable(first.name, 200)} does not answer${more}: ${toPrintable(first.why, 200)}`,
    {
      hint: 'Look at the errors of the restore, and at the server’s log.',
      details: unanswered.slice(0, 20).map(({ name, why }) => toPrintable(`${name}: ${why}`, 300)),
    },
  );
}
