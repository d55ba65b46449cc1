import { migration0001 } from './0001-runs.ts';
import { migration0002 } from './0002-unattended.ts';
import { migration0003 } from './0003-run-facts.ts';
import { migration0004 } from './0004-access.ts';
import { migration0005 } from './0005-stages-tile.ts';
import { migration0006 } from './0006-endings.ts';
import { migration0007 } from './0007-schedules.ts';
import { migration0008 } from './0008-identities.ts';
import { migration0009 } from './0009-check-details.ts';
import { migration0010 } from './0010-store.ts';
import { migration0011 } from './0011-baselines.ts';
import { migration0012 } from './0012-proofs.ts';
import { migration0013 } from './0013-histories.ts';
import { migration0014 } from './0014-discovery.ts';
import { migration0015 } from './0015-replays.ts';
import { migration0016 } from './0016-past-checks.ts';
import { migration0017 } from './0017-archive-lag.ts';
import { migration0018 } from './0018-acknowledgements.ts';
import { migration0019 } from './0019-run-filters.ts';
import { migration0020 } from './0020-silences.ts';
import { migration0021 } from './0021-phase-bytes.ts';
import { migration0022 } from './0022-requests.ts';
import { migration0023 } from './0023-races.ts';
import { migration0024 } from './0024-phase-starts.ts';
import { migration0025 } from './0025-poll-errors.ts';
import { migration0026 } from './0026-store-copy.ts';
import { migration0027 } from './0027-runners.ts';
import { migration0028 } from './0028-live-runs.ts';
import { migration0029 } from './0029-run-sources.ts';
import { migration0030 } from './0030-run-costs.ts';
import { migration0031 } from './0031-container-engines.ts';
import { migration0032 } from './0032-lease-beats.ts';
import { migration0033 } from './0033-process-engines.ts';

/** In order; the schema version is the number applied. Never edit a released migration; add another one. */
export const MIGRATIONS: readonly string[] = [
  migration0001,
  migration0002,
  migration0003,
  migration0004,
  migration0005,
  migration0006,
  migration0007,
  migration0008,
  migration0009,
  migration0010,
  migration0011,
  migration0012,
  migration0013,
  migration0014,
  migration0015,
  migration0016,
  migration0017,
  migration0018,
  migration0019,
  migration0020,
  migration0021,
  migration0022,
  migration0023,
  migration0024,
  migration0025,
  migration0026,
  migration0027,
  migration0028,
  migration0029,
  migration0030,
  migration0031,
  migration0032,
  migration0033,
];
