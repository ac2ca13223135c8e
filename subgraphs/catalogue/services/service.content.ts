/** What a version says, for readers and for editors. */
import type { Language } from '../../../kernel/language';
import { spoken } from '../localized-text';
import type { RequiredDocument, ServiceVersion } from './service.entity';

export const requiredDocuments = (version: ServiceVersion, language: Language): RequiredDocument[] =>
  version.requiredDocuments.map(({ name, ...rest }) => ({ ...rest, name: spoken(name, language) }));

/** In the shape of SaveServiceDraftInput; `expectedVersion` is that of a draft, 0 for what was published. */
export const contentOf = (version: ServiceVersion) => ({
  leikaKey: version.leikaKey,
  title: version.title,
  summary: version.summary,
  lifeTopic: version.lifeTopic,
  lifeSituationIds: version.lifeSituationIds,
  audiences: version.audiences,
  programme: version.programme,
  leikaType: version.leikaType,
  onBoosterList: version.onBoosterList,
  singleContactPossible: version.singleContactPossible,
  requiredTrustLevel: version.requiredTrustLevel,
  requiredDocuments: version.requiredDocuments,
  legalBasis: version.legalBasis,
  synonyms: version.synonyms,
  recommendations: version.recommendations,
  validFrom: version.validFrom,
  validTo: version.validTo,
  changeNote: version.changeNote,
  expectedVersion: version.publishedAt === null ? version.version : 0,
});
