/** The files that are stored beside a backup. */
export interface BackupNeighbours {
  /** The backup's own name, without its folder: `orders.dump`. */
  readonly name: string;
  /**
   * Reads a file of that name, or of that name and the ending of a compression or an encryption, which are removed.
   * @returns undefined when there is none.
   * @throws DrillError `manifest-unusable` when it is longer than that, and what reading and unwrapping throw.
   */
  read(name: string, maxBytes: number, signal: AbortSignal): Promise<NeighbourFile | undefined>;
}

export interface NeighbourFile {
  readonly key: string;
  readonly content: Buffer;
}
