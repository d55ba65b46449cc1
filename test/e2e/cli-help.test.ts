import { expect, it } from 'vitest';
import { firedrill } from '../support/cli.ts';

/** Help needs no settings, no store and no drill: it works anywhere. */
async function help(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await firedrill([...argv, '--help'], { cwd: '/' });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
}

it('firedrill --help', async () => {
  expect(await help()).toMatchInlineSnapshot(`
    "Usage: firedrill [options] [command]

    Restores the latest backups into throw-away sandboxes, proves the data, and holds the recovery time
    to its target.

    Options:
      -V, --version                    show the version
      -h, --help                       show help

    Commands:
      run [options] [drills...]        run drills by file, glob or name
      plan [options] [drills...]       show what would be restored, and how; changes nothing
      check [options] [drills...]      prepare the queries of checks on an empty server, and report all
                                       malformed ones; restores nothing
      serve [options]                  run drills on their schedules until stopped
      runner [options]                 run the drills of a pool, as \`firedrill serve\` queues them, until
                                       stopped
      validate [options] [drills...]   check drill files without running them
      fingerprint [options] <drill>    hash the source’s tables, to compare restored rows against
      prove [options] <drill>          damage a restored copy and the backup’s bytes to see what the
                                       drill catches
      bisect [options] <drill>         find the newest backup that passes the checks, in a few restores
      events [options] <drill>         list events in the log archive that destroyed data
      list [options]                   list drills with their last verdict, failing and never drilled
                                       first
      history [options] [drill]        list past runs, newest first
      report [options]                 write a recovery report for a period
      show [options] <run>             show a run: stages, checks, errors, backup, sandbox
      logs [options] <run>             show the log of a run
      cancel [options] <run>           cancel a run of a runner or scheduler, or remove the sandbox that
                                       it keeps
      runs                             runs: compare two of them
      accept [options] <run>           compare later runs with this one, after an intended change
      next [options] [drills...]       show upcoming runs, and what blocks them
      evidence                         evidence: files for a support ticket
      ack [options] [drills...]        acknowledge a drill’s problem: stops reminders until it is over
                                       or changes
      snooze [options] [drills...]     send nothing about drills for a while; they still run, and lists
                                       show them
      silence                          windows of planned work, in which no alerts are sent about drills
      store                            where history is kept: copy it to another store
      sweep [options]                  remove leftovers of dead runs
      doctor [options] [drills...]     check that drills can run here: engine, images, sources, disk,
                                       clock
      schema [options] [which]         print the JSON Schema of a drill file (or: settings)
      discover [options] [sources...]  show which backups and databases no drill covers (default: in the
                                       buckets and directories of all drills)
      completion [options] <shell>     print the script that completes commands in a shell
      init [options]                   create a drill from a backup location; asks for missing values
      token                            tokens for the dashboard and the API
      notify                           notification channels: test them, list failed deliveries
      help [command]                   show help of a command

    Exit codes:
      0    passed: every check passed, within the objectives
      1    failed: the backup is missing, stale or unrestorable, the data is wrong, or recovery is too slow
      2    errored: the drill itself broke, so nothing is known about the backup
      64   usage or configuration error
      130  interrupted
    "
  `);
});

it('firedrill run --help', async () => {
  expect(await help('run')).toMatchInlineSnapshot(`
    "Usage: firedrill run [options] [drills...]

    run drills by file, glob or name

    Options:
      -c, --config <file>   settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)
      --all                 run every drill in the drills directory
      --label <name=value>  only drills with this label; if repeated, drills that have all of them
      --backup <key>        restore this backup instead of the latest
      --to <target>         recover to this point, as \`recover.to\` in a drill: latest, an instant, "10m
                            before start"
      --no-race             run only these drills, not the ones they race against
      --keep <duration>     keep the sandbox this long after the run, for inspection
      --queue               let a runner of the drill’s pool run it, and follow it from here (needs a
                            PostgreSQL store)
      --ignore-limits       start at once, even if a run limit of the fleet is reached
      --over-budget         start runs that would exceed the monthly budget (\`limits.costPerMonth\`)
      --as <identity>       whose keys and credentials to read the backup with; recovery: those in
                            \`backup.identity\` (default: as the drill says) (choices: "drill",
                            "recovery")
      --runtime <name>      where servers run (default: docker if a Docker engine answers, else local)
                            (choices: "docker", "local")
      --format <format>     output format; junit: XML, printed at the end (choices: "text", "json",
                            "junit", default: "text")
      --json                one JSON object per line, each with a type
      -q, --quiet           print only the verdict of each run, and errors
      --junit <file>        also write JUnit XML to this file, for CI
      --summary <file>      also append a Markdown summary to this file (default: $GITHUB_STEP_SUMMARY
                            where it is set)
      -h, --help            show help

    Example:
      firedrill run drills/orders.yaml --keep 30m

    Exit codes:
      0    passed: every check passed, within the objectives
      1    failed: the backup is missing, stale or unrestorable, the data is wrong, or recovery is too slow
      2    errored: the drill itself broke, so nothing is known about the backup
      64   usage or configuration error
      130  interrupted
    "
  `);
});

