import type { DirectoryLayout } from '../directory-layout.ts';
import type { ArchiveEntry, ArchiveName } from './archive-entry.ts';
import { isDirectoryDump, MemberList, memberErrors } from './member-errors.ts';
import {
  isNamedAsDump,
  mayBeDump,
  mayBeNamedAsDump,
  memberMatcher,
  normalName,
  SNIFFED_BYTES,
} from './member-rules.ts';

export interface MemberRule {
  /** Identifies the backup in errors. */
  readonly key: string;
  readonly archive: ArchiveName;
  /** Which member is the dump: a glob for its name, or for its path if the glob contains `/`. undefined: the only dump in the archive. */
  readonly member: string | undefined;
  readonly layouts: readonly DirectoryLayout[];
  /** Called with the name of the chosen member before its first byte. */
  readonly onMember: (name: string) => void;
}

/** A lone text file is passed on anyway, so that later stages can identify it; up to this much is buffered until we know that it is the only file. */
const MAX_HELD_BYTES = 2 ** 20;
/** After a second dump is found, how much more of the archive is read to list the remaining ones. */
const MAX_LISTED_BYTES = 64 * 2 ** 20;

/**
 * The content of the one member that is the dump; everything else is skipped, up to the end of the archive. The archive is read as a stream, so a second dump
 * is only found after the first one has been passed on; the content then ends in an error.
 * @throws DrillError `format-unsupported` when there are several dumps, or the member has an unsupported type; `backup-missing` when none matches,
 * `backup-empty` when there is no file; and whatever the entries throw.
 */
export function readMember(entries: AsyncGenerator<ArchiveEntry>, rule: MemberRule): AsyncGenerator<Buffer> {
  return rule.member === undefined ? readOnlyDump(entries, rule) : readMatching(entries, rule, rule.member);
}

async function* readMatching(
  entries: AsyncGenerator<ArchiveEntry>,
  rule: MemberRule,
  pattern: string,
): AsyncGenerator<Buffer> {
  const errors = memberErrors(rule);
  const isMatch = memberMatcher(pattern);
  const others = new MemberList();
  const matching = new MemberList();
  for await (const entry of entries) {
    const name = normalName(entry.name);
    if (entry.kind === 'folder') continue;
    if (!isMatch(name)) {
      others.add(name);
      continue;
    }
    matching.add(name);
    if (matching.count > 1)
      throw errors.severalMatch(pattern, await listMore(entries, entry.offset, matching, isMatch));
    if (entry.kind === 'link') throw errors.link(name);
    yield* choose(entry, name, rule);
  }
  if (matching.count === 0) throw errors.noneMatches(pattern, others);
}

/**
 * Throws the error that {@link readMember} would eventually throw for an archive with these members, as far as names alone can tell.
 * @param names of all members.
 */
export function requireOneMember(names: readonly string[], rule: Omit<MemberRule, 'onMember'>): void {
  const errors = memberErrors(rule);
  const files = names.filter((name) => !/[/\\]$/.test(name)).map(normalName);
  const { member } = rule;
  const found = listOf(files.filter(member === undefined ? isNamedAsDump : memberMatcher(member)));
  if (member !== undefined && found.count === 0) throw errors.noneMatches(member, listOf(files));
  if (found.count < 2) return;
  if (member !== undefined) throw errors.severalMatch(member, found);
  throw isDirectoryDump(files, rule.layouts) ? errors.directory(listOf(files)) : errors.several(found);
}

function listOf(names: readonly string[]): MemberList {
  const list = new MemberList();
  for (const name of names) list.add(name);
  return list;
}

async function* readOnlyDump(entries: AsyncGenerator<ArchiveEntry>, rule: MemberRule): AsyncGenerator<Buffer> {
  const errors = memberErrors(rule);
  const files = new MemberList();
  const dumps = new MemberList();
  let link: string | undefined;
  let held: { readonly name: string; readonly content: Buffer | undefined } | undefined;
  for await (const entry of entries) {
    const name = normalName(entry.name);
    if (entry.kind === 'link') link ??= name;
    if (entry.kind !== 'file') continue;
    files.add(name);
    const content = new Sniffed(entry);
    const first = entry.refusal ? Buffer.alloc(1) : await content.first();
    if (mayBeDump(name, first)) {
      dumps.add(name);
      if (dumps.count > 1) throw await severalDumps(entries, entry, dumps, rule);
      yield* choose({ ...entry, read: () => content.all() }, name, rule);
    } else if (!entry.refusal) {
      const whole = await content.hold(MAX_HELD_BYTES);
      held ??= { name, content: whole };
    }
  }
  if (dumps.count > 0) return;
  if (link !== undefined) throw errors.link(link);
  if (files.count === 0) throw errors.empty();
  if (files.count > 1 || !held?.content) throw errors.noDump(files);
  rule.onMember(held.name);
  if (held.content.length > 0) yield held.content;
}

async function severalDumps(
  entries: AsyncGenerator<ArchiveEntry>,
  { offset }: ArchiveEntry,
  dumps: MemberList,
  rule: MemberRule,
): Promise<Error> {
  const listed = await listMore(entries, offset, dumps, mayBeNamedAsDump);
  const errors = memberErrors(rule);
  return isDirectoryDump(listed.names, rule.layouts) ? errors.directory(listed) : errors.several(listed);
}

async function* choose(entry: ArchiveEntry, name: string, { onMember }: MemberRule): AsyncGenerator<Buffer> {
  if (entry.refusal) throw entry.refusal;
  onMember(name);
  yield* entry.read();
}

/** Adds the names of the entries that follow, without reading their content, as long as that is cheap. */
async function listMore(
  entries: AsyncGenerator<ArchiveEntry>,
  offset: number,
  list: MemberList,
  isListed: (name: string) => boolean,
): Promise<MemberList> {
  for await (const entry of entries) {
    const name = normalName(entry.name);
    if (entry.kind === 'file' && isListed(name)) list.add(name);
    if (entry.offset > offset + MAX_LISTED_BYTES) return list.unfinished();
  }
  return list;
}

/** The content of an entry whose first bytes are inspected before deciding what to do with it. */
class Sniffed {
  readonly #chunks: AsyncGenerator<Buffer>;
  #first: Buffer = Buffer.alloc(0);

  constructor(entry: ArchiveEntry) {
    this.#chunks = entry.read();
  }

  async first(): Promise<Buffer> {
    const parts: Buffer[] = [];
    let bytes = 0;
    while (bytes < SNIFFED_BYTES) {
      const { value, done } = await this.#chunks.next();
      if (done) break;
      parts.push(value);
      bytes += value.length;
    }
    this.#first = Buffer.concat(parts);
    return this.#first.subarray(0, SNIFFED_BYTES);
  }

  async *all(): AsyncGenerator<Buffer> {
    if (this.#first.length > 0) yield this.#first;
    yield* this.#chunks;
  }

  /** Reads to the end. @returns undefined when it is longer than `most`. */
  async hold(most: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of this.all()) {
      bytes += chunk.length;
      if (bytes <= most) parts.push(chunk);
    }
    return bytes <= most ? Buffer.concat(parts) : undefined;
  }
}
