/** Who sees the inside of a responsibility: address, department rules, and who changed it. */
import type { Context } from '../../../kernel/context';
import { rights } from '../../../kernel/rights';
import { editedArea, edits } from '../entries/entry.rights';
import type { Responsibility } from './responsibility.entity';

interface Judged {
  readonly entry: Pick<Responsibility, 'ars' | 'authorityId'>;
  /** What the asker edits. */
  readonly edited: string | null;
  readonly askedByPlatform: boolean;
}

export const insideRights = rights<Judged, 'inside'>(
  'ResponsibilityAnswer',
  { de: 'Zuständigkeit', en: 'Responsibility' },
  {
    with: ['ResponsibilityStep', 'ServiceAtPlace'],
    sees: [{ who: 'everybody', when: 'the answer itself, without the inside', holds: () => true }],
    parts: {
      inside: {
        fields: ['Responsibility.channelAddress', 'Responsibility.departmentRules', 'Responsibility.changedBy'],
        lines: [
          { who: 'editor', holds: ({ entry, edited }) => edits(edited, entry.ars) },
          {
            who: 'colleague',
            when: 'of the responsible authority',
            holds: ({ entry }, asker) => asker.kind === 'staff' && asker.authorityId === entry.authorityId,
          },
          { who: 'platform', when: 'to route an application', holds: ({ askedByPlatform }) => askedByPlatform },
        ],
      },
    },
  },
);

/** Asks are trusted documents, whoever they are made for, and routing needs the inside. */
export async function seesInside(ctx: Context, entry: Responsibility): Promise<boolean> {
  const askedByPlatform = ctx.principal.kind === 'service';
  const edited = askedByPlatform ? null : await editedArea(ctx);
  return insideRights.maySeePart('inside', { entry, edited, askedByPlatform }, ctx.asker);
}
