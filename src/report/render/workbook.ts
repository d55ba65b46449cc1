import { strToU8, Zip, ZipDeflate } from 'fflate';
import { toPrintable } from '../../support/printable.ts';
import { formatUtc, type RegisterCell } from './register.ts';

/** The largest sheet that spreadsheet programs can open, including its head. */
const MAX_ROWS = 1_048_576;
const MAX_TEXT = 2000;

/**
 * Writes a workbook of one sheet, in batches, for any number of rows: Office Open XML, ECMA-376 part 1, 18.3. Every text is an inline string, which no program
 * runs as a formula, regardless of its content. Rows beyond the largest sheet are counted in its last row.
 */
export async function* writeWorkbook(
  title: string,
  heads: readonly string[],
  rows: AsyncIterable<readonly (readonly RegisterCell[])[]>,
): AsyncIterable<Uint8Array> {
  const ready: Uint8Array[] = [];
  let failure: Error | undefined;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else ready.push(chunk);
  });
  const taken = () => {
    if (failure) throw failure;
    return ready.splice(0);
  };
  for (const [path, text] of Object.entries(PARTS)) addPart(zip, path, text.replace('TITLE', escapeXml(title)));
  const sheet = new ZipDeflate('xl/worksheets/sheet1.xml');
  zip.add(sheet);
  sheet.push(strToU8(`${SHEET_START}${toRow(heads, HEAD_STYLE)}`));
  let count = 1;
  let left = 0;
  for await (const some of rows) {
    const shown = some.slice(0, Math.max(0, MAX_ROWS - 1 - count));
    count += shown.length;
    left += some.length - shown.length;
    sheet.push(strToU8(shown.map((row) => toRow(row)).join('')));
    yield* taken();
  }
  const rest = left === 0 ? '' : toRow([`${left} more runs do not fit: use CSV`]);
  sheet.push(strToU8(`${rest}</sheetData></worksheet>`), true);
  zip.end();
  yield* taken();
}

function addPart(zip: Zip, path: string, text: string): void {
  const part = new ZipDeflate(path);
  zip.add(part);
  part.push(strToU8(text), true);
}

/** The second cell format of the style sheet: bold. */
const HEAD_STYLE = 1;

function toRow(cells: readonly RegisterCell[], style = 0): string {
  return `<row>${cells.map((cell) => toCell(cell, style)).join('')}</row>`;
}

function toCell(value: RegisterCell, style: number): string {
  const format = style === 0 ? '' : ` s="${style}"`;
  if (value === undefined) return '<c/>';
  if (typeof value === 'number' && Number.isFinite(value)) return `<c${format}><v>${value}</v></c>`;
  if (typeof value === 'boolean') return `<c${format} t="b"><v>${Number(value)}</v></c>`;
  const text = value instanceof Date ? formatUtc(value) : toPrintable(String(value), MAX_TEXT);
  return `<c${format} t="inlineStr"><is><t xml:space="preserve">${escapeXml(text)}</t></is></c>`;
}

/** Printable text has no control characters, which XML does not allow; unpaired surrogates are replaced. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\uFFFE\uFFFF]/g, '\uFFFD');
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
/** Freezes the head row. */
const SHEET_START = `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15" baseColWidth="16"/><sheetData>`;

const PARTS: Readonly<Record<string, string>> = {
  '[Content_Types].xml': `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/></Types>`,
  '_rels/.rels': `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="TITLE" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
  'xl/styles.xml': `${XML}<styleSheet xmlns="${MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>`,
};
