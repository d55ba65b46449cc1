import { isAtLeast, seriesOf } from '../../support/versions.ts';

/** `17` for `17.11` and `18` for `18beta1`; `9.6` for `9.6.24`, as majors were numbered before 10. */
export function majorOf(version: string): string {
  return seriesOf(version, isAtLeast(version, '10') ? 1 : 2);
}
