/** What several do at the same moment: of each set exactly one may win, and nothing may be lost or doubled. */
import type { Data } from '../../dev/demo/player';
import type { Asker } from './client';

export interface Deed {
  readonly by: Asker;
  readonly name: string;
  readonly input: object;
  readonly thing: string;
}

/** All at once. @returns the payloads with the name of their `deed`, those that were not refused first */
export async function race(...deeds: Deed[]): Promise<Data[]> {
  const payloads = await Promise.all(
    deeds.map(async ({ by, name, input, thing }) => ({ ...(await by.write(name, input, thing)), deed: name })),
  );
  return payloads.sort((a, b) => Number(a.refusal !== null) - Number(b.refusal !== null));
}

export const codesOf = (payloads: readonly Data[]): (string | null)[] =>
  payloads.map(({ refusal }) => refusal?.code ?? null);
