import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { OPTIONS_AT } from '../formats/data-directory/aria-header.ts';
import { isFullCrc32, readPageEncryption, readPageSize } from '../formats/data-directory/innodb-header.ts';
import { CRYPT_BYTES, cryptOffset, type EncryptedSample, readCryptData } from './prove-keys.ts';

const DEFAULT_PAGE_BYTES = 16_384;
/** Maximum number of tables whose page is decrypted to prove a key. */
const MAX_SAMPLES = 10_000;

/** The parts of an unpacked backup that MariaDB itself encrypted (data-at-rest encryption). */
export interface EncryptedFiles {
  /** First file with encrypted pages; untrusted. */
  readonly first: string | undefined;
  /** Samples that distinguish the right key from a wrong one. */
  readonly samples: readonly EncryptedSample[];
  readonly isLogEncrypted: boolean;
}

/** Inspects one page of each InnoDB tablespace, and the head of each Aria table. Preparing a backup may succeed even though some tables cannot be read. */
export async function findEncrypted(
  key: string,
  directory: string,
  pageBytes: number | undefined,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<EncryptedFiles> {
  const pageSize = pageBytes ?? DEFAULT_PAGE_BYTES;
  const argv = ['sh', '-c', LOOK, 'look', directory, String(pageSize), String(cryptOffset(pageSize))];
  const stdout = new PassThrough();
  const looking = sandbox.exec(argv, { signal, stdout, env: { LC_ALL: 'C' } });
  const [{ exitCode, stderr }, found] = await Promise.all([looking, readLines(stdout, pageSize)]);
  if (exitCode === 0) return found;
  throw new DrillError(
    'server-failed',
    `the files of ${key} cannot be read in the sandbox: ${toPrintable(stderr, 200)}`,
  );
}

/**
 * @param lines of tab-separated fields: a name; the heads of the first page and of the one that follows it by a server's page size, and how the tablespace is
 * encrypted, as hex. The log has only its head; an Aria table the byte that states whether it is encrypted.
 */
export async function readLines(lines: NodeJS.ReadableStream, pageSize: number): Promise<EncryptedFiles> {
  const samples: EncryptedSample[] = [];
  let first: string | undefined;
  let isLogEncrypted = false;
  for await (const line of createInterface({ input: lines })) {
    const [name, ...fields] = line.split('\t');
    const [head, page, crypt] = fields.map((field) => Buffer.from(field.replaceAll(' ', ''), 'hex'));
    if (name === undefined || head === undefined) continue;
    if (name.endsWith('.MAI') && (head.at(-1) ?? 0) % 2 === 1) first ??= name;
    if (page === undefined) continue;
    if (name === LOG) isLogEncrypted = ((head[0] ?? 0) & ENCRYPTED_LOG) !== 0;
    if (name === LOG || page.length < PAGE_HEAD_BYTES) continue;
    const number = pageSize / (readPageSize(head, pageSize) ?? pageSize);
    if (!readPageEncryption(head)(page, number)) continue;
    first ??= name;
    const sample = sampleOf(name, { head, page, crypt, number });
    if (sample && samples.length < MAX_SAMPLES) samples.push(sample);
  }
  return { first, samples, isLogEncrypted };
}

/** If pages are also compressed, the first decrypted bytes are unpredictable. */
function sampleOf(
  file: string,
  of: { readonly head: Buffer; readonly page: Buffer; readonly crypt: Buffer | undefined; readonly number: number },
): EncryptedSample | undefined {
  const data = of.crypt && readCryptData(of.crypt);
  if (!data || !isFullCrc32(of.head.readUInt32BE(54)) || (of.page.readUInt16BE(24) & IS_COMPRESSED) !== 0)
    return undefined;
  return { file, ...data, space: of.head.readUInt32BE(34), page: of.number, head: of.page };
}

const LOG = 'ib_logfile0';
const PAGE_HEAD_BYTES = 42;
/** Highest bit of the redo log's format. Source: log0log.h, FORMAT_ENCRYPTED. */
const ENCRYPTED_LOG = 0x80;
/** Bit of a page's type. Source: fil0fil.h, FIL_PAGE_COMPRESS_FCRC32_MARKER. */
const IS_COMPRESSED = 0x8000;

const LOOK = `
set -eu
cd "$1"
[ ! -f ${LOG} ] || printf '${LOG}\\t%s\\t\\n' "$(od -An -v -tx1 -N4 ${LOG})"
find . \\( -name '*.ibd' -o -path './ibdata[0-9]*' -o -path './undo[0-9][0-9][0-9]' \\) -type f -exec sh -c '
  size=$1 crypt=$2; shift 2
  for file in "$@"; do
    page=$(od -An -v -tx1 -j"$size" -N${PAGE_HEAD_BYTES} "$file" 2>/dev/null | tr -d "\\n")
    printf "%s\\t%s\\t%s\\t%s\\n" "\${file#./}" "$(od -An -v -tx1 -N64 "$file" | tr -d "\\n")" "$page" "$(od -An -v -tx1 -j"$crypt" -N${CRYPT_BYTES} "$file" 2>/dev/null | tr -d "\\n")"
  done' look "$2" "$3" {} +
find . -name '*.MAI' -type f -exec sh -c '
  for file in "$@"; do
    set -- $(od -An -v -tu1 -j12 -N2 "$file" 2>/dev/null)
    [ $# -eq 2 ] || continue
    printf "%s\\t%s\\n" "\${file#./}" "$(od -An -v -tx1 -j"$(($1 * 256 + $2 + ${OPTIONS_AT}))" -N2 "$file" 2>/dev/null)"
  done' look {} +
`;
