/** The life of a catalogue entry (Redaktionseintrag). */
import { registerEnumType } from 'type-graphql';
import { lifecycle } from '../../../kernel/lifecycle';

export enum CatalogueState {
  DRAFT = 'DRAFT',
  PUBLISHED = 'PUBLISHED',
  SUPERSEDED = 'SUPERSEDED',
  WITHDRAWN = 'WITHDRAWN',
}
registerEnumType(CatalogueState, {
  name: 'CatalogueState',
  description: 'The state of a catalogue entry.',
  valuesConfig: {
    DRAFT: { description: 'Being edited, visible to editors only (Entwurf).' },
    PUBLISHED: { description: 'Valid in its period and never edited again.' },
    SUPERSEDED: { description: 'Replaced by a newer entry.' },
    WITHDRAWN: { description: 'Taken back.' },
  },
});

/** `supersede` is done by publishing the entry that replaces this one; the others are mutations. */
export const entryLifecycle = lifecycle('CatalogueEntry', { de: 'Redaktionseintrag', en: 'Catalogue entry' }, 'DRAFT', {
  DRAFT: { publishEntry: 'PUBLISHED', withdrawEntry: 'WITHDRAWN' },
  PUBLISHED: { supersede: 'SUPERSEDED', withdrawEntry: 'WITHDRAWN' },
  SUPERSEDED: {},
  WITHDRAWN: {},
});
export type EntryAction = Parameters<typeof entryLifecycle.step>[1];
