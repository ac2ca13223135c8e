import { newId } from '../../../kernel/ids';
import type { Staff } from '../../../kernel/principal';
import { serviceOf } from '../../../kernel/principal';
import { staff, type TestSubgraph } from '../../../tests/setup/subgraph';
import {
  AMT,
  ANONYMOUS,
  draftInput,
  editor,
  MUSTERSTADT,
  NEIGHBOUR,
  NEIGHBOUR_AMT,
  ORDNUNGSAMT,
  person,
  startCatalogue,
} from '../testing/catalogue';
import { unreachable } from './responsibility.channels';

const SAVE =
  'mutation ($input: SaveResponsibilityDraftInput!) { saveResponsibilityDraft(input: $input) { entry { id version state channel validFrom departmentRules { path equals department { name } } changedBy { id } } refusal { code retryable problems { path code message } } } }';
const ANSWER =
  'query ($leikaKey: LeikaKey!, $ars: Ars!, $on: Date) { responsibility(leikaKey: $leikaKey, ars: $ars, on: $on) { on responsibility { id authority { name } area { ars } processingDays } steps { area { ars name level } matched explanation } fallbackAuthority { name } refusal { code message retryable } } }';
const RESIDENCE = '99115005104000';
const CAR = '99036008071000';
const TRADE = '99050012104000';

describe('the responsibility finder', () => {
  let catalogue: TestSubgraph;
  beforeAll(async () => {
    catalogue = await startCatalogue();
  });
  afterAll(() => catalogue.stop());

  const find = async (variables: Record<string, unknown>, language: 'de' | 'en' = 'de') =>
    (await catalogue.as(ANONYMOUS, language).query(ANSWER, { on: '2026-11-23', ...variables })).data.responsibility;

  test('goes from the municipality upwards and explains each step', async () => {
    const found = await find({ leikaKey: RESIDENCE, ars: MUSTERSTADT.municipalityArs });
    expect(found).toMatchObject({
      on: '2026-11-23',
      responsibility: {
        authority: { name: 'Amt Musterstadt' },
        area: { ars: MUSTERSTADT.associationArs },
        processingDays: 14,
      },
      fallbackAuthority: null,
      refusal: null,
    });
    expect(found.steps).toEqual([
      {
        area: { ars: MUSTERSTADT.municipalityArs, name: 'Musterstadt', level: 'MUNICIPALITY' },
        matched: false,
        explanation: 'Für Musterstadt (Gemeinde) ist nichts Eigenes eingetragen, also gilt das Gebiet darüber.',
      },
      {
        area: { ars: MUSTERSTADT.associationArs, name: 'Amt Musterstadt', level: 'ASSOCIATION' },
        matched: true,
        explanation:
          'Für Amt Musterstadt (Amt oder Gemeindeverband) ist seit 1. Januar 2026 eingetragen: Amt Musterstadt.',
      },
    ]);
  });

  test('finds the district for what districts do, and answers in English', async () => {
    const found = await find({ leikaKey: CAR, ars: MUSTERSTADT.municipalityArs }, 'en');
    expect(found.responsibility.authority.name).toBe('Kreis Musterland');
    expect(found.steps.map((step: { matched: boolean }) => step.matched)).toEqual([false, false, true]);
    expect(found.steps[2].explanation).toBe(
      'For Kreis Musterland (district or independent city), Kreis Musterland has been entered since 1 January 2026.',
    );
  });

  test('says that nobody is responsible and where to turn instead', async () => {
    const found = await find({ leikaKey: TRADE, ars: MUSTERSTADT.municipalityArs });
    expect(found.responsibility).toBeNull();
    expect(found.refusal).toEqual({
      code: 'NO_RESPONSIBILITY',
      message: 'Für diese Leistung ist hier keine zuständige Stelle eingetragen.',
      retryable: false,
    });
    expect(found.fallbackAuthority).toEqual({ name: 'Amt Musterstadt' });
    expect(found.steps).toHaveLength(4);
    expect(found.steps[3].explanation).toBe('Auch für Schleswig-Holstein (Land) ist nichts eingetragen.');
  });

  test('asks for a more exact place when several are responsible below', async () => {
    const found = await find({ leikaKey: RESIDENCE, ars: '01099' });
    expect(found.refusal.code).toBe('AMBIGUOUS_RESPONSIBILITY');
    expect((await find({ leikaKey: TRADE, ars: '01099' })).refusal.code).toBe('NO_RESPONSIBILITY');
  });

  test('answers for the day asked about', async () => {
    const before = await find({ leikaKey: RESIDENCE, ars: MUSTERSTADT.municipalityArs, on: '2025-12-31' });
    expect(before.refusal.code).toBe('NO_RESPONSIBILITY');
  });

  test('does not know unknown places and services', async () => {
    const code = async (variables: Record<string, unknown>) =>
      (await catalogue.as(ANONYMOUS).query(ANSWER, variables)).errors?.[0]?.extensions.code;
    expect(await code({ leikaKey: RESIDENCE, ars: '010995999999' })).toBe('NOT_FOUND');
    expect(await code({ leikaKey: '99000000000000', ars: '01' })).toBe('NOT_FOUND');
  });
});

