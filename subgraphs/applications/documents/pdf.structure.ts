/**
 * Reads the structure of a PDF (ISO 32000) for what acts by itself or hides something. Viewers repair what is broken and
 * each does it in its own way, so this reads more than any of them: every object that stands anywhere in the file, whether
 * a cross-reference points to it or not, and those inside of object streams. No package reads a hostile file within
 * bounds of time and memory; this one gives its thread back every few milliseconds, and refuses what it cannot finish.
 */
import { setImmediate as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inflateRaw as inflateRawCallback, constants as zlib } from 'node:zlib';

/** Why a PDF is not taken; `UNREADABLE`: it is broken, or so made that nobody could check it. */
export type PdfFault = 'ENCRYPTED' | 'ACTIVE' | 'UNREADABLE';

const inflateRaw = promisify(inflateRawCallback);
const MOST_STEPS = 100_000_000;
const STEPS_AT_ONCE = 200_000;
const MOST_INFLATED = 64 * 1024 * 1024;
const MOST_LOOKED = 1_000_000;
const MOST_NESTED = 200;
const MOST_KEPT = 32;

/** Kinds of action (12.6.4) that run a program, open or send another file, or play something; links to pages stay. */
const ACTIVE_ACTIONS = new Set([
  'JavaScript',
  'Launch',
  'ImportData',
  'SubmitForm',
  'GoToE',
  'GoToR',
  'Rendition',
  'Movie',
  'Sound',
  'RichMediaExecute',
]);
/** What a link may lead to; a place without a scheme lies beside the document's own. */
const HARMLESS_LINK = /^(https?|ftp|mailto|tel|sms|geo|urn|doi):|^(?!\\)[^:]*([/?#]|$)|^[\w-]+(\.[\w-]+)+:\d+(\/|$)/i;
const LONGEST_LINK = 8_192;
const ACTIVE_ANNOTATIONS = new Set(['RichMedia', '3D', 'Screen', 'Movie', 'Sound', 'FileAttachment']);
/** What may happen when a document opens: it shows a page. */
const HARMLESS_AT_OPENING = new Set(['GoTo', 'Named']);
/** Events at which an additional action (12.6.3) runs. */
const TRIGGERS = [
  'E',
  'X',
  'D',
  'U',
  'Fo',
  'Bl',
  'PO',
  'PC',
  'PV',
  'PI',
  'O',
  'C',
  'K',
  'F',
  'V',
  'WC',
  'WS',
  'DS',
  'WP',
  'DP',
];
const KEYS: ReadonlySet<string> = new Set([
  ...['S', 'Type', 'Subtype', 'JS', 'JavaScript', 'EF', 'EmbeddedFiles', 'Names', 'XFA', 'AA', 'OpenAction', 'Next'],
  ...[
    'RichMediaContent',
    'RichMediaSettings',
    'Encrypt',
    'Root',
    'Filter',
    'DecodeParms',
    'DP',
    'Predictor',
    'N',
    'First',
  ],
  ...['Kids', 'URI', 'Base'],
  ...TRIGGERS,
]);

interface Dict {
  readonly kind: 'dict';
  /** What stood behind each key of interest; more than one where a key was repeated. */
  readonly entries: Map<string, Value[]>;
}
type Value =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'reference'; readonly to: number }
  | { readonly kind: 'array'; readonly items: Value[] }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'null' }
  | { readonly kind: 'other' }
  | Dict;

interface Frame {
  readonly value: Dict | Extract<Value, { kind: 'array' }>;
  /** The last three values, among them the key of the next. */
  recent: Value[];
}

interface ReadObject {
  /** What viewers may take for it: what comes first, or the reference that comes last. */
  readonly values: Value[];
  /** Where the bytes of its stream begin; null when it has none. */
  readonly stream: number | null;
}

class Unreadable extends Error {}

const BLANK = 1;
const DELIMITER = 2;
const CLASSES = new Uint8Array(256);
for (const byte of [0, 9, 10, 12, 13, 32]) CLASSES[byte] = BLANK;
for (const byte of Buffer.from('()<>[]{}/%')) CLASSES[byte] = DELIMITER;
const NULL: Value = { kind: 'null' };
const OTHER: Value = { kind: 'other' };

