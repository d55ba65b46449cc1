import type { Command } from 'commander';
import { listWords } from '../../config/fields.ts';
import { toJsonSchema } from '../../config/json-schema.ts';
import { RUNTIME_NAMES } from '../../sandbox/registry.ts';
import { formatCommands } from './command-section.ts';
import { formatErrorTable } from './error-table.ts';
import { formatSchemaSections } from './schema-table.ts';

/** docs/reference.md, generated from the code that it documents. */
export function formatReference(program: Command): string {
  return `# Reference

Generated from the code by \`npm run docs\`; do not edit.

- [Drill file](#drill-file)
- [Settings](#settings)
- [Commands](#commands)
- [Error codes](#error-codes)

## Drill file

One YAML file in \`drills/\`. \`firedrill init\` writes a first one, \`firedrill validate\` checks it, and an editor completes it
when its first line is \`# yaml-language-server: $schema=./drill.schema.json\` (\`firedrill schema\` prints that file).

- A **duration** has units: \`90s\`, \`15m\`, \`1h30m\`, \`26h\`, \`7d\` (\`ms\`, \`s\`, \`m\`, \`h\`, \`d\`, \`w\`).
- A **size** is in powers of 1024: \`512m\`, \`2g\`.
- Under \`backup\`, \`\${NAME}\` and \`\${NAME:-default}\` are replaced by environment variables in \`source\`, \`endpoint\`, \`region\` and
  \`profile\`; nowhere else. As in a shell, an empty variable counts as unset.
- The keys from \`endpoint\` to \`secretAccessKey\` can be under \`backup\` or, with \`url\`, under \`backup.source\`.
- \`expect: 599\` is short for \`expect: { equals: 599 }\`, and \`expect: empty\` for \`expect: { empty: true }\`.
- Drills and checks that can be seen to never fail are refused.
- A schedule that names hours (\`30 2 * * *\`) means times of the day, each once: one that does not exist because clocks go forward is due right
  after the gap, one that exists twice because they go back the first time. A schedule for every hour (\`*/15 * * * *\`) means an
  interval and goes on through both. Where day of month and day of week are both given, one of the two is enough.
- \`schedule.jitter\` in a shell, for the drill orders, a due instant and 10 minutes:
  \`echo $((16#$(printf 'orders 2026-11-22T02:30:00.000Z' | sha256sum | cut -c1-12) % 600))\` seconds.

${formatSchemaSections(toJsonSchema('drill'))}

## Settings

\`firedrill.yaml\` in the working directory, or the file that \`--config\` or \`FIREDRILL_CONFIG\` names. Everything in it is optional.

${formatSchemaSections(toJsonSchema('settings'))}

| variable | what it says |
| --- | --- |
| \`FIREDRILL_CONFIG\` | The settings file. \`--config\` overrides it. |
| \`FIREDRILL_STORE\` | Where history is kept; overrides \`store\`. |
| \`FIREDRILL_RUNTIME\` | ${listWords(
    RUNTIME_NAMES.map((name) => `\`${name}\``),
    'or',
  )}, for drills that do not set a runtime; overrides \`runtime\`. |
| \`FIREDRILL_URL\` | The database that \`firedrill fingerprint\` reads; \`--url\` goes before it. |
| \`NO_COLOR\` | If set, turns colors off. |

## Commands

${formatCommands(program)}

## Error codes

Every error has one of these codes; [runbooks](../runbooks/README.md) has a heading for each. With several drills the worst exit code wins.

${formatErrorTable()}
`;
}
