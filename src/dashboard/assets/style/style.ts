import { BASE_CSS } from './base.ts';
import { CHARTS_CSS } from './charts.ts';
import { COMPONENTS_CSS } from './components.ts';
import { DRILL_CSS } from './drill.ts';
import { PAGES_CSS } from './pages.ts';
import { TOKENS_CSS } from './tokens.ts';

/** The pages' style: system fonts, both colour schemes, widths from 360 px; nothing is loaded from other hosts. */
export const STYLE = [TOKENS_CSS, BASE_CSS, COMPONENTS_CSS, CHARTS_CSS, PAGES_CSS, DRILL_CSS].join('');
