import { toPrintable } from '../../support/printable.ts';

/** Programs used in backup jobs that prefix messages with their name. */
const PROGRAMS =
  'pg_dump|pg_dumpall|pg_restore|psql|mysqldump|mariadb-dump|mysqlpump|mysql|mariadb|mydumper|gzip|pigz|zstd|xz|bzip2|lz4|zip|tar|openssl|gpg|age|' +
  'sh|ash|dash|bash|-bash|zsh|env|sudo|su|nice|timeout|docker|docker-compose|podman|nerdctl|crictl|kubectl|oc|helm|ssh|scp|rsync|curl|wget|aws|gsutil|gcloud|az|mc|s3cmd|rclone|restic|fly|heroku';

/** First lines that are a program's message and cannot be SQL. */
const MESSAGES: readonly RegExp[] = [
  new RegExp(`^(?:/[\\w./-]+/)?(?:${PROGRAMS})(?:\\[\\d+\\])?: `),
  /^(?:the input device is not a TTY|cannot attach stdin to a TTY)/i,
  /^(?:Error response from daemon|Error: No such container|OCI runtime exec failed|Cannot connect to the Docker daemon)/,
  /^Error from server(?: \(\w+\))?:/,
  /^error: (?:unable to upgrade connection|You must be logged in|pod|container|the server doesn|timed out|lost connection|pods? )/i,
  /^(?:Unable to connect to the server|Defaulted container |If you don't see a command prompt|Unable to use a TTY|pod .* deleted)/,
  /^An error occurred \(\w+\)|^Unable to locate credentials|^upload failed: |^fatal error: /,
  /^(?:Pseudo-terminal will not be allocated|Permission denied|Host key verification failed|Warning: Permanently added)/,
  /^(?:Enter password|Password(?: for user [^:]*)?): ?/i,
  /^ERROR (?:\d+ \(\w{5}\)|\d+):? /,
  /^(?:error|fatal|panic|warning|warn|notice|usage|traceback \(most recent call last\)): ?/i,
  /^(?:Killed|Terminated|Segmentation fault|Broken pipe|Out of memory)\b/,
  /^.{0,200}: (?:command not found|not found|No such file or directory|Permission denied|No space left on device)\r?$/,
  /^(?:time="[^"]*" level=|\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d\S* (?:\[?(?:ERROR|FATAL|WARN|WARNING|INFO|error)))/,
  /^(?:FATAL|DETAIL|HINT|LOG): {2}/,
];

/** First lines of a mail in which cron sends a job's output. Inside a dump, they may be rows. */
const MAIL =
  /^(?:From \S+ +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) |(?:From|To|Subject|Received|Return-Path|Message-ID|Date|X-Cron-Env): )/i;

/** Source: pg_log_error in PostgreSQL's src/common/logging.c; before version 12, the archiver's own format. */
const DUMP_FAILURE = /^(?:\/[\w./-]+\/)?pg_dump(?:all)?: (?:error: |fatal: |\[archiver[^\]]*\] )/;

/** Whether a line reports that pg_dump failed, so that an expected dump is missing or incomplete. */
export function saysDumpFailed(line: string): boolean {
  return DUMP_FAILURE.test(line);
}

/** The header of a dump, somewhere after the message; no line ends between a prompt and it. */
const DUMP_AFTER =
  /^(?:Enter password: ?|Password(?: for user [^:\n]*)?: ?)?(?:-- PostgreSQL database (?:cluster )?dump|-- (?:MySQL|MariaDB) dump|\/\*M!999999)/m;

export interface ToolMessage {
  /** The line, quoted and without terminal control characters. */
  readonly quoted: string;
  /** Whether a dump starts after it. */
  readonly isBeforeDump: boolean;
}

/** @param text the first bytes of text content. @returns a program's message where a dump should start. */
export function findToolMessage(text: string): ToolMessage | undefined {
  const begin = text.replace(/^(?:\u00ef\u00bb\u00bf)?\s*/, '');
  const line = begin.slice(0, 1000).split(/\r?\n/, 1)[0] ?? '';
  if (!MAIL.test(line) && !MESSAGES.some((pattern) => pattern.test(line))) return undefined;
  return { quoted: quote(line), isBeforeDump: DUMP_AFTER.test(begin.slice(0, 65_536)) };
}

/** @param text SQL that a server refused, as latin1. @returns its first line that is a program's message, quoted. */
export function findMessageLine(text: string): string | undefined {
  const line = text.split(/\r?\n/).find((each) => MESSAGES.some((pattern) => pattern.test(each.slice(0, 1000))));
  return line === undefined ? undefined : quote(line.slice(0, 1000));
}

function quote(line: string): string {
  return `"${toPrintable(Buffer.from(line, 'latin1').toString('utf8').trimEnd(), 160)}"`;
}
