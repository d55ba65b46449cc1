import { domainOf, type GtidState, gtidState, MariadbGtids } from './plan-gtids.ts';

/** Which transactions of a log are in a backup that states its GTIDs and no position. */
export interface HeldGtids {
  /** Those of the log that were read. */
  readonly state: GtidState;
  /** The last that the backup holds in a domain, where the log has not come to it yet. */
  readonly notReached: string | undefined;
  /** @param before what came before the first file that is read. */
  begin(before: string): void;
  /** To be called with each GTID, in the order of the log. @returns whether nothing tells whether the backup holds it: its number was given before. */
  isRepeated(gtid: string): boolean;
}

export function heldGtids(product: 'mysql' | 'mariadb', gtids: string): HeldGtids {
  return product === 'mysql' ? new MysqlHeld(gtids) : new MariadbHeld(gtids);
}

/** A set says of each transaction whether it is held. */
class MysqlHeld implements HeldGtids {
  readonly state: GtidState;
  readonly notReached = undefined;

  constructor(gtids: string) {
    this.state = gtidState('mysql', gtids);
  }

  begin(): void {
    // the set alone tells
  }

  isRepeated(): boolean {
    return false;
  }
}

/** Held is what comes in the log up to the transaction that the backup names, in each domain: numbers need not be in order. */
class MariadbHeld implements HeldGtids {
  readonly state = new MariadbGtids('');
  private readonly wanted: Map<string, string>;

  constructor(gtids: string) {
    this.wanted = new Map(new MariadbGtids(gtids).newest);
  }

  get notReached(): string | undefined {
    const [first] = this.wanted.values();
    return first;
  }

  begin(before: string): void {
    for (const gtid of before.split(',')) this.state.add(gtid);
    for (const [domain, gtid] of this.state.newest) {
      if (this.wanted.get(domain) === gtid) this.wanted.delete(domain);
    }
  }

  isRepeated(gtid: string): boolean {
    const domain = domainOf(gtid);
    const wanted = this.wanted.get(domain);
    if (wanted === undefined) return this.state.has(gtid);
    this.state.add(gtid);
    if (gtid === wanted) this.wanted.delete(domain);
    return false;
  }
}
