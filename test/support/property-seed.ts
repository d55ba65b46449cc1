import { configureGlobal, readConfigureGlobal } from 'fast-check';
import { isFullMatrix } from './full-matrix.ts';

/** CI draws the same inputs for the same commit, so that only a change can make it fail; elsewhere each run draws new ones, and finds what is rare. */
const CI_SEED = 20_261_129;

if (process.env['CI'] === 'true' && !isFullMatrix) configureGlobal({ ...readConfigureGlobal(), seed: CI_SEED });