describe('drafts of responsibilities', () => {
  let catalogue: TestSubgraph;
  let erika: Staff;
  beforeAll(async () => {
    catalogue = await startCatalogue();
    erika = await editor(catalogue);
  });
  afterAll(() => catalogue.stop());

  const save = (input: object, who = erika) => catalogue.as(who).query(SAVE, { input });
  const problemsOf = async (given: object) => {
    const { data, errors } = await save(draftInput(given as Record<string, unknown>));
    expect(errors).toBeUndefined();
    expect(data.saveResponsibilityDraft).toMatchObject({ entry: null, refusal: { code: 'VALIDATION_FAILED' } });
    return data.saveResponsibilityDraft.refusal.problems.map(({ path, code }: { path: string; code: string }) => [
      path,
      code,
    ]);
  };

  test('are made and changed by editors of the authority', async () => {
    const { data } = await save(draftInput());
    const draft = data.saveResponsibilityDraft.entry;
    expect(draft).toMatchObject({
      version: 1,
      state: 'DRAFT',
      channel: 'CASE_CLOUD',
      departmentRules: [{ path: null, equals: null, department: { name: 'Ordnungsamt' } }],
      changedBy: { id: erika.staffMemberId },
    });
    const changed = await save(
      draftInput({
        id: draft.id,
        expectedVersion: 1,
        channel: 'SHARED_MAILBOX',
        channelAddress: 'gewerbe@amt.example',
        departmentRules: [{ departmentId: ORDNUNGSAMT, path: '/trade', equals: 'Imbiss' }],
      }),
    );
    expect(changed.data.saveResponsibilityDraft).toMatchObject({
      entry: {
        id: draft.id,
        version: 2,
        channel: 'SHARED_MAILBOX',
        departmentRules: [{ path: '/trade', equals: 'Imbiss' }],
      },
      refusal: null,
    });
    const stale = await save(draftInput({ id: draft.id, expectedVersion: 1 }));
    expect(stale.data.saveResponsibilityDraft).toMatchObject({
      entry: { id: draft.id, version: 2 },
      refusal: { code: 'VERSION_CONFLICT' },
    });
  });

  test('are not published by a channel that this installation has not, so that no case ends undeliverable', async () => {
    const made = async (given: Record<string, unknown>) =>
      (await save(draftInput(given))).data.saveResponsibilityDraft.entry as { id: string; version: number };
    const publishes = async (entry: { id: string; version: number }) =>
      (
        await catalogue.as(erika).query(
          `mutation ($input: PublishEntryInput!) { publishEntry(input: $input) {
             entry { ... on Responsibility { state } } refusal { code message retryable problems { path code } } } }`,
          { input: { entryId: entry.id, expectedVersion: entry.version } },
        )
      ).data.publishEntry;
    const given = {
      ars: MUSTERSTADT.municipalityArs,
      validFrom: '2040-01-01',
      channel: 'MESSAGE_BROKER',
      channelAddress: 'queue',
    };
    const broker = await made(given);
    expect(await publishes(broker)).toMatchObject({
      refusal: {
        code: 'CHANNEL_NOT_INSTALLED',
        retryable: false,
        problems: [{ path: '/channel', code: 'CHANNEL_NOT_INSTALLED' }],
      },
    });
    const [row] = await catalogue.sql('SELECT state FROM catalogue.responsibility WHERE id = $1', [broker.id]);
    expect(row).toEqual({ state: 'DRAFT' });
    const mailbox = await made({ ...given, channel: 'SHARED_MAILBOX', channelAddress: 'amt@amt.example' });
    process.env.ROUTING_CHANNELS = 'CASE_CLOUD';
    try {
      expect((await publishes(mailbox)).refusal.code).toBe('CHANNEL_NOT_INSTALLED');
    } finally {
      delete process.env.ROUTING_CHANNELS;
    }
    expect(await publishes(mailbox)).toMatchObject({ entry: { state: 'PUBLISHED' }, refusal: null });
    // the same draft by another way is fine
    const changed = await made({
      ...given,
      id: broker.id,
      expectedVersion: 1,
      validFrom: '2041-01-01',
      channel: 'CASE_CLOUD',
    });
    expect((await publishes(changed)).refusal).toBeNull();
  });

  test('that were published by a channel this installation has not are named at the start', async () => {
    const id = newId();
    await catalogue.sql(
      `INSERT INTO catalogue.responsibility (id, version, state, valid_from, valid_to, changed_at, published_at, leika_key,
         ars, authority_id, channel, channel_address)
       VALUES ($1, 1, 'PUBLISHED', '2035-01-01', '2035-12-31', now(), now(), $2, $3, $4, 'MESSAGE_BROKER', 'queue')`,
      [id, TRADE, MUSTERSTADT.municipalityArs, AMT],
    );
    const found = await catalogue.running.db.tx(serviceOf('catalogue'), unreachable);
    await catalogue.sql('DELETE FROM catalogue.responsibility WHERE id = $1', [id]);
    expect(found).toEqual([{ id, channel: 'MESSAGE_BROKER' }]);
    expect(await catalogue.running.db.tx(serviceOf('catalogue'), unreachable)).toEqual([]);
  });

  test('are made once for one key, also when both arrive at once, and refused with another content', async () => {
    const input = draftInput({ ars: MUSTERSTADT.municipalityArs });
    const [one, two] = await Promise.all([save(input), save(input)]);
    expect(one.data.saveResponsibilityDraft.entry.id).toBe(two.data.saveResponsibilityDraft.entry.id);
    const [row] = await catalogue.sql(
      `SELECT count(*)::int FROM catalogue.responsibility WHERE ars = $1 AND state = 'DRAFT'`,
      [MUSTERSTADT.municipalityArs],
    );
    expect(row).toEqual({ count: 1 });
    const other = await save({ ...input, processingDays: 4 });
    expect(other.data.saveResponsibilityDraft.refusal.code).toBe('IDEMPOTENCY_MISMATCH');
  });

  test('are refused with a pointer to each thing that is wrong', async () => {
    expect(
      await problemsOf({
        leikaKey: '99000000000000',
        ars: `${MUSTERSTADT.associationArs}777`,
        authorityId: NEIGHBOUR_AMT,
        channel: 'SHARED_MAILBOX',
        departmentRules: [{ departmentId: ORDNUNGSAMT, path: 'trade' }],
        processingDays: -1,
        validTo: '2025-12-31',
      }),
    ).toEqual([
      ['/leikaKey', 'UNKNOWN_SERVICE'],
      ['/ars', 'UNKNOWN_AREA'],
      ['/authorityId', 'UNKNOWN_AUTHORITY'],
      ['/departmentRules/0/departmentId', 'UNKNOWN_DEPARTMENT'],
      ['/departmentRules/0/path', 'BAD_POINTER'],
      ['/channelAddress', 'ADDRESS_MISSING'],
      ['/processingDays', 'OUT_OF_RANGE'],
      ['/validTo', 'BAD_PERIOD'],
    ]);
    expect(await problemsOf({ channel: 'SHARED_MAILBOX', channelAddress: 'nobody' })).toEqual([
      ['/channelAddress', 'BAD_ADDRESS'],
    ]);
    expect(await problemsOf({ authorityId: ORDNUNGSAMT })).toContainEqual(['/authorityId', 'UNKNOWN_AUTHORITY']);
    const { errors } = await save(draftInput({ expectedVersion: 7 }));
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', field: 'input.expectedVersion' });
  });

  test('are not for others: not without the scope, not for areas of others, not once the right has ended', async () => {
    const code = async (who: Parameters<typeof catalogue.as>[0], given: Record<string, unknown> = {}) =>
      (await catalogue.as(who).query(SAVE, { input: draftInput(given) })).errors?.[0]?.extensions.code;
    expect(await code(ANONYMOUS)).toBe('UNAUTHENTICATED');
    expect(await code(person())).toBe('FORBIDDEN');
    expect(await code(staff({ authorityId: AMT, scopes: ['staff:work'] }))).toBe('FORBIDDEN');
    expect(await code(await editor(catalogue, NEIGHBOUR_AMT))).toBe('FORBIDDEN');
    expect(await code(erika, { ars: NEIGHBOUR.associationArs })).toBe('FORBIDDEN');
    expect(await code(erika, { ars: '01099' })).toBe('FORBIDDEN');
    const leaver = await editor(catalogue);
    await catalogue.publish('identity', 'staff.changed', leaver.staffMemberId, {
      staffMemberId: leaver.staffMemberId,
      authorityId: AMT,
      departmentId: null,
      scopes: leaver.scopes,
      active: false,
    });
    expect(await code(leaver)).toBe('FORBIDDEN');
  });

  test('are invisible to others by id, by key and in the list, for the database too', async () => {
    const { id } = (await save(draftInput())).data.saveResponsibilityDraft.entry;
    const stranger = await editor(catalogue, NEIGHBOUR_AMT);
    const ENTRY = 'query ($id: ID!) { catalogueEntry(id: $id) { id state } }';
    const ENTITY =
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Responsibility { id channelAddress } } }';
    const r = [{ __typename: 'Responsibility', id }];
    expect((await catalogue.as(erika).query(ENTRY, { id })).data.catalogueEntry).toEqual({ id, state: 'DRAFT' });
    const unseen = await catalogue.as(stranger).query(ENTRY, { id });
    const unknown = await catalogue.as(stranger).query(ENTRY, { id: newId() });
    expect(unseen.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect(unseen.errors?.[0]?.message).toBe(unknown.errors?.[0]?.message);
    for (const who of [stranger, ANONYMOUS, person()]) {
      expect(
        (
          await catalogue
            .as(who)
            .query('query ($r: [_Any!]!) { _entities(representations: $r) { ... on Responsibility { id } } }', { r })
        ).data._entities,
      ).toEqual([null]);
    }
    expect((await catalogue.as(erika).query(ENTITY, { r })).data._entities).toEqual([{ id, channelAddress: null }]);
    const list = await catalogue.as(stranger).query('{ catalogueEntries(first: 100) { nodes { id } } }');
    expect(list.data.catalogueEntries.nodes).not.toContainEqual({ id });
    const seenByDatabase = await catalogue.running.db.tx(stranger, tx =>
      tx.query(`SELECT id FROM responsibility WHERE id = $1`, [id]),
    );
    expect(seenByDatabase).toEqual([]);
    const all = await catalogue.running.db.tx(serviceOf('catalogue'), tx =>
      tx.query(`SELECT id FROM responsibility WHERE id = $1`, [id]),
    );
    expect(all).toEqual([{ id }]);
  });

  test('show address, rules and author of a published one to its own staff only', async () => {
    const INSIDE =
      'query ($ars: Ars!) { service(leikaKey: "99115005104000") { responsibilities(ars: $ars) { nodes { id departmentRules { path } channelAddress changedBy { id } } } } }';
    await catalogue.sql(
      `UPDATE catalogue.responsibility SET channel_address = 'geheim@amt.example', department_rules = $1
       WHERE leika_key = '99115005104000' AND ars = $2`,
      [JSON.stringify([{ path: null, equals: null, departmentId: ORDNUNGSAMT }]), MUSTERSTADT.associationArs],
    );
    const inside = async (who: Staff) =>
      (await catalogue.as(who).query(INSIDE, { ars: MUSTERSTADT.associationArs })).data.service.responsibilities
        .nodes[0];
    expect(await inside(erika)).toMatchObject({
      departmentRules: [{ path: null }],
      channelAddress: 'geheim@amt.example',
    });
    expect(await inside(await editor(catalogue, NEIGHBOUR_AMT))).toMatchObject({
      departmentRules: null,
      channelAddress: null,
      changedBy: null,
    });
    const { errors } = await catalogue.as(ANONYMOUS).query(INSIDE, { ars: MUSTERSTADT.associationArs });
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  test('routing asks see the rules of what is published', async () => {
    const { data } = await catalogue
      .as(serviceOf('applications', person()))
      .query(
        'query ($ars: Ars!) { responsibility(leikaKey: "99115005104000", ars: $ars) { responsibility { version channelAddress departmentRules { path equals department { id } } } } }',
        {
          ars: MUSTERSTADT.municipalityArs,
        },
      );
    expect(data.responsibility.responsibility.departmentRules).toEqual([
      { path: null, equals: null, department: { id: ORDNUNGSAMT } },
    ]);
  });
});
