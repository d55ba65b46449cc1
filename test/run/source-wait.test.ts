import { describe, expect, it } from 'vitest';
import { explainSourceWait, type SourceWait } from '../../src/run/source-wait.ts';

const RESTORING: SourceWait = {
  runId: '20261128-083039-8t5m2v',
  stage: 'restore',
  deadlineMs: 60_000,
  source: 's3://acme/',
  key: 'a.dump',
  meter: { bytesRead: 3_000_000, readsUnderWay: 2 },
  bytesPerSecond: 12,
};
const said = (changes: Partial<SourceWait>) => {
  const error = explainSourceWait({ ...RESTORING, ...changes });
  return error && `${error.code}: ${error.message}`;
};

describe('a missed deadline is blamed on a source', () => {
  it('that did not list its objects', () => {
    expect(said({ stage: 'locate', key: undefined, meter: undefined })).toBe(
      'source-unreachable: s3://acme/ was not listed within the deadline of 1 min',
    );
  });

  it('that did not send the first bytes', () => {
    expect(said({ stage: 'locate', meter: undefined })).toContain('source-unreachable: the first bytes of a.dump');
  });

  it('that trickles or stalls while awaited', () => {
    expect(said({})).toBe(
      'source-failed: s3://acme/ gave only 12 B/s of a.dump while the run waited for it until its deadline of 1 min (3.00 MB read)',
    );
    expect(said({ bytesPerSecond: 0 })).toContain('gave nothing of a.dump');
  });
});

describe('a missed deadline is a verdict', () => {
  it.each<[string, Partial<SourceWait>]>([
    ['while the source sends data, however slowly', { bytesPerSecond: 100_000 }],
    ['when nothing is awaited', { meter: { bytesRead: 3_000_000, readsUnderWay: 0 } }],
    [
      'when a header took long but its bytes arrived',
      { stage: 'locate', bytesPerSecond: undefined, meter: { bytesRead: 1e9, readsUnderWay: 1 } },
    ],
    ['in any other stage', { stage: 'verify' }],
    ['between stages', { stage: undefined }],
  ])('%s', (_when, changes) => {
    expect(said(changes)).toBeUndefined();
  });
});
