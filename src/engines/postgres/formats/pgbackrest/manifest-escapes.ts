/**
 * Regular expressions, for grep -E, of lines of a manifest that lead out of the data directory: those of LEADS_OUT, and those that are
 * SUSPECT and not HONEST. A line is `path={…}`, and its path ends at the first `=` behind which there is JSON, so it may hold `=` and
 * quotes. Source: pgBackRest's src/common/ini.c.
 */
export const LEADS_OUT = String.raw`^([^=]*/)?\.\.(/[^=]*)?=|"tablespace-name":"([^"]*/)?\.\.[/"]`;

/** A part `..` of whatever may be a path, or a backslash, with which JSON can spell one. */
export const SUSPECT = String.raw`(^|[/"])\.\.([/"=]|$)|\\`;

const TEXT = String.raw`"([^"\\]|\\["\\])*"`;
/** pgBackRest makes directories of links, unless it is told otherwise, so that where they lead is of no account. */
const PAIR = String.raw`("(path|destination)":${TEXT}|"[a-z-]+":("([^"\\/]|\\["\\])*"|[a-z0-9.-]+))`;

/**
 * What people said of the backup, in JSON with any of its escapes. Under another heading the line would be a file or a directory of that name, and only the name of
 * a tablespace could lead elsewhere: no key begins as that one does.
 */
const STRING = String.raw`"([^"\\]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*"`;
const KEY = String.raw`"([^t"\\][^"\\]*|t|t[^a"\\][^"\\]*|ta|ta[^b"\\][^"\\]*)?"`;
export const ANNOTATION = `^annotation=[{](${KEY}:${STRING}(,${KEY}:${STRING})*)?[}]$`;

/** The first `=` ends the path, and nothing behind it names a file that is written. */
export const HONEST = `^[^=]*=(${TEXT}|[{]${PAIR}(,${PAIR})*[}])$`;
