/** The copy for people, read back: every letter of what was stored is there, in the fonts or as its number. */
import { readPdf } from '../../../kernel/testing/pdf';
import { renderCopy } from './privacy.pdf';

const copy = async (part: object) =>
  readPdf(
    await renderCopy({ accountId: 'a', madeAt: new Date('2026-11-30T10:00:00Z'), parts: { applications: part } }),
  );

test('prints letters of every script, and says what it could not print', async () => {
  const { text, missing } = await copy({
    王小明: { name: 'Ελένη 田中 🚀', endless: '👩🏽‍🚀'.repeat(100), half: 'a\ud83d' },
  });
  expect(missing).toBe(0);
  expect(text).toContain('王小明');
  expect(text).toContain('[U+1F680]');
  expect(text).toContain('stehen als ihre Nummer in Unicode');
  expect((await copy({ name: 'Zoë' })).text).not.toContain('Unicode');
});
