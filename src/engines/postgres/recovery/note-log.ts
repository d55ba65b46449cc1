import { DrillError } from '../../../support/errors.ts';
import { formatInstant } from '../../../support/instants.ts';
import type { LogArchive, RecoveryTarget } from '../../format.ts';
import { findRival } from '../log/find-rival.ts';
import type { LogPlan } from '../log/plan-log.ts';
import { readSegmentName } from '../log/segment-name.ts';

/**
 * What an archive holds besides the log that will be replayed.
 * @returns notes to be shown with the run.
 * @throws DrillError `log-incomplete` if the end of the archive is to be recovered, and another server wrote later; what reading the archive throws.
 */
export async function noteLog(
  archive: LogArchive,
  { plan, segmentBytes }: { readonly plan: LogPlan; readonly segmentBytes: number },
  { kind }: RecoveryTarget,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (kind === 'backup-end') return [];
  const { description, files } = archive;
  const { newest } = plan;
  const notes: string[] = [];
  const rival = await findRival(archive, plan, signal);
  if (rival) {
    const { segment, isNewer, at, knownBy } = rival;
    const said = `two servers archive to ${description}: recovery follows the newest timeline, ${plan.left?.followed}, and not ${segment.name} of timeline ${segment.timeline}`;
    const [later, after] =
      knownBy === 'content'
        ? ['which was written later', 'which was written after that timeline began']
        : ['which was stored later', 'which was stored after that timeline began'];
    if (kind === 'latest' && isNewer) {
      throw new DrillError('log-incomplete', `${said}, ${later} (${formatInstant(at)})`, {
        hint: 'Turn `archive_mode` off on the server that should not archive, usually a promoted copy, and move the `.history` file and the segments of its timeline elsewhere.',
      });
    }
    notes.push(`${said}, ${after}`);
  }
  const partial = kind === 'latest' && findPartial(files, newest, segmentBytes);
  if (partial)
    notes.push(`${partial} in ${description} is a partial segment: it is not replayed, only ${newest.name} before it`);
  return notes;
}

/** As pg_receivewal names the segment that it is receiving, and a promoted server the last one of the timeline that it left. */
const PARTIAL =
  /(?:^|\/)([0-9A-F]{24})(?:\.(?:gz|lz4))?\.partial(?:\.(?:gz|zst|lz4|xz|bz2|snappy|br))?(?:\.(?:age|gpg))?$/;

/** @returns the key of the partial segment that continues the log, if there is one. */
function findPartial(files: LogArchive['files'], newest: LogPlan['newest'], segmentBytes: number): string | undefined {
  const next = files.find(({ key }) => {
    const segment = readSegmentName(PARTIAL.exec(key)?.[1] ?? '', segmentBytes);
    return segment?.timeline === newest.timeline && segment.number === newest.number + 1;
  });
  return next?.key;
}
