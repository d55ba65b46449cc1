import { gunzipSync, gzipSync } from 'node:zlib';
import type { BackupFiles } from '../backup-files.ts';
import type { Random } from '../random.ts';
import { pack, unpack } from '../recipes/compressors.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { type Damage, replace } from './damage.ts';
import { readTar, writeTar } from './tar.ts';

type MemberChange = (members: BackupFiles, name: string, random: Random) => BackupFiles | undefined;

const isData = (name: string) =>
  /\.(dat|sql)(\.\w+)?$|blob_/.test(name) && !/toc\.dat|schema|blobs\.toc|restore\.sql/.test(name);
const isChunk = (name: string) => isData(name) && /\.sql(\.\w+)?$/.test(name);
const isBlob = (name: string) => /blob_/.test(name);
const isRows = (name: string) => isData(name) && !isBlob(name);
const isArchiveData = (name: string) => isRows(name) && !isChunk(name);
const isContents = (name: string) => /(^|\/)(toc\.dat|metadata)$/.test(name);
const isSchema = (name: string) => /-schema(-\w+)?\.sql/.test(name);

/** What happens to members of directories, and of tars that contain them. */
export function memberDamages(): readonly Damage[] {
  const member = (
    kind: string,
    which: (name: string) => boolean,
    change: MemberChange,
    effect: Damage['effect'] = 'by oracle',
  ): Damage => ({
    kind,
    effect,
    apply: (files, recipe, random) =>
      inMembers(files, recipe, (members) => {
        const names = [...members.keys()].filter(which);
        const name = names[random.below(names.length)];
        return name === undefined ? undefined : change(members, name, random);
      }),
  });
  return [
    member('a data member missing', isArchiveData, without, 'shown'),
    member('a chunk missing', isChunk, without),
    member('a data member empty', isRows, (members, name) => replace(members, name, Buffer.alloc(0)), 'shown'),
    member('a data member cut', isArchiveData, cut, 'shown'),
    member('a data member cut between rows', isArchiveData, cutBetweenRows, 'shown'),
    member('a large object cut', isBlob, cut, 'suspicious'),
    member('a chunk cut', isChunk, cut, 'suspicious'),
    member('a chunk cut between rows', isChunk, cutBetweenRows, 'suspicious'),
    member(
      'a data member without its end mark',
      isArchiveData,
      (members, name) => changeText(members, name, (text) => text.replace(/\n\\\.\n+$/, '\n')),
      'shown',
    ),
    member(
      'a data member of zeros',
      isRows,
      (members, name) => changeBytes(members, name, (bytes) => Buffer.alloc(bytes.length)),
      'shown',
    ),
    member('a flipped bit in a data member', isData, (members, name, random) =>
      changeBytes(members, name, (bytes) => flipBit(bytes, random.below(bytes.length))),
    ),
    member('two data members swapped', isData, (members, name, random) => swap(members, name, random)),
    member(
      'CR in a data member',
      isData,
      (members, name) =>
        changeBytes(members, name, (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1')),
      'suspicious',
    ),
    member(
      'a foreign member',
      isData,
      (members, name) =>
        new Map([...members, [`${name.replace(/[^/]*$/, '')}README.txt`, Buffer.from('made by cron\n')]]),
      'tolerable',
    ),
    member('its contents file missing', isContents, without, 'shown'),
    member('its contents file empty', isContents, (members, name) => replace(members, name, Buffer.alloc(0)), 'shown'),
    member(
      'its metadata cut',
      (name) => name.endsWith('/metadata'),
      (members, name, random) =>
        changeBytes(members, name, (bytes) => bytes.subarray(0, 1 + random.below(bytes.length - 1))),
      'suspicious',
    ),
    member(
      'its contents file cut',
      (name) => name.endsWith('toc.dat'),
      (members, name, random) =>
        changeBytes(members, name, (bytes) => bytes.subarray(0, 1 + random.below(bytes.length - 1))),
      'shown',
    ),
    member(
      'a flipped byte in its contents file',
      isContents,
      (members, name, random) => changeBytes(members, name, (bytes) => flipBit(bytes, random.below(bytes.length))),
      'suspicious',
    ),
    member('a schema member missing', isSchema, without),
    member(
      'a schema member cut',
      isSchema,
      (members, name, random) => changeText(members, name, (text) => text.slice(0, random.below(text.length))),
      'suspicious',
    ),
    member(
      'only its contents file left',
      isContents,
      (members, name) => new Map([[name, members.get(name) ?? Buffer.alloc(0)]]),
      'shown',
    ),
  ];
}

function cut(members: BackupFiles, name: string, random: Random): BackupFiles | undefined {
  return changeBytes(members, name, (bytes) => bytes.subarray(0, random.below(bytes.length)));
}

function cutBetweenRows(members: BackupFiles, name: string, random: Random): BackupFiles | undefined {
  return changeText(members, name, (text) => cutRows(text, random));
}

function inMembers(
  files: BackupFiles,
  recipe: Recipe,
  change: (members: BackupFiles) => BackupFiles | undefined,
): BackupFiles | undefined {
  if (recipe.layout === 'directory' || recipe.layout === 'mydumper') return change(files);
  const [only] = files;
  if (!only || (recipe.layout !== 'tar' && recipe.layout !== 'tar-of-directory')) return undefined;
  const members = readTar(unpack(recipe.compressor, only[1]));
  const changed = change(new Map(members.map(({ name, body }) => [name, body])));
  if (!changed) return undefined;
  const [example] = members.filter(({ body }) => body.length > 0);
  const named = [...changed].flatMap(([name, body]) => {
    const header = members.find((each) => each.name === name)?.header ?? (example && renamed(example.header, name));
    return header ? [{ header, name, body }] : [];
  });
  return new Map([[only[0], pack(recipe.compressor, writeTar(named))]]);
}

function renamed(header: Buffer, name: string): Buffer {
  const copy = Buffer.from(header).fill(0, 0, 100);
  copy.write(name, 0, 'latin1');
  return copy;
}

export function without(members: BackupFiles, name: string): BackupFiles {
  return new Map([...members].filter(([each]) => each !== name));
}

function changeBytes(members: BackupFiles, name: string, change: (bytes: Buffer) => Buffer): BackupFiles | undefined {
  const bytes = members.get(name);
  return bytes && bytes.length > 0 ? replace(members, name, change(bytes)) : undefined;
}

/** Changes the content of a member, which remains a complete gzip file if it was one. */
function changeText(members: BackupFiles, name: string, change: (text: string) => string): BackupFiles | undefined {
  if (/\.(zst|lz4)$/.test(name)) return undefined;
  const packed = name.endsWith('.gz');
  return changeBytes(members, name, (bytes) => {
    const text = (packed ? gunzipSync(bytes) : bytes).toString('latin1');
    const changed = change(text);
    if (changed === text) return bytes;
    const inner = Buffer.from(changed, 'latin1');
    return packed ? gzipSync(inner) : inner;
  });
}

function cutRows(text: string, random: Random): string {
  const places = [...text.matchAll(/\n/g)].map(({ index }) => index + 1).slice(0, -2);
  return text.slice(0, places[random.below(places.length)] ?? text.length);
}

function flipBit(bytes: Buffer, at: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[at] = (flipped[at] ?? 0) ^ 0x10;
  return flipped;
}

function swap(members: BackupFiles, name: string, random: Random): BackupFiles | undefined {
  const others = [...members.keys()].filter(
    (each) => each !== name && isData(each) && /\.\w+$/.exec(each)?.[0] === /\.\w+$/.exec(name)?.[0],
  );
  const other = others[random.below(others.length)];
  const [mine, theirs] = [members.get(name), other === undefined ? undefined : members.get(other)];
  if (!mine || !theirs || other === undefined || mine.equals(theirs)) return undefined;
  return new Map([...members].map(([each, bytes]) => [each, each === name ? theirs : each === other ? mine : bytes]));
}
