/** A new supergraph under open streams. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { logger } from '../../kernel/log';
import type { Staff } from '../../kernel/principal';
import { compose } from '../../schema/compose';
import { readWritten, replaceWhenWritten } from '../replace';
import { type Listening, listen, until } from '../testing/listening';
import { SDL, startWorld, type World } from '../testing/world';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world?.stop());

const KINDS = 'subscription { inboxChanged { cursor kind } }';
const TITLES = 'subscription { inboxChanged { kind application { service { title } } } }';
const LAW = 'subscription { inboxChanged { kind application { service { legalBasis } } } }';

describe('another supergraph', () => {
  it('leaves streams that it supports alone, tells the others what is wrong, and is served to new clients', async () => {
    expect(await world.ask('{ services { legalBasis } }')).toMatchObject({ status: 200 });
    const kinds = await hear(KINDS);
    const titles = await hear(TITLES);
    const law = await hear(LAW);
    await until(() => world.gateway.streams.size.clients === 3);
    await world.log.read(2);
    world.gateway.replace(supergraph({ catalogue: SDL.catalogue.replace('legalBasis: String', 'basis: String') }));
    expect(await law.failure()).toMatchObject([
      { message: expect.stringContaining('legalBasis'), extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
    world.log.add('A', 'p1');
    expect((await kinds.next()).data).toEqual({ inboxChanged: { cursor: '1', kind: 'A' } });
    expect((await titles.next()).data).toMatchObject({
      inboxChanged: { application: { service: { title: 'Gewerbe anmelden' } } },
    });
    // asked, though the subgraph behind it still has the old name
    expect((await world.ask('{ services { basis } }')).errors).toMatchObject([
      { extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'catalogue' } },
    ]);
    expect((await world.ask('{ services { legalBasis } }')).errors).toMatchObject([
      { message: expect.stringContaining('legalBasis') },
    ]);
  });

  it('moves streams that are planned in another way, from where they stood', async () => {
    const erika = { ...(world.people.principals.get('max') as Staff), sessionId: 's-erika', staffMemberId: 'erika' };
    world.people.principals.set('erika', erika);
    const clients = [await hear(TITLES), await hear(TITLES, 'erika')];
    await until(() => world.gateway.streams.size.clients === 2);
    await world.log.read();
    world.log.add('A', 'p1');
    for (const client of clients) expect((await client.next()).data?.inboxChanged).toMatchObject({ kind: 'A' });
    expect(world.gateway.streams.size.upstreams).toBe(1);
    // nothing is marked any more, so nothing may be shared
    world.gateway.replace(supergraph({ applications: SDL.applications.replaceAll('@tag(name: "shared")', '') }));
    expect(world.gateway.streams.size.upstreams).toBe(2);
    for (const kind of ['B', 'C']) world.log.add(kind, 'p1');
    for (const kind of ['B', 'C'])
      for (const client of clients) expect((await client.next()).data?.inboxChanged).toMatchObject({ kind });
  });

  it('that is none changes nothing', async () => {
    const before = world.gateway.engine.text;
    expect(() => world.gateway.replace('type Query { a: Int }')).toThrow();
    const { supergraph: foreign } = compose([
      { name: 'elsewhere', url: 'http://elsewhere.example', sdl: 'type Query { a: Int }' },
    ]);
    expect(() => world.gateway.replace(foreign)).toThrow('elsewhere');
    expect(world.gateway.engine.text).toBe(before);
  });

  describe('in a file', () => {
    let folder: string;
    let file: string;
    let stop: () => void = () => {};
    beforeEach(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'supergraph-'));
      file = path.join(folder, 'supergraph.graphql');
      await writeFile(file, world.gateway.engine.text);
    });
    afterEach(async () => {
      stop();
      await rm(folder, { recursive: true });
    });
    const next = () => supergraph({ catalogue: SDL.catalogue.replace('legalBasis: String', 'basis: String') });

    it('is served as soon as it is written', async () => {
      stop = replaceWhenWritten(readWritten(file), world.gateway, logger('test'));
      await writeFile(file, next());
      await until(() => world.gateway.engine.text === next());
    });

    it('is served as well when it was written after the file was read and before anybody watched it', async () => {
      const read = readWritten(file);
      await writeFile(file, next());
      stop = replaceWhenWritten(read, world.gateway, logger('test'));
      await until(() => world.gateway.engine.text === next());
    });
  });
});

async function hear(query: string, who = 'max'): Promise<Listening> {
  return listen(world.socket(await world.token(who)), query);
}

function supergraph(changed: Partial<Record<keyof typeof SDL, string>>): string {
  const parts = Object.values(world.subgraphs).map(({ name, url }) => ({
    name,
    url: `${url}/graphql`,
    sdl: changed[name as keyof typeof SDL] ?? SDL[name as keyof typeof SDL],
  }));
  return compose(parts).supergraph;
}
