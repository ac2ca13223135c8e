import { newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import { ANONYMOUS, person, staff } from '../../../tests/setup/subgraph';
import { presently } from '../cases/case.rights';
import { LEIKA_KEY, PARTS, startWorld, type World } from '../testing/payment.world';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const WATCH = `subscription ($id: ID!, $after: String) { paymentChanged(applicationId: $id, after: $after) {
  cursor occurredAt kind payment { ${PARTS} } } }`;

const refusedWith = async (next: Promise<unknown>): Promise<unknown> => {
  const outcome = (await next.catch(error => error)) as { errors?: { extensions: { code: string } }[] } & {
    extensions: { code: string };
  }[];
  return (outcome.errors ?? outcome)[0]?.extensions.code;
};

describe('the live feed of a case’s payments', () => {
  test('tells what happens to them, and nothing of other cases', async () => {
    const { klara, applicationId } = await world.draft();
    const other = await world.draft(klara);
    const feed = world.subgraph.as(klara).subscribe(WATCH, { id: applicationId });
    const pending = feed.next();
    let started = await world.start(klara, other.applicationId);
    let own = await world.start(klara, applicationId);
    const first = await heard(pending, async () => {
      await world.pay(started.payment.redirectUrl, 'FAILED');
      await world.pay(own.payment.redirectUrl, 'FAILED');
      started = await world.start(klara, other.applicationId);
      own = await world.start(klara, applicationId);
    });
    await world.pay(started.payment.redirectUrl);
    await world.pay(own.payment.redirectUrl);
    const told = [first];
    // an event shows the payment as it is now, so that its beginning may already show it paid
    const isPaid = ({ kind, payment }: Live) => kind === 'STATE_CHANGED' && payment.state === 'PAYED';
    while (!isPaid(told.at(-1)!)) told.push((await feed.next()).data.paymentChanged);
    feed.close();
    expect(told.at(-1)?.payment.id).toBe(own.payment.id);
    const mine = await world.subgraph.sql<{ id: string }>('SELECT id FROM payment.payment WHERE application_id = $1', [
      applicationId,
    ]);
    expect(mine.map(({ id }) => id)).toEqual(expect.arrayContaining(told.map(({ payment }) => payment.id)));
  });

  test('replays what was missed', async () => {
    const { klara, applicationId } = await world.draft();
    const feed = world.subgraph.as(klara).subscribe(WATCH, { id: applicationId });
    const pending = feed.next();
    let payment = (await world.start(klara, applicationId)).payment;
    const begun = await heard(pending, async () => {
      await world.pay(payment.redirectUrl, 'FAILED');
      payment = (await world.start(klara, applicationId)).payment;
    });
    feed.close();
    await world.pay(payment.redirectUrl);
    const second = world.subgraph.as(klara).subscribe(WATCH, { id: applicationId, after: begun.cursor });
    let last = begun;
    while (last.payment?.state !== 'PAYED' || last.kind !== 'STATE_CHANGED')
      last = (await second.next()).data.paymentChanged;
    expect(last.payment.id).toBe(payment.id);
    second.close();
  });

  test('begins for those who may see the case only', async () => {
    const { klara, applicationId } = await world.draft();
    const codes = [];
    for (const who of [person(), staff({ authorityId: world.authorityId }), person({ actingFor: klara.accountId })]) {
      const feed = world.subgraph.as(who).subscribe(WATCH, { id: applicationId });
      codes.push(await refusedWith(feed.next()));
      feed.close();
    }
    expect(codes).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']);
  });

  test('tells staff nothing more once they have left', async () => {
    const { klara, applicationId } = await world.draft();
    await world.moved(applicationId, klara, 'application.submitted', { serviceTitle: 'x', applicantName: 'y' });
    const max = await world.hire(['staff:read']);
    const feed = world.subgraph.as(max).subscribe(WATCH, { id: applicationId });
    const pending = feed.next();
    let payment = (await world.start(klara, applicationId)).payment;
    const begun = await heard(pending, async () => {
      await world.pay(payment.redirectUrl, 'FAILED');
      payment = (await world.start(klara, applicationId)).payment;
    });
    expect(begun.payment.redirectUrl).toBeNull();
    await world.subgraph.publish('identity', 'staff.changed', max.staffMemberId, {
      staffMemberId: max.staffMemberId,
      authorityId: world.authorityId,
      departmentId: null,
      scopes: ['staff:read'],
      active: false,
    });
    await world.pay(payment.redirectUrl, 'CANCELED');
    await world.subgraph.published();
    // a colleague who is still there hears it
    const mia = await world.hire(['staff:read']);
    const replayed = world.subgraph.as(mia).subscribe(WATCH, { id: applicationId, after: begun.cursor });
    let last = (await replayed.next()).data.paymentChanged;
    while (last.payment.state !== 'CANCELED') last = (await replayed.next()).data.paymentChanged;
    replayed.close();
    feed.close();
    const gone = world.subgraph.as(max).subscribe(WATCH, { id: applicationId, after: begun.cursor });
    expect(await refusedWith(gone.next())).toBe('NOT_FOUND');
    gone.close();
  });
});

describe('the rights left at this moment', () => {
  const left = (who: Parameters<typeof presently>[1], leikaKey = LEIKA_KEY) =>
    world.subgraph.running.db.tx(serviceOf('payment'), tx => presently(tx, who, leikaKey));

  test('are those of the membership as identity last told it', async () => {
    const max = await world.hire(['staff:read', 'payment:read']);
    expect(await left(max)).toEqual(max);
    const changed = { staffMemberId: max.staffMemberId, authorityId: world.authorityId, departmentId: null };
    await world.subgraph.publish('identity', 'staff.changed', max.staffMemberId, {
      ...changed,
      scopes: ['staff:read'],
      active: true,
    });
    expect(await left(max)).toMatchObject({ scopes: ['staff:read'] });
    await world.subgraph.publish('identity', 'staff.changed', max.staffMemberId, {
      ...changed,
      scopes: ['staff:read'],
      active: false,
    });
    expect(await left(max)).toMatchObject({ scopes: [] });
  });

  test('are those of a mandate, within its services, until it ends', async () => {
    const agent = person({ actingFor: newId() });
    expect(await left(agent)).toEqual(ANONYMOUS);
    const mandate = {
      mandateId: newId(),
      principalAccountId: agent.actingFor,
      agentAccountId: agent.accountId,
      leikaKeys: [LEIKA_KEY],
      validFrom: '2020-01-01T00:00:00Z',
    };
    await world.subgraph.publish('identity', 'mandate.changed', agent.actingFor, { ...mandate, validTo: null });
    expect(await left(agent)).toEqual(agent);
    expect(await left(agent, '99999999999999')).toEqual(ANONYMOUS);
    await world.subgraph.publish('identity', 'mandate.changed', agent.actingFor, {
      ...mandate,
      validTo: '2021-01-01T00:00:00Z',
    });
    expect(await left(agent)).toEqual(ANONYMOUS);
  });
});

type Live = { cursor: string; kind: string; payment: { id: string; state: string; redirectUrl: string | null } };

/** Lets things happen until the stream, which begins at some moment, has heard one. */
async function heard(
  pending: Promise<{ data: { paymentChanged: Live } }>,
  happen: () => Promise<unknown>,
): Promise<Live> {
  let told: Live | null = null;
  void pending.then(
    ({ data }) => {
      told = data.paymentChanged;
    },
    () => {},
  );
  for (let tries = 0; tries < 20 && !told; tries++) {
    await happen();
    await Promise.race([pending, new Promise(resolve => setTimeout(resolve, 100))]);
  }
  return (await pending).data.paymentChanged;
}
