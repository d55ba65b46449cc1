import type { Reading } from '../../support/reading.ts';
import type { ArchiveRecord, CommitRecord, ReadingRecord, ReplayRecord, RunRecord } from '../run-record.ts';

export function replayColumn(replay: ReplayRecord | undefined) {
  return { replay: replay ? JSON.stringify(replay) : null };
}

export function readReplay(json: string | null): Pick<RunRecord, 'replay'> {
  if (json === null) return {};
  const { to, end, lastCommit, firstLost, isWholeLog, archive } = JSON.parse(json) as ReplayRecord;
  const whole = (commit: CommitRecord | undefined) =>
    commit && { transaction: commit.transaction, at: new Date(commit.at), position: commit.position };
  return {
    replay: {
      to,
      end,
      lastCommit: whole(lastCommit),
      firstLost: whole(firstLost),
      isWholeLog,
      ...(archive && { archive: readArchive(archive) }),
    },
  };
}

function readArchive({ newest, storedAt, lagMs }: ArchiveRecord): ArchiveRecord {
  return { newest, storedAt: storedAt && new Date(storedAt), lagMs };
}

export function readReading(json: string | null): ReadingRecord | undefined {
  if (json === null) return undefined;
  const { planned, actual, access, checksums, held, proof } = JSON.parse(json) as ReadingRecord;
  const whole = ({ bytes, requests, cost }: Reading) => ({ bytes, requests, cost });
  return {
    planned: whole(planned),
    actual: actual && whole(actual),
    ...(access === undefined ? {} : { access }),
    ...(checksums && { checksums }),
    ...(held && { held }),
    ...(proof && { proof: whole(proof) }),
  };
}
