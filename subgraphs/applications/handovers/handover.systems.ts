/** The line-of-business systems (Fachverfahren) a case can be handed to, from the setting HANDOVER_SYSTEMS. */
import { setting } from '../../../kernel/config';

export interface HandoverSystem {
  /** Also the client id of the machine that acknowledges. */
  readonly name: string;
  readonly url: string;
  /** The services it is for; all when left out. */
  readonly leikaKeys?: readonly string[];
}

const known = (): HandoverSystem[] => JSON.parse(setting('HANDOVER_SYSTEMS')) as HandoverSystem[];

export const systemsFor = (leikaKey: string): HandoverSystem[] =>
  known().filter(({ leikaKeys }) => !leikaKeys || leikaKeys.includes(leikaKey));

export const systemNamed = (name: string): HandoverSystem | undefined => known().find(system => system.name === name);
