import { listWords } from '../../config/fields.ts';
import { isExpected, nameRuntime } from '../../sandbox/sweep.ts';
import { EXIT } from '../../support/errors.ts';
import { cleanUp } from '../clean-up.ts';
import { printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';

/** `firedrill sweep`: removes leftovers of dead runs, and nothing else. Fails if something cannot be removed, or if a required runtime cannot be searched. */
export async function sweepCommand(tools: Toolbox, options: { readonly config: string | undefined }): Promise<number> {
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  const { swept, unanswered } = await cleanUp(tools, settings, store);
  const failed = swept.filter((item) => item.error !== undefined).length;
  for (const { runtime, error } of unanswered.filter((each) => !isExpected(each)))
    tools.io.stderr.write(`${printable(`${nameRuntime(runtime)} could not be swept: ${error.message}`)}\n`);
  const unswept = listWords(
    unanswered.map(({ runtime }) => nameRuntime(runtime)),
    'and',
  );
  if (swept.length > 0) tools.io.stdout.write(`${swept.length - failed} removed, ${failed} could not be removed\n`);
  else if (unswept === '') tools.io.stdout.write('nothing left behind\n');
  else tools.io.stdout.write(`nothing found; not searched: ${unswept}\n`);
  return failed > 0 || unanswered.some(isExpected) ? EXIT.errored : EXIT.passed;
}
