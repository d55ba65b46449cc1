import type { LoadProgress } from '../../engine.ts';

/** Is told what is being done with the files of a backup. By default they are unpacked, and the bytes read tell how much of it is done. */
export type UnpackListener = (
  doing: string,
  how?: Pick<LoadProgress, 'step'> & { readonly phase?: 'unpack' | 'verify' },
) => void;
