import type { Layer } from '../../layer.ts';
import { openDatabasus } from './open-databasus.ts';

const MAGIC = 'PGRSUS01';

/** A backup encrypted by Databasus (formerly Postgresus). Format: https://databasus.com/how-to-recover-without-databasus */
export const databasus: Layer = {
  kind: 'encryption',
  name: 'Databasus',
  recognise: (first) => first.toString('latin1', 0, MAGIC.length) === MAGIC,
  open: openDatabasus,
};
