/** Letters as PDFs, read back: every name and word as written, every page numbered, nothing beyond the paper. */
import { type Letter, renderLetter } from './letter';
import { readPdf } from './pdf.testing';

const letter = (given: Partial<Letter> = {}): Letter => ({
  sender: 'Amt Musterstadt',
  recipient: 'Zoë Łukaszewicz-Şahin',
  particulars: [
    ['Aktenzeichen', 'MUS-2026-17'],
    ['Datum', '23.11.2026'],
  ],
  subject: 'Bescheid: Gewerbeanmeldung',
  salutation: 'Guten Tag Zoë Łukaszewicz-Şahin,',
  parts: [{ heading: 'Begründung', text: 'Die Anzeige ist vollständig.' }],
  signature: ['Amt Musterstadt', 'Im Auftrag Max Schröder'],
  remark: 'Elektronisch erlassen.',
  ...given,
});

test('prints names of other alphabets as they are written (DIN 91379)', async () => {
  const { text, pages } = readPdf(await renderLetter(letter()));
  expect(pages).toBe(1);
  expect(text).toContain('Zoë Łukaszewicz-Şahin');
  expect(text).toContain('Im Auftrag Max Schröder');
  expect(text).toContain('MUS-2026-17 · Seite 1 von 1');
});

test('says its title, language and conformity, and carries its fonts', async () => {
  const { raw } = readPdf(await renderLetter(letter()));
  expect(raw.startsWith('%PDF-1.7')).toBe(true);
  expect(raw).toContain('/Lang (de-DE)');
  expect(raw).toContain('/MarkInfo');
  expect(raw).toContain('pdfaid:part');
  expect(raw).toMatch(/\/FontFile2/);
  expect(raw).not.toMatch(/\/BaseFont \/Helvetica/);
});

test('goes on over as many pages as it needs, numbers them and stays on the paper', async () => {
  const paragraphs = Array.from(
    { length: 60 },
    (_, i) => `Absatz ${i + 1}: ${'Es ist ausführlich zu begründen. '.repeat(12)}`,
  );
  const { text, pages, lowest } = readPdf(
    await renderLetter(letter({ parts: [{ heading: 'Begründung', text: paragraphs.join('\n\n') }] })),
  );
  expect(pages).toBeGreaterThan(3);
  expect(text).toContain('Absatz 60');
  expect(text).toContain(`Seite ${pages} von ${pages}`);
  expect(lowest).toBeGreaterThan(20);
  expect(lowest).toBeLessThan(200);
});

test('takes text as text: no markup, no control characters, no word wider than the page breaks it', async () => {
  const hostile = `<b>fett</b> \u0000\u0007(Klammer) \\Tj ${'x'.repeat(20_000)} Ende`;
  const { text, pages } = readPdf(await renderLetter(letter({ parts: [{ text: hostile }] })));
  expect(text).toContain('<b>fett</b>');
  expect(text).toContain('Ende');
  expect(pages).toBeLessThan(10);
});
