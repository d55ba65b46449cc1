/** A tar, with any compression and encryption around it. */
const TAR =
  /\.(?:tar(?:\.(?:gz|zst|zstd|lz4|xz|bz2|snappy|br))?|tgz|tzst|txz|tbz2?)(?:\.(?:age|gpg|pgp|asc|enc|aes))?$/i;

/** Whether a file is named like a tar: `binlogs.tar.zst.age`, `binlogs.tgz`. */
export function isTarName(key: string): boolean {
  return TAR.test(key);
}