/** @returns what is wrong with it, or null. */
export async function pdfFault(bytes: Buffer): Promise<PdfFault | null> {
  const reading = new Reading();
  try {
    await reading.file(bytes);
    return reading.fault();
  } catch (error) {
    if (error instanceof Unreadable) return 'UNREADABLE';
    throw error;
  }
}

class Reading {
  private steps = 0;
  private pauseAt = STEPS_AT_ONCE;
  private inflated = 0;
  private looked = 0;
  private isActive = false;
  private isEncrypted = false;
  private readonly roots: Value[] = [];
  /** Under each number all objects that claim it: which of them a viewer takes is its affair. */
  private readonly objects = new Map<number, Value[]>();
  /** Objects whose number could not be read: each may be any. */
  private readonly unnumbered: Value[] = [];
  private readonly links: Value[] = [];
  private readonly kinds: { value: Value; active: ReadonlySet<string> }[] = [];
  private readonly openings: Value[] = [];
  private readonly additional: Value[] = [];
  private readonly streams: { dict: Dict; bytes: Buffer }[] = [];

  async file(bytes: Buffer): Promise<void> {
    for (let at = bytes.indexOf('obj'); at >= 0; at = bytes.indexOf('obj', at + 3)) {
      if (bytes.toString('latin1', at - 3, at) === 'end' || isRegular(bytes[at + 3])) continue;
      const number = numberBefore(bytes, at);
      const { values, stream } = await this.object(bytes, at + 3, number !== null);
      for (const value of values) this.define(number, value);
      const [dict] = values;
      if (dict?.kind === 'dict' && stream !== null && dict.entries.has('N') && dict.entries.has('First')) {
        // each viewer begins a stream elsewhere when no line ends before it
        if (bytes[stream - 1] !== 10 && bytes[stream - 1] !== 13) throw new Unreadable();
        this.streams.push({ dict, bytes: bytes.subarray(stream) });
      }
    }
    for (let at = bytes.indexOf('trailer'); at >= 0; at = bytes.indexOf('trailer', at + 7)) {
      await this.object(bytes, at + 7, false);
    }
    if (this.isEncrypted) return; // what its object streams hold cannot be read
    for (const { dict, bytes: packed } of this.streams) await this.objectStream(dict, packed);
  }

  fault(): PdfFault | null {
    if (this.isEncrypted) return 'ENCRYPTED';
    if (this.isActive) return 'ACTIVE';
    // a reference that leads nowhere we know may lead somewhere for others
    const isKind = ({ value, active }: { value: Value; active: ReadonlySet<string> }) => {
      const isActive = (one: Value) => one.kind === 'name' && active.has(one.name);
      return this.resolved(value).length === 0 || this.possible(value).some(isActive);
    };
    if (this.kinds.some(isKind) || this.openings.some(one => this.actsAtOpening(one, 0))) return 'ACTIVE';
    if (this.additional.some(one => this.possible(one).some(hasTrigger))) return 'ACTIVE';
    if (this.links.some(one => this.possible(one).some(leadsElsewhere))) return 'ACTIVE';
    return this.roots.some(root => this.resolved(root).some(({ kind }) => kind === 'dict')) ? null : 'UNREADABLE';
  }

  private define(number: number | null, value: Value): void {
    const known = number === null ? this.unnumbered : this.objects.get(number);
    if (!known) this.objects.set(number!, [value]);
    else if (known.length < 1_000) known.push(value);
    else throw new Unreadable();
  }

  private resolved(value: Value, depth = 0): Value[] {
    if (++this.looked > MOST_LOOKED || depth > 8) throw new Unreadable();
    if (value.kind !== 'reference') return value.kind === 'null' ? [] : [value];
    return (this.objects.get(value.to) ?? []).flatMap(one => this.resolved(one, depth + 1));
  }

  /** What a value may be, when the objects without a number are those that it refers to. */
  private possible(value: Value): Value[] {
    const others = value.kind === 'reference' ? this.unnumbered : [];
    return [value, ...others].flatMap(one => this.resolved(one));
  }

