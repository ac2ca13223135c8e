/** Every way this subgraph says no. */
import { refusals } from '../../kernel/refusal';

export const refuse = refusals({
  RETURN_URL_NOT_REGISTERED: {
    de: 'Diese Rücksprungadresse ist nicht registriert.',
    en: 'This return address is not registered.',
  },
  METHOD_TOO_WEAK: {
    de: 'Mit diesem Identifizierungsmittel wird das Vertrauensniveau nicht erreicht.',
    en: 'This method does not reach the trust level.',
  },
  NOT_REPRESENTED: {
    de: 'Für dieses Konto können Sie nicht handeln.',
    en: 'You cannot act for this account.',
  },
  BEYOND_OWN_RIGHTS: {
    de: 'Das können Sie für dieses Konto nicht erlauben: Ihr eigenes Recht reicht nicht so weit.',
    en: 'You cannot allow this for the account: your own right does not reach that far.',
  },
  TRUST_TOO_LOW: {
    de: 'Dafür ist eine sicherere Anmeldung nötig: verlangt ist das Vertrauensniveau {required}, diese Sitzung hat {current}. Es wird erreicht mit: {means}.',
    en: 'This needs a stronger sign-in: trust level {required} is needed, this session has {current}. It is reached with: {means}.',
  },
  ALREADY_REQUESTED: {
    de: 'Das ist schon beantragt und läuft noch.',
    en: 'This was requested already and is running.',
  },
  VALIDATION_FAILED: { de: 'Die Angaben sind so nicht möglich.', en: 'This input is not possible.' },
  OPERATOR_ONLY: {
    de: 'Die Rolle OPERATOR vergibt und entzieht nur der Betrieb.',
    en: 'Only operators grant or take the role OPERATOR.',
  },
  NOT_ONESELF: {
    de: 'Die eigene Administration können Sie sich nicht selbst entziehen.',
    en: 'You cannot take the administration from yourself.',
  },
  MANAGED_ELSEWHERE: {
    de: 'Diese Person gehört laut Unternehmenskonto dazu; das wird dort geändert.',
    en: 'This person belongs to the organisation according to its sign-in service; it is changed there.',
  },
  LAST_ADMINISTRATOR: {
    de: 'Eine Organisation braucht mindestens eine Person, die sie verwaltet.',
    en: 'An organisation needs at least one administrator.',
  },
});
