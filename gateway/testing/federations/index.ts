/** Small federations with real data, one for each way in which subgraphs may share types. */
import { ABSTRACT } from './abstract';
import { DIRECTIVES } from './directives';
import type { Federation } from './federation';
import { INTERFACE_OBJECTS } from './interface-objects';
import { KEYS } from './keys';
import { PROVIDED } from './provided';
import { REQUIRED } from './required';
import { SHARED } from './shared';
import { THROUGH_TYPES } from './through-types';

export const FEDERATIONS: Readonly<Record<string, Federation>> = {
  ...SHARED,
  ...KEYS,
  ...ABSTRACT,
  ...INTERFACE_OBJECTS,
  ...REQUIRED,
  ...PROVIDED,
  ...THROUGH_TYPES,
  ...DIRECTIVES,
};
