/** Values that cannot be: each must be BAD_INPUT at its own place, in whatever way it comes. */
import type { Asker } from './client';
import { inlined, type Leaf, plainVariables, type Root, root, roots, withValue } from './shapes';
import type { World } from './world';

const ID = '01900000-0000-7000-8000-00000000dead';

/** By type; what is no string here is written into a document as a literal as well. */
const WRONG: Record<string, readonly unknown[]> = {
  ID: ['', 'x', "' OR 1=1 --", ID.toUpperCase(), ID.slice(1), true, { a: 1 }],
  Int: ['1', 1.5, 2_147_483_648, true],
  Boolean: ['true', 1],
  Ars: ['', '1234', '01099599900A', '010995999 ', '٠١', 10995999, { a: 1 }],
  LeikaKey: ['99', '98050012104000', 99050012104000, [1, 2]],
  Date: ['2026-02-30', 'heute', '2026-01-01T00:00:00Z', '0000-01-01', 20260101],
  DateTime: ['2026-01-01', '2026-02-30T00:00:00Z', '2026-01-01T00:00:00', '9999-12-31T23:59:59-01:00', 1],
  String: [1, true, 'a\u0000b', 'half \ud83d'],
  JSON: ['a\u0000', { 'a\u0000': 1 }, ['\udc00']],
  enum: ['', 'NOPE', '__proto__', 1],
};

/** Static scopes are judged first, so each field is asked for by somebody who has them. */
const EDITORS = /^(catalogueEntr|publishEntry|withdrawEntry|saveResponsibilityDraft|saveFee|registerForm)/;
const OPERATORS = /^(undeliverable|retry|abandon)/;
const PERSONS =
  /^(accessLog|my|privacyRequests|requestDataExport|requestErasure|createDraft|grantMandate|revokeMandate|actFor|setOrganisationMember|change|confirmNot)/;

export function rightful(world: World, { name }: Root): Asker {
  if (EDITORS.test(name)) return world.erika;
  if (OPERATORS.test(name)) return world.olaf;
  if (PERSONS.test(name)) return world.klara;
  return name === 'acknowledgeHandover' ? world.register : world.thea;
}

interface Probe {
  readonly root: Root;
  readonly leaf: Leaf;
  readonly value: unknown;
}

/** @returns what was answered otherwise than with one BAD_INPUT that names the place */
async function misjudged(probes: readonly Probe[], ask: (probe: Probe) => Promise<{ errors?: unknown }>) {
  const left = [...probes];
  const wrong: unknown[] = [];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let probe = left.shift(); probe; probe = left.shift()) {
        const answer = await ask(probe);
        const errors = answer.errors as { extensions: { code: string; field?: string } }[] | undefined;
        const told = errors?.map(({ extensions: { code, field } }) => `${code} ${field}`);
        const expected = `BAD_INPUT ${probe.leaf.path}`;
        if (told?.[0]?.replace(/\[\d+\]/g, '') !== expected.replace(/\[\d+\]/g, ''))
          wrong.push([probe.root.name, probe.leaf.path, probe.value, told ?? answer]);
      }
    }),
  );
  return wrong;
}

/** @param each how many of the wrong values each place gets, taking turns */
function probesOf(chosen: readonly Root[], each: number, fits: (probe: Probe) => boolean = () => true): Probe[] {
  let turn = 0;
  return chosen.flatMap(one =>
    one.leaves.flatMap(leaf => {
      const probes = (WRONG[leaf.isEnum ? 'enum' : leaf.type] ?? [])
        .map(value => ({ root: one, leaf, value }))
        .filter(fits);
      return Array.from({ length: Math.min(each, probes.length) }, () => probes[turn++ % probes.length]!);
    }),
  );
}

/** In a document, half a surrogate and a name with NUL are syntax errors. */
const writable = ({ value }: Probe): boolean => !/\\ud[0-9a-f]{3}|\\u0000":/.test(JSON.stringify(value));

