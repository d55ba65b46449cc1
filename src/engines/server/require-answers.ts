import { DrillError } from '../../support/errors.ts';
import { formatCount } from '../../support/quantities.ts';
import { faultOf, type LoadFinding, lackOf } from '../whose-fault.ts';

/**
 * @param findings one for each table of a loaded dump that cannot be queried.
 * @throws DrillError `restore-failed` if the backup is at fault for any of them; otherwise what the image lacks, under its own code.
 */
export function requireAnswers(findings: readonly LoadFinding[]): void {
  const failed = findings.filter(({ kind }) => faultOf(kind) === 'failed');
  const [first] = failed;
  if (first !== undefined) {
    const more = failed.length === 1 ? '' : ` (and ${formatCount(failed.length - 1)} more)`;
    throw new DrillError('restore-failed', `the restored table ${first.text}${more}`, {
      hint: 'Check the errors of the restore and the server’s log.',
      details: failed.slice(0, MAX_LISTED).map(({ text }) => text),
    });
  }
  const lack = findings.map(lackOf).find((error) => error !== undefined);
  if (lack) throw lack;
}

const MAX_LISTED = 20;
