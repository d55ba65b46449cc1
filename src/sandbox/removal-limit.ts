/**
 * The longest that the removal of a sandbox may take, in ms. Deleting data takes some 60 ms per gigabyte and 7 µs per small file on an idle disk, several
 * times that on a busy one: this is enough for ten terabytes, and for millions of files.
 */
export const REMOVAL_LIMIT_MS = 15 * 60_000;
