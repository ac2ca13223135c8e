/** Reads answers of subgraphs that look as they were planned, and parses of them only what later fetches need. */
import { isUtf8 } from 'node:buffer';
import type { Data } from './data';
import { parseJson } from './numbers';
import { textOf, Verbatim } from './verbatim';

/** What must stand at a place of an answer that goes to the client as it is. */
export type Expected =
  | { readonly kind: 'string' | 'whole' | 'number' | 'boolean' | 'any'; readonly nonNull: boolean }
  | { readonly kind: 'enum'; readonly nonNull: boolean; readonly values: ReadonlySet<string> }
  | { readonly kind: 'typename'; readonly nonNull: true; readonly text: Uint8Array }
  | { readonly kind: 'list'; readonly nonNull: boolean; readonly of: Expected }
  | { readonly kind: 'object'; readonly nonNull: boolean; readonly members: readonly ExpectedMember[] };

export interface ExpectedMember {
  /** The comma, its name and the colon. */
  readonly head: Uint8Array;
  readonly value: Expected;
}

/** An object that is read, because later fetches need something of it. */
export interface ObjectPlan {
  readonly members: readonly MemberPlan[];
}

export type MemberPlan = {
  readonly key: string;
  readonly head: Uint8Array;
  /** It is the first of members that stay together. */
  readonly begins: boolean;
  /** It is the last of them: under which name they are kept. */
  readonly ends: string | null;
} & (
  | { readonly kind: 'kept'; readonly value: Expected }
  | { readonly kind: 'typename'; readonly text: Uint8Array; readonly name: string }
  | { readonly kind: 'parsed' }
  | { readonly kind: 'inside'; readonly of: ObjectPlan }
);

const MISMATCH = new Error('The answer does not look as it was planned.');
const DEEPEST = 64;
const DATA = Buffer.from('{"data":');
const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const TAB = 0x09;
const NEW_LINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const E = 0x65;
const F = 0x66;
const N = 0x6e;
const T = 0x74;
const U = 0x75;
/** A small letter, from either. */
const LOWER = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const ESCAPED = new Set(Buffer.from('"\\/bfnrtu'));
/** Digits that a number surely keeps when JavaScript reads and writes it. */
const MOST_DIGITS = 15;
/** An Int has 32 bits; all numbers of fewer digits are in its range. */
const INT_DIGITS = 10;

/**
 * Reads the data of an answer that has nothing but data, exactly as planned: names in the order they were asked, no
 * spaces between them, no null where there may be none.
 * @returns null for any other, which is then read in the ordinary way
 */
export function readPlanned(body: Buffer, plan: ObjectPlan): Data | null {
  if (!isUtf8(body)) return null;
  try {
    return new Reading(body).whole(plan);
  } catch (error) {
    if (error === MISMATCH) return null;
    throw error;
  }
}

class Reading {
  private readonly bytes: string;
  private at = 0;

  constructor(private readonly body: Buffer) {
    this.bytes = body.toString('latin1');
  }

  whole(plan: ObjectPlan): Data {
    this.literal(DATA);
    const data = this.object(plan);
    this.byte(CLOSE);
    for (; this.at < this.body.length; this.at++) if (!isSpace(this.body[this.at])) throw MISMATCH;
    return data;
  }

  private object({ members }: ObjectPlan): Data {
    const data: Data = {};
    let start = 0;
    this.byte(OPEN);
    for (let i = 0; i < members.length; i++) {
      const member = members[i]!;
      if (member.begins) start = i === 0 ? this.at : this.at + 1;
      this.literal(member.head);
      switch (member.kind) {
        case 'kept':
          this.skip(member.value);
          break;
        case 'typename':
          this.literal(member.text);
          data[member.key] = member.name;
          break;
        case 'parsed':
          data[member.key] = this.parsed();
          break;
        case 'inside':
          data[member.key] = this.inside(member.of);
      }
      if (member.ends !== null) data[member.ends] = new Verbatim(this.bytes.substring(start, this.at));
    }
    this.byte(CLOSE);
    return data;
  }

  private inside(plan: ObjectPlan, depth = 0): unknown {
    if (depth > DEEPEST) throw MISMATCH;
    const first = this.body[this.at];
    if (first === OPEN) return this.object(plan);
    if (first !== OPEN_LIST) return this.parsed();
    const elements: unknown[] = [];
    this.at += 1;
    if (this.ends(CLOSE_LIST)) return elements;
    do elements.push(this.inside(plan, depth + 1));
    while (this.goesOn(CLOSE_LIST));
    return elements;
  }

  private parsed(): unknown {
    const start = this.at;
    if (this.body[start] === QUOTE && this.string()) return this.bytes.substring(start + 1, this.at - 1);
    this.at = start;
    this.any(0);
    return parseJson(textOf(this.bytes.substring(start, this.at)));
  }

