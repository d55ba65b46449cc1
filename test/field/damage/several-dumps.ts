import type { Random } from '../random.ts';
import { pack, unpack } from '../recipes/compressors.ts';
import { type Damage, toSql } from './damage.ts';

/** The end of a dump, by the tools that write one. */
const END_MARKS: readonly RegExp[] = [
  /\n-- Dump completed[^\n]*\n*$/,
  /\nCOMMIT;\n(?:\n\/\*!40101 SET [^\n]*|\n)*$/,
  /\n-- \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n*$/,
];

/** What happens to the ends of dumps, and to files that contain several of them. */
export function severalDumpsDamages(): readonly Damage[] {
  return [
    { kind: 'SQL without its end mark', effect: 'incomplete', apply: toSql((sql) => withoutEnd(sql)) },
    {
      kind: 'SQL without its COMMIT',
      effect: 'incomplete',
      apply: toSql((sql, _random, { name }) =>
        name.includes('phpMyAdmin') ? changed(sql, (text) => text.replace(/\nCOMMIT;\n/, '\n')) : undefined,
      ),
    },
    {
      kind: 'SQL of three dumps, one of them cut',
      effect: 'incomplete',
      apply: toSql((sql, random) => {
        const dumps = threeWithOneCut(sql, random);
        return dumps && Buffer.concat(dumps);
      }),
    },
    {
      kind: 'SQL of two dumps, the first without its end mark',
      effect: 'incomplete',
      apply: toSql((sql) => {
        const first = withoutEnd(sql);
        return first && Buffer.concat([first, sql]);
      }),
    },
    {
      kind: 'three compressed SQL dumps in one file, one of them cut',
      effect: 'incomplete',
      apply: (files, { layout, compressor }, random) => {
        const [only] = files;
        if (!only || layout !== 'plain' || compressor === 'none') return undefined;
        const dumps = threeWithOneCut(unpack(compressor, only[1]), random);
        return dumps && new Map([[only[0], Buffer.concat(dumps.map((dump) => pack(compressor, dump)))]]);
      },
    },
  ];
}

/** A cut after a statement, which nothing but the tool's end mark reveals. */
function threeWithOneCut(sql: Buffer, random: Random): readonly Buffer[] | undefined {
  const text = sql.toString('latin1');
  const places = [...text.matchAll(/;\n/g)].map(({ index }) => index + 2).filter((at) => at < text.length - 400);
  const at = places[random.below(places.length)];
  if (at === undefined) return undefined;
  const which = random.below(3);
  return [0, 1, 2].map((each) => (each === which ? sql.subarray(0, at) : sql));
}

function withoutEnd(sql: Buffer): Buffer | undefined {
  return changed(sql, (text) => END_MARKS.reduce((rest, mark) => rest.replace(mark, '\n'), text));
}

function changed(sql: Buffer, change: (text: string) => string): Buffer | undefined {
  const text = sql.toString('latin1');
  const result = change(text);
  return result === text ? undefined : Buffer.from(result, 'latin1');
}
