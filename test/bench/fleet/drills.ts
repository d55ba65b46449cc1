/** How the processes of a fleet are started. */
export const SCHEDULER = ['serve', '--only', 'scheduler'] as const;
export const RUNNER = ['runner', '--pool', 'eu'] as const;

/** For each drill. */
export const COMMON = { pool: 'eu', objectives: { rto: '30m' } };

/** The shortest drill that restores something: three files. */
export const SHORT = {
  ...COMMON,
  backup: { source: '../files', match: './' },
  engine: { type: 'files' },
  sandbox: { memory: '128m', cpus: 0.1 },
  checks: [{ name: 'all files are there', files: { count: { equals: 3 } } }],
};

/** Boots a server and loads a dump of three rows. */
export const RESTORE = {
  ...COMMON,
  backup: { source: '../backups', match: '*.sql', takenAt: 'modified' },
  engine: { type: 'postgres' },
  sandbox: { memory: '512m', cpus: 0.5 },
  checks: [{ name: 'customers are there', sql: 'select count(*) from customer', expect: { equals: 3 } }],
};

/** The same with a program that does nothing for this long. */
export function waitingFor(seconds: number): object {
  const wait = { name: 'waits', command: ['sleep', String(seconds)] };
  return { ...SHORT, checks: [...SHORT.checks, ...(seconds > 0 ? [wait] : [])] };
}

/** @returns this many identical drills, by name. */
export function manyOf(name: string, count: number, drill: object): Record<string, object> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}-${index}`, drill]));
}