it('firedrill plan --help', async () => {
  expect(await help('plan')).toMatchInlineSnapshot(`
    "Usage: firedrill plan [options] [drills...]

    show what would be restored, and how; changes nothing

    Options:
      -c, --config <file>   settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)
      --all                 plan every drill in the drills directory
      --label <name=value>  only drills with this label; if repeated, drills that have all of them
      --as <identity>       whose keys and credentials to read the backup with; recovery: those in
                            \`backup.identity\` (default: as the drill says) (choices: "drill",
                            "recovery")
      --runtime <name>      where servers run (default: docker if a Docker engine answers, else local)
                            (choices: "docker", "local")
      --json                one JSON object per line
      -h, --help            show help

    Example:
      firedrill plan drills/orders.yaml

    Exit codes:
      0    passed: every check passed, within the objectives
      1    failed: the backup is missing, stale or unrestorable, the data is wrong, or recovery is too slow
      2    errored: the drill itself broke, so nothing is known about the backup
      64   usage or configuration error
      130  interrupted
    "
  `);
});

it('firedrill validate --help', async () => {
  expect(await help('validate')).toMatchInlineSnapshot(`
    "Usage: firedrill validate [options] [drills...]

    check drill files without running them

    Options:
      -c, --config <file>  settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)
      -h, --help           show help

    Example:
      firedrill validate drills/*.yaml

    Exit codes:
      0    done
      2    error
      64   usage or configuration error
    "
  `);
});

it('firedrill list --help', async () => {
  expect(await help('list')).toMatchInlineSnapshot(`
    "Usage: firedrill list [options]

    list drills with their last verdict, failing and never drilled first

    Options:
      -c, --config <file>   settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)
      --failed              only drills that are not proven: failing, overdue, errored, never drilled
      --tier <tier>         only drills of this tier
      --owner <owner>       only drills of this owner
      --label <name=value>  only drills with this label; if repeated, drills that have all of them
      -w, --watch           refresh the list every two seconds until Ctrl-C
      --json                one JSON object per line
      -h, --help            show help

    Example:
      firedrill list --failed

    Exit codes:
      0    done
      2    error
      64   usage or configuration error
    "
  `);
});

it('firedrill history --help', async () => {
  expect(await help('history')).toMatchInlineSnapshot(`
    "Usage: firedrill history [options] [drill]

    list past runs, newest first

    Options:
      -c, --config <file>  settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)
      -n, --limit <count>  number of runs (default: 20)
      --drill <name>       only runs of this drill; same as the argument
      --status <states>    only runs that are passed, failed, errored, interrupted, running; several
                           with commas
      --since <duration>   only runs that started within this time: 24h, 7d
      --skipped            list skipped runs instead, with the reason
      --json               one JSON object per line
      -h, --help           show help

    Example:
      firedrill history orders --status failed,errored --since 7d

    Exit codes:
      0    done
      2    error
      64   usage or configuration error
    "
  `);
});

it('firedrill report --help', async () => {
  expect(await help('report')).toMatchInlineSnapshot(`
    "Usage: firedrill report [options]

    write a recovery report for a period

    Options:
      -c, --config <file>     settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)
      --since <duration>      the last N days or hours (default: 90d)
      --month <month>         a calendar month: 2026-10
      --quarter <quarter>     a quarter: 2026-Q4
      --timezone <zone>       time zone of months, days and hours (default: "UTC")
      --tier <tier>           only drills of this tier
      --owner <owner>         only drills of this owner
      --target-share <share>  share of runs that must meet each objective (default: 95%)
      --format <format>       default: from the name of --out, else md (choices: "html", "pdf", "md",
                              "json", "xlsx", "csv")
      -o, --out <file>        write to this file instead of standard output
      --evidence <file>       write the evidence of the runs to this file (.html, .md, .json) instead of
                              the report
      -h, --help              show help

    Example:
      firedrill report --month 2026-10 --out october.html

    Exit codes:
      0    done
      2    error
      64   usage or configuration error
    "
  `);
});

