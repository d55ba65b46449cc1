import { tables } from './0001-tables.ts';
import { triggers } from './0001-triggers.ts';
import { pollErrors } from './0002-poll-errors.ts';
import { storeCopy } from './0003-store-copy.ts';
import { runners } from './0004-runners.ts';
import { liveRuns } from './0005-live-runs.ts';
import { runSources } from './0006-run-sources.ts';
import { runCosts } from './0007-run-costs.ts';
import { containerEngines } from './0008-container-engines.ts';
import { leaseBeats } from './0009-lease-beats.ts';
import { processEngines } from './0010-process-engines.ts';

/** In order; the schema version is the number applied. Never edit a released migration; add another one. */
export const MIGRATIONS: readonly string[] = [
  `${tables}\n${triggers}`,
  pollErrors,
  storeCopy,
  runners,
  liveRuns,
  runSources,
  runCosts,
  containerEngines,
  leaseBeats,
  processEngines,
];

/** The equivalent number of SQLite migrations: history can only be copied between equivalent schemas. */
export const SQLITE_MIGRATIONS = 33;
