import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { ProvisionOptions } from '../../format.ts';
import type { Flavor } from '../flavor.ts';
import type { InstalledTools } from '../server/installed-tools.ts';

/** Everything a recovery works with: a sandbox, its server's programs, and how to start them. */
export interface RecoverySite {
  readonly sandbox: Sandbox;
  readonly flavor: Flavor;
  readonly tools: InstalledTools;
  readonly boot: ProvisionOptions['boot'];
}
