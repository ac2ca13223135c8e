/** A subgraph that leaves: what runs ends, what is new goes elsewhere, and streams are closed so that the gateway comes back. */
import { person, startTestSubgraph } from '../../tests/setup/subgraph';
import { bells, createBells } from '../testing/bells';

it('is not ready at once, ends what runs, says of what is new that nothing was done, and closes its streams', async () => {
  const subgraph = await startTestSubgraph(bells);
  await createBells(subgraph);
  const klara = subgraph.as(person(), 'en');
  const cast = (key: string) =>
    klara.query('mutation ($key: String!) { castBell(tone: "a", idempotencyKey: $key) { bell { id } } }', { key });
  const { data } = await cast('first');
  let release = () => {};
  const released = new Promise<void>(resolve => (release = resolve));
  const asked = new Promise<void>(resolve =>
    subgraph.answerAsk('word', async () => {
      resolve();
      await released;
      return { word: 'echo' };
    }),
  );
  const events = klara.subscribe('subscription { bellRang { cursor } }');
  let isOpen = false;
  const first = events.next().then(() => (isOpen = true));
  for (let n = 0; !isOpen; n++) await cast(`until it is heard ${n}`);
  await first;
  const stream = (async () => {
    for (;;) await events.next();
  })();
  stream.catch(() => {});
  const running = klara.query('query ($id: ID!) { bell(id: $id) { echoed(readsMeanwhile: false) } }', {
    id: data.castBell.bell.id,
  });
  await asked;
  const stopped = subgraph.stop();
  const ready = await fetch(`${subgraph.url}/health/ready`);
  expect([ready.status, await ready.json()]).toMatchObject([503, { ready: false }]);
  const refused = await fetch(`${subgraph.url}/graphql`, { method: 'POST', body: '{}' });
  expect(refused.status).toBe(503);
  expect(Object.fromEntries(refused.headers)).toMatchObject({ 'retry-after': '1', 'x-not-done': 'restarting' });
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'RESTARTING', retryable: true } }] });
  await expect(stream).rejects.toMatchObject({ code: 1001 });
  release();
  expect((await running).data).toEqual({ bell: { echoed: 'a echo' } });
  await stopped;
});
