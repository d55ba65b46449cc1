import type { DiscoveryRecord, Finding } from './discovery-store.ts';

type Clean = (text: string) => string;

/** Names of backups, databases and servers are untrusted, and so are messages. */
export function redactDiscovery(record: DiscoveryRecord, clean: Clean): DiscoveryRecord {
  return {
    ...record,
    findings: record.findings.map((finding) => redactFinding(finding, clean)),
    newGaps: record.newGaps.map(clean),
    closedGaps: record.closedGaps.map(clean),
    problems: record.problems.map(({ where, message, hint, isError }) => ({
      where: clean(where),
      message: clean(message),
      hint: hint === undefined ? undefined : clean(hint),
      isError,
    })),
  };
}

function redactFinding(finding: Finding, clean: Clean): Finding {
  if (finding.kind === 'series') {
    const { source, match, newest, content, databases } = finding;
    const texts = { source: clean(source), match: clean(match), newest: clean(newest), content: clean(content) };
    return { ...finding, ...texts, databases: databases.map(clean) };
  }
  const { name, server, foundIn } = finding;
  const where = server === undefined ? undefined : clean(server);
  return { ...finding, name: clean(name), server: where, foundIn: foundIn.map(clean) };
}
