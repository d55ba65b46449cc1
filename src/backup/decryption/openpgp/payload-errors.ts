import { corrupt, truncated } from '../../compression/damage.ts';
import type { PacketErrors } from './packets.ts';

export const OPENPGP = 'OpenPGP';

/** Errors for the packets of the file itself. */
export const OUTER: PacketErrors = {
  cut: (offset) => truncated(OPENPGP, offset),
  malformed: (offset, what) => corrupt(OPENPGP, offset, what),
};
