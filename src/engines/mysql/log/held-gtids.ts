import { domainOf, type GtidState, gtidState, MariadbGtids } from './plan-gtids.ts';

/** Tells which transactions of a log are in a backup that states its GTIDs but no position. */
export interface HeldGtids {
  /** The backup's transactions that were found in the log so far. */
  readonly state: GtidState;
  /** The last transaction of a domain in the backup, if the log has not reached it yet. */
  readonly notReached: string | undefined;
  /** @param before GTIDs that precede the first file that is read. */
  begin(before: string): void;
  /**
   * To be called with each GTID, in log order. @returns whether its number was used before, so that it is impossible to tell whether the backup contains it.
   */
  isRepeated(gtid: string): boolean;
}

export function heldGtids(product: 'mysql' | 'mariadb', gtids: string): HeldGtids {
  return product === 'mysql' ? new MysqlHeld(gtids) : new MariadbHeld(gtids);
}

/** With a set, it is known for each transaction whether the backup contains it. */
class MysqlHeld implements HeldGtids {
  readonly state: GtidState;
  readonly notReached = undefined;

  constructor(gtids: string) {
    this.state = gtidState('mysql', gtids);
  }

  begin(): void {
    // the set is sufficient
  }

  isRepeated(): boolean {
    return false;
  }
}

/** The backup contains everything in the log up to the transaction that it names, in each domain: numbers need not be in order. */
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
