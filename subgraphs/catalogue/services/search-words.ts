/** Understands what people type: knows their words, and what a mistyped one was meant to be. */
import { batch } from '../../../kernel/context';
import { badInput } from '../../../kernel/errors';
import { fold } from '../../../kernel/fold';

const LONGEST = 200;
const MOST_WORDS = 12;
const CANDIDATES = 20;

export interface Understanding {
  /** The text as a whole: as typed, as meant, and without the words that say nothing here. */
  readonly texts: string[];
  /** For full-text search; null when the text has only words like "und". */
  readonly query: string | null;
  /** The corrected spelling; null when every word is known. */
  readonly didYouMean: string | null;
}

interface Word {
  word: string;
  stem: string | null;
  /** Of our own word that is only spelled otherwise, as "gründen" for "gruenden"; null for one like "für". */
  own: { stem: string | null } | null;
  known: boolean;
  candidates: { word: string; shown: string; stem: string | null; similarity: number; uses: number }[];
}

/** @throws BAD_INPUT for an overlong text */
export const understand = batch<string, Understanding>(async (texts, ctx) => {
  const understood = new Map<string, Understanding>();
  for (const asked of texts) {
    if (asked.length > LONGEST) throw badInput('search.text');
    // letters with marks beside them, and where a word may be broken, are no ends of words
    const text = asked.normalize('NFC').replace(/\p{Cf}/gu, '');
    const typed = (text.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, MOST_WORDS);
    const words: Word[] = typed.length === 0 ? [] : await ctx.read(tx => tx.query(WORDS, [typed]));
    const meant = words.map(nearest);
    const corrected = meant.some(one => one !== null);
    const didYouMean = corrected
      ? replaceWords(
          text,
          typed,
          meant.map(one => one?.shown ?? null),
        )
      : null;
    // words that say something here; the others, as in "ich möchte", are left out
    const telling = words.flatMap(({ word, stem, known, own }, i) => {
      const corrected = meant[i];
      if (own && own.stem === null) return [];
      return corrected || (known && stem)
        ? [
            {
              text: corrected?.shown ?? word,
              stems: [...new Set([stem, own?.stem, corrected?.stem])].filter(one => one != null),
            },
          ]
        : [];
    });
    // a word counts twice where it stands for itself and not only at the beginning of a longer one
    const alternatives = telling.map(({ stems }) => `(${stems.map(one => `'${one}' | '${one}':*`).join(' | ')})`);
    const all = alternatives.join(' & ');
    const [found]: { all: boolean }[] =
      all === ''
        ? []
        : await ctx.read(tx =>
            tx.query(`SELECT EXISTS (SELECT FROM service_index WHERE document @@ $1::tsquery) AS all`, [all]),
          );
    const query = found === undefined ? null : found.all ? all : alternatives.join(' | ');
    const wholes = [text, didYouMean ?? text, telling.map(one => one.text).join(' ')];
    understood.set(asked, { texts: [...new Set(wholes)], query, didYouMean });
  }
  return understood;
});

/** Each typed word: is it one of ours, or the beginning of one, and which of ours are spelled like it? */
const WORDS = `
  SELECT asked.word, asked.stem,
    asked.stem IS NULL
      OR EXISTS (SELECT FROM service_index WHERE document @@ to_tsquery('simple', asked.stem))
      OR EXISTS (SELECT FROM service_word AS own WHERE own.word >= asked.folded AND own.word < asked.folded || '~') AS known,
    (SELECT jsonb_build_object('stem', min(own.stem)) FROM service_word AS own WHERE own.word = asked.folded HAVING count(*) > 0) AS own,
    coalesce((SELECT jsonb_agg(near) FROM (
      SELECT own.word, min(own.shown) AS shown, min(own.stem) AS stem, count(*) AS uses,
             similarity(own.word, asked.folded) AS similarity
      FROM service_word AS own WHERE own.word % asked.folded
      GROUP BY own.word ORDER BY similarity DESC, own.word LIMIT ${CANDIDATES}
    ) AS near), '[]') AS candidates
  FROM (
    SELECT word, place, fold(word) COLLATE "C" AS folded, (tsvector_to_array(to_tsvector('german', word)))[1] AS stem
    FROM unnest($1::text[]) WITH ORDINALITY AS typed(word, place)
  ) AS asked ORDER BY place`;

/** The word of ours that a mistyped one was meant to be; null for a known word, and where none is near enough. */
function nearest({ word, known, candidates }: Word): Word['candidates'][number] | null {
  if (known) return null;
  const limit = word.length < 4 ? 0 : word.length < 7 ? 1 : 2;
  const typed = fold(word);
  const near = candidates
    .map(candidate => ({ candidate, distance: editDistance(typed, fold(candidate.shown)) }))
    .filter(({ distance }) => distance <= limit)
    .sort(
      (a, b) =>
        a.distance - b.distance ||
        b.candidate.similarity - a.candidate.similarity ||
        b.candidate.uses - a.candidate.uses,
    );
  return near[0]?.candidate ?? null;
}

function replaceWords(text: string, typed: readonly string[], by: readonly (string | null)[]): string {
  let at = 0;
  let made = '';
  for (const [i, word] of typed.entries()) {
    const start = text.indexOf(word, at);
    const own = by[i];
    made += text.slice(at, start) + (own == null ? word : sameCase(word, own));
    at = start + word.length;
  }
  return made + text.slice(at);
}

/** Small as it was typed; capitals only where the typed word or the spelling has one. */
const sameCase = (typed: string, own: string): string =>
  typed[0] === typed[0]!.toLowerCase() ? own[0]!.toLowerCase() + own.slice(1) : own[0]!.toUpperCase() + own.slice(1);

/** How many letters were left out, added, changed or swapped with their neighbour (Damerau-Levenshtein). */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, changed);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      }
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
