/** Who may ask whether their trust level is enough: everybody, about themselves. */
import { rights } from '../../../kernel/rights';

export const trustRights = rights<unknown>(
  'TrustCheck',
  { de: 'Prüfung des Vertrauensniveaus', en: 'Trust check' },
  {
    sees: [{ who: 'everybody', when: 'what the service needs, and the level of their own session', holds: () => true }],
  },
);
