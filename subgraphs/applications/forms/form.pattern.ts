/**
 * Patterns of forms are data, and the engine of JavaScript can take hours for one line of text. RE2 takes time in proportion
 * to pattern and text; what both may cost is bounded for each check of a form.
 */
import { RE2JS } from 're2js';

const LONGEST = 500;
const LARGEST_PROGRAM = 2_500;
/** Steps for all patterns of one check, about half a second at the most. */
const MOST_STEPS = 20_000_000;

/** The patterns of one form on its answers would take too long. */
export class PatternsTooCostly extends Error {}

let left = MOST_STEPS;

/** Begins the count anew; checks do not wait in between. */
export function beginPatterns(): void {
  left = MOST_STEPS;
}

/** What ajv takes for a regular expression. */
export interface Pattern {
  test(text: string): boolean;
}

const BLANKS = '\\t-\\r \\u{a0}\\u{1680}\\u{2000}-\\u{200a}\\u{2028}\\u{2029}\\u{202f}\\u{205f}\\u{3000}\\u{feff}';
const NO_BLANKS =
  '\\u{0}-\\u{8}\\u{e}-\\u{1f}\\u{21}-\\u{9f}\\u{a1}-\\u{167f}\\u{1681}-\\u{1fff}\\u{200b}-\\u{2027}' +
  '\\u{202a}-\\u{202e}\\u{2030}-\\u{205e}\\u{2060}-\\u{2fff}\\u{3001}-\\u{fefe}\\u{ff00}-\\u{10ffff}';

/** Blanks and the dot as JavaScript means them: for RE2 only those of ASCII are blanks, and only `\n` ends a line. */
function inWordsOfRe2(source: string): string {
  let isInClass = false;
  return source.replace(/\\[\s\S]|[[\].]/g, part => {
    if (part === '\\s') return isInClass ? BLANKS : `[${BLANKS}]`;
    if (part === '\\S') return isInClass ? NO_BLANKS : `[${NO_BLANKS}]`;
    if (part === '.' && !isInClass) return '[^\\n\\r\\u{2028}\\u{2029}]';
    if (part === '[') isInClass = true;
    if (part === ']') isInClass = false;
    return part;
  });
}

/** @throws Error when it is no pattern of JavaScript (as portals use it), or none of RE2: no look-around, no back reference */
export function linearPattern(source: string): Pattern {
  new RegExp(source, 'u');
  if (source.length > LONGEST) throw new Error('The pattern is too long.');
  if (/\(\?[a-z]*s/.test(source)) throw new Error('The dot means what it always does.');
  const named = inWordsOfRe2(source).replace(/\\([pP])\{(?:Script|sc)=(\w+)\}/g, '\\$1{$2}');
  const compiled = RE2JS.compile(RE2JS.translateRegExp(named));
  const size = compiled.programSize();
  if (size > LARGEST_PROGRAM) throw new Error('The pattern is too large.');
  return {
    test(text) {
      left -= (text.length + 1) * size;
      if (left < 0) throw new PatternsTooCostly();
      return compiled.test(text);
    },
    // ajv keeps patterns apart by their texts
    toString: () => source,
  } as Pattern;
}
