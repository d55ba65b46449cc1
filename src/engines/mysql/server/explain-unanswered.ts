import { toPrintable } from '../../../support/printable.ts';
import type { LoadFinding } from '../../whose-fault.ts';
import { isStorageEngine, storageEngineHint } from '../loading/storage-engines.ts';
import type { Unanswered } from './ask-tables.ts';

/** @returns whose fault it is that a table of a restored server cannot be read. Pure. */
export function explainUnanswered({ name, number, why }: Unanswered): LoadFinding {
  if (number === undefined)
    return { kind: 'missing-part', text: `${toPrintable(name, 200)} cannot be read: ${toPrintable(why, 200)}` };
  const text = `${toPrintable(name, 200)} cannot be opened: ${toPrintable(why, 200)} (ERROR ${number})`;
  const engine = /Unknown storage engine '([^']*)'/i.exec(why)?.[1];
  if (engine !== undefined && isStorageEngine(engine))
    return { kind: 'storage-engine-missing', text, hint: storageEngineHint(engine) };
  if (/encrypt|decrypt|keyring|master key/i.test(why)) {
    return {
      kind: 'keyring-missing',
      text,
      hint: 'Drill a dump of the tables that the server encrypts: a drill has no key for them.',
    };
  }
  return { kind: 'missing-part', text };
}
