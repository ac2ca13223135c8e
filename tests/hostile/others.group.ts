/** Klara's cases and the inside of her authority, asked for by everybody who should not see them. */
import { type Attempt, attempts } from './matrix';
import { KINDS, stock } from './stock';
import { MARKER, type World } from './world';

export function thingsOfOthers(opened: () => World): void {
  let world: World;
  beforeAll(() => {
    world = opened();
  });

  describe('the things of others', () => {
    const KLARAS = [MARKER, 'Klara', 'klara.muster'];

    test('look as if they did not exist, and nothing of Klara’s is in any byte of any answer', async () => {
      const ids = await stock(world);
      const made: Attempt[] = [];
      const { jonas, nora, nobody, register, olaf, klara } = world;
      for (const asker of [nora, nobody]) made.push(...(await attempts(asker, ids)));
      made.push(...(await attempts(jonas, ids, ['mandate'])));
      made.push(...(await attempts(register, ids, ['handover'])));
      // the operator's authority is the state, so that its editors edit everywhere in it
      made.push(...(await attempts(olaf, ids, ['entry'])));
      const secrets = [...KLARAS, ...Object.values(ids)];
      expect(made.filter(({ foreign, unknown }) => foreign !== unknown)).toEqual([]);
      expect(made.filter(({ foreign }) => secrets.some(text => foreign.includes(text)))).toEqual([]);
      expect(made.filter(({ code }) => code === 'NOT_FOUND').length).toBeGreaterThan(80);
      // an empty list is no answer about the case it was asked for
      expect(made.filter(({ code }) => code === null).map(({ question }) => question)).toEqual([
        'jonas HIGH: accessLog applicationId',
        'olaf.operator: undeliverableApplications authorityId',
        'olaf.operator: undeliverableMessages authorityId',
      ]);
      // what is the office's is not the applicant's
      const inside = ['handover', 'followUp', 'entry', 'substitution', 'staffMember', 'colleague', 'authority'];
      const own = KINDS.filter(kind => !inside.includes(kind));
      expect((await attempts(klara, ids, own)).filter(({ foreign, unknown }) => foreign !== unknown)).toEqual([]);
    });
  });
}
