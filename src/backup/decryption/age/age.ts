import type { Layer } from '../../layer.ts';
import { isArmored } from './armor.ts';
import { openAge } from './open-age.ts';

/** `age-encryption.org/v1` and later versions, binary or armored. Format: https://c2sp.org/age */
export const age: Layer = {
  kind: 'encryption',
  name: 'age',
  recognise: (first) => first.toString('latin1', 0, 20) === 'age-encryption.org/v' || isArmored(first),
  open: openAge,
};
