import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { CommandAccess } from '../../command-access.ts';
import { CollectedAnswer } from '../../server/collected-answer.ts';
import { fieldIn } from './ask-server.ts';
import { etcdError } from './etcd-error.ts';
import { type Account, runEtcdctl } from './etcd-programs.ts';

/** Allowed options of `get`; not those that select the server or the user. */
const OPTION =
  /^--(?:prefix|from-key|count-only|keys-only|print-value-only|limit|rev|order|sort-by|consistency|hex|write-out)(?:=.*)?$|^-w(?:=?.+)?$/s;

/** `get` of etcdctl at the snapshot's revision: there, keys whose leases expire during the drill still exist. */
export function checkCommands(sandbox: Sandbox, account: Account, revision: number): CommandAccess {
  return {
    async run(command, { database, maxBytes, signal }) {
      if (database !== undefined) {
        throw new DrillError('check-malformed', 'etcd has no databases', { hint: 'Remove `database` from the check.' });
      }
      const isCount = requireGet(command);
      const output = new CollectedAnswer(maxBytes);
      const hasRevision = optionsIn(command).some((option) => option.startsWith('--rev'));
      const argv = [
        'get',
        ...(hasRevision ? [] : [`--rev=${revision}`]),
        ...(isCount ? ['--write-out=fields'] : []),
        ...command.slice(1),
      ];
      const { exitCode, stderr } = await runEtcdctl(sandbox, argv, { account, signal, stdout: output });
      const answer = output.answer();
      if (exitCode !== 0) {
        throw etcdError(sandbox, 'get was not answered', { exitCode, said: stderr, otherwise: 'server-failed' });
      }
      return isCount ? { ...answer, text: String(fieldIn(answer.text, 'Count')) } : answer;
    },
  };
}

/** @returns whether only the number of keys is to be returned. */
function requireGet([name, ...words]: readonly string[]): boolean {
  if (name !== 'get') {
    throw new DrillError('check-malformed', `${toPrintable(name ?? '', 60)} is not a read-only command`, {
      hint: 'Checks of etcd use `get`: `[get, /registry/pods/, --prefix, --count-only]`.',
    });
  }
  const options = optionsIn(words);
  const unknown = options.find((option) => !OPTION.test(option));
  if (unknown !== undefined) {
    throw new DrillError('check-malformed', `get has no option ${toPrintable(unknown, 60)} in checks`, {
      hint: 'A key that begins with a dash goes after `--`.',
    });
  }
  return options.includes('--count-only') && !options.some((option) => /^(?:-w|--write-out)/.test(option));
}

/** Options that take the next word as their value, even if it is `--`. */
const TAKES_NEXT = /^(?:--(?:limit|rev|order|sort-by|consistency|write-out)|-w)$/;

function optionsIn(words: readonly string[]): readonly string[] {
  const end = words.findIndex((word, index) => word === '--' && !TAKES_NEXT.test(words[index - 1] ?? ''));
  return words.slice(0, end < 0 ? undefined : end).filter((word) => word.startsWith('-'));
}
