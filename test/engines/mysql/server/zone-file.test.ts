import { describe, expect, it } from 'vitest';
import { readZone, type Zone } from '../../../../src/engines/mysql/server/zone-file.ts';
import { zoneStatements } from '../../../../src/engines/mysql/server/zone-tables.ts';

const BERLIN_TYPES = [
  { offsetSeconds: 3208, isDst: false, abbreviation: 'LMT' },
  { offsetSeconds: 3600, isDst: false, abbreviation: 'CET' },
  { offsetSeconds: 7200, isDst: true, abbreviation: 'CEST' },
];

function block(version: string, width: 4 | 8, { types, transitions }: Zone): Buffer {
  const names = Buffer.from(types.map(({ abbreviation }) => `${abbreviation}\0`).join(''));
  const header = Buffer.alloc(44);
  header.write(`TZif${version}`, 'latin1');
  for (const [index, count] of [0, 0, 0, transitions.length, types.length, names.length].entries())
    header.writeUInt32BE(count, 20 + index * 4);
  const times = transitions.map(({ at }) => {
    const bytes = Buffer.alloc(width);
    if (width === 8) bytes.writeBigInt64BE(BigInt(at));
    else bytes.writeInt32BE(at);
    return bytes;
  });
  let name = 0;
  const kinds = types.map(({ offsetSeconds, isDst, abbreviation }) => {
    const bytes = Buffer.alloc(6);
    bytes.writeInt32BE(offsetSeconds);
    bytes[4] = isDst ? 1 : 0;
    bytes[5] = name;
    name += abbreviation.length + 1;
    return bytes;
  });
  return Buffer.concat([header, ...times, Buffer.from(transitions.map(({ type }) => type)), ...kinds, names]);
}

const NOTHING: Zone = { types: [{ offsetSeconds: 0, isDst: false, abbreviation: 'UTC' }], transitions: [] };
const file = (zone: Zone, footer: string): Buffer =>
  Buffer.concat([block('2', 4, NOTHING), block('2', 8, zone), Buffer.from(`\n${footer}\n`)]);

const at = (text: string): number => Date.parse(text) / 1000;

function offsetAt(zone: Zone | undefined, instant: string): number | undefined {
  const type = zone?.transitions.findLast((each) => each.at <= at(instant))?.type;
  return zone?.types[type ?? 0]?.offsetSeconds;
}

describe('readZone', () => {
  it('reads a version 1 file', () => {
    const zone = { types: BERLIN_TYPES, transitions: [{ at: at('1980-04-06T01:00:00Z'), type: 2 }] };
    expect(readZone(block('\0', 4, zone))).toEqual(zone);
  });

  it('reads 64-bit times, and of those before 1970 keeps only the last', () => {
    const transitions = [
      { at: -2_422_054_408, type: 1 },
      { at: -1_693_706_400, type: 2 },
      { at: -1_680_483_600, type: 1 },
      { at: at('1980-04-06T01:00:00Z'), type: 2 },
    ];
    expect(readZone(file({ types: BERLIN_TYPES, transitions }, 'CET-1'))).toEqual({
      types: BERLIN_TYPES,
      transitions: transitions.slice(2),
    });
  });

  it.each([
    ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z', 3600, 7200],
    ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-10-25T00:59:59Z', '2026-10-25T01:00:00Z', 7200, 3600],
    ['EST5EDT,M3.2.0,M11.1.0', '2030-03-10T06:59:59Z', '2030-03-10T07:00:00Z', -18_000, -14_400],
    ['AEST-10AEDT,M10.1.0,M4.1.0/3', '2026-04-04T15:59:59Z', '2026-04-04T16:00:00Z', 39_600, 36_000],
    ['<+1030>-10:30<+11>-11,M10.1.0,M4.1.0', '2026-04-04T14:59:59Z', '2026-04-04T15:00:00Z', 39_600, 37_800],
    ['IST-2IDT,J60/2,J300/2', '2028-02-29T23:59:59Z', '2028-03-01T00:00:00Z', 7200, 10_800],
  ])('continues by the rule %s until 2037 when the file ends earlier', (rule, before, from, was, is) => {
    const zone = readZone(
      file({ types: BERLIN_TYPES, transitions: [{ at: at('1996-01-01T00:00:00Z'), type: 1 }] }, rule),
    );
    expect(offsetAt(zone, before)).toBe(was);
    expect(offsetAt(zone, from)).toBe(is);
    expect(zone?.transitions.length).toBeGreaterThan(80);
    expect(zone?.transitions.every(({ at: each }) => each < 2 ** 31)).toBe(true);
  });

  it('returns nothing for a file that is not a zone file, or ends early', () => {
    const whole = file({ types: BERLIN_TYPES, transitions: [{ at: 0, type: 1 }] }, 'CET-1');
    expect(readZone(Buffer.from('# tzdb data for Europe'))).toBeUndefined();
    expect(readZone(whole.subarray(0, 60))).toBeUndefined();
    expect(readZone(whole.subarray(0, 120))).toBeUndefined();
  });
});

describe('zoneStatements', () => {
  it('fills each table once, and stores a zone with several names once', () => {
    const berlin = { types: BERLIN_TYPES, transitions: [{ at: 0, type: 1 }] };
    const statements = zoneStatements(
      new Map([
        ['Europe/Berlin', berlin],
        ['UTC', NOTHING],
        ['Arctic/Longyearbyen', berlin],
      ]),
    );
    expect(statements).toHaveLength(4);
    expect(statements[0]).toContain("VALUES (1,'N'),(2,'N')");
    expect(statements[1]).toContain("('Europe/Berlin',1),('UTC',2),('Arctic/Longyearbyen',1)");
    expect(statements[3]).toContain("(1,2,7200,1,'CEST'),(2,0,0,0,'UTC')");
  });

  it('does nothing without zones', () => {
    expect(zoneStatements(new Map())).toEqual([]);
  });
});
