/** Who may edit what, in one place: staff whose authority works for the entry's area or one above it. */
import type { Context } from '../../../kernel/context';
import type { Tx } from '../../../kernel/database/database';
import { forbidden } from '../../../kernel/errors';
import { provenStaff } from '../../../kernel/membership';
import type { Principal, Staff } from '../../../kernel/principal';
import { deedsOf, rights } from '../../../kernel/rights';
import { covers } from '../areas/ars';
import { authorityById } from '../authorities/authority.loaders';
import { entryLifecycle } from './entry.states';

/** The area whose entries somebody may see as drafts and edit; null for all who edit nothing. */
export async function editedArea(ctx: Context): Promise<string | null> {
  const { asker } = ctx;
  if (asker.kind !== 'staff' || !asker.scopes.includes('catalogue:edit')) return null;
  return (await authorityById(ctx).load(asker.authorityId))?.ars ?? null;
}

/**
 * @param ars the area the entry holds for; null for a service, which holds everywhere: those are described by the states
 */
export const edits = (area: string | null, ars: string | null): boolean =>
  area !== null && (ars === null ? area.length === 2 : covers(area, ars));

interface Judged {
  readonly publishedAt: Date | null;
  /** The area it holds for. */
  readonly ars: string | null;
  /** What the asker edits; see {@link editedArea}. */
  readonly edited: string | null;
}

const editsIt = ({ edited, ars }: Judged): boolean => edits(edited, ars);

export const entryRights = rights<Judged, 'inside'>(
  'CatalogueEntry',
  { de: 'Redaktionseintrag: Leistungstext, Zuständigkeit, Online-Dienst', en: 'Catalogue entry' },
  {
    with: [
      ...['ServiceVersion', 'OnlineServiceVersion', 'Responsibility', 'DepartmentRule'],
      ...['OnlineService', 'Adoption', 'Override', 'CatalogueEvent'],
    ],
    sees: [
      { who: 'everybody', when: 'what was ever published', holds: ({ publishedAt }) => publishedAt !== null },
      { who: 'editor', when: 'drafts too; the text of services is edited by the states only', holds: editsIt },
    ],
    parts: {
      inside: {
        fields: ['Query.catalogueEntries', 'Service.versions', 'OnlineService.versions', 'ServiceVersion.content'],
        lines: [{ who: 'editor', holds: editsIt }],
      },
    },
    does: {
      saveResponsibilityDraft: [{ who: 'editor', when: 'in DRAFT' }],
      ...deedsOf(entryLifecycle, action => (action === 'supersede' ? [] : ['editor'])),
    },
  },
);

/** Drafts are for their editors, what was ever published is for everybody. */
export async function maySee(ctx: Context, entry: { publishedAt: Date | null }, ars: string | null): Promise<boolean> {
  const { publishedAt } = entry;
  return entryRights.maySee({ publishedAt, ars, edited: publishedAt ? null : await editedArea(ctx) }, ctx.asker);
}

/** May the asker see drafts of this area and who changed what? */
export async function seesDrafts(ctx: Context, ars: string | null): Promise<boolean> {
  return entryRights.maySeePart('inside', { publishedAt: null, ars, edited: await editedArea(ctx) }, ctx.asker);
}

/**
 * The editor who asks and the area they may edit, proven inside this transaction.
 * @throws FORBIDDEN when the asker no longer has the scope, or their authority is unknown
 */
export async function provenEditor(tx: Tx, who: Principal, scope: string): Promise<{ staff: Staff; area: string }> {
  const staff = await provenStaff(tx, who, scope);
  const [row]: [{ ars: string }?] = await tx.query(`SELECT ars FROM authority WHERE id = $1`, [staff.authorityId]);
  if (!row) throw forbidden();
  return { staff, area: row.ars };
}
