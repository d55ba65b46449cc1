import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { areOfEtcd } from '../../bolt/bucket-names.ts';

const NAMED = 5;

/**
 * Consul, Vault, containerd and others keep their data in bbolt files, too.
 * @param names of the file's buckets; undefined if not yet known. @throws DrillError `backup-unrecognised`.
 */
export function requireEtcd(key: string, names: readonly string[] | undefined): void {
  if (!names || areOfEtcd(names)) return;
  const some = names.slice(0, NAMED).map((name) => `"${toPrintable(name, 40)}"`);
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  const has = names.length === 0 ? 'has no buckets' : `has the buckets ${some.join(', ')}${more}`;
  throw new DrillError('backup-unrecognised', `${key} is a bbolt file, but not an etcd snapshot: it ${has}`, {
    hint: 'Set `backup.match` to select what `etcdctl snapshot save` writes; drill other programs with `engine: { type: exec }`.',
  });
}
