/** Reads a PDF back, for tests: its pages, the words on each, where they stand, and what it says about itself. */
import { inflateSync } from 'node:zlib';

export interface ReadPdf {
  readonly pages: number;
  readonly text: string;
  /** The lowest line of text on any page, in points from the bottom. */
  readonly lowest: number;
  /** How many letters are printed that their font has not (.notdef). */
  readonly missing: number;
  /** All of it that is not compressed. */
  readonly raw: string;
}

/** Only what our own writer makes: embedded fonts with two-byte codes and a ToUnicode map each. */
export function readPdf(bytes: Buffer): ReadPdf {
  const raw = bytes.toString('latin1');
  const objects = new Map<string, { dictionary: string; stream: string | null }>();
  for (const match of raw.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    const body = match[2]!;
    const at = body.indexOf('stream\n');
    const dictionary = at < 0 ? body : body.slice(0, at);
    let stream: string | null = null;
    if (at >= 0) {
      const content = Buffer.from(body.slice(at + 7, body.lastIndexOf('\nendstream')), 'latin1');
      stream = (dictionary.includes('FlateDecode') ? inflateSync(content) : content).toString('latin1');
    }
    objects.set(match[1]!, { dictionary, stream });
  }
  const fonts = new Map<string, Map<string, string>>();
  for (const { dictionary } of objects.values()) {
    for (const [, name, id] of dictionary.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const map = /\/ToUnicode (\d+) 0 R/.exec(objects.get(id!)?.dictionary ?? '')?.[1];
      if (map) fonts.set(name!, unicodeOf(objects.get(map)?.stream ?? ''));
    }
  }
  const words: string[] = [];
  let pages = 0;
  let missing = 0;
  let lowest = Number.POSITIVE_INFINITY;
  for (const { dictionary } of objects.values()) {
    if (!/\/Type \/Page\b/.test(dictionary)) continue;
    pages += 1;
    const id = /\/Contents (\d+) 0 R/.exec(dictionary)?.[1] ?? '';
    let font = new Map<string, string>();
    let line = '';
    for (const command of (objects.get(id)?.stream ?? '').split('\n')) {
      const chosen = /^\/(F\d+) [\d.]+ Tf$/.exec(command)?.[1];
      if (chosen) font = fonts.get(chosen) ?? font;
      const y = /^1 0 0 1 [\d.-]+ ([\d.-]+) Tm$/.exec(command)?.[1];
      if (y) lowest = Math.min(lowest, Number(y));
      if (/T[jJ]$/.test(command)) {
        for (const [, codes] of command.matchAll(/<([0-9a-f]+)>/g)) {
          missing += codes!.match(/..../g)?.filter(code => code === '0000').length ?? 0;
          line += codes!.replace(/..../g, code => font.get(code) ?? '');
        }
      }
      if (command === 'ET') {
        words.push(line);
        line = '';
      }
    }
  }
  return { pages, text: words.join('\n'), lowest, missing, raw };
}

function unicodeOf(map: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, from, , list] of map.matchAll(/<([0-9a-f]+)> <([0-9a-f]+)> \[([^\]]*)\]/g)) {
    for (const [i, [, codes]] of [...list!.matchAll(/<([0-9a-f ]*)>/g)].entries()) {
      const text = codes!.replaceAll(' ', '').replace(/..../g, unit => String.fromCharCode(Number.parseInt(unit, 16)));
      found.set((Number.parseInt(from!, 16) + i).toString(16).padStart(4, '0'), text);
    }
  }
  return found;
}