const overHttp = roots.filter(({ kind, name }) => kind !== 'subscription' && name !== 'endSession');
const live = roots.filter(({ kind }) => kind === 'subscription');

export function malformedInput(opened: () => World): void {
  let world: World;
  beforeAll(() => {
    world = opened();
  });

  describe('malformed values', () => {
    test('as variables are BAD_INPUT with their place, for every place of every query and mutation', async () => {
      const probes = probesOf(overHttp, 3);
      expect(probes.length).toBeGreaterThan(700);
      const wrong = await misjudged(probes, async ({ root: one, leaf, value }) => {
        const { body } = await rightful(world, one).ask(one.brief, withValue(plainVariables(one), leaf.path, value));
        return body;
      });
      expect(wrong).toEqual([]);
    });

    test('as literals are BAD_INPUT with their place', async () => {
      const wrong = await misjudged(probesOf(overHttp, 1, writable), async ({ root: one, leaf, value }) => {
        const { body } = await rightful(world, one).ask(inlined(one, leaf.path, value));
        return body;
      });
      expect(wrong).toEqual([]);
    });

    test('in subscriptions are BAD_INPUT with their place, as variables and as literals', async () => {
      const clients = new Map([world.thea, world.olaf, world.klara, world.erika].map(one => [one, one.socket()]));
      try {
        for (const literal of [false, true]) {
          const wrong = await misjudged(
            probesOf(live, literal ? 2 : 9, literal ? writable : undefined),
            async ({ root: one, leaf, value }) => {
              const by = /^undeliverable/.test(one.name)
                ? world.olaf
                : /^mailbox/.test(one.name)
                  ? world.klara
                  : world.thea;
              const [query, variables] = literal
                ? [inlined(one, leaf.path, value), {}]
                : [one.brief, withValue(plainVariables(one), leaf.path, value)];
              return by.firstWord(clients.get(by)!, query, variables);
            },
          );
          expect(wrong).toEqual([]);
        }
      } finally {
        await Promise.all([...clients.values()].map(one => one.dispose()));
      }
    });

    test('of pages are BAD_INPUT: no number from 1 to 100, a cursor forged or of another list', async () => {
      const { thea, nobody } = world;
      const cursor = async (query: string) => {
        const { body } = await nobody.ask(`{ list: ${query} { pageInfo { endCursor } } }`);
        return body.data.list.pageInfo.endCursor as string;
      };
      const ofPortals = await cursor('portals(first: 1)');
      const ofServices = await cursor('services(first: 1)');
      const flipped = `${ofPortals.startsWith('A') ? 'B' : 'A'}${ofPortals.slice(1)}`;
      const lists = overHttp.filter(({ args }) => args.some(({ name }) => name === 'after'));
      expect(lists.length).toBeGreaterThan(15);
      const probes: Probe[] = lists.flatMap(one => {
        const other = one.name === 'services' ? ofPortals : ofServices;
        const [first, after] = ['first', 'after'].map(at => one.leaves.find(({ path }) => path === at)!);
        return [
          ...[0, -1, 101, null].map(value => ({ root: one, leaf: first!, value })),
          ...['', 'x', 'é', flipped, other, `${other}A`, 'A'.repeat(10_000)].map(value => ({
            root: one,
            leaf: after!,
            value,
          })),
        ];
      });
      const wrong = await misjudged(probes, async ({ root: one, leaf, value }) => {
        const variables = withValue(withOwnAuthority(world, one), leaf.path, value);
        return (await rightful(world, one).ask(one.brief, variables)).body;
      });
      expect(wrong).toEqual([]);
      const lookup = await thea.ask(root('areaLookup').query, { text: 'Must', first: 51 });
      expect(lookup.body.errors[0].extensions).toMatchObject({ code: 'BAD_INPUT', field: 'first' });
    });
  });
}

function withOwnAuthority(world: World, one: Root): Record<string, unknown> {
  const variables = plainVariables(one);
  return 'authorityId' in variables ? { ...variables, authorityId: world.authorityId } : variables;
}
