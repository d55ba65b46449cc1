import { isAtLeast, seriesOf } from '../../support/versions.ts';

/** `17` for `17.11` and `18` for `18beta1`; `9.6` for `9.6.24`, as major versions were numbered before 10. */
export function majorOf(version: string): string {
  return seriesOf(version, isAtLeast(version, '10') ? 1 : 2);
}

/** `170012`, as in `server_version_num`, is 17.12. @returns undefined for a number from before PostgreSQL 10, or anything that is not a version. */
export function versionFromNumber(number: string): string | undefined {
  const [, major, minor] = /^(\d{2})(\d{4})$/.exec(number) ?? [];
  return major === undefined || minor === undefined ? undefined : `${major}.${Number(minor)}`;
}
