/** Who may see a session: who it is. */
import type { Principal } from '../../../kernel/principal';
import { rights } from '../../../kernel/rights';

interface Signed {
  readonly id: string;
}

const isOwn = ({ id }: Signed, asker: Principal): boolean =>
  (asker.kind === 'person' || asker.kind === 'staff') && asker.sessionId === id;

export const sessionRights = rights<Signed>(
  'Session',
  { de: 'Sitzung', en: 'Session' },
  {
    with: ['SignIn'],
    sees: [
      { who: 'oneself', when: 'their own, until it ends', holds: isOwn },
      { who: 'staff', when: 'their own, until it ends', holds: isOwn },
    ],
    does: {
      startSignIn: [{ who: 'everybody' }],
      endSession: [{ who: 'oneself' }, { who: 'staff', when: 'their own' }],
      actFor: [{ who: 'oneself', when: 'for an account they belong to or hold a mandate in force for' }],
    },
  },
);
