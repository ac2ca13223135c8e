/** Where the development OpenID provider keeps its state: in memory, for as long as it runs. */
import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Entry {
  readonly model: string;
  readonly payload: AdapterPayload;
  /** Milliseconds since 1970. */
  readonly until: number;
}

const SWEEP_EVERY = 1000;

/** @returns the adapter factory oidc-provider asks for; its own keeps only the last thousand things. */
export function inMemory(): (model: string) => Adapter {
  const entries = new Map<string, Entry>();
  let writes = 0;
  const live = (entry: Entry | undefined) => (entry && entry.until > Date.now() ? entry.payload : undefined);
  const firstOf = (model: string, matches: (payload: AdapterPayload) => boolean) => {
    for (const entry of entries.values()) if (entry.model === model && matches(entry.payload)) return live(entry);
    return undefined;
  };
  const sweep = () => {
    for (const [key, { until }] of entries) if (until <= Date.now()) entries.delete(key);
  };
  return model => ({
    async upsert(id, payload, expiresIn) {
      writes += 1;
      if (writes % SWEEP_EVERY === 0) sweep();
      entries.set(`${model}:${id}`, { model, payload, until: expiresIn ? Date.now() + expiresIn * 1000 : Infinity });
    },
    find: async id => live(entries.get(`${model}:${id}`)),
    findByUid: async uid => firstOf(model, payload => payload.uid === uid),
    findByUserCode: async code => firstOf(model, payload => payload.userCode === code),
    async consume(id) {
      const payload = entries.get(`${model}:${id}`)?.payload;
      if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    },
    async destroy(id) {
      entries.delete(`${model}:${id}`);
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key);
    },
  });
}
