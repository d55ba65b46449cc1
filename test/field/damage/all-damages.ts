import { byteDamages } from './bytes.ts';
import type { Damage } from './damage.ts';
import { memberDamages } from './members.ts';
import { severalDumpsDamages } from './several-dumps.ts';
import { sqlDamages } from './sql.ts';
import { wrapDamages } from './wraps.ts';

export const allDamages = (): readonly Damage[] => [
  ...byteDamages(),
  ...sqlDamages(),
  ...memberDamages(),
  ...severalDumpsDamages(),
  ...wrapDamages(),
];
