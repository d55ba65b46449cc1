/** Engines that exist in some server of either product; any other name means damage, which another image would not fix. */
const NAMES = new Set([
  ...['rocksdb', 'tokudb', 'mroonga', 'columnstore', 'spider', 's3', 'connect', 'federated', 'federatedx', 'oqgraph'],
  ...['sphinx', 'sequence', 'cassandra', 'archive', 'blackhole', 'example', 'ndb', 'ndbcluster', 'aria', 'maria'],
  ...['xpand', 'clustrix', 'infobright', 'csv', 'merge', 'mrg_myisam', 'secondary_engine', 'rapid'],
]);
/** Engines that store rows elsewhere, or can: a drill never enables them, even if the image has them. */
const REMOTE = new Set([
  'federated',
  'federatedx',
  'spider',
  's3',
  'connect',
  'ndb',
  'ndbcluster',
  'xpand',
  'clustrix',
]);

export function isStorageEngine(name: string): boolean {
  return NAMES.has(name.toLowerCase());
}

/** @returns a hint for a table whose engine is missing. */
export function storageEngineHint(name: string): string {
  const allow = `\`restore.ignoreErrors: ["storage engine .?${name}\\\\b"]\``;
  return REMOTE.has(name.toLowerCase())
    ? `It keeps rows on other servers, which a drill never reaches. To drill the rest, allow it: ${allow}.`
    : `Name an image that has it in \`engine.image\`, or allow it where another engine will do: ${allow}.`;
}
