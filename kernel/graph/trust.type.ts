/** TrustLevel in the graph. Import it wherever a type shows a trust level. */
import { registerEnumType } from 'type-graphql';
import { TrustLevel } from '../trust';

registerEnumType(TrustLevel, {
  name: 'TrustLevel',
  description: 'How surely the person is identified (Vertrauensniveau, STORK QAA 1 to 4).',
  valuesConfig: {
    BASIC: { description: 'User name and password (STORK QAA 1).' },
    LOW: { description: 'Low (niedrig, STORK QAA 2).' },
    SUBSTANTIAL: { description: 'Substantial (substanziell, STORK QAA 3).' },
    HIGH: { description: 'High (hoch, STORK QAA 4).' },
  },
});

export { TrustLevel };
