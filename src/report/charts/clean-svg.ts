import { nameOfColour } from './palette.ts';

/** The text alternative of a chart, for screen readers. */
export interface ChartLabel {
  /** Unique on its page; letters, digits and dashes. Stable for the same chart. */
  readonly id: string;
  readonly title: string;
  /** What the chart shows, in a sentence or two. */
  readonly description: string;
}

/**
 * Cleans ECharts' server-side SVG for pages and files: removes style attributes and style elements, which a strict Content-Security-Policy refuses, and
 * generated ids that differ each time; turns colours into classes; adds a name and a description.
 */
export function cleanSvg(svg: string, width: number, height: number, label: ChartLabel): string {
  const body = svg
    .replace(/^<svg[^>]*>\s*/, '')
    .replace(/\s*<\/svg>\s*$/, '')
    .replace(/<style[\s\S]*?<\/style>\s*/g, '')
    .replace(/<rect [^>]*fill="none"><\/rect>\s*/, '')
    .replace(/<[a-zA-Z][^>]*>/g, (tag) => cleanTag(tag, label.id))
    .replace(/><\/(?:path|rect|circle|line|polyline)>/g, '/>')
    .replace(/>\s+</g, '><');
  return `${openSvg(width, height, label)}${body}</svg>`;
}

/** The opening tag of every chart. */
function openSvg(width: number, height: number, { id, title, description }: ChartLabel): string {
  return (
    `<svg class="r-chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-t ${id}-d">` +
    `<title id="${id}-t">${escapeXml(title)}</title><desc id="${id}-d">${escapeXml(description)}</desc>`
  );
}

function cleanTag(tag: string, id: string): string {
  const bare = tag
    .replace(
      / (?:class|xml:space|ecmeta_[a-z_]+|pointer-events|baseProfile|version|xmlns:xlink|stroke-linejoin)="[^"]*"/g,
      '',
    )
    .replace(/ style="([^"]*)"/, (_all, style: string) => toAttributes(style))
    .replace(/zr\d+-/g, `${id}-`)
    .replace(/ stroke-width="1"/, '');
  const classes = [...bare.matchAll(/ (fill|stroke)="(#[0-9a-f]{6})"/g)].flatMap(([, kind, value = '']) => {
    const name = nameOfColour(value);
    return name === undefined ? [] : [`${kind === 'fill' ? 'r-f' : 'r-s'}-${name}`];
  });
  return classes.length === 0 ? bare : bare.replace(/\/?>$/, (end) => ` class="${classes.join(' ')}"${end}`);
}

/** Keeps the font size and weight of a style as attributes; the font family is the page's own. */
function toAttributes(style: string): string {
  const size = /(?:font-size:|\b)(\d+(?:\.\d+)?)px/.exec(style)?.[1];
  const isBold = /bold/.test(style);
  return `${size === undefined ? '' : ` font-size="${size}"`}${isBold ? ' font-weight="bold"' : ''}`;
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
