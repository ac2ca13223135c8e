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

/** @throws Error when it is no pattern of JavaScript (as portals use it), or none of RE2: no look-around, no back reference */
export function linearPattern(source: string): Pattern {
  new RegExp(source, 'u');
  if (source.length > LONGEST) throw new Error('The pattern is too long.');
  const named = source.replace(/\\([pP])\{(?:Script|sc)=(\w+)\}/g, '\\$1{$2}');
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
