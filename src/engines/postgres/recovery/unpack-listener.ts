import type { LoadProgress } from '../../engine.ts';

/** Receives what is being done with the files of a backup. By default they are being unpacked, and the bytes read show the progress. */
export type UnpackListener = (
  doing: string,
  how?: Pick<LoadProgress, 'step'> & { readonly phase?: 'unpack' | 'verify' },
) => void;
