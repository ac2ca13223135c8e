import { OPERATOR_AUTHORITY_ID } from '../../../dev/demo/facts';
import { addDays, today } from '../../../kernel/clock';
import { signCursor } from '../../../kernel/page';
import type { Staff } from '../../../kernel/principal';
import type { TestSubgraph } from '../../../tests/setup/subgraph';
import { AMT, ANONYMOUS, draftInput, editor, MUSTERSTADT, NEIGHBOUR_AMT, startCatalogue } from '../testing/catalogue';

const TRADE = '99050012104000';
const ENTRY =
  'id version state validFrom validTo publishedAt ... on Responsibility { authority { name } area { ars } }';
const PUBLISH = `mutation ($input: PublishEntryInput!) { publishEntry(input: $input) { entry { ${ENTRY} } refusal { code message allowedActions } } }`;
const WITHDRAW = `mutation ($input: WithdrawEntryInput!) { withdrawEntry(input: $input) { entry { ${ENTRY} changeNote } refusal { code problems { path code } } } }`;
const SAVE =
  'mutation ($input: SaveResponsibilityDraftInput!) { saveResponsibilityDraft(input: $input) { entry { id version } refusal { code } } }';

describe('publishing', () => {
  let catalogue: TestSubgraph;
  let erika: Staff;
  beforeAll(async () => {
    catalogue = await startCatalogue();
    erika = await editor(catalogue);
  });
  afterAll(() => catalogue.stop());
  // each test publishes for a municipality of its own
  let places = 100;
  let ars: string;
  beforeEach(async () => {
    places += 1;
    ars = `${MUSTERSTADT.associationArs}${places}`;
    await catalogue.sql(
      `INSERT INTO catalogue.area (ars, name, level, parent_ars) VALUES ($1, $2, 'MUNICIPALITY', $3)`,
      [ars, `Ort ${places}`, MUSTERSTADT.associationArs],
    );
  });

  const draft = async (given: Record<string, unknown> = {}, who = erika): Promise<string> => {
    const { data, errors } = await catalogue.as(who).query(SAVE, { input: draftInput({ ars, ...given }) });
    expect(errors).toBeUndefined();
    return data.saveResponsibilityDraft.entry.id;
  };
  const publish = async (entryId: string, expectedVersion = 1, who = erika) =>
    (await catalogue.as(who).query(PUBLISH, { input: { entryId, expectedVersion } })).data.publishEntry;
  const withdraw = async (input: object, who = erika) =>
    (await catalogue.as(who).query(WITHDRAW, { input: { reason: 'Irrtum', expectedVersion: 2, ...input } })).data
      .withdrawEntry;
  const stored = async (id: string) =>
    (
      await catalogue.sql<{ state: string; from: string; to: string | null }>(
        `SELECT state, valid_from::text AS from, valid_to::text AS to FROM catalogue.responsibility WHERE id = $1`,
        [id],
      )
    )[0]!;
  const responsibleOn = async (on: string): Promise<string | null> => {
    const { data } = await catalogue
      .as(ANONYMOUS)
      .query(
        'query ($ars: Ars!, $on: Date) { responsibility(leikaKey: "99050012104000", ars: $ars, on: $on) { responsibility { id } } }',
        { ars, on },
      );
    return data.responsibility.responsibility?.id ?? null;
  };

  test('makes a draft visible to everybody, and the service is offered there from then on', async () => {
    const offered = async () =>
      (
        await catalogue
          .as(ANONYMOUS)
          .query(
            'query ($ars: Ars!) { services(search: { text: "Gewerbe anmeldn", ars: $ars }, first: 1) { nodes { leikaKey } } }',
            { ars },
          )
      ).data.services.nodes;
    const id = await draft({ validFrom: today() });
    expect(await responsibleOn(today())).toBeNull();
    expect(await offered()).not.toContainEqual({ leikaKey: TRADE });
    const { entry, refusal } = await publish(id);
    expect(refusal).toBeNull();
    expect(entry).toMatchObject({
      id,
      version: 2,
      state: 'PUBLISHED',
      validFrom: today(),
      authority: { name: 'Amt Musterstadt' },
      area: { ars },
    });
    expect(await responsibleOn(today())).toBe(id);
    expect(await offered()).toEqual([{ leikaKey: TRADE }]);
    const events = await catalogue.published('catalogue.entry-changed');
    expect(events.at(-1)).toMatchObject({
      key: id,
      payload: { entryId: id, entryType: 'Responsibility', kind: 'PUBLISHED', leikaKeys: [TRADE], ars },
    });
  });

  test('a second time is refused with what is stored, and a stale version too', async () => {
    const id = await draft();
    expect(await publish(id, 7)).toMatchObject({ entry: { id, version: 1 }, refusal: { code: 'VERSION_CONFLICT' } });
    await publish(id);
    expect(await publish(id)).toMatchObject({ entry: { version: 2 }, refusal: { code: 'VERSION_CONFLICT' } });
    expect(await publish(id, 2)).toMatchObject({
      entry: null,
      refusal: { code: 'INVALID_TRANSITION', allowedActions: ['withdrawEntry'] },
    });
    const { data } = await catalogue.as(erika).query(SAVE, { input: draftInput({ ars, id, expectedVersion: 2 }) });
    expect(data.saveResponsibilityDraft.refusal.code).toBe('INVALID_TRANSITION');
  });

  test('replaces the earlier one from its first day on, and past days keep their answer', async () => {
    const old = await draft({ validFrom: '2026-01-01' });
    await publish(old);
    const next = await draft({ validFrom: '2026-12-01' });
    expect((await publish(next)).refusal).toBeNull();
    expect(await stored(old)).toEqual({ state: 'SUPERSEDED', from: '2026-01-01', to: '2026-11-30' });
    expect(await responsibleOn('2026-11-30')).toBe(old);
    expect(await responsibleOn('2026-12-01')).toBe(next);
    const kinds = (await catalogue.published('catalogue.entry-changed'))
      .slice(-2)
      .map(({ key, payload }) => [key, payload.kind]);
    expect(kinds).toEqual([
      [old, 'SUPERSEDED'],
      [next, 'PUBLISHED'],
    ]);
  });

  test('replaces one of the same day as often as one likes, and one answer is left', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      ids.push(await draft({ validFrom: today() }));
      expect((await publish(ids.at(-1)!)).refusal).toBeNull();
    }
    expect(await stored(ids[0]!)).toEqual({ state: 'SUPERSEDED', from: today(), to: addDays(today(), -1) });
    expect(await responsibleOn(today())).toBe(ids[2]);
  });

  test('refuses what would overlap a later one or leave its end open (DOMAIN §8.3)', async () => {
    const later = await draft({ validFrom: '2027-01-01' });
    await publish(later);
    const open = await publish(await draft({ validFrom: '2026-06-01' }));
    expect(open).toMatchObject({
      entry: null,
      refusal: { code: 'OVERLAPPING_VALIDITY', allowedActions: ['withdrawEntry'] },
    });
    expect(open.refusal.message).toContain('2027-01-01 – …');
    const until = await publish(await draft({ validFrom: '2026-06-01', validTo: '2026-12-31' }));
    expect(until.refusal).toBeNull();
    const within = await publish(await draft({ validFrom: '2027-02-01', validTo: '2027-02-28' }));
    expect(within.refusal.code).toBe('OVERLAPPING_VALIDITY');
    expect(await stored(later)).toMatchObject({ state: 'PUBLISHED', to: null });
  });

  test('of two at the same moment leaves one answer for each day', async () => {
    const both = [await draft({ validFrom: today() }), await draft({ validFrom: today() })];
    const outcomes = await Promise.all(both.map(id => publish(id)));
    expect(outcomes.filter(({ refusal }) => refusal === null).length).toBeGreaterThan(0);
    const [row] = await catalogue.sql(
      `SELECT count(*)::int FROM catalogue.responsibility WHERE ars = $1 AND published_at IS NOT NULL
       AND daterange(valid_from, valid_to + 1) @> $2::date`,
      [ars, today()],
    );
    expect(row).toEqual({ count: 1 });
  });

  test('is held by the database as the last wall', async () => {
    const id = await draft();
    await publish(id);
    await expect(
      catalogue.sql(
        `INSERT INTO catalogue.responsibility (id, version, state, valid_from, changed_at, published_at, leika_key, ars, authority_id, channel)
         VALUES (gen_random_uuid(), 1, 'PUBLISHED', '2026-05-01', now(), now(), $1, $2, $3, 'CASE_CLOUD')`,
        [TRADE, ars, AMT],
      ),
    ).rejects.toMatchObject({ constraint: 'responsibility_overlap' });
  });

  test('is for those with the scope and the area: others do not see drafts, and may not touch what is published', async () => {
    const id = await draft();
    const code = async (who: Staff, query: string, input: object) =>
      (await catalogue.as(who).query(query, { input })).errors?.[0]?.extensions.code;
    const asks = { entryId: id, expectedVersion: 1 };
    const stranger = await editor(catalogue, NEIGHBOUR_AMT);
    expect(await code(await editor(catalogue, AMT, ['catalogue:edit']), PUBLISH, asks)).toBe('FORBIDDEN');
    expect(await code(stranger, PUBLISH, asks)).toBe('NOT_FOUND');
    expect(await code(stranger, PUBLISH, { ...asks, entryId: '00000000-0000-7000-8000-000000000000' })).toBe(
      'NOT_FOUND',
    );
    await publish(id);
    expect(await code(stranger, WITHDRAW, { entryId: id, expectedVersion: 2, reason: 'x' })).toBe('FORBIDDEN');
    const operator = await editor(catalogue, OPERATOR_AUTHORITY_ID);
    expect((await withdraw({ entryId: id }, operator)).entry.state).toBe('WITHDRAWN');
  });

  test('can be taken back: it holds until its last day', async () => {
    const id = await draft({ validFrom: '2026-01-01' });
    await publish(id);
    const last = addDays(today(), 10);
    expect(await withdraw({ entryId: id, validTo: addDays(today(), -1) })).toMatchObject({
      refusal: { code: 'VALIDATION_FAILED', problems: [{ path: '/validTo', code: 'BAD_END' }] },
    });
    expect(await withdraw({ entryId: id, reason: ' ' })).toMatchObject({
      refusal: { problems: [{ path: '/reason', code: 'EMPTY' }] },
    });
    expect(await withdraw({ entryId: id, validTo: last })).toMatchObject({
      entry: { state: 'WITHDRAWN', validTo: last, changeNote: 'Irrtum', version: 3 },
      refusal: null,
    });
    expect(await responsibleOn(last)).toBe(id);
    expect(await responsibleOn(addDays(last, 1))).toBeNull();
    expect((await withdraw({ entryId: id, expectedVersion: 3 })).refusal.code).toBe('INVALID_TRANSITION');
  });

  test('of a future one that is taken back never comes into force, and a draft is discarded unseen', async () => {
    const future = await draft({ validFrom: addDays(today(), 30) });
    await publish(future);
    await withdraw({ entryId: future });
    expect(await responsibleOn(addDays(today(), 40))).toBeNull();
    const discarded = await draft();
    const before = (await catalogue.published('catalogue.entry-changed')).length;
    expect((await withdraw({ entryId: discarded, expectedVersion: 1 })).entry).toMatchObject({
      state: 'WITHDRAWN',
      publishedAt: null,
    });
    expect((await catalogue.published('catalogue.entry-changed')).length).toBe(before);
    const { data } = await catalogue
      .as(ANONYMOUS)
      .query('query ($r: [_Any!]!) { _entities(representations: $r) { ... on Responsibility { id } } }', {
        r: [{ __typename: 'Responsibility', id: discarded }],
      });
    expect(data._entities).toEqual([null]);
  });

  test('shows editors their own desk, filtered and page by page, in as many statements for many as for few', async () => {
    const ids = [await draft(), await draft(), await draft()];
    const DESK =
      'query ($states: [CatalogueState!], $first: Int, $after: String) { catalogueEntries(states: $states, leikaKey: "99050012104000", first: $first, after: $after) { totalCount nodes { __typename id state ... on Responsibility { service { title } area { ars } } } pageInfo { endCursor } } }';
    const desk = async (variables: Record<string, unknown>, who = erika) => catalogue.as(who).query(DESK, variables);
    const drafts = (await desk({ states: ['DRAFT'], first: 3 })).data.catalogueEntries;
    expect(drafts.nodes.map((entry: { id: string }) => entry.id)).toEqual([...ids].reverse());
    expect(drafts.nodes[0]).toMatchObject({
      __typename: 'Responsibility',
      area: { ars },
      service: { title: 'Gewerbeanmeldung' },
    });
    const second = (await desk({ states: ['DRAFT'], first: 2, after: drafts.pageInfo.endCursor })).data
      .catalogueEntries;
    expect(ids).not.toContain(second.nodes[0]?.id);
    const [few, many] = [await desk({ first: 2 }), await desk({ first: 20 })];
    expect(many.data.catalogueEntries.nodes.length).toBeGreaterThan(10);
    expect(many.statements).toBe(few.statements);
    const foreign = (await desk({ first: 100 }, await editor(catalogue, NEIGHBOUR_AMT))).data.catalogueEntries;
    expect(
      foreign.nodes.every((entry: { area: { ars: string } }) => !entry.area.ars.startsWith(MUSTERSTADT.associationArs)),
    ).toBe(true);
    const operator = (await desk({ first: 100 }, await editor(catalogue, OPERATOR_AUTHORITY_ID))).data.catalogueEntries;
    expect(new Set(operator.nodes.map((entry: { __typename: string }) => entry.__typename))).toEqual(
      new Set(['Responsibility', 'OnlineServiceVersion', 'ServiceVersion']),
    );
  });

  test('is told to everybody who watches, from a cursor on, for one service or one area', async () => {
    const FEED =
      'subscription ($after: String, $ars: Ars, $leikaKey: LeikaKey) { catalogueChanged(after: $after, ars: $ars, leikaKey: $leikaKey) { cursor occurredAt kind entry { __typename id version state ... on Responsibility { service { leikaKey } area { ars } } } } }';
    await publish(await draft({ validFrom: today() }));
    const positions = await catalogue.published('catalogue.entry-changed');
    const after = signCursor('catalogue', 'event', [positions.at(-1)!.position]);
    const elsewhere = await draft({ ars: `${MUSTERSTADT.associationArs}101`, validFrom: today() });
    const here = await draft({ validFrom: today() });
    await publish(elsewhere);
    await publish(here);
    const feed = catalogue.as(ANONYMOUS).subscribe(FEED, { after, ars, leikaKey: TRADE });
    const first = (await feed.next()).data.catalogueChanged;
    const second = (await feed.next()).data.catalogueChanged;
    expect([first.kind, second.kind]).toEqual(['SUPERSEDED', 'PUBLISHED']);
    expect(second.entry).toMatchObject({
      __typename: 'Responsibility',
      id: here,
      state: 'PUBLISHED',
      service: { leikaKey: TRADE },
      area: { ars },
    });
    feed.close();
    const resumed = catalogue.as(ANONYMOUS).subscribe(FEED, { after: first.cursor, ars });
    expect((await resumed.next()).data.catalogueChanged.entry.id).toBe(here);
    resumed.close();
  });
});
