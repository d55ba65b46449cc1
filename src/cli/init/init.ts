import { dirname, resolve } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { showPath } from '../../config/show-path.ts';
import { exitCodeOfRun } from '../../judge/outcome.ts';
import { CHANNEL_TYPES, type ChannelType } from '../../notify/channel-registry.ts';
import type { RunRecord } from '../../record/run-record.ts';
import type { Store } from '../../record/store.ts';
import { DrillError, EXIT } from '../../support/errors.ts';
import { cleanUp } from '../clean-up.ts';
import { planCommand } from '../commands/plan.ts';
import { type DrillDraft, formatDrillDraft } from '../drafts/drill-draft.ts';
import { readDraft, restoreAndWrite, writeDrillFile } from '../drafts/restore-and-write.ts';
import { choosePrinter } from '../printers/choose-printer.ts';
import { printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { userName } from '../user-name.ts';
import { type AddedChannel, prepareChannel } from './add-channel.ts';
import { askAll, type InitAnswers } from './ask-all.ts';
import { draftOf } from './draft-of.ts';
import { Prompter } from './prompter.ts';
import { checkFlags, type InitFlags } from './questions.ts';

export interface InitOptions extends InitFlags {
  readonly endpoint?: string | undefined;
  readonly config?: string | undefined;
  /** Whether to restore the newest backup to propose checks; undefined: ask on a terminal, else no. */
  readonly restore?: boolean | undefined;
  readonly runtime?: string | undefined;
}

/**
 * `firedrill init`: from a backup location to a working drill. Lists the location, proposes drill settings for the newest backup, restores it once to propose
 * checks and to verify it, writes the drill file with the JSON Schema next to it, and shows the plan. On a terminal, it asks for whatever was not given by
 * flags.
 * Throws `usage` for a missing or invalid flag and for a drill that already exists: nothing is ever overwritten.
 */
export async function initCommand(tools: Toolbox, options: InitOptions): Promise<number> {
  const { io } = tools;
  try {
    return await init(tools, options);
  } catch (thrown) {
    if (!io.interrupt.aborted) throw thrown;
    throw new DrillError('interrupted', 'canceled; no drill was written', {
      hint: 'Start again, or give the answers as flags.',
      cause: thrown,
    });
  }
}

async function init(tools: Toolbox, options: InitOptions): Promise<number> {
  const { io } = tools;
  using prompter = new Prompter(io);
  checkFlags(options, { canAsk: prompter.canAsk });
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  const answers = await askAll(tools, options, { settings, store, prompter });
  const file = resolve(io.cwd, settings.drillsDir, `${answers.name}.yaml`);
  const place = { file, shown: showPath(file, io.cwd) };
  const draft = draftOf(answers, { directory: dirname(file), cwd: io.cwd, now: tools.clock.now() });
  await readDraft(tools, settings, file, formatDrillDraft(draft));
  const channel = await prepareAlerts(answers, settings, io);
  prompter[Symbol.dispose]();
  const run = await write(tools, { ...place, draft, answers, runtime: options.runtime, settings, store });
  await channel?.write();
  io.stdout.write('\n');
  const { shown } = place;
  const planned = await planCommand(tools, [shown], {
    ...{ config: options.config, all: false, label: undefined, as: undefined, runtime: options.runtime, json: false },
  });
  const isVerified = run?.verdict === 'passed';
  io.stdout.write(`\n${nextSteps({ shown, isVerified, isPlanned: planned === EXIT.passed, channel, draft })}\n`);
  return run ? exitCodeOfRun(run) : EXIT.passed;
}

interface Writing {
  readonly file: string;
  readonly shown: string;
  readonly draft: DrillDraft;
  readonly answers: InitAnswers;
  readonly runtime: string | undefined;
  readonly settings: Settings;
  readonly store: Store;
}

async function write(tools: Toolbox, writing: Writing): Promise<RunRecord | undefined> {
  const { draft, answers, settings, store, shown } = writing;
  const { io } = tools;
  if (!answers.isRestored) {
    await writeDrillFile(writing, formatDrillDraft(draft));
    io.stdout.write(`wrote ${shown}\n`);
    return undefined;
  }
  await cleanUp(tools, settings, store);
  const printer = choosePrinter(io, 'text', { publicUrl: settings.publicUrl });
  const { run, isWritten, checks } = await restoreAndWrite(tools, {
    ...writing,
    databases: answers.series?.finding.databases ?? [],
    triggeredBy: `init (${userName()})`,
    printer,
  });
  await printer.settle();
  io.interrupt.throwIfAborted();
  // The harness failed, but the drill is still valid, with the checks that need no restored copy.
  if (!isWritten) await writeDrillFile(writing, formatDrillDraft(draft));
  const count = isWritten ? checks : draft.checks.length;
  io.stdout.write(`wrote ${shown} (${count === 1 ? '1 check' : `${count} checks`})\n`);
  return run;
}

async function prepareAlerts(
  { channel }: InitAnswers,
  { file }: Settings,
  { cwd, env }: Toolbox['io'],
): Promise<AddedChannel | undefined> {
  const type = CHANNEL_TYPES.find((one): one is ChannelType => one === channel);
  return type === undefined ? undefined : await prepareChannel(type, { file, cwd, env });
}

interface Steps {
  readonly shown: string;
  readonly isVerified: boolean;
  readonly isPlanned: boolean;
  readonly channel: AddedChannel | undefined;
  readonly draft: DrillDraft;
}

function nextSteps({ shown, isVerified, isPlanned, channel, draft }: Steps): string {
  const { missing = [] } = channel ?? {};
  const steps = [
    ...(isPlanned ? [] : [[`firedrill plan ${shown}`, 'once the problem above is fixed']]),
    ...(isVerified ? [] : [[`firedrill run ${shown}`, 'restore and verify it now']]),
    ...missing.map((name, index) => [
      `export ${name}=…`,
      index === 0 ? `${channel?.shown} reads it: no alert is sent and serve does not start without it` : 'and this',
    ]),
    ...(channel ? [[`firedrill notify test ${channel.name}`, 'send a test alert']] : []),
    [
      'firedrill serve',
      draft.schedule === undefined ? 'show its runs as pages' : 'run it on its schedule, alert, and show it as pages',
    ],
  ];
  const width = Math.max(...steps.map(([command = '']) => command.length));
  const lines = steps.map(([command = '', what = '']) => `  ${command.padEnd(width)}  # ${what}`);
  return printable(['Next:', ...lines].join('\n'));
}
