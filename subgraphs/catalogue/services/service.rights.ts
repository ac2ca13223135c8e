/** Who may see what the catalogue says of the country: everybody; nobody changes it here. */
import { rights } from '../../../kernel/rights';

export const publicRights = rights<unknown>(
  'Service',
  { de: 'Leistung, Gebiet, Stelle, Portal, Lebenslage', en: 'Service' },
  {
    with: [
      ...['Area', 'AreaLookup', 'Authority', 'Contact', 'Portal', 'LifeSituation', 'LifeTopic', 'Recommendation'],
      ...['RequiredDocument', 'LocalizedText'],
    ],
    sees: [{ who: 'everybody', holds: () => true }],
  },
);
