import { CHANNEL_KINDS } from '../notify/channel-registry.ts';
import { isMailAddress } from '../notify/channels/email/email-spec.ts';
import { parseTargetShare } from '../support/quantities.ts';
import { nearest } from './nearest.ts';
import type { NotifyFile } from './notify-schema.ts';
import { type PeriodSpec, type ReportFile, readPeriod } from './reports-schema.ts';

/** A scheduled report that is sent by e-mail. */
export interface ReportSpec {
  /** Unique. */
  readonly name: string;
  readonly cron: string;
  /** IANA name. */
  readonly timezone: string;
  readonly period: PeriodSpec;
  /** The name of its e-mail channel. */
  readonly channel: string;
  /** undefined: the recipients of the channel. */
  readonly to: readonly string[] | undefined;
  readonly format: ReportFile['format'];
  /** 0.5 to 1; undefined: the default of reports. */
  readonly targetShare: number | undefined;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
}

type Report = (path: readonly PropertyKey[], message: string) => void;

/** Resolves `reports:`; reports problems that the schema cannot find. */
export function resolveReports(
  reports: readonly ReportFile[],
  { channels }: Pick<NotifyFile, 'channels'>,
  report: Report,
): readonly ReportSpec[] {
  for (const [index, { name, channel, to }] of reports.entries()) {
    const path = ['reports', index];
    if (reports.findIndex((other) => other.name === name) < index)
      report([...path, 'name'], `${JSON.stringify(name)} is also the name of another report`);
    checkChannel(channel, channels, (message) => report([...path, 'channel'], message));
    for (const [place, address] of (to ?? []).entries()) {
      if (isMailAddress(address)) continue;
      report(
        [...path, 'to', place],
        `${JSON.stringify(address)} is not a mail address; write one such as ops@example.com`,
      );
    }
  }
  return reports.map(({ period, targetShare, ...rest }) => ({
    ...rest,
    to: rest.to,
    targetShare: targetShare === undefined ? undefined : parseTargetShare(targetShare),
    tier: rest.tier,
    owner: rest.owner,
    period: readPeriod(period) ?? { kind: 'whole', unit: 'month' },
  }));
}

function checkChannel(name: string, channels: NotifyFile['channels'], report: (message: string) => void): void {
  const channel = channels[name];
  if (channel && CHANNEL_KINDS[channel.type].takesReports) return;
  if (channel) {
    report(`${JSON.stringify(name)} is of type ${channel.type}; reports go by e-mail only`);
    return;
  }
  const known = Object.entries(channels).flatMap(([other, { type }]) =>
    CHANNEL_KINDS[type].takesReports ? [other] : [],
  );
  const near = nearest(name, known);
  const advice = near === undefined ? '' : `; did you mean "${near}"?`;
  const all = known.length === 0 ? 'there are no e-mail channels' : `e-mail channels: ${known.join(', ')}`;
  report(`${JSON.stringify(name)} is not a channel${advice} (${all})`);
}
