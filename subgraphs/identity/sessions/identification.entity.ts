/** How a person proved who they are, and how far each means reaches. */
import { registerEnumType } from 'type-graphql';
import { MEANS, type TrustLevel, trustSuffices } from '../../../kernel/trust';

export enum IdentificationMethod {
  PASSWORD = 'PASSWORD',
  ELSTER_CERTIFICATE = 'ELSTER_CERTIFICATE',
  EID = 'EID',
  SMART_EID = 'SMART_EID',
  EIDAS = 'EIDAS',
  STAFF_SIGN_ON = 'STAFF_SIGN_ON',
}
registerEnumType(IdentificationMethod, {
  name: 'IdentificationMethod',
  description: 'How a person proved who they are (Identifizierungsmittel).',
  valuesConfig: {
    PASSWORD: { description: 'User name and password.' },
    ELSTER_CERTIFICATE: { description: 'ELSTER certificate.' },
    EID: { description: 'Online function of the identity card (eID).' },
    SMART_EID: { description: 'Identity card held on the phone (Smart-eID).' },
    EIDAS: { description: 'Notified scheme of another EU state (eIDAS).' },
    STAFF_SIGN_ON: { description: 'Staff sign-on of the authority.' },
  },
});

/** Means that reach a level, the most common first. */
export const methodsFor = (needed: TrustLevel): IdentificationMethod[] =>
  (Object.keys(MEANS) as (keyof typeof MEANS)[])
    .map(name => IdentificationMethod[name])
    .filter(method => reaches(method, needed));

/** Staff sign on at their authority, which trust levels do not measure. */
export const reaches = (method: IdentificationMethod, needed: TrustLevel): boolean =>
  method === IdentificationMethod.STAFF_SIGN_ON || trustSuffices(MEANS[method].reaches, needed);
