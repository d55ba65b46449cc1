/** A way in which restored data is read: what an engine offers, and what a kind of check needs. */
export type Capability = 'sql' | 'files' | 'commands' | 'program';
