/** Who may see a form: everybody, because it holds questions and no answers. */
import { rights } from '../../../kernel/rights';

export const formRights = rights<unknown>(
  'Form',
  { de: 'Formular', en: 'Form' },
  {
    sees: [{ who: 'everybody', holds: () => true }],
    does: { registerForm: [{ who: 'editor' }] },
  },
);
