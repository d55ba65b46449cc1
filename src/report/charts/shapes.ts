/** SVG paths, rounded to a tenth of a pixel. */

export type Spot = readonly [x: number, y: number];

/** A bar from `bottom` to `top`, which are the midpoints of its two ends. */
export function barPath(bottom: Spot, top: Spot, width: number): string {
  const height = bottom[1] - top[1];
  if (height <= 0) return '';
  return `M${round(bottom[0] - width / 2)} ${round(bottom[1])}v${round(-height)}h${round(width)}v${round(height)}z`;
}

export function linePath(spots: readonly Spot[]): string {
  return spots.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
}

/** A step line: keeps each height until the next spot. */
export function stairPath(spots: readonly Spot[]): string {
  let path = '';
  let before: Spot | undefined;
  for (const [x, y] of spots) {
    if (!before) path = `M${round(x)} ${round(y)}`;
    else if (round(y) !== round(before[1])) path += `H${round(x)}V${round(y)}`;
    before = [x, y];
  }
  return before ? `${path}H${round(before[0])}` : '';
}

/** The area between two lines over the same x positions. */
export function bandPath(upper: readonly Spot[], lower: readonly Spot[]): string {
  return `${linePath([...upper, ...lower.toReversed()])}z`;
}

const HALF = 4;

export function crossPath([x, y]: Spot): string {
  return `M${round(x - HALF)} ${round(y - HALF)}l8 8m0 -8l-8 8`;
}

export function trianglePath([x, y]: Spot): string {
  return `M${round(x)} ${round(y - HALF)}l4.5 8h-9z`;
}

export function ringPath([x, y]: Spot): string {
  return `M${round(x - 3.5)} ${round(y)}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