  private actsAtOpening(action: Value, depth: number): boolean {
    if (depth > 8) throw new Unreadable();
    return this.possible(action).some(one => {
      if (one.kind !== 'dict') return false; // a place in the document
      const kinds = (one.entries.get('S') ?? []).flatMap(kind => this.possible(kind));
      const next = (one.entries.get('Next') ?? []).flatMap(what => (what.kind === 'array' ? what.items : [what]));
      return (
        kinds.some(kind => kind.kind !== 'name' || !HARMLESS_AT_OPENING.has(kind.name)) ||
        next.some(what => this.actsAtOpening(what, depth + 1))
      );
    });
  }

  /** Objects that are packed together (7.5.7); how they are packed must be what every writer does. */
  private async objectStream(dict: Dict, packed: Buffer): Promise<void> {
    const get = (...keys: string[]) =>
      keys.flatMap(key => dict.entries.get(key) ?? []).flatMap(value => this.possible(value));
    // the short names of inline images count for some viewers here too
    const filters = get('Filter', 'F')
      .flatMap(value => (value.kind === 'array' ? value.items : [value]))
      .flatMap(value => this.possible(value));
    const isPlain = filters.every(one => one.kind === 'name' && /^(FlateDecode|Fl)$/.test(one.name));
    const parameters = get('DecodeParms', 'DP').flatMap(value => (value.kind === 'array' ? value.items : [value]));
    const predicts = parameters
      .flatMap(value => this.possible(value))
      .some(one => one.kind !== 'dict' || one.entries.has('Predictor'));
    if (!isPlain || filters.length > 1 || predicts) throw new Unreadable();
    const bytes = filters.length === 1 ? await this.inflate(packed) : packed;
    const firsts = get('First').map(value => (value.kind === 'number' ? value.number : -1));
    if (firsts.length === 0) throw new Unreadable();
    for (const first of new Set(firsts)) {
      if (!Number.isInteger(first) || first < 0 || first > bytes.length) throw new Unreadable();
      const head = bytes.toString('latin1', 0, first);
      if (!/^[\d\0\t\n\f\r ]*$/.test(head)) throw new Unreadable(); // remarks and signs are read in several ways
      const numbers = head.match(/\d+/g) ?? [];
      for (let i = 0; i + 1 < numbers.length; i += 2) {
        const { values } = await this.object(bytes, first + Number(numbers[i + 1]), true, true);
        for (const value of values) this.define(Number(numbers[i]), value);
      }
    }
  }

  private async inflate(packed: Buffer): Promise<Buffer> {
    try {
      // checksums do not count for viewers, so they do not count here; what follows the end is left alone
      const bytes = await inflateRaw(packed.subarray(2), {
        finishFlush: zlib.Z_SYNC_FLUSH,
        maxOutputLength: MOST_INFLATED - this.inflated,
      });
      this.inflated += bytes.length;
      return bytes;
    } catch {
      throw new Unreadable();
    }
  }

