/** Who may see a document: who may see its application, unless it is not (yet) meant for that side. */
import type { Principal } from '../../../kernel/principal';
import { rights } from '../../../kernel/rights';
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

interface Filed {
  readonly document: Document;
  readonly application: Application;
}

/** What is the authority's own is the applicant's once it was shared; a notice only with the notification. */
function isForApplicant({ document, application }: Filed): boolean {
  const { purpose, origin, sharedAt } = document;
  if (purpose === DocumentPurpose.INTERNAL) return false;
  if (purpose === DocumentPurpose.NOTICE) return sharedAt !== null && NOTIFIED.includes(application.state);
  return origin === 'APPLICANT' || sharedAt !== null;
}

const isForStaff = ({ document: { purpose, origin, sharedAt } }: Filed): boolean =>
  purpose === DocumentPurpose.INTERNAL || origin === 'STAFF' || sharedAt !== null;

export const documentRights = rights<Filed, 'bytes'>(
  'Document',
  { de: 'Dokument', en: 'Document' },
  {
    with: ['Upload', 'UploadHeader'],
    sees: [
      {
        who: 'applicant',
        when: 'sees the case, and the file is their own or was shared with them; a notice (Bescheid) once they were notified; never what is internal',
        holds: (filed, asker) => isApplicantSide(asker) && maySee(filed.application, asker) && isForApplicant(filed),
      },
      {
        who: 'authority',
        when: 'sees the case, and the file is their own or was handed in with the application or an answer',
        holds: (filed, asker) => asker.kind === 'staff' && maySee(filed.application, asker) && isForStaff(filed),
      },
      { who: 'platform', holds: ({ application }, asker) => asker.kind === 'service' && maySee(application, asker) },
    ],
    parts: {
      bytes: {
        fields: ['Document.downloadUrl'],
        lines: [
          {
            who: 'applicant',
            when: 'the file is AVAILABLE, and signed in at the trust level the service needs; judged again when the address is used',
            holds: ({ document, application }, asker) =>
              document.state === DocumentState.AVAILABLE && isApplicantSide(asker) && maySeeContent(application, asker),
          },
          {
            who: 'authority',
            when: 'the file is AVAILABLE; judged again when the address is used',
            holds: ({ document, application }, asker) =>
              document.state === DocumentState.AVAILABLE &&
              !isApplicantSide(asker) &&
              maySeeContent(application, asker),
          },
        ],
      },
    },
    does: {
      requestUpload: [
        { who: 'applicant', when: 'to their draft, or in answer to an open document request' },
        { who: 'authority', when: 'to a case that is not closed' },
      ],
      removeDocument: [
        { who: 'applicant', when: 'their own file, until it is handed in' },
        { who: 'authority', when: "the authority's own file, until it is shared" },
      ],
    },
  },
);

/** May the asker see that it exists? Give `ctx.asker`. */
export const maySeeDocument = (document: Document, application: Application, asker: Principal): boolean =>
  documentRights.maySee({ document, application }, asker);

/** May the asker, who may see it, have its bytes? A low trust level hides content on every path. */
export const mayDownload = (document: Document, application: Application, asker: Principal): boolean =>
  documentRights.maySeePart('bytes', { document, application }, asker);
