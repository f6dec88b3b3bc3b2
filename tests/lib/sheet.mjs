// Files for spreadsheets, read as a program would: CSV by RFC 4180, and as much of XLSX as tells
// what a cell holds and looks like.
import { inflateRawSync } from 'node:zlib';

// Rows of texts; the byte order mark and the kind of line end are part of what is checked.
export function readCsv(bytes, separator = ',') {
  if (bytes.subarray(0, 3).toString('hex') !== 'efbbbf') throw new Error('no byte order mark');
  const text = bytes.subarray(3).toString('utf8');
  const rows = [];
  let row = [];
  for (let at = 0; at < text.length;) {
    let cell = '';
    if (text[at] === '"') {
      for (at++; !(text[at] === '"' && text[at + 1] !== '"'); at++) {
        if (at >= text.length) throw new Error('a quote is left open');
        if (text[at] === '"') at++;
        cell += text[at];
      }
      at++;
    } else {
      while (at < text.length && text[at] !== separator && text[at] !== '\r') cell += text[at++];
    }
    row.push(cell);
    if (text[at] === separator) at++;
    else if (text.startsWith('\r\n', at)) {
      rows.push(row);
      row = [];
      at += 2;
    } else throw new Error(`neither a field nor a line ends at ${at}: ${text.slice(at, at + 40)}`);
  }
  if (row.length) throw new Error('the last line has no end');
  return rows;
}

// By its headings: [{Order: …}].
export function records([head, ...rows]) {
  return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]])));
}

// The members of a ZIP, by its central directory.
export function readZip(bytes) {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('no ZIP');
  const files = {};
  let at = bytes.readUInt32LE(end + 16);
  for (let i = bytes.readUInt16LE(end + 10); i > 0; i--) {
    const [method, size, nameLength, extra, comment] = [10, 20, 28, 30, 32].map((o) => (o === 20 ? bytes.readUInt32LE(at + o) : bytes.readUInt16LE(at + o)));
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const packed = bytes.subarray(start, start + size);
    files[bytes.subarray(at + 46, at + 46 + nameLength).toString()] = method === 8 ? inflateRawSync(packed) : packed;
    at += 46 + nameLength + extra + comment;
  }
  return files;
}

const unescape = (text) => text.replace(/&(lt|gt|amp|quot);/g, (_, name) => ({ lt: '<', gt: '>', amp: '&', quot: '"' })[name]);

// {pages: [{frozen, rows: [[cell]]}], formulas}: cells are numbers or texts; `formats` are those of
// numbers, in the order in which the file names them.
export function readXlsx(bytes) {
  const files = readZip(bytes);
  const pages = Object.keys(files).filter((name) => /^xl\/worksheets\/sheet\d+\.xml$/.test(name)).sort();
  const all = pages.map((name) => files[name].toString());
  return {
    formulas: all.join('').includes('<f>'),
    formats: [...files['xl/styles.xml'].toString().matchAll(/formatCode="([^"]*)"/g)].map((m) => unescape(m[1])),
    pages: all.map((xml) => ({
      frozen: /<pane ySplit="1" topLeftCell="A2"[^>]*state="frozen"/.test(xml),
      widths: [...xml.matchAll(/<col min="\d+" max="\d+" width="([\d.]+)"/g)].map((m) => Number(m[1])),
      rows: [...xml.matchAll(/<row [^>]*?(?:\/>|>(.*?)<\/row>)/gs)].map((m) => cells(m[1] ?? '')),
    })),
  };
}

function cells(xml) {
  const row = [];
  for (const [, column, attributes, inside] of xml.matchAll(/<c r="([A-Z]+)\d+"([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
    const at = [...column].reduce((n, letter) => n * 26 + letter.charCodeAt(0) - 64, 0) - 1;
    const text = /<t[^>]*>(.*?)<\/t>/s.exec(inside ?? '');
    row[at] = attributes.includes('inlineStr') ? unescape(text?.[1] ?? '') : Number(/<v>(.*?)<\/v>/.exec(inside)?.[1]);
  }
  return Array.from(row, (cell) => cell ?? null);
}