  /**
   * Reads one object.
   * @param strict unbalanced brackets end everything: each viewer mends them in its own way
   * @param isPacked inside of an object stream, where no keyword ends an object
   */
  private async object(bytes: Buffer, from: number, strict: boolean, isPacked = false): Promise<ReadObject> {
    const frames: Frame[] = [];
    let top: Value[] = [];
    let first: Value | null = null;
    const add = (value: Value) => {
      const frame = frames.at(-1);
      if (!frame) {
        top = [...top.slice(-2), value];
        first ??= value;
      } else this.add(frame, value);
    };
    const done = (stream: number | null): ReadObject => {
      if (strict && frames.length > 0) throw new Unreadable();
      while (frames.length > 0) {
        const { value } = frames.pop()!;
        if (value.kind === 'dict') this.judge(value);
        add(value);
      }
      const last = top.at(-1);
      const values = first ? [first] : [];
      if (last && last !== first && last.kind === 'reference') values.push(last);
      return { values, stream };
    };
    let at = from;
    const { length } = bytes;
    while (at < length) {
      const before = at;
      const byte = bytes[at]!;
      if (CLASSES[byte] === BLANK) at++;
      else if (byte === 0x25) at = endOfLine(bytes, at);
      else if (byte === 0x28) {
        const end = endOfString(bytes, at);
        add(isLink(frames.at(-1)) ? { kind: 'string', text: textOf(bytes, at + 1, end - 1) } : OTHER);
        at = end;
      } else if (byte === 0x2f) {
        const end = endOfRegular(bytes, at + 1);
        add({ kind: 'name', name: nameOf(bytes, at + 1, end) });
        at = end;
      } else if (byte === 0x3c && bytes[at + 1] === 0x3c) {
        frames.push({ value: { kind: 'dict', entries: new Map() }, recent: [] });
        at += 2;
      } else if (byte === 0x3c) {
        const found = bytes.indexOf(0x3e, at);
        const end = found < 0 ? length : found + 1;
        add(isLink(frames.at(-1)) ? { kind: 'string', text: textOfHex(bytes, at + 1, end - 1) } : OTHER);
        at = end;
      } else if (byte === 0x5b) {
        frames.push({ value: { kind: 'array', items: [] }, recent: [] });
        at++;
      } else if (byte === 0x5d || (byte === 0x3e && bytes[at + 1] === 0x3e)) {
        const kind = byte === 0x5d ? 'array' : 'dict';
        at += byte === 0x5d ? 1 : 2;
        if (frames.at(-1)?.value.kind === kind) {
          const { value } = frames.pop()!;
          if (value.kind === 'dict') this.judge(value);
          add(value);
        } else if (strict && frames.length > 0) throw new Unreadable();
      } else if (CLASSES[byte] === DELIMITER) at++;
      else {
        const end = endOfRegular(bytes, at);
        const word = bytes.toString('latin1', at, Math.min(end, at + 24));
        const digits = /^[+-]*[\d.]+/.exec(word)?.[0] ?? '';
        at = digits ? at + digits.length : end; // for some viewers a number ends with its last digit: `7 0R`
        if (/^(endobj|obj|endstream|trailer|xref|startxref)$/.test(word)) return done(null);
        if (word === 'stream') return done(afterLineEnd(bytes, end));
        if (word.startsWith('stream') && frames.length === 0) return done(end);
        if (word === 'R') refer(frames.at(-1)?.recent ?? top, add, frames.at(-1));
        else if (digits)
          add({ kind: 'number', number: /^(R?|obj)$/.test(word.slice(digits.length)) ? Number(digits) : NaN });
        else if (word === 'null') add(NULL);
        else if (word === 'true' || word === 'false') add(OTHER);
      }
      this.steps += at - before;
      if (this.steps > MOST_STEPS || frames.length > MOST_NESTED) throw new Unreadable();
      if (this.steps > this.pauseAt) {
        this.pauseAt = this.steps + STEPS_AT_ONCE;
        await pause();
      }
      if (isPacked && frames.length === 0 && top.length > 0) {
        if (top.length > 2 || top.at(-1)!.kind !== 'number') return done(null);
      }
    }
    return done(null);
  }

  private add(frame: Frame, value: Value): void {
    if (frame.value.kind === 'array') {
      if (frame.value.items.length < MOST_KEPT) frame.value.items.push(value);
    } else {
      const key = frame.recent.at(-1);
      if (key?.kind === 'name' && KEYS.has(key.name)) {
        const { entries } = frame.value;
        const known = entries.get(key.name) ?? [];
        if (known.length >= MOST_KEPT) throw new Unreadable();
        entries.set(key.name, [...known, value]);
      }
    }
    frame.recent = [...frame.recent.slice(-2), value];
  }

  /** What a dictionary says by itself; what it only points to is judged at the end. */
  private judge({ entries }: Dict): void {
    const get = (key: string) => entries.get(key) ?? [];
    const has = (key: string, ...kinds: Value['kind'][]) => get(key).some(({ kind }) => kinds.includes(kind));
    if (has('Encrypt', 'dict', 'reference')) this.isEncrypted = true;
    this.roots.push(...get('Root'));
    this.openings.push(...get('OpenAction').filter(({ kind }) => kind === 'dict' || kind === 'reference'));
    this.additional.push(...get('AA'));
    this.links.push(...get('URI'), ...get('Base'));
    for (const [key, active] of [
      ['S', ACTIVE_ACTIONS],
      ['Subtype', ACTIVE_ANNOTATIONS],
      ['Type', new Set(['EmbeddedFile'])],
    ] as const) {
      for (const value of get(key)) {
        if (value.kind === 'name') this.isActive ||= active.has(value.name);
        else if (value.kind === 'reference') this.kinds.push({ value, active });
      }
    }
    this.isActive ||=
      has('JS', 'other') ||
      has('EF', 'dict', 'reference') ||
      has('XFA', 'array', 'reference', 'other', 'dict') ||
      has('RichMediaContent', 'dict', 'reference') ||
      has('RichMediaSettings', 'dict', 'reference') ||
      [...get('JavaScript'), ...get('EmbeddedFiles')].some(
        tree => tree.kind === 'reference' || tree.kind === 'array' || (tree.kind === 'dict' && !isEmptyTree(tree)),
      );
  }
}

