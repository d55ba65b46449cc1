/** The files stored next to a backup. */
export interface BackupNeighbours {
  /** The backup's own name, without its folder: `orders.dump`. */
  readonly name: string;
  /**
   * Reads the file with that name, or with that name plus the extension of a compression or encryption, which is removed.
   * @returns undefined when there is none.
   * @throws DrillError `manifest-unusable` when it is longer than `maxBytes`, and whatever reading and unwrapping throw.
   */
  read(name: string, maxBytes: number, signal: AbortSignal): Promise<NeighbourFile | undefined>;
}

export interface NeighbourFile {
  readonly key: string;
  readonly content: Buffer;
}
