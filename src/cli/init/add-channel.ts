import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isMap, parseDocument } from 'yaml';
import type { Settings } from '../../config/settings.ts';
import { showPath } from '../../config/show-path.ts';
import { CHANNEL_KINDS, type ChannelType } from '../../notify/channel-registry.ts';
import { DrillError } from '../../support/errors.ts';

const HEAD = '# Settings for every drill of this machine.\n';

/** What was written, and what is left to do. */
export interface AddedChannel {
  /** The settings file, as it can be typed. */
  readonly file: string;
  /** Variables that the channel reads. */
  readonly variables: readonly string[];
}

/**
 * Adds a channel for alerts to the settings; what else is in the file stays, with its comments. The channel is named as its type.
 * @throws DrillError `usage` where the file cannot be written.
 */
export async function addChannel(
  type: ChannelType,
  { file = undefined, cwd }: { readonly file: Settings['file']; readonly cwd: string },
): Promise<AddedChannel> {
  const path = file ?? resolve(cwd, 'firedrill.yaml');
  const shown = showPath(path, cwd);
  const { starter } = CHANNEL_KINDS[type];
  const text = file === undefined ? HEAD : await readFile(file, 'utf8');
  const withChannel = insertChannel(text, type, { type, ...starter });
  try {
    await writeFile(path, withChannel, { flag: file === undefined ? 'wx' : 'w' });
  } catch (error) {
    throw new DrillError(
      'usage',
      `${shown} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      {
        hint: 'Check the directory and its permissions.',
        cause: error,
      },
    );
  }
  return { file: shown, variables: variablesOf(starter) };
}

/** The text of a settings file with one more channel. */
export function insertChannel(text: string, name: string, channel: Readonly<Record<string, unknown>>): string {
  const document = parseDocument(text);
  const value = document.createNode(channel);
  if (!isMap(document.contents)) document.contents = null;
  document.setIn(['notify', 'channels', name], value);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** `{ url: '${SLACK_WEBHOOK_URL}' }` has one. */
function variablesOf(starter: Readonly<Record<string, unknown>>): readonly string[] {
  return [...JSON.stringify(starter).matchAll(/\$\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
}
