import type { RunRecord } from '../run-record.ts';
import type { RunTable } from './schema.ts';

type Lease = Pick<RunRecord, 'leaseOwner' | 'leaseExpiresAt' | 'leaseBeatMs'>;
type LeaseColumns = Pick<RunTable, 'lease_owner' | 'lease_expires_at' | 'lease_beat_ms'>;

/** The columns that record which process holds a run, until when, and how often it extends the lease. */
export function leaseColumns({ leaseOwner, leaseExpiresAt, leaseBeatMs }: Lease): LeaseColumns {
  return {
    lease_owner: leaseOwner,
    lease_expires_at: leaseExpiresAt.toISOString(),
    lease_beat_ms: leaseBeatMs ?? null,
  };
}

export function readLease(row: LeaseColumns): Lease {
  const { lease_owner: leaseOwner, lease_expires_at: expiresAt, lease_beat_ms: leaseBeatMs } = row;
  return { leaseOwner, leaseExpiresAt: new Date(expiresAt), ...(leaseBeatMs !== null && { leaseBeatMs }) };
}
