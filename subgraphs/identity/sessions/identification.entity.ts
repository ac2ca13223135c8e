/** How a person proved who they are, and how far each means reaches. */
import { registerEnumType } from 'type-graphql';
import { TrustLevel, trustSuffices } from '../../../kernel/trust';

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

/** The highest level each means of citizens reaches (§ 3 OZG: substantial with ELSTER, high with eID or eIDAS). */
const REACHES: Partial<Record<IdentificationMethod, TrustLevel>> = {
  [IdentificationMethod.EID]: TrustLevel.HIGH,
  [IdentificationMethod.SMART_EID]: TrustLevel.SUBSTANTIAL,
  [IdentificationMethod.EIDAS]: TrustLevel.HIGH,
  [IdentificationMethod.ELSTER_CERTIFICATE]: TrustLevel.SUBSTANTIAL,
  [IdentificationMethod.PASSWORD]: TrustLevel.BASIC,
};

/** Means that reach a level, the most common first. */
export const methodsFor = (needed: TrustLevel): IdentificationMethod[] =>
  (Object.keys(REACHES) as IdentificationMethod[]).filter(method => reaches(method, needed));

/** Staff sign on at their authority, which trust levels do not measure. */
export const reaches = (method: IdentificationMethod, needed: TrustLevel): boolean =>
  method === IdentificationMethod.STAFF_SIGN_ON || trustSuffices(REACHES[method], needed);