  private skip(expected: Expected): void {
    if (this.body[this.at] === N && !expected.nonNull) {
      this.literal(NULL);
      return;
    }
    switch (expected.kind) {
      case 'string':
        this.string();
        break;
      case 'enum':
        this.oneOf(expected.values);
        break;
      case 'object': {
        const { members } = expected;
        this.byte(OPEN);
        for (let i = 0; i < members.length; i++) {
          const { head, value } = members[i]!;
          this.literal(head);
          this.skip(value);
        }
        this.byte(CLOSE);
        break;
      }
      case 'list':
        this.byte(OPEN_LIST);
        if (this.ends(CLOSE_LIST)) break;
        do this.skip(expected.of);
        while (this.goesOn(CLOSE_LIST));
        break;
      case 'whole':
        this.whole32();
        break;
      case 'number':
        this.number();
        break;
      case 'boolean':
        this.literal(this.body[this.at] === T ? TRUE : FALSE);
        break;
      case 'typename':
        this.literal(expected.text);
        break;
      case 'any':
        if (this.body[this.at] === N) throw MISMATCH;
        this.any(0);
    }
  }

  private oneOf(values: ReadonlySet<string>): void {
    const start = this.at;
    this.string();
    if (!values.has(this.bytes.substring(start + 1, this.at - 1))) throw MISMATCH;
  }

  private any(depth: number): void {
    if (depth > DEEPEST) throw MISMATCH;
    switch (this.body[this.at]) {
      case QUOTE:
        this.string();
        return;
      case OPEN:
        this.at += 1;
        if (this.ends(CLOSE)) return;
        do {
          this.string();
          this.byte(COLON);
          this.any(depth + 1);
        } while (this.goesOn(CLOSE));
        return;
      case OPEN_LIST:
        this.at += 1;
        if (this.ends(CLOSE_LIST)) return;
        do this.any(depth + 1);
        while (this.goesOn(CLOSE_LIST));
        return;
      case N:
        this.literal(NULL);
        return;
      case T:
        this.literal(TRUE);
        return;
      case F:
        this.literal(FALSE);
        return;
      default:
        this.anyNumber();
    }
  }

  /** @returns whether it is ASCII without escapes */
  private string(): boolean {
    const { body } = this;
    let at = this.at;
    let seen = 0;
    let isEscaped = false;
    if (body[at] !== QUOTE) throw MISMATCH;
    for (;;) {
      const byte = body[++at]!;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) {
        isEscaped = true;
        const escaped = body[++at]!;
        if (!ESCAPED.has(escaped)) throw MISMATCH;
        if (escaped === U) {
          if (!/^[0-9a-f]{4}$/i.test(this.bytes.substring(at + 1, at + 5))) throw MISMATCH;
          at += 4;
        }
      } else if (!(byte >= SPACE)) {
        throw MISMATCH; // a control character, or the end
      }
      seen |= byte;
    }
    this.at = at + 1;
    return seen < 0x80 && !isEscaped;
  }

  private whole32(): void {
    const start = this.at;
    this.integer();
    if (this.at - start < INT_DIGITS) return;
    const value = Number(this.bytes.substring(start, this.at));
    if ((value | 0) !== value) throw MISMATCH;
  }

  private number(): void {
    const start = this.at;
    this.decimal();
    if (this.at - start > MOST_DIGITS) throw MISMATCH;
  }

  /** Of a scalar that we know nothing about: it goes on as it is written, however long it is. */
  private anyNumber(): void {
    this.decimal();
    if ((this.body[this.at]! | LOWER) !== E) return;
    const sign = this.body[++this.at];
    if (sign === MINUS || sign === PLUS) this.at += 1;
    this.digits();
  }

  private decimal(): void {
    this.integer();
    if (this.body[this.at] !== POINT) return;
    this.at += 1;
    this.digits();
  }

  private integer(): void {
    const { body } = this;
    if (body[this.at] === MINUS) this.at += 1;
    const start = this.at;
    this.digits();
    if (body[start] === ZERO && this.at > start + 1) throw MISMATCH;
  }

  private digits(): void {
    const start = this.at;
    while (isDigit(this.body[this.at])) this.at += 1;
    if (this.at === start) throw MISMATCH;
  }

  private ends(close: number): boolean {
    if (this.body[this.at] !== close) return false;
    this.at += 1;
    return true;
  }

  private goesOn(close: number): boolean {
    const byte = this.body[this.at++];
    if (byte === COMMA) return true;
    if (byte !== close) throw MISMATCH;
    return false;
  }

  private byte(expected: number): void {
    if (this.body[this.at] !== expected) throw MISMATCH;
    this.at += 1;
  }

  private literal(expected: Uint8Array): void {
    const { body, at } = this;
    for (let i = 0; i < expected.length; i++) if (body[at + i] !== expected[i]) throw MISMATCH;
    this.at = at + expected.length;
  }
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= NINE;
const isSpace = (byte: number | undefined): boolean =>
  byte === SPACE || byte === NEW_LINE || byte === RETURN || byte === TAB;
