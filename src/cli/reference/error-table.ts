import { DrillError, ERROR_CODES, type ErrorCode, exitCodeOf, meaningOf } from '../../support/errors.ts';

/** One sentence per code, for the reference. The runbooks explain what to do. */
const SENTENCES: Record<ErrorCode, string> = {
  usage: 'The command line is wrong.',
  'config-invalid': 'A drill file or the settings are invalid.',
  'config-missing-file': 'A file named in the configuration does not exist.',
  'config-missing-variable': 'An environment variable named in the configuration is unset or empty.',
  'drill-not-found': 'No drill file was found.',
  'run-not-found': 'No run, or more than one, has this id.',
  'source-missing': 'The bucket or directory does not exist.',
  'source-denied': 'The store denies access.',
  'source-credentials': 'There are no credentials, or the store rejects them.',
  'source-wrong-region': 'The bucket is in another region.',
  'source-unreachable': 'The store does not answer.',
  'source-failed': 'The store answers with errors.',
  'backup-changed': 'The backup was deleted or replaced while it was being read.',
  'checksum-outdated': 'A checksum file next to the backup is older than the backup, and does not match it.',
  'backup-archived': 'The backup is in an archive storage class and has to be restored there first.',
  'backup-ambiguous': 'Names or ids in the source do not tell which files belong to which backup.',
  'backup-undated': 'No matching backup has the date that `backup.takenAt` requires.',
  'format-unsupported': 'The backup is in a format that Firedrill recognises but does not support.',
  'backup-encrypted': 'The backup is encrypted, but the drill has no key.',
  'key-missing': 'A key that `backup.keys` names cannot be read.',
  'key-wrong': 'None of the keys in `backup.keys` opens the encrypted backup.',
  'budget-exceeded':
    'The run would read or cost more than the drill’s `budget`, or the month’s (`limits.costPerMonth`).',
  'price-missing': 'The drill’s `budget` has a cost limit, but the settings have no price for its source.',
  'protection-unsupported': 'The drill sets `backup.immutable`, but the store does not support Object Lock.',
  'protection-unknown': 'The drill sets `backup.immutable`, but the store did not say how it protects the backup.',
  'engine-unreachable': 'The container engine does not answer.',
  'image-missing': 'The image does not exist and cannot be pulled.',
  'engine-mismatch': 'The backup is from a different product than the drill’s `engine.type`.',
  'extension-missing': 'The backup needs an extension that the image lacks.',
  'image-incomplete': 'The backup needs a collation, library, dictionary, plug-in or keyring that the image lacks.',
  'version-unsupported': 'No server here can load a backup of this version.',
  'tool-missing': 'A server binary or client tool is missing.',
  'sandbox-refused': 'This host cannot provide the limits or the isolation that the drill requires.',
  'sandbox-died': 'The sandbox disappeared during the run.',
  'sandbox-leaked': 'Part of the sandbox could not be removed.',
  'out-of-memory': 'The sandbox needed more memory than its limit.',
  'disk-full': 'No space was left.',
  'step-failed':
    'A program of an `exec` drill failed in a way that says nothing about the backup: it was a `prepare` step, it timed out, or it printed more than its limit.',
  'server-failed': 'The throw-away server did not start, or stopped unexpectedly.',
  'check-malformed': 'The server does not understand a check’s SQL, or the check tries to write.',
  'manifest-missing': 'A `fingerprint` check found no manifest next to the backup.',
  'manifest-unusable': 'The manifest next to the backup is damaged, or cannot be compared with the restored server.',
  'database-failed': 'The database that `firedrill fingerprint` reads is unreachable, or denies access.',
  'store-failed': 'History cannot be read or written.',
  'store-newer': 'History was written by a newer version of Firedrill.',
  'store-incomplete': 'The store holds an unfinished copy.',
  'store-differs': 'The copy of a store differs from the original.',
  'notify-failed': 'A notification could not be delivered; it is retried for a day if a retry can help.',
  'listen-failed': 'The scheduler cannot listen on the configured address.',
  'pdf-failed': 'The report could not be printed as a PDF.',
  internal: 'A bug in Firedrill.',
  interrupted: 'The run was canceled before its end.',
  stopped: 'A user canceled the run.',
  'backup-missing': 'No backup matches.',
  'backup-stale': 'The newest backup is older than the RPO.',
  'backup-empty': 'The backup has no content.',
  'backup-truncated': 'The backup is incomplete.',
  'backup-corrupt': 'The backup is damaged.',
  'backup-incomplete': 'An earlier backup that it builds on is missing, or is from another server.',
  'backup-unrecognised': 'The backup is not in a known format.',
  'restore-failed': 'The restore had errors.',
  'log-start-unknown': 'The backup does not say where in the server’s log it was taken.',
  'log-incomplete': 'The log archive has a gap, or lacks files that recovery needs.',
  'log-damaged': 'The log archive is damaged.',
  'target-ambiguous': 'Several events or restore points in the log match `recover.to`.',
  'target-in-future': 'The drill names an instant after the start of the run.',
  'target-not-reached': 'The log does not contain the point at which recovery should stop.',
  'wrong-data': 'A check failed.',
  'too-slow': 'Recovery took longer than the RTO, or the drill was stopped at its deadline.',
  'backup-unprotected': 'The backup can be deleted sooner than `backup.immutable` allows.',
};

/** Every error code, its meaning for a run, and its exit code, as a Markdown table. */
export function formatErrorTable(): string {
  const rows = ERROR_CODES.map((code) => {
    const meaning = meaningOf(code);
    const run = meaning === 'usage' ? 'no run' : STATUS_MEANINGS.has(meaning) ? meaning : `failed: ${meaning}`;
    return `| \`${code}\` | ${SENTENCES[code]} | ${run} | ${exitCodeOf(new DrillError(code, ''))} |`;
  });
  return ['| code | what it means | the run | exit code |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

const STATUS_MEANINGS = new Set<string>(['errored', 'interrupted']);