const isEmptyTree = ({ entries }: Dict): boolean =>
  [...(entries.get('Names') ?? []), ...(entries.get('Kids') ?? [])].every(
    names => names.kind === 'array' && names.items.length === 0,
  );

/** Blanks and zeros do not count: viewers and browsers leave them out. */
const leadsElsewhere = (value: Value): boolean =>
  value.kind === 'string' &&
  !HARMLESS_LINK.test(value.text.replace(/[\0-\x20]/g, '').replace(/^(\xfe\xff|\xff\xfe|\xef\xbb\xbf)/, ''));

/** May the next value be a text that leads somewhere? One that stands alone may be meant from elsewhere. */
function isLink(frame: Frame | undefined): boolean {
  const key = frame?.recent.at(-1);
  return !frame || (key?.kind === 'name' && (key.name === 'URI' || key.name === 'Base'));
}

const hasTrigger = (value: Value): boolean =>
  value.kind === 'dict' &&
  TRIGGERS.some(key => value.entries.get(key)?.some(({ kind }) => kind === 'dict' || kind === 'reference'));

/** `7 0 R`: the two numbers before it become a reference. */
function refer(recent: Value[], add: (value: Value) => void, frame: Frame | undefined): void {
  const [number, generation] = recent.slice(-2);
  if (number?.kind !== 'number' || generation?.kind !== 'number') return;
  const reference: Value = { kind: 'reference', to: number.number };
  if (frame?.value.kind === 'array') frame.value.items.splice(-2, 2);
  if (frame) frame.recent = recent.slice(0, -2);
  add(reference);
}

const isRegular = (byte: number | undefined): boolean => byte !== undefined && CLASSES[byte] === 0;

function endOfRegular(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && CLASSES[bytes[at]!] === 0) at++;
  return at;
}

function endOfLine(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== 10 && bytes[at] !== 13) at++;
  return at;
}

function endOfString(bytes: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 0x5c) at++;
    else if (byte === 0x28) depth++;
    else if (byte === 0x29 && --depth === 0) return at + 1;
  }
  return bytes.length;
}

const afterLineEnd = (bytes: Buffer, at: number): number => {
  const next = bytes[at] === 13 ? at + 1 : at;
  return bytes[next] === 10 ? next + 1 : next;
};

/** A text in brackets with its escapes undone (7.3.4.2); as much of it as decides where a link leads. */
const textOf = (bytes: Buffer, from: number, to: number): string =>
  bytes
    .toString('latin1', from, Math.min(to, from + LONGEST_LINK))
    .replace(/\\(?:([0-7]{1,3})|\r\n|[\n\r]|([\s\S]))/g, (_, octal?: string, one = '') => {
      if (octal) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
      return 'nrtbf'.includes(one) ? ' ' : one;
    });

const textOfHex = (bytes: Buffer, from: number, to: number): string => {
  const digits = bytes.toString('latin1', from, Math.min(to, from + LONGEST_LINK)).replace(/[^0-9a-f]/gi, '');
  return Buffer.from(`${digits}0`.slice(0, digits.length + (digits.length % 2)), 'hex').toString('latin1');
};

/** A name with its escapes undone: `/J#61vaScript` is JavaScript. */
const nameOf = (bytes: Buffer, from: number, to: number): string =>
  bytes
    .toString('latin1', from, Math.min(to, from + 381))
    .replace(/#([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** The number in `12 0 obj`, or null where no object begins. */
function numberBefore(bytes: Buffer, at: number): number | null {
  const text = bytes.toString('latin1', Math.max(0, at - 120), at).replace(/%[^\r\n]*[\r\n]/g, ' ');
  const found = /(\d{1,10})[\0\t\n\f\r ]+\d{1,10}[\0\t\n\f\r ]*$/.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}
