import { describe, expect, it } from 'vitest';
import { gtidState } from '../../../../src/engines/mysql/log/plan-gtids.ts';

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const B = '4e11fa47-71ca-11e1-9e33-c80aa9429562';

describe('GTIDs of MySQL', () => {
  it('are a set, in any order', () => {
    const state = gtidState('mysql', `${A}:1-9:11,\n${B}:5`);
    expect([`${A}:9`, `${A}:10`, `${A}:11`, `${B}:5`, `${B}:4`].map((gtid) => state.has(gtid))).toEqual([
      true,
      false,
      true,
      true,
      false,
    ]);
    state.add(`${A}:13`);
    state.add(`${A}:10`);
    state.add(`${A}:12`);
    expect(String(state)).toBe(`${A}:1-13,${B}:5`);
  });

  it('report which GTIDs are missing', () => {
    const state = gtidState('mysql', `${A}:1-9:12`);
    expect(state.missing(`${A}:1-9`)).toBeUndefined();
    expect(state.missing(`${A}:1-12`)).toBe(`${A}:10-12`);
    expect(state.missing(`${A}:10`)).toBe(`${A}:10`);
    expect(state.missing(`${B}:1-3`)).toBe(`${B}:1-3`);
    expect(state.missing('')).toBeUndefined();
  });

  it('may have many holes', () => {
    const numbers = Array.from({ length: 20_000 }, (_, index) => index * 2 + 1);
    const text = `${A}:${numbers.join(':')}`;
    const state = gtidState('mysql', `${A}:${numbers.toReversed().join(':')}`);
    expect(String(state)).toBe(text);
    expect([state.missing(text), state.missing(`${text}:40001`)]).toEqual([undefined, `${A}:40001`]);
  });

  it('may have tags', () => {
    const state = gtidState('mysql', `${A}:1-9:app:1-3`);
    expect([state.has(`${A}:app:3`), state.has(`${A}:app:4`), state.has(`${A}:9`)]).toEqual([true, false, true]);
    expect(state.knowsServerOf(`${A}:other:1`)).toBe(true);
    expect(state.knowsServerOf(`${B}:1`)).toBe(false);
  });
});

describe('GTIDs of MariaDB', () => {
  it('include everything up to the last of each server in each domain', () => {
    const state = gtidState('mariadb', '0-9-3,0-7-9,1-8-3');
    const asked = ['0-7-9', '0-9-3', '0-9-4', '0-7-10', '1-8-3', '2-7-1'];
    expect(asked.map((gtid) => state.has(gtid))).toEqual([true, true, false, false, true, false]);
    state.add('0-9-4');
    expect(String(state)).toBe('0-9-4,1-8-3');
    expect(state.missing('0-9-5,1-8-3')).toBe('0-9-5');
    expect(state.missing('0-7-9,0-9-4')).toBeUndefined();
    expect(state.knowsServerOf('5-1-1')).toBe(false);
  });

  it.each([
    ['', true],
    ['0-7-8', true],
    ['0-9-50,0-7-9', true],
    ['0-7-9,1-8-2', true],
    ['0-7-8,0-9-50', true],
    ['0-7-9,0-9-50', false],
    ['0-7-10', false],
    ['0-7-9,2-7-1', false],
  ])('of a backup at 0-7-9,1-8-3 can follow %s: %s', (before, can) =>
    expect(gtidState('mariadb', '0-7-9,1-8-3').canFollow(before)).toBe(can),
  );

  it('are empty for an empty string', () => expect(gtidState('mariadb', '').isEmpty).toBe(true));
});
