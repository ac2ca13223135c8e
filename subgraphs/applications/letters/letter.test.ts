/** Letters as PDFs, read back: every name and word as written, every page numbered, nothing beyond the paper. */

import { readPdf } from '../../../kernel/testing/pdf';
import { type Letter, renderLetter } from './letter';

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

const NAMES = [
  'Zoë Łukaszewicz-Şahin',
  'Ελένη Παπαδοπούλου',
  'Наталія Ґалаґан',
  'Անի Պետրոսյան',
  'გიორგი',
  '王小明',
  '田中さくら',
  '김철수',
  'अनिल',
  'ፀሐይ',
  'Mat̕ḥa C̈ ǃXóõ',
];

test('prints names of every script, with no empty box in their place', async () => {
  for (const name of NAMES) {
    const { text, missing } = readPdf(await renderLetter(letter({ recipient: name, subject: `Bescheid für ${name}` })));
    expect([name, missing]).toEqual([name, 0]);
    expect(text.replaceAll('\n', '')).toContain(name.slice(0, 2));
    expect(text).not.toContain('U+');
  }
});

test('what no font has is printed as its number, and the letter says so', async () => {
  const rocket = await renderLetter(letter({ recipient: 'Klara 🚀 👩🏽‍🚀', particulars: [['Aktenzeichen', '🚀-1']] }));
  const { text, missing } = readPdf(rocket);
  expect(missing).toBe(0);
  expect(text).toContain('[U+1F680]');
  expect(text.replaceAll('\n', '')).toContain('[U+1F469 U+1F3FD U+200D U+1F680]');
  expect(text).toContain('stehen als ihre Nummer in Unicode');
  const halves = readPdf(await renderLetter(letter({ recipient: 'a\ud83d b\udc00 \u{10ffff} \u{e000}' })));
  expect(halves.missing).toBe(0);
  expect(readPdf(await renderLetter(letter())).text).not.toContain('Unicode');
});

test('never cuts a letter in two, however long the word and narrow the place', async () => {
  const whole = ['😀', 'é\u0323\u0302', 'W', 'ሴ', '漢', '[U+1F680]'];
  for (const one of whole) {
    const given = one.startsWith('[') ? '🚀' : one;
    for (const shift of ['', 'x', 'xyz']) {
      const word = shift + given.repeat(150);
      const { text, missing } = readPdf(
        await renderLetter(letter({ recipient: word, particulars: [['Zeichen', word]], parts: [{ text: word }] })),
      );
      expect(missing).toBe(0);
      expect(text.isWellFormed()).toBe(true);
      for (const line of text.split('\n')) {
        // no line begins with what belongs to the letter before
        expect(line).not.toMatch(/^(\p{M}|\u200d|[\udc00-\udfff])/u);
        if (one.startsWith('[') && line.includes('1F6'))
          expect(line.match(/\[/g)?.length).toBe(line.match(/\]/g)?.length);
      }
      expect(text.replaceAll(/[\n\u200b]/g, '').normalize('NFC')).toContain(one.repeat(150).normalize('NFC'));
    }
  }
});

test('Hebrew and Arabic run from right to left, numbers and Latin in them do not', async () => {
  const { text, missing } = readPdf(
    await renderLetter(letter({ recipient: 'שלום (עולם) 123', signature: ['Amt', 'Im Auftrag محمد'] })),
  );
  expect(missing).toBe(0);
  const seen = text.replaceAll('\n', '');
  expect(seen).toContain('123');
  expect(seen).toContain([...'שלום'].reverse().join(''));
  expect(seen.indexOf('123')).toBeLessThan(seen.indexOf('ם'));
});

test('a very long text is laid out in bounded time', async () => {
  const began = process.cpuUsage();
  const { pages } = readPdf(await renderLetter(letter({ parts: [{ text: `${'漢字🚀é'.repeat(5_000)}` }] })));
  expect(pages).toBeGreaterThan(3);
  expect(process.cpuUsage(began).user).toBeLessThan(30_000_000);
});
