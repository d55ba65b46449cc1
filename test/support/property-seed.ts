import { configureGlobal, readConfigureGlobal } from 'fast-check';
import { isFullMatrix } from './full-matrix.ts';

/** CI draws the same inputs for the same commit, so that it fails only by a change; everyone else draws new ones in each run, and finds what is rare. */
const CI_SEED = 20_261_129;

if (process.env['CI'] === 'true' && !isFullMatrix) configureGlobal({ ...readConfigureGlobal(), seed: CI_SEED });
