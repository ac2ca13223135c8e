/** Who may see a document: who may see its application, unless it is not (yet) meant for that side. */
import type { Principal } from '../../../kernel/principal';
import type { Application } from '../application/application.entity';
import { isApplicantSide, maySee, maySeeContent } from '../application/application.rights';
import { ApplicationState } from '../application/application.states';
import { type Document, DocumentPurpose } from './document.entity';
import { DocumentState } from './document.states';

/** States in which the applicant knows the decision; before, its notice does not exist for him. */
const NOTIFIED: readonly ApplicationState[] = [
  ApplicationState.NOTIFIED,
  ApplicationState.CLOSED,
  ApplicationState.ARCHIVED,
];

/** May the asker see that it exists? Give `ctx.asker`. */
export function maySeeDocument(document: Document, application: Application, asker: Principal): boolean {
  if (!maySee(application, asker)) return false;
  if (asker.kind === 'service') return true;
  const ownSide = isApplicantSide(asker) ? 'APPLICANT' : 'STAFF';
  if (document.purpose === DocumentPurpose.INTERNAL) return ownSide === 'STAFF';
  if (document.purpose === DocumentPurpose.NOTICE && ownSide === 'APPLICANT') {
    return document.sharedAt !== null && NOTIFIED.includes(application.state);
  }
  return document.origin === ownSide || document.sharedAt !== null;
}

/** May the asker, who may see it, have its bytes? A low trust level hides content on every path. */
export const mayDownload = (document: Document, application: Application, asker: Principal): boolean =>
  document.state === DocumentState.AVAILABLE && maySeeContent(application, asker);