it('firedrill show --help', async () => {
  expect(await help('show')).toMatchInlineSnapshot(`
    "Usage: firedrill show [options] <run>

    show a run: stages, checks, errors, backup, sandbox

    Arguments:
      run                  a run’s id or the start of it, a drill’s name for its newest run, or latest

    Options:
      -c, --config <file>  settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)
      --log                include its log
      --json               as one JSON object
      -h, --help           show help

    Example:
      firedrill show orders

    Exit codes:
      0    done
      2    error
      64   usage or configuration error
    "
  `);
});

it('firedrill logs --help', async () => {
  expect(await help('logs')).toMatchInlineSnapshot(`
    "Usage: firedrill logs [options] <run>

    show the log of a run

    Arguments:
      run                  a run’s id or the start of it, a drill’s name for its newest run, or latest

    Options:
      -c, --config <file>  settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)
      -f, --follow         follow until the run ends
      --json               one JSON object per line
      -h, --help           show help

    Example:
      firedrill logs latest --follow

    Exit codes:
      0    done
      2    error
      64   usage or configuration error
    "
  `);
});

it('firedrill next --help', async () => {
  expect(await help('next')).toMatchInlineSnapshot(`
    "Usage: firedrill next [options] [drills...]

    show upcoming runs, and what blocks them

    Options:
      -c, --config <file>  settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)
      -d, --days <count>   number of days (default: 7)
      -n, --limit <count>  only the next N runs
      --json               one JSON object per line
      -h, --help           show help

    Example:
      firedrill next -n 5

    Exit codes:
      0    done
      2    error
      64   usage or configuration error
    "
  `);
});

it('firedrill sweep --help', async () => {
  expect(await help('sweep')).toMatchInlineSnapshot(`
    "Usage: firedrill sweep [options]

    remove leftovers of dead runs

    Options:
      -c, --config <file>  settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)
      -h, --help           show help

    Example:
      firedrill sweep

    Exit codes:
      0    done
      2    error
      64   usage or configuration error
    "
  `);
});

it('firedrill doctor --help', async () => {
  expect(await help('doctor')).toMatchInlineSnapshot(`
    "Usage: firedrill doctor [options] [drills...]

    check that drills can run here: engine, images, sources, disk, clock

    Options:
      -c, --config <file>  settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)
      -h, --help           show help

    Example:
      firedrill doctor

    Exit codes:
      0    done
      2    error
      64   usage or configuration error
    "
  `);
});

it('firedrill schema --help', async () => {
  expect(await help('schema')).toMatchInlineSnapshot(`
    "Usage: firedrill schema [options] [which]

    print the JSON Schema of a drill file (or: settings)

    Options:
      -c, --config <file>  settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)
      -h, --help           show help

    Example:
      firedrill schema > drill.schema.json

    Exit codes:
      0    done
      2    error
      64   usage or configuration error
    "
  `);
});

it('firedrill init --help', async () => {
  expect(await help('init')).toMatchInlineSnapshot(`
    "Usage: firedrill init [options]

    create a drill from a backup location; asks for missing values

    Options:
      -c, --config <file>  settings file (default: $FIREDRILL_CONFIG, or firedrill.yaml here)
      --source <url>       backup location, as in backup.source of a drill file
      --endpoint <url>     S3-compatible store of the location (default: AWS)
      --match <glob>       pattern of its backups (default: derived from the location’s content)
      --name <name>        name of the drill (default: from its backups)
      --engine <engine>    postgres, mysql or mariadb (default: that of the newest backup)
      --key <place>        file or environment variable with the key that decrypts the backups
      --rto <duration>     recovery time objective
      --rpo <duration>     recovery point objective, or - for none (default: from the interval of the
                           backups)
      --schedule <when>    cron expression in UTC, new-backup, or - for never
      --channel <type>     alert channel to set up, such as slack or email; - for none
      --database <name>    database to check (default: the one named in the backup)
      --table <name>       a table that must not be empty
      --restore            restore the newest backup, verify it, and propose checks from it
      --no-restore         write the drill with checks that need no restored copy
      --runtime <name>     where servers run (default: docker if a Docker engine answers, else local)
                           (choices: "docker", "local")
      -h, --help           show help

    Example:
      firedrill init --source s3://acme-backups/orders/ --rto 15m --restore

    Exit codes:
      0    done
      2    error
      64   usage or configuration error
    "
  `);
});
