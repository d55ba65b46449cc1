import { type Markup, trusted } from '../../support/html.ts';

/** A flame on 24 × 24, white with the background showing through: the brand's symbol. */
export const FLAME =
  '<path fill="#fff" fill-rule="evenodd" d="M13 2.2c.5 3.3 5.6 5.6 5.6 11.3A6.6 6.6 0 0 1 5.4 13.5c0-2.7 1.3-4.7 2.9-6.2.3 1.5.9 2.5 1.9 3.1.1-3.2.7-6 2.8-8.2zM12 19.4a3 3 0 0 0 3-3c0-1.7-1.3-2.7-2-4.2-1.7 1.1-4 2.4-4 4.2a3 3 0 0 0 3 3z"/>';

/** The mark next to the name. */
export const MARK: Markup = trusted(
  `<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><rect class="mark-back" width="24" height="24" rx="6"/><g transform="translate(3 3) scale(.75)">${FLAME}</g></svg>`,
);
