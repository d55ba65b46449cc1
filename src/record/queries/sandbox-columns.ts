import type { SandboxRecord } from '../run-record.ts';
import type { RunRow } from './schema.ts';

export function sandboxColumns(sandbox: SandboxRecord | undefined) {
  return {
    sandbox_runtime: sandbox?.runtime ?? null,
    container_engine: sandbox?.containerEngine ?? null,
    sandbox_image: sandbox?.image ?? null,
    sandbox_image_id: sandbox?.imageId ?? null,
    sandbox_isolation: sandbox?.isolation ?? null,
    sandbox_server_version: sandbox?.serverVersion ?? null,
    sandbox_removed: sandbox ? Number(sandbox.removed) : null,
    sandbox_kept: sandbox?.kept === undefined ? null : Number(sandbox.kept),
    sandbox_data_bytes: sandbox?.dataBytes ?? null,
  };
}

export function readSandbox(row: RunRow): SandboxRecord | undefined {
  if (row.sandbox_runtime === null) return undefined;
  return {
    runtime: row.sandbox_runtime,
    ...(row.container_engine !== null && { containerEngine: row.container_engine }),
    image: row.sandbox_image ?? '',
    imageId: row.sandbox_image_id ?? '',
    isolation: row.sandbox_isolation ?? '',
    serverVersion: row.sandbox_server_version ?? undefined,
    removed: row.sandbox_removed === 1,
    kept: row.sandbox_kept === null ? undefined : row.sandbox_kept === 1,
    dataBytes: row.sandbox_data_bytes ?? undefined,
  };
}
