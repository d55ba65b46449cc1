/** Postgres version arithmetic: `17.11`, `9.6.24`, `18beta1`. */

/** @returns the first version in a text such as `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`. */
export function versionIn(text: string): string | undefined {
  return /(?<![\w.])\d+(?:\.\d+)*(?:(?:alpha|beta|rc|devel)\d*)?/.exec(text)?.[0];
}

/** `17` for `17.11`; `9.6` for `9.6.24`, as majors were numbered before 10. */
export function majorOf(version: string): string {
  const [first = '', second] = version.split(/[.a-z]/);
  return Number(first) < 10 && second ? `${first}.${second}` : first;
}

/** For comparing: 17 for `17`, 9.06 for `9.6`. */
export function majorRank(major: string): number {
  const [first = '0', second = '0'] = major.split('.');
  return Number(first) < 10 ? Number(first) + Number(second) / 100 : Number(first);
}

/**
 * The oldest pg_restore that reads an archive of this version: 1.12 and 1.13 since 9.0 (every one in use), 1.14 since 12,
 * 1.15 since 16, 1.16 since 17. Source: K_VERS_* in PostgreSQL's src/bin/pg_dump/pg_backup_archiver.h over its releases.
 */
export function oldestRestoreFor(version: readonly [number, number, number]): string {
  const minor = version[1];
  if (minor <= 13) return '9.6';
  if (minor === 14) return '12';
  if (minor === 15) return '16';
  return '17';
}
