/** Algorithms whose checksums are compared. */
const COMPARED = 'md5|sha(?:1|224|256|384|512)?';
/** Other algorithms, signatures, timestamps and repair data: never a backup, and not compared. */
const OTHER_SUMS =
  'sha3-\\d{3}|b2|b3|blake2|blake3|rmd160|ripemd160|whirlpool|tiger|tth|adler32|xxh(?:32|64|128)?|crc(?:32c?)?|ck';
const PROOFS =
  'etag|sfv|asc|sig|sign|signature|gpgsig|minisig|sigstore|p7s|ots|tsr|attestation|(?:vol\\d+\\+\\d+\\.)?par2';
const GENERAL = 'sums?|checksums?|hash|digest';

/** Extensions of checksums, signatures and repair data, as a regular expression without groups: `sha256`, `md5sum`, `SHA512SUMS`, `asc`, `vol0+1.par2`, … */
export const CHECKSUM_EXTENSIONS = `(?:${COMPARED}|${OTHER_SUMS})(?:sums?)?|${GENERAL}|${PROOFS}`;

/** What follows the backup's name: `.sha256`, `.md5sum`, `-sha512.txt`, `.checksum`. */
const OWN = new RegExp(`^[._-](?:(?:${COMPARED})(?:sums?)?|${GENERAL})(?:\\.txt)?$`, 'i');
/** A list for several files: `SHA256SUMS`, `checksums.txt`, `orders-MD5SUMS`, `checksums.sha256`. */
const LIST = listOf(COMPARED);
const ANY_LIST = listOf(`${COMPARED}|${OTHER_SUMS}`);
/** `orders.sha256` next to `orders.sql.gz` */
const SHORTER = new RegExp(`^(.+)\\.(?:${COMPARED})(?:sums?)?$`, 'i');

function listOf(algorithms: string): RegExp {
  return new RegExp(
    `^(?:.*[._-])?(?:(?:${algorithms}|sha\\d*)sums?|checksums?(?:\\.(?:${algorithms}))?)(?:\\.txt)?$`,
    'i',
  );
}

/**
 * Whether a file, by its name, may list a backup's checksum: of this backup only, or of several files.
 * @param file both names are without their folder, which is the same.
 */
export function listsChecksumOf(file: string, backup: string): 'own' | 'list' | undefined {
  if (file.startsWith(backup) && OWN.test(file.slice(backup.length))) return 'own';
  const stem = SHORTER.exec(file)?.[1];
  return LIST.test(file) || (stem !== undefined && backup.startsWith(`${stem}.`)) ? 'list' : undefined;
}

/** Whether a file is a list of checksums of several files, also by an algorithm that is not compared. @param file its name without its folder. */
export function isChecksumList(file: string): boolean {
  return ANY_LIST.test(file);
}
