/** A `backup.info` as written by Barman 3.13 and 3.20, with `changes` replacing fields. */
export function backupInfo(changes: Readonly<Record<string, string>> = {}): string {
  const fields = { ...FIELDS, ...changes };
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

const FIELDS = {
  backup_label:
    "'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\\nCHECKPOINT LOCATION: 0/2000080\\nBACKUP METHOD: streamed\\nBACKUP FROM: primary\\nSTART TIME: 2026-11-28 18:18:16 UTC\\nLABEL: Barman backup cloud 20261128T181815\\nSTART TIMELINE: 1\\n'",
  begin_offset: '40',
  begin_time: '2026-11-28 18:18:15.443317+00:00',
  begin_wal: '000000010000000000000002',
  begin_xlog: '0/2000028',
  children_backup_ids: 'None',
  cluster_size: '31585220',
  compression: 'None',
  copy_stats:
    "{'total_time': 10.178844, 'number_of_workers': 2, 'copy_time_per_item': {'16385': 0.153565, 'data': 0.135158}}",
  data_checksums: 'off',
  encryption: 'None',
  end_time: '2026-11-28 18:18:23.127650+00:00',
  end_wal: '000000010000000000000002',
  end_xlog: '0/2000120',
  error: 'None',
  parent_backup_id: 'None',
  pgdata: '/srv/data',
  server_name: 'cloud',
  status: 'DONE',
  systemid: '7713288345917763603',
  tablespaces: "[('space', 16385, '/srv/space')]",
  timeline: '1',
  version: '170012',
  xlog_segment_size: '16777216',
};
