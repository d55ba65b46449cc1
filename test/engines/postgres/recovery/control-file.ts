interface Control {
  /** State of the cluster. Default: shut down. */
  readonly state?: number;
  readonly redo?: bigint;
  readonly timeline?: number;
  readonly segmentBytes?: number;
  readonly float?: number;
}

/**
 * A `global/pg_control` as written by a server on a 64-bit little-endian machine; see ControlFileData in PostgreSQL's
 * pg_control.h.
 */
export function controlFile({
  state = 1,
  redo = 0x200_0028n,
  timeline = 1,
  segmentBytes = 2 ** 24,
  float = 1_234_567,
}: Control): Buffer {
  const control = Buffer.alloc(8192);
  control.writeUInt32LE(1300, 8);
  control.writeUInt32LE(state, 16);
  control.writeBigUInt64LE(redo, 40);
  control.writeUInt32LE(timeline, 48);
  control.writeDoubleLE(float, 208);
  control.writeUInt32LE(segmentBytes, 228);
  return control;
}
