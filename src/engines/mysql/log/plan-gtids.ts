import { type NumberRange, NumberRanges } from './number-ranges.ts';

/** The transactions that a backup contains, or the files of a log so far. */
export interface GtidState {
  has(gtid: string): boolean;
  add(gtid: string): void;
  /** @returns a GTID, or a range of them, of the other state that is missing here; undefined: none is missing. */
  missing(other: string): string | undefined;
  /** Whether it contains transactions of one of the other state's servers (MariaDB: domains), or none at all. */
  knowsServerOf(other: string): boolean;
  /** Whether a log may continue to this state, or start exactly there, after the other state. */
  canFollow(before: string): boolean;
  /** @returns a GTID, or a range of them, of the other state after which no log can continue to this one; undefined: it can. */
  cannotFollow(before: string): string | undefined;
  readonly isEmpty: boolean;
  /** As the server writes it. */
  toString(): string;
}

/** @param text `uuid:1-9:12,…` for MySQL; `0-7-9,0-8-12,1-7-3` for MariaDB: the newest of a domain comes last. */
export function gtidState(product: 'mysql' | 'mariadb', text: string): GtidState {
  return product === 'mysql' ? new MysqlGtids(text) : new MariadbGtids(text);
}

/** A set: ranges of numbers for each server (and tag). Source: MySQL's manual, "GTID Format and Storage". */
class MysqlGtids implements GtidState {
  private readonly sources = new Map<string, NumberRanges>();

  constructor(text: string) {
    this.add(text);
  }

  get isEmpty(): boolean {
    return this.sources.size === 0;
  }

  has(gtid: string): boolean {
    return rangesIn(gtid).every(([source, range]) => this.holds(source, range));
  }

  add(gtid: string): void {
    for (const [source, found] of Map.groupBy(rangesIn(gtid), ([of]) => of)) {
      const ranges = this.sources.get(source) ?? new NumberRanges();
      this.sources.set(source, ranges);
      ranges.addAll(found.map(([, range]) => range));
    }
  }

  missing(other: string): string | undefined {
    const lost = rangesIn(other).find(([source, range]) => !this.holds(source, range));
    if (!lost) return undefined;
    const [source, [from, to]] = lost;
    const first = this.sources.get(source)?.firstMissing(from) ?? from;
    return first === to ? `${source}:${first}` : `${source}:${first}-${to}`;
  }

  knowsServerOf(other: string): boolean {
    const servers = new Set([...this.sources.keys()].map(serverOf));
    return servers.size === 0 || other === '' || rangesIn(other).some(([source]) => servers.has(serverOf(source)));
  }

  canFollow(before: string): boolean {
    return this.cannotFollow(before) === undefined && this.knowsServerOf(before);
  }

  cannotFollow(before: string): string | undefined {
    return this.missing(before);
  }

  toString(): string {
    const write = ([from, to]: NumberRange): string => (from === to ? `${from}` : `${from}-${to}`);
    return [...this.sources].map(([source, { ranges }]) => [source, ...ranges.map(write)].join(':')).join(',');
  }

  private holds(source: string, range: NumberRange): boolean {
    return this.sources.get(source)?.has(range) === true;
  }
}

function serverOf(source: string): string {
  return source.slice(0, 36);
}

function rangesIn(text: string): (readonly [source: string, range: NumberRange])[] {
  const found: (readonly [string, NumberRange])[] = [];
  let server = '';
  for (const part of text.replaceAll(/\s+/g, '').toLowerCase().split(',')) {
    let source = server;
    for (const [index, piece] of part.split(':').entries()) {
      if (index === 0 && /^[0-9a-f]{8}-/.test(piece)) {
        server = piece;
        source = piece;
      } else if (/^\d+(?:-\d+)?$/.test(piece)) {
        const [from = '0', to = from] = piece.split('-');
        found.push([source, [BigInt(from), BigInt(to)]]);
      } else if (piece !== '') source = `${server}:${piece}`;
    }
  }
  return found;
}

interface Domain {
  /** The newest GTID. */
  last: string;
  /** The last number of each server. */
  readonly servers: Map<string, bigint>;
}

/**
 * The last number of each server in each domain, and which of them is the newest. Numbers in a domain are in order only under `gtid_strict_mode`, so those of
 * two servers cannot be compared. Source: MariaDB's sql/rpl_gtid.cc, `rpl_binlog_state::get_gtid_list`: the newest of a domain comes last.
 */
export class MariadbGtids implements GtidState {
  private readonly domains = new Map<string, Domain>();

  constructor(text: string) {
    for (const gtid of text.split(',')) this.add(gtid);
  }

  get isEmpty(): boolean {
    return this.domains.size === 0;
  }

  /** The newest GTID of each domain. */
  get newest(): readonly (readonly [domain: string, gtid: string])[] {
    return [...this.domains].map(([domain, { last }]) => [domain, last]);
  }

  newestOf(domain: string): string | undefined {
    return this.domains.get(domain)?.last;
  }

  has(gtid: string): boolean {
    const [domain, server, number] = partsOf(gtid);
    const last = this.domains.get(domain)?.servers.get(server);
    return last !== undefined && number <= last;
  }

  add(gtid: string): void {
    const [domain, server, number] = partsOf(gtid);
    if (domain === '') return;
    const known = this.domains.get(domain) ?? { last: '', servers: new Map<string, bigint>() };
    known.last = `${domain}-${server}-${number}`;
    known.servers.set(server, number);
    this.domains.set(domain, known);
  }

  missing(other: string): string | undefined {
    return other.split(',').find((gtid) => gtid !== '' && !this.has(gtid));
  }

  knowsServerOf(other: string): boolean {
    if (this.domains.size === 0 || other === '') return true;
    return other.split(',').some((gtid) => this.domains.has(domainOf(gtid)));
  }

  canFollow(before: string): boolean {
    return this.cannotFollow(before) === undefined;
  }

  cannotFollow(before: string): string | undefined {
    const earlier = new MariadbGtids(before);
    const passed = earlier.newest.find(([domain, gtid]) => {
      const own = this.newestOf(domain);
      return own === undefined || (own !== gtid && earlier.has(own));
    });
    return passed?.[1];
  }

  toString(): string {
    return [...this.domains.values()].map(({ last }) => last).join(',');
  }
}

export function domainOf(gtid: string): string {
  return partsOf(gtid)[0];
}

function partsOf(gtid: string): readonly [domain: string, server: string, number: bigint] {
  const [, domain = '', server = '', number = '0'] = /^\s*(\d+)-(\d+)-(\d+)\s*$/.exec(gtid) ?? [];
  return [domain, server, BigInt(number)];
}
