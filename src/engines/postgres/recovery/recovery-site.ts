import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { ProvisionOptions } from '../../format.ts';
import type { Tool } from '../server/installed-tools.ts';

/** What a recovery works with: a sandbox, its server's programs, and how to start them. */
export interface RecoverySite {
  readonly sandbox: Sandbox;
  readonly tool: Tool;
  readonly boot: ProvisionOptions['boot'];
}
