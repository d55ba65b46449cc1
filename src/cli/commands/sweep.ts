import { EXIT } from '../../support/errors.ts';
import { cleanUp } from '../clean-up.ts';
import type { Toolbox } from '../toolbox.ts';

/** `firedrill sweep`: removes what dead runs left, and nothing else. Fails when something cannot be removed. */
export async function sweepCommand(tools: Toolbox, options: { readonly config: string | undefined }): Promise<number> {
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  const { swept, unanswered } = await cleanUp(tools, settings, store);
  const failed = swept.filter((item) => item.error !== undefined).length;
  // a missing engine has nothing to sweep
  const isUnknown = unanswered.some(({ error }) => error.code !== 'engine-unreachable');
  if (swept.length > 0) tools.io.stdout.write(`${swept.length - failed} removed, ${failed} could not be removed\n`);
  else if (!isUnknown) tools.io.stdout.write('nothing left behind\n');
  return failed > 0 || isUnknown ? EXIT.errored : EXIT.passed;
}
