/**
 * Regular expressions, for grep -E, for lines of a manifest that escape from the data directory: those that match LEADS_OUT, and those that match SUSPECT but
 * not HONEST. A line is `path={…}`, and its path ends at the first `=` that is followed by JSON, so it may contain `=` and quotes. Source: pgBackRest's
 * src/common/ini.c.
 */
export const LEADS_OUT = String.raw`^([^=]*/)?\.\.(/[^=]*)?=|"tablespace-name":"([^"]*/)?\.\.[/"]`;

/** A component `..` of anything that may be a path, or a backslash, with which JSON can spell one. */
export const SUSPECT = String.raw`(^|[/"])\.\.([/"=]|$)|\\`;

const TEXT = String.raw`"([^"\\]|\\["\\])*"`;
/** pgBackRest turns links into directories unless it is told otherwise, so their targets do not matter. */
const PAIR = String.raw`("(path|destination)":${TEXT}|"[a-z-]+":("([^"\\/]|\\["\\])*"|[a-z0-9.-]+))`;

/**
 * The user's annotations of the backup, in JSON with any of its escapes. In another section the line would be a file or a directory of that name, and only a
 * tablespace name could lead elsewhere: no allowed key starts like `tablespace-name`.
 */
const STRING = String.raw`"([^"\\]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*"`;
const KEY = String.raw`"([^t"\\][^"\\]*|t|t[^a"\\][^"\\]*|ta|ta[^b"\\][^"\\]*)?"`;
export const ANNOTATION = `^annotation=[{](${KEY}:${STRING}(,${KEY}:${STRING})*)?[}]$`;

/** The first `=` ends the path, and nothing after it names a file that is written. */
export const HONEST = `^[^=]*=(${TEXT}|[{]${PAIR}(,${PAIR})*[}])$`;
