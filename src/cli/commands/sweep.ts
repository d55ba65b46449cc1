import { EXIT } from '../../support/errors.ts';
import { cleanUp } from '../clean-up.ts';
import type { Toolbox } from '../toolbox.ts';

/** `firedrill sweep`: removes what dead runs left, and nothing else. Fails when something cannot be removed. */
export async function sweepCommand(tools: Toolbox, options: { readonly config: string | undefined }): Promise<number> {
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  const swept = await cleanUp(tools, settings, store);
  const failed = swept.filter((item) => item.error !== undefined).length;
  tools.io.stdout.write(
    swept.length === 0 ? 'nothing left behind\n' : `${swept.length - failed} removed, ${failed} could not be removed\n`,
  );
  return failed > 0 ? EXIT.errored : EXIT.passed;
}
