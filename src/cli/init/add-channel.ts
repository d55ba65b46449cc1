import { access, constants, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isMap, parseDocument, stringify } from 'yaml';
import type { Settings } from '../../config/settings.ts';
import { showPath } from '../../config/show-path.ts';
import { CHANNEL_KINDS, type ChannelType } from '../../notify/channel-registry.ts';
import { DrillError } from '../../support/errors.ts';
import { freeName } from '../drafts/free-name.ts';

const HEAD = '# Settings for every drill of this machine.\n';

/** A channel to be written, and its requirements. */
export interface AddedChannel {
  readonly name: string;
  /** The settings file, as it can be typed. */
  readonly shown: string;
  /** Variables that the channel reads and that are not set here. */
  readonly missing: readonly string[];
  /** Writes the settings. @throws DrillError `usage` */
  write(): Promise<void>;
}

interface SettingsPlace {
  readonly file: Settings['file'];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Prepares an alert channel in the settings, named after its type, with a number appended if that is taken. The rest of the file is unchanged.
 * @throws DrillError `usage` if the file cannot be written.
 */
export async function prepareChannel(type: ChannelType, { file, cwd, env }: SettingsPlace): Promise<AddedChannel> {
  const path = file ?? resolve(cwd, 'firedrill.yaml');
  const shown = showPath(path, cwd);
  const refuse = (error: unknown): never => {
    throw new DrillError(
      'usage',
      `${shown} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      {
        hint: 'Make it writable, or leave the alert channel out (--channel -) and add it later.',
        cause: error,
      },
    );
  };
  await access(file ?? dirname(path), constants.W_OK).catch(refuse);
  const text = file === undefined ? HEAD : await readFile(file, 'utf8');
  const { starter } = CHANNEL_KINDS[type];
  const { name, text: added } = insertChannel(text, type, { type, ...starter });
  return {
    name,
    shown,
    missing: variablesOf(starter).filter((variable) => !env[variable]),
    write: () => writeFile(path, added, { flag: file === undefined ? 'wx' : 'w' }).catch(refuse),
  };
}

/** @returns the settings file with one more channel; its other lines are unchanged if it had no `notify`. */
export function insertChannel(
  text: string,
  wanted: string,
  channel: Readonly<Record<string, unknown>>,
): { readonly name: string; readonly text: string } {
  const document = parseDocument(text);
  const name = freeName(wanted, (one) => document.hasIn(['notify', 'channels', one]));
  if (!document.has('notify')) {
    const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
    const before = text === '' || text.endsWith('\n') ? text : `${text}${lineBreak}`;
    const added = stringify({ notify: { channels: { [name]: channel } } }, { lineWidth: 0 });
    return { name, text: before + added.replaceAll('\n', lineBreak) };
  }
  if (!isMap(document.get('notify'))) document.set('notify', document.createNode({}));
  document.setIn(['notify', 'channels', name], document.createNode(channel));
  return { name, text: document.toString({ lineWidth: 0, flowCollectionPadding: true }) };
}

/** Variables referenced in a value: `{ url: '${SLACK_WEBHOOK_URL}' }` has one. */
function variablesOf(starter: Readonly<Record<string, unknown>>): readonly string[] {
  return [...JSON.stringify(starter).matchAll(/\$\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
}
