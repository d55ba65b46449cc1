import { DrillError } from '../../../support/errors.ts';
import { formatInstant } from '../../../support/instants.ts';
import type { LogArchive, RecoveryTarget } from '../../format.ts';
import type { LogPlan } from '../log/plan-log.ts';
import { readSegmentName } from '../log/segment-name.ts';

/**
 * What an archive holds besides the log that will be replayed.
 * @returns notes to be shown with the run.
 * @throws DrillError `log-incomplete` if the end of the archive is to be recovered, and another server's end was stored later.
 */
export function noteLog(
  { description, files }: Pick<LogArchive, 'description' | 'files'>,
  { plan, segmentBytes }: { readonly plan: LogPlan; readonly segmentBytes: number },
  { kind }: RecoveryTarget,
): readonly string[] {
  if (kind === 'backup-end') return [];
  const { rival, newest } = plan;
  const notes: string[] = [];
  if (rival) {
    const { segment, followed } = rival;
    const said = `two servers archive to ${description}: recovery follows the newest timeline, ${followed}, and not ${segment.name} of timeline ${segment.timeline}`;
    const [ours, theirs] = [newest.file.modifiedAt, segment.file.modifiedAt];
    if (kind === 'latest' && ours && theirs && theirs > ours) {
      throw new DrillError('log-incomplete', `${said}, which was stored later (${formatInstant(theirs)})`, {
        hint: 'Turn `archive_mode` off on the server that should not archive, usually a promoted copy, and move the `.history` file and the segments of its timeline elsewhere.',
      });
    }
    notes.push(`${said}, which was stored after that timeline began`);
  }
  const partial = kind === 'latest' && findPartial(files, newest, segmentBytes);
  if (partial)
    notes.push(
      `${partial} in ${description} was not a whole segment yet: it is not replayed, only ${newest.name} before it`,
    );
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
