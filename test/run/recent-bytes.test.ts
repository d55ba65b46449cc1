import { expect, it } from 'vitest';
import { RecentBytes } from '../../src/run/recent-bytes.ts';

it('a rate covers the last five seconds, however fast it was before', () => {
  const recent = new RecentBytes();
  const read = (atMs: number, bytesRead: number) => recent.read({ atMs, bytesRead, ratio: undefined });
  expect(read(70_000, 500)).toEqual({ spanMs: 0, bytes: 0, isStill: false });
  expect(read(71_000, 1500)).toEqual({ spanMs: 1000, bytes: 1000, isStill: false });
  for (let second = 72; second < 80; second += 1) read(second * 1000, 1500 + (second - 71) * 100);
  expect(read(80_000, 2400)).toEqual({ spanMs: 5000, bytes: 500, isStill: false });
});

it('a restore that receives no bytes for five seconds is stalled until one arrives', () => {
  const recent = new RecentBytes();
  const read = (atMs: number, bytesRead: number) => recent.read({ atMs, bytesRead, ratio: undefined });
  read(0, 100);
  for (const atMs of [1000, 2000, 3000, 4000, 4999])
    expect(read(atMs, 100)).toMatchObject({ bytes: 0, isStill: false });
  expect(read(5000, 100)).toEqual({ spanMs: 5000, bytes: 0, isStill: true });
  expect(read(6000, 101)).toEqual({ spanMs: 5000, bytes: 1, isStill: false });
});

it('a restore that is processing is not stalled for lack of new bytes', () => {
  const recent = new RecentBytes();
  recent.read({ atMs: 0, bytesRead: 100, ratio: 0.5 });
  expect(recent.read({ atMs: 5000, bytesRead: 100, ratio: 0.6 })).toMatchObject({ bytes: 0, isStill: false });
});

it('a restore that loads less than it reads ahead is not stalled', () => {
  const recent = new RecentBytes();
  recent.read({ atMs: 0, bytesRead: 100, ratio: undefined });
  expect(recent.read({ atMs: 5000, bytesRead: 90, ratio: undefined })).toMatchObject({ bytes: 0, isStill: false });
});

it('a thousand samples per second do not displace those of any other second', () => {
  const recent = new RecentBytes();
  for (let atMs = 0; atMs < 9000; atMs += 1) recent.read({ atMs, bytesRead: atMs, ratio: undefined });
  const { spanMs, bytes } = recent.read({ atMs: 9000, bytesRead: 9000, ratio: undefined });
  expect(spanMs).toBeGreaterThanOrEqual(5000);
  expect(spanMs).toBeLessThan(5200);
  expect(bytes).toBe(spanMs);
});
